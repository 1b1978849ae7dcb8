/*
 * wait.c - completions. The last touch of complete() is the one that lets the waiter go.
 */
#include "kapi/sim/internal.h"

#define WAIT_MAGIC 0x57414954u

static void check_wait(struct kapi_wait *wait, struct site *site)
{
	sim_touch(wait, site);
	if (wait->magic != WAIT_MAGIC)
		sim_fail("lock_misuse", wait, -1, "the completion was never initialised");
}

void kapi_wait_init(struct kapi_wait *wait, struct kapi_class *class)
{
	sim_touch_slow(wait);
	sim_class(class);
	wait->magic = WAIT_MAGIC;
	wait->done = 0;
	wait->class = class;
}

static void update(const struct kapi_wait *wait)
{
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);

		if (sim.lane[lane].want_wait != wait)
			continue;
		if (wait->done)
			sim.runnable |= sim_bit(lane);
		else
			sim.runnable &= ~sim_bit(lane);
	}
}

void kapi_wait_for(struct kapi_wait *wait, struct site *site)
{
	struct sim_lane *self = sim_self();
	uint32_t me = sim_bit(sim.current);
	uint32_t object;

	check_wait(wait, site);
	kapi_might_sleep(site);
	object = sim_object(wait, wait->class->id);
	self->want_wait = wait;
	sim.waiting |= me;
	if (!wait->done) {
		sim_note(EV_blocked, object, 0, site);
		sim.runnable &= ~me;
	}
	sim_announce(EV_wait, object, wait->class->id, site, 0);
	sim.waiting &= ~me;
	self->want_wait = NULL;
	sim_touch_slow(wait);
	sim_effect(0);
	if (wait->done != UINT32_MAX)
		wait->done--;
	update(wait);
	san_acquire(wait);
}

void kapi_wait_complete(struct kapi_wait *wait, bool all, struct site *site)
{
	check_wait(wait, site);
	sim_announce(EV_wake, sim_object(wait, wait->class->id), wait->class->id, site, 0);
	sim_touch_slow(wait);
	sim_effect(all);
	san_release(wait);
	if (all)
		wait->done = UINT32_MAX;
	else if (wait->done != UINT32_MAX)
		wait->done++;
	update(wait);
}
