/*
 * stop.c - where a debugger stops a run: as a visible operation takes effect, and at a verdict.
 *
 * The count of steps is compared with a bound anyway, against runs without end: a stop is a smaller
 * bound, and costs other runs nothing. What stops is a call of sim_stopped(), on the fiber that is
 * at it, so its stack is the one that the debugger shows; the others are parked (bondfuzz debug has
 * a script that shows theirs).
 *
 * A run that is too long is no livelock yet: an unfair schedule may let a lane spin that waits for
 * another. So it gets a fair tail: lanes go on by turns, timeouts come, nothing fails any more, and
 * no strategy is asked. If as many steps pass again and no op ends, that is the verdict.
 */
#include "kapi/sim/internal.h"

static uint32_t stop_step;
static bool stops;

void sim_stop_at(uint32_t step)
{
	stop_step = step;
	stops = true;
}

__attribute__((noinline)) void sim_stopped(const char *why)
{
	__asm__ volatile("" : : "r"(why) : "memory");
}

uint32_t sim_steps_free(void)
{
	return stop_step && stop_step <= STEPS_MAX ? stop_step - 1 : STEPS_MAX;
}

void sim_step_limit(void)
{
	if (sim.trace->steps == stop_step) {
		sim.steps_free = STEPS_MAX;
		sim_stopped("step");
	}
	if (sim.trace->steps <= STEPS_MAX)
		return;
	if (!sim.fair)
		sim_fair_begin();
	else if (sim.trace->steps > sim.fair_until)
		sim_fail(RULE_livelock, NULL, -1,
			 "the run does not end, and no op does although all threads take turns");
}

void sim_fair_begin(void)
{
	sim.fair = true;
	sim.loops = 0;
	sim.fair_until = sim.trace->steps + STEPS_MAX;
}

/* Once around, the time of those that wait with a timeout is over. */
unsigned sim_fair_next(unsigned me, uint32_t runnable)
{
	uint32_t after = runnable & ~(sim_bit(me + 1) - 1);

	if (!after && sim_time_passes())
		runnable = sim.runnable;
	return (unsigned)__builtin_ctz(after ? after : runnable);
}

void sim_stop_at_verdict(const char *rule)
{
	if (stops)
		sim_stopped(rule);
}
