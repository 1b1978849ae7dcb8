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
 * deadlock; a plain wait whose wake-up was missed is. Where all who wait would go on for a signal, as
 * readers of an idle device do, one gets it: who may be killed is in no deadlock. But if its condition
 * is true then, its wake-up was missed, and that is one.
 */
#include "kapi/sim/internal.h"

#define WORD_QUEUES 16

/* ---- waiting ---- */

/* Beside enum kapi_wait_how: a wake-up for nothing. */
#define FOR_NOTHING 4

static bool ends_early(uint32_t object, uint32_t class, struct site *site)
{
	const struct trace_event e = {.site = site,
				      .object = object,
				      .class = class,
				      .kind = EV_wait,
				      .lane = sim.current,
				      .op = sim_self()->op};

	return sim_fails(&e);
}

/* Does a signal come before the sleep, where a timeout may come, too? What fails has a place of its own. */
static bool signal_is_first(void)
{
	static struct site site = {"wait", "signal", "a signal", 0, 0, NULL, 0};

	site_ids(&site);
	return kapi_should_fail(NULL, &site);
}

/* In which of the @ways does a wait end that begins now? 0: in none. */
static unsigned early_end(unsigned ways, uint32_t object, uint32_t class, struct site *site)
{
	bool signals = ways & KAPI_WAIT_SIGNAL && !LANE_IS_WORKER(sim.current);

	if (signals && sim_self()->killed)
		return KAPI_WAIT_SIGNAL;
	if (signals && ways & KAPI_WAIT_TIMEOUT && signal_is_first())
		return KAPI_WAIT_SIGNAL;
	if (!signals)
		ways &= ~(unsigned)KAPI_WAIT_SIGNAL;
	if (!ways || !ends_early(object, class, site))
		return 0;
	return ways & KAPI_WAIT_TIMEOUT ? KAPI_WAIT_TIMEOUT : ways;
}

/*
 * Announce a wait that is enabled if it @ends early, or is not @blocked; else who ends it sets the lane's bit.
 * Returns: in which way it ends if what it waits for is not there.
 */
static unsigned wait_for(uint32_t object, uint32_t class, unsigned ways, unsigned ends,
			 bool blocked, struct site *site)
{
	struct sim_lane *self = sim_self();
	uint32_t me = sim_bit(sim.current);

	self->ways = (uint8_t)ways;
	self->ends = (uint8_t)ends;
	sim.waiting |= me;
	if (blocked && !ends) {
		sim_note(EV_blocked, object, 0, site);
		sim.runnable &= ~me;
	}
	sim_announce(EV_wait, object, class, site, 0);
	sim.waiting &= ~me;
	ends = self->ends;
	self->ways = self->ends = 0;
	return ends;
}

static bool timeouts_come(void)
{
	bool any = false;

	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		struct sim_lane *l = &sim.lane[__builtin_ctz(left)];

		if (!(l->ways & KAPI_WAIT_TIMEOUT))
			continue;
		l->ends = KAPI_WAIT_TIMEOUT;
		sim.runnable |= left & -left;
		any = true;
	}
	return any;
}

/* A thread of the kernel that sleeps so is idle. Only one is killed, so that it looks at its condition next. */
static bool signal_comes(void)
{
	struct sim_lane *first = NULL;

	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);

		if (!(sim.lane[lane].ways & KAPI_WAIT_SIGNAL))
			return false;
		if (!first && !LANE_IS_WORKER(lane) && !sim.lane[lane].killed)
			first = &sim.lane[lane];
	}
	if (!first)
		return false;
	first->killed = sim.failed = true;
	first->unwoken = first->asleep;
	first->ends = KAPI_WAIT_SIGNAL;
	sim.runnable |= sim_bit((unsigned)(first - sim.lane));
	return true;
}

bool sim_time_passes(void)
{
	return timeouts_come() || signal_comes();
}

bool kapi_signal_pending(struct site *site)
{
	bool there;

	if (LANE_IS_WORKER(sim.current))
		return false;
	sim_announce(EV_may_fail, 0, 0, site, 0);
	there = sim_self()->killed || sim_fails(&sim.choice->next[sim.current]);
	sim_effect(there ? -1 : 0);
	return there;
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
		if (done || sim.lane[lane].ends)
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

int kapi_wait_for(void *wait, unsigned *done, int how, const char *name, struct site *site)
{
	struct prim *p = wait_of(wait, how, name, site);
	struct sim_lane *self = sim_self();
	uint32_t object = sim_object(wait, p->class->id), class = p->class->id;
	unsigned ways = (unsigned)(how & ~KAPI_INLINE_INIT), ends;

	kapi_might_sleep(site);
	ends = early_end(ways, object, class, site);
	self->want_wait = p;
	ends = wait_for(object, class, ways, ends, !*done, site);
	self->want_wait = NULL;
	sim_touch_slow(wait);
	return take(p, done) ? 0 : (int)ends;
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

/* Where a wake-up of the lane's task comes, wherever it sleeps. */
static void *own_queue(const struct sim_lane *l)
{
	return kapi_word_queue(l->runs_as ? l->runs_as : &l->task);
}

static void touch_queue(void *queue, struct site *site)
{
	if (sim_is_told()) {
		sim_tell(TOUCH_STATIC, (uint32_t)(uintptr_t)queue, true);
		sim_tell(TOUCH_STATIC, (uint32_t)(uintptr_t)own_queue(sim_self()), false);
	}
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
	self->woken = self->unwoken = false;
}

int kapi_queue_sleep(void *queue, int how, const char *name, struct site *site)
{
	struct sim_lane *self = sim_self();
	unsigned ways = (unsigned)(how & ~KAPI_INLINE_INIT), ends;
	uint32_t class, object;

	kapi_might_sleep(site);
	class = check_queue(queue, how, name, site);
	object = sim_object(queue, class);
	ends = early_end(ways ? ways : FOR_NOTHING, object, class, site);
	self->asleep = true;
	ends = wait_for(object, class, ways, ends, !self->woken, site);
	self->asleep = false;
	touch_queue(queue, site);
	if (self->woken) {
		ends = 0;
		san_acquire(&self->woken);
	}
	sim_effect(self->woken ? 0 : -1);
	self->woken = false;
	return (int)(ends & ways);
}

void kapi_queue_leave(bool is_true, struct site *site)
{
	struct sim_lane *self = sim_self();

	self->queue = NULL;
	if (!is_true || !self->unwoken)
		return;
	self->site = site;
	sim_fail(RULE_deadlock, NULL, -1,
		 "nobody could go on, and nobody woke it, although its condition is true");
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

static void rouse(unsigned lane)
{
	struct sim_lane *l = &sim.lane[lane];

	l->woken = true;
	if (l->asleep)
		sim.runnable |= sim_bit(lane);
}

void kapi_queue_rouse(unsigned lane)
{
	struct sim_lane *l = &sim.lane[lane];

	if (!l->queue)
		return;
	if (sim_is_told())
		sim_tell(TOUCH_STATIC, (uint32_t)(uintptr_t)own_queue(l), true);
	san_release(&l->woken);
	rouse(lane);
}

void kapi_queue_wake(void *queue, int how, const char *name, struct site *site)
{
	announce(EV_wake, queue, check_queue(queue, how, name, site), site);
	touch_queue(queue, site);
	sim_effect(0);
	for (unsigned lane = 0; lane < LANES; lane++) {
		const struct sim_lane *l = &sim.lane[lane];

		if (l->queue && (l->queue == queue || own_queue(l) == queue))
			rouse(lane);
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
