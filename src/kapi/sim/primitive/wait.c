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

#define WORD_QUEUES 16

/* ---- waiting ---- */

static bool ends_early(unsigned kind, uint32_t object, uint32_t class, struct site *site)
{
	const struct trace_event e = {.site = site,
				      .object = object,
				      .class = class,
				      .kind = (uint8_t)kind,
				      .lane = sim.current,
				      .op = sim_self()->op};

	return sim_fails(&e);
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

/* ---- completions: the counter is the object's own ---- */

static struct prim *wait_of(void *wait, int how, const char *name, struct site *site)
{
	struct prim *p;

	sim_touch(wait, site);
	sim_witness(wait);
	p = prim_get(wait, PRIM_WAIT, how, name);
	if (!p)
		sim_fail(RULE_lock_misuse, wait, -1, "the completion was never initialised");
	return p;
}

void kapi_wait_init(void *wait, unsigned *done, struct kapi_class *class)
{
	sim_touch_slow(wait);
	prim_init(wait, PRIM_WAIT, class);
	*done = 0;
}

static void update(const struct prim *wait, unsigned done)
{
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);

		if (sim.lane[lane].want_wait != wait)
			continue;
		if (done || sim.lane[lane].expired)
			sim.runnable |= sim_bit(lane);
		else
			sim.runnable &= ~sim_bit(lane);
	}
}

static bool take(const struct prim *wait, unsigned *done)
{
	bool was = *done != 0;

	sim_effect(was ? 0 : -1);
	if (!was)
		return false;
	if (*done != UINT32_MAX)
		--*done;
	update(wait, *done);
	san_acquire(wait->at);
	return true;
}

static void announce_wait(unsigned kind, const struct prim *wait, struct site *site)
{
	sim_announce(kind, sim_object(wait->at, wait->class->id), wait->class->id, site, 0);
}

bool kapi_wait_for(void *wait, unsigned *done, int how, const char *name, struct site *site)
{
	struct prim *p = wait_of(wait, how, name, site);
	struct sim_lane *self = sim_self();
	int why = how & ~KAPI_INLINE_INIT;

	kapi_might_sleep(site);
	self->want_wait = p;
	wait_for(sim_object(wait, p->class->id), p->class->id, why != KAPI_WAIT,
		 why == KAPI_WAIT_TIMEOUT, !*done, site);
	self->want_wait = NULL;
	sim_touch_slow(wait);
	return take(p, done);
}

bool kapi_wait_try(void *wait, unsigned *done, int how, const char *name, struct site *site)
{
	struct prim *p = wait_of(wait, how, name, site);

	announce_wait(EV_wait, p, site);
	sim_touch_slow(wait);
	return take(p, done);
}

bool kapi_wait_is_done(void *wait, unsigned *done, int how, const char *name, struct site *site)
{
	announce_wait(EV_load, wait_of(wait, how, name, site), site);
	sim_touch_slow(wait);
	sim_effect(*done != 0);
	if (*done)
		san_acquire(wait);
	return *done != 0;
}

void kapi_wait_complete(void *wait, unsigned *done, bool all, int how, const char *name,
			struct site *site)
{
	struct prim *p = wait_of(wait, how, name, site);

	announce_wait(EV_wake, p, site);
	sim_touch_slow(wait);
	sim_effect(all);
	san_release(wait);
	if (all)
		*done = UINT32_MAX;
	else if (*done != UINT32_MAX)
		++*done;
	update(p, *done);
}

/* ---- wait queues: every touch takes the lock that is in the queue, and so orders ---- */

/* Returns: the class. */
static uint32_t check_queue(void *queue, int how, const char *name, struct site *site)
{
	const struct prim *p;

	sim_touch(queue, site);
	sim_witness(queue);
	p = prim_get(queue, PRIM_QUEUE, how, name);
	if (!p)
		sim_fail(RULE_lock_misuse, queue, -1, "the wait queue was never initialised");
	return p->class->id;
}

static void touch_queue(void *queue, struct site *site)
{
	sim_touch(queue, site);
	san_acquire(queue);
	san_release(queue);
}

void kapi_queue_init(void *queue, struct kapi_class *class)
{
	sim_touch_slow(queue);
	prim_init(queue, PRIM_QUEUE, class);
}

static void announce(unsigned kind, void *queue, uint32_t class, struct site *site)
{
	sim_announce(kind, sim_object(queue, class), class, site, 0);
}

void kapi_queue_begin(void *queue, int how, const char *name, struct site *site)
{
	struct sim_lane *self = sim_self();
	uint32_t class = check_queue(queue, how, name, site);

	if (self->queue)
		sim_fail(RULE_sleep_in_atomic, queue, -1, "in the condition of another wait");
	announce(EV_sleep_begin, queue, class, site);
	touch_queue(queue, site);
	sim_effect(0);
	self->queue = queue;
	self->woken = false;
}

bool kapi_queue_sleep(void *queue, int how, const char *name, struct site *site)
{
	struct sim_lane *self = sim_self();
	int why = how & ~KAPI_INLINE_INIT;
	uint32_t class;
	bool woken;

	kapi_might_sleep(site);
	class = check_queue(queue, how, name, site);
	self->asleep = true;
	wait_for(sim_object(queue, class), class, true, why == KAPI_WAIT_TIMEOUT, !self->woken,
		 site);
	self->asleep = false;
	touch_queue(queue, site);
	woken = self->woken;
	self->woken = false;
	sim_effect(woken ? 0 : -1);
	if (!woken && why == KAPI_WAIT_SIGNAL)
		self->queue = NULL;
	return woken || why == KAPI_WAIT;
}

void kapi_queue_end(void *queue, const char *name, struct site *site)
{
	const struct prim *p = prim_find(queue, PRIM_QUEUE);
	struct sim_lane *self = sim_self();
	uint32_t class = p && !sim_block_of(queue) ? p->class->id : 0; /* not of one that is dead */

	announce(EV_sleep_end, queue, class, site);
	if (!sim_is_fine(queue, sizeof(uint32_t)))
		sim_fail(RULE_dead_use, queue, sim_block_of(queue)->freed,
			 "leaving a wait touches its queue, although the condition is true");
	touch_queue(queue, site);
	sim_witness(queue);
	sim_effect(0);
	self->queue = NULL;
}

void kapi_queue_wake(void *queue, int how, const char *name, struct site *site)
{
	announce(EV_wake, queue, check_queue(queue, how, name, site), site);
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

bool kapi_queue_is_used(void *queue, int how, const char *name, struct site *site)
{
	bool used = false;

	announce(EV_load, queue, check_queue(queue, how, name, site), site);
	sim_touch_slow(queue);
	for (unsigned lane = 0; lane < LANES; lane++)
		used |= sim.lane[lane].queue == queue && !sim.lane[lane].woken;
	sim_effect(used);
	return used;
}

/* By the number of the block: the same in each build. All statics share one. */
void *kapi_word_queue(const volatile void *word)
{
	static uint64_t queues[WORD_QUEUES];
	uint32_t object = sim_object(word, 0);

	return &queues[(object ^ object >> 16) % WORD_QUEUES];
}
