/*
 * stop.c - where a debugger stops a run: as a visible operation takes effect, and at a verdict.
 *
 * The count of steps is compared with a bound anyway, against runs without end: a stop is a smaller
 * bound, and costs other runs nothing. What stops is a call of sim_stopped(), on the fiber that is
 * at it, so its stack is the one that the debugger shows; the others are parked (bondfuzz debug has
 * a script that shows theirs).
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
	if (sim.trace->steps > STEPS_MAX)
		sim_fail(RULE_livelock, NULL, -1, "the run does not end");
}

void sim_stop_at_verdict(const char *rule)
{
	if (stops)
		sim_stopped(rule);
}
