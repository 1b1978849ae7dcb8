/*
 * lock.c - mutexes, semaphores, spinlocks, and the checks that come with them.
 *
 * A lane that has announced a lock operation is runnable exactly while the lock could be taken. A
 * sleeping lock's unlock is two operations: it makes the lock available, and then it touches the
 * lock once more ("mutex_unlock:tail"), which is where the device of the 2015 review dies.
 */
#include "kapi/sim/internal.h"

#include <string.h>

/* ---- who may go on ---- */

static inline bool available(const struct prim *lock, bool read)
{
	return !lock->owner && (read || !lock->readers);
}

/* The state of @lock changed: lanes that have announced an operation on it may, or may not, go on. */
static void update(const struct prim *lock)
{
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);

		if (sim.lane[lane].want_lock != lock)
			continue;
		if (available(lock, sim.lane[lane].want_read))
			sim.runnable |= sim_bit(lane);
		else
			sim.runnable &= ~sim_bit(lane);
	}
	sim_mirror_lock(lock);
}

static bool anyone_queued(const struct prim *lock)
{
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		const struct sim_lane *l = &sim.lane[__builtin_ctz(left)];

		if (l->want_lock == lock && l->queued)
			return true;
	}
	return false;
}

/* A lock that is used for the first time gets its properties from its user. */
static struct prim *lock_of(void *lock, int kind, const char *name, struct site *site)
{
	struct prim *p;

	sim_touch(lock, site);
	sim_witness(lock);
	p = prim_find(lock, PRIM_LOCK);
	if (__builtin_expect(p != NULL, 1))
		return p;
	p = prim_first(lock, PRIM_LOCK, kind, name);
	if (!p)
		sim_fail(RULE_lock_misuse, lock, -1, "the lock was never initialised");
	p->lock_kind = (uint8_t)(kind & (KAPI_SLEEPS | KAPI_SHARED));
	return p;
}

static inline uint32_t lock_object(const struct prim *lock)
{
	return sim_object(lock->at, lock->class->id);
}

static inline bool holds(const struct sim_lane *lane, const struct prim *lock)
{
	for (unsigned i = 0; i < lane->held_nr; i++)
		if (lane->held[i] == lock)
			return true;
	return false;
}

bool kapi_lock_held(const void *lock)
{
	const struct prim *p = prim_find(lock, PRIM_LOCK);

	return p && holds(sim_self(), p);
}

bool kapi_lock_is_locked(const void *lock)
{
	const struct prim *p = prim_find(lock, PRIM_LOCK);

	return p && !available(p, false);
}

/* ---- the primitives ---- */

void kapi_lock_init(void *lock, int kind, struct kapi_class *class)
{
	sim_touch_slow(lock);
	prim_init(lock, PRIM_LOCK, class)->lock_kind =
		(uint8_t)(kind & (KAPI_SLEEPS | KAPI_SHARED));
}

static void take(struct prim *lock, bool read)
{
	struct sim_lane *self = sim_self();

	if (read)
		lock->readers |= (uint16_t)sim_bit(sim.current);
	else
		lock->owner = (uint8_t)(sim.current + 1);
	if (self->held_nr == HELD_LOCKS_MAX)
		sim_fail(RULE_lock_misuse, lock->at, -1, "more locks held than a thread may hold");
	self->held[self->held_nr++] = lock;
	self->spinning += !(lock->lock_kind & KAPI_SLEEPS);
	update(lock);
	san_acquire(lock->at);
}

static bool writer_waits(const struct prim *lock)
{
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		const struct sim_lane *l = &sim.lane[__builtin_ctz(left)];

		if (l->want_lock == lock && !l->want_read)
			return true;
	}
	return false;
}

/*
 * A reader of @lock reads it once more. A writer that came in between stands before it in the queue, and
 * waits for it: that run hangs. Without one nobody notices.
 */
static void read_again(struct prim *lock, struct site *site)
{
	sim_announce(EV_lock_read, lock_object(lock), lock->class->id, site, 0);
	sim_touch_slow(lock->at);
	if (writer_waits(lock))
		sim_fail_since(RULE_deadlock, lock->at, sim_last_of(EV_lock, lock_object(lock)),
			       "the thread reads a lock that it reads already, behind a writer "
			       "that waits for it");
	sim_effect(0);
	take(lock, true);
}

void kapi_lock(void *lock, int kind, bool read, const char *name, struct site *site)
{
	struct prim *p = lock_of(lock, kind, name, site);
	struct sim_lane *self = sim_self();
	uint32_t me = sim_bit(sim.current);

	if (p->lock_kind & KAPI_SLEEPS)
		kapi_might_sleep(site);
	sim_reclaim_lock(p);
	if (__builtin_expect(holds(self, p), 0)) {
		if (!read || p->owner)
			sim_order_again(p, sim_last_of(EV_lock, lock_object(p)));
		read_again(p, site);
		return;
	}
	if (self->held_nr)
		sim_order_check(p);
	self->want_lock = p;
	self->want_read = read;
	sim.waiting |= me;
	self->queued = !available(p, read);
	if (self->queued) {
		sim_note(EV_blocked, lock_object(p), 0, site);
		sim.runnable &= ~me;
	}
	sim_announce(read ? EV_lock_read : EV_lock, lock_object(p), p->class->id, site, 0);
	sim.waiting &= ~me;
	self->want_lock = NULL;
	sim_touch_slow(lock);
	must(available(p, read));
	sim_effect(0);
	take(p, read);
}

bool kapi_trylock(void *lock, int kind, bool read, const char *name, struct site *site)
{
	struct prim *p = lock_of(lock, kind, name, site);
	bool ok;

	sim_announce(EV_trylock, lock_object(p), p->class->id, site, 0);
	sim_touch_slow(lock);
	sim_witness(lock);
	ok = available(p, read);
	sim_effect(ok);
	if (ok)
		take(p, read);
	return ok;
}

static void let_go(struct prim *lock, bool read)
{
	struct sim_lane *self = sim_self();

	san_release(lock->at);
	for (unsigned i = 0; i < self->held_nr; i++) {
		if (self->held[i] != lock)
			continue;
		self->held[i] = self->held[--self->held_nr];
		break;
	}
	self->spinning -= !(lock->lock_kind & KAPI_SLEEPS);
	if (!read)
		lock->owner = 0;
	else if (!holds(self, lock))
		lock->readers &= (uint16_t)~sim_bit(sim.current);
	update(lock);
}

/* The touch after the release: a lock that was freed because it was free is caught here. */
static void unlock_tail(void *lock, uint32_t class, bool queued, struct site *tail)
{
	enum sim_unlock how = sim.strength.unlock;

	if (how == SIM_UNLOCK_ATOMIC || (how == SIM_UNLOCK_QUEUED && !queued))
		return;
	sim_announce(EV_unlock_tail, sim_object(lock, class), class, tail,
		     queued ? EVENT_QUEUED : 0);
	if (!sim_is_fine(lock, sizeof(uint32_t)))
		sim_fail(RULE_dead_use, lock, sim_block_of(lock)->freed,
			 queued ? "inside an unlock, with a waiter queued: there the code does it "
				  "today"
				: "inside an unlock: the contract of sleeping locks allows it; no "
				  "waiter "
				  "was queued");
	sim_witness(lock);
	sim_effect(0);
}

/* Announce the end of holding @lock. */
static inline struct prim *begin_unlock(void *lock, bool read, struct site *site)
{
	struct prim *p;

	sim_touch(lock, site);
	sim_witness(lock);
	p = prim_find(lock, PRIM_LOCK);
	if (__builtin_expect(!p, 0) && sim_block_of(lock))
		sim_fail(RULE_lock_misuse, lock, -1, "the lock was never initialised");
	if (__builtin_expect(!p || !holds(sim_self(), p), 0))
		sim_fail(RULE_lock_misuse, lock, -1,
			 "unlock of a lock that the thread does not hold");
	if (__builtin_expect(read == (p->owner != 0), 0))
		sim_fail(RULE_lock_misuse, lock, -1,
			 "a writer leaves as a reader, or a reader as a writer");
	sim_announce(read ? EV_unlock_read : EV_unlock, lock_object(p), p->class->id, site, 0);
	return p;
}

void kapi_unlock(void *lock, bool read, struct site *site, struct site *tail)
{
	struct prim *p = begin_unlock(lock, read, site);
	bool queued = anyone_queued(p);

	sim_effect(0);
	let_go(p, read);
	if (tail)
		unlock_tail(lock, p->class->id, queued, tail);
}

void kapi_lock_downgrade(void *lock, struct site *site)
{
	struct prim *p = begin_unlock(lock, false, site);

	sim_effect(0);
	san_release(lock);
	p->owner = 0;
	p->readers |= (uint16_t)sim_bit(sim.current);
	update(p);
}

/* ---- checks ---- */

void sim_lock_leaks(void)
{
	struct sim_lane *self = sim_self();

	if (self->held_nr)
		sim_fail_left(RULE_lock_leaked, self->held[0]->at,
			      sim_last_of(EV_lock, lock_object(self->held[0])),
			      "the op returned with a lock held");
}

static bool inside(const struct sim_block *block, const void *start, const volatile void *at)
{
	return at && (uintptr_t)at - (uintptr_t)start < block->size;
}

void sim_locks_check_free(const struct sim_block *block, const void *start)
{
	for (uint32_t left = sim.dirty; left; left &= left - 1) {
		const struct sim_lane *l = &sim.lane[__builtin_ctz(left)];

		for (unsigned i = 0; i < l->held_nr; i++)
			if (inside(block, start, l->held[i]->at))
				sim_fail(RULE_lock_freed, start, -1, "a lock in it is held");
		if (l->want_lock && inside(block, start, l->want_lock->at))
			sim_fail(RULE_lock_freed, start, -1, "a lock in it is waited for");
		if (l->want_wait && inside(block, start, l->want_wait->at))
			sim_fail(RULE_lock_freed, start, -1, "a completion in it is waited for");
		if (inside(block, start, l->queue) && l->asleep && !l->woken && !l->ends)
			sim_fail(RULE_lock_freed, start, -1, "a wait queue in it is slept on");
	}
}

/* A spinlock that the current lane holds, as the trace has it; 0: none. */
static uint32_t spins_on(void)
{
	const struct sim_lane *self = sim_self();

	for (unsigned i = self->held_nr; i-- > 0;)
		if (!(self->held[i]->lock_kind & KAPI_SLEEPS))
			return lock_object(self->held[i]);
	return 0;
}

const char *sim_in_atomic(int *ret_since)
{
	*ret_since = -1;
	if (sim_self()->spinning) {
		*ret_since = sim_last_of(EV_lock, spins_on());
		return "a spinlock is held";
	}
	if (kapi_rcu_read_held()) {
		*ret_since = sim_last_of(EV_reader_begin, sim_object(NULL, name_id("rcu")));
		return "inside an RCU reader";
	}
	if (sim_self()->non_block)
		return "in a section that may not block";
	if (LANE_IS_GRACE(sim.current))
		return "in a grace period's callback";
	if (sim.current == LANE_TIMER)
		return "in a timer";
	return NULL;
}

void kapi_might_sleep(struct site *site)
{
	const char *why;
	int since;

	sim_self()->site = site;
	why = sim_in_atomic(&since);
	if (why)
		sim_fail_since(RULE_sleep_in_atomic, NULL, since, why);
}

void kapi_non_block(bool begin)
{
	struct sim_lane *self = sim_self();

	must(begin || self->non_block);
	self->non_block += begin ? 1 : -1;
}

bool kapi_holds_lock(void)
{
	return sim_self()->held_nr != 0;
}
