/*
 * wait.c - completions and wait queues.
 *
 * A lane that waits can run once what it waits for has come; how late it does is the strategy's
 * choice. complete() has no touch after the release (the kernel promises that); a wait queue's
 * waiter has: it stands in the queue again after each wake-up, and leaves it when its condition is
 * true. Who frees the queue because the condition is true meets that touch.
 *
 * A wait may end early: a signal, a timeout, or a wake-up for nothing come when the schedule lets
 * the wait fail. Timeouts also come when nobody else can go on, so that a wait with one is never a
 * deadlock; a plain wait whose wake-up was missed is.
 */
#include "kapi/sim/internal.h"

#define WAIT_MAGIC 0x57414954u

/* ---- waiting ---- */

static bool ends_early(unsigned kind, uint32_t object, uint32_t class, struct site *site)
{
	const struct trace_event e = {.site = site,
				      .object = object,
				      .class = class,
				      .kind = (uint8_t)kind,
				      .lane = sim.current,
				      .op = sim_self()->op};

	return choice_fails(sim.choice, &e);
}

/* Announce a wait that is enabled unless @blocked; who ends it sets the lane's bit. */
static void wait_for(uint32_t object, uint32_t class, bool may_fail, bool timed, bool blocked,
		     struct site *site)
{
	struct sim_lane *self = sim_self();
	uint32_t me = sim_bit(sim.current);

	self->expired = may_fail && ends_early(EV_wait, object, class, site);
	self->timed = timed;
	sim.waiting |= me;
	if (blocked && !self->expired) {
		sim_note(EV_blocked, object, 0, site);
		sim.runnable &= ~me;
	}
	sim_announce(EV_wait, object, class, site, 0);
	sim.waiting &= ~me;
	self->timed = false;
	self->expired = false;
}

bool sim_time_passes(void)
{
	bool any = false;

	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);

		if (!sim.lane[lane].timed)
			continue;
		sim.lane[lane].expired = any = true;
		sim.runnable |= sim_bit(lane);
	}
	return any;
}

/* ---- completions ---- */

static void check_wait(struct kapi_wait *wait, struct site *site)
{
	sim_touch(wait, site);
	if (wait->magic != WAIT_MAGIC)
		sim_fail(RULE_lock_misuse, wait, -1, "the completion was never initialised");
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
		if (wait->done || sim.lane[lane].expired)
			sim.runnable |= sim_bit(lane);
		else
			sim.runnable &= ~sim_bit(lane);
	}
}

static bool take(struct kapi_wait *wait)
{
	bool done = wait->done != 0;

	sim_effect(done ? 0 : -1);
	if (!done)
		return false;
	if (wait->done != UINT32_MAX)
		wait->done--;
	update(wait);
	san_acquire(wait);
	return true;
}

bool kapi_wait_for(struct kapi_wait *wait, enum kapi_wait_how how, struct site *site)
{
	struct sim_lane *self = sim_self();

	check_wait(wait, site);
	kapi_might_sleep(site);
	self->want_wait = wait;
	wait_for(sim_object(wait, wait->class->id), wait->class->id, how != KAPI_WAIT,
		 how == KAPI_WAIT_TIMEOUT, !wait->done, site);
	self->want_wait = NULL;
	sim_touch_slow(wait);
	return take(wait);
}

bool kapi_wait_try(struct kapi_wait *wait, struct site *site)
{
	check_wait(wait, site);
	sim_announce(EV_wait, sim_object(wait, wait->class->id), wait->class->id, site, 0);
	sim_touch_slow(wait);
	return take(wait);
}

bool kapi_wait_is_done(struct kapi_wait *wait, struct site *site)
{
	check_wait(wait, site);
	sim_announce(EV_load, sim_object(wait, wait->class->id), wait->class->id, site, 0);
	sim_touch_slow(wait);
	sim_effect(wait->done != 0);
	if (wait->done)
		san_acquire(wait);
	return wait->done != 0;
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

/* ---- wait queues: every touch takes the lock that is in the queue, and so orders ---- */

static void check_queue(struct kapi_queue *queue, struct site *site)
{
	sim_touch(queue, site);
	if (queue->magic != KAPI_QUEUE_MAGIC)
		sim_fail(RULE_lock_misuse, queue, -1, "the wait queue was never initialised");
	sim_class(queue->class);
}

static void touch_queue(struct kapi_queue *queue, struct site *site)
{
	sim_touch(queue, site);
	san_acquire(queue);
	san_release(queue);
}

void kapi_queue_init(struct kapi_queue *queue, struct kapi_class *class)
{
	sim_touch_slow(queue);
	sim_class(class);
	queue->magic = KAPI_QUEUE_MAGIC;
	queue->class = class;
}

static void announce(unsigned kind, struct kapi_queue *queue, struct site *site)
{
	sim_announce(kind, sim_object(queue, queue->class->id), queue->class->id, site, 0);
}

void kapi_queue_begin(struct kapi_queue *queue, struct site *site)
{
	struct sim_lane *self = sim_self();

	check_queue(queue, site);
	if (self->queue)
		sim_fail(RULE_sleep_in_atomic, queue, -1, "in the condition of another wait");
	announce(EV_sleep_begin, queue, site);
	touch_queue(queue, site);
	sim_effect(0);
	self->queue = queue;
	self->woken = false;
}

bool kapi_queue_sleep(struct kapi_queue *queue, enum kapi_wait_how how, struct site *site)
{
	struct sim_lane *self = sim_self();
	uint32_t object, class;
	bool woken;

	kapi_might_sleep(site);
	check_queue(queue, site);
	class = queue->class->id;
	object = sim_object(queue, class);
	self->asleep = true;
	wait_for(object, class, true, how == KAPI_WAIT_TIMEOUT, !self->woken, site);
	self->asleep = false;
	touch_queue(queue, site);
	woken = self->woken;
	self->woken = false;
	sim_effect(woken ? 0 : -1);
	if (!woken && how == KAPI_WAIT_SIGNAL)
		self->queue = NULL;
	return woken || how == KAPI_WAIT;
}

void kapi_queue_end(struct kapi_queue *queue, struct site *site)
{
	struct sim_lane *self = sim_self();

	uint32_t class = sim_block_of(queue) ? 0 : queue->class->id; /* not of one that is dead */

	sim_announce(EV_sleep_end, sim_object(queue, class), class, site, 0);
	if (!sim_is_fine(queue, sizeof(*queue)))
		sim_fail(RULE_dead_use, queue, sim_block_of(queue)->freed,
			 "leaving a wait touches its queue, although the condition is true");
	touch_queue(queue, site);
	if (sim.strength.witness)
		(void)*(volatile uint32_t *)&queue->magic; /* where ASan sees it */
	sim_effect(0);
	self->queue = NULL;
}

void kapi_queue_wake(struct kapi_queue *queue, struct site *site)
{
	check_queue(queue, site);
	announce(EV_wake, queue, site);
	touch_queue(queue, site);
	sim_effect(0);
	for (unsigned lane = 0; lane < LANES; lane++) {
		struct sim_lane *l = &sim.lane[lane];

		if (l->queue != queue)
			continue;
		l->woken = true;
		if (l->asleep)
			sim.runnable |= sim_bit(lane);
	}
}

bool kapi_queue_is_used(struct kapi_queue *queue, struct site *site)
{
	bool used = false;

	check_queue(queue, site);
	announce(EV_load, queue, site);
	sim_touch_slow(queue);
	for (unsigned lane = 0; lane < LANES; lane++)
		used |= sim.lane[lane].queue == queue && !sim.lane[lane].woken;
	sim_effect(used);
	return used;
}
