/*
 * deadlock.c - nobody can go on: who waits for whom, and what the verdict is called.
 *
 * A lane waits for the lanes that hold what it wants. The verdict is about the shortest cycle of
 * these; lanes that wait for the cycle's locks are bystanders, and neither its functions nor its
 * text depend on them. Without a cycle somebody waits for what nobody holds (a wake-up that was
 * missed): it is that wait, and all that hang on it are bystanders.
 *
 * Where several are as good, the names of the functions decide, since threads may have any names.
 */
#include "kapi/sim/internal.h"

#include <string.h>

static uint32_t holders_of(unsigned lane)
{
	const struct sim_lane *l = &sim.lane[lane];
	const struct prim *lock = l->want_lock;
	unsigned worker;

	if (lock)
		return lock->owner ? sim_bit(lock->owner - 1u) : lock->readers;
	if (l->want_readers || l->want_callbacks)
		return sim_domain_holders(l);
	worker = l->want_later ? sim_later_holder(l) : LANE_NONE;
	return worker == LANE_NONE ? 0 : sim_bit(worker);
}

/* What the lane waits in: a grace period's wait is its caller's. */
static const struct site *site_of(unsigned lane)
{
	const struct sim_lane *l = &sim.lane[lane];

	return l->asks ? l->asks : l->site;
}

static const char *function_of(unsigned lane)
{
	return site_of(lane) ? site_of(lane)->func : "";
}

/* ---- the cycle ---- */

/* The lanes of the shortest way from @lane back to it; 0: there is none. */
static uint32_t cycle_of(unsigned lane)
{
	uint8_t from[LANES];
	uint32_t seen = 0, now = sim_bit(lane), cycle = 0;

	while (now && !(seen & sim_bit(lane))) {
		uint32_t next = 0;

		for (uint32_t left = now; left; left &= left - 1) {
			unsigned at = (unsigned)__builtin_ctz(left);
			uint32_t fresh =
				sim.waiting & sim_bit(at) ? holders_of(at) & ~seen & ~next : 0;

			for (uint32_t to = fresh; to; to &= to - 1)
				from[__builtin_ctz(to)] = (uint8_t)at;
			next |= fresh;
		}
		seen |= next;
		now = next;
	}
	if (!(seen & sim_bit(lane)))
		return 0;
	for (unsigned at = from[lane];; at = from[at]) {
		cycle |= sim_bit(at);
		if (at == lane)
			return cycle;
	}
}

/* The lane of @among whose function comes first in the alphabet, behind @after if that is not NULL. */
static unsigned first_lane(uint32_t among, const char *after)
{
	unsigned first = LANE_NONE;

	for (uint32_t left = among; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);

		if (after && strcmp(function_of(lane), after) <= 0)
			continue;
		if (first == LANE_NONE || strcmp(function_of(lane), function_of(first)) < 0)
			first = lane;
	}
	return first;
}

/* Do the functions of @a come before those of @b, compared as sorted lists? */
static bool comes_before(uint32_t a, uint32_t b)
{
	while (a && b) {
		unsigned i = first_lane(a, NULL), j = first_lane(b, NULL);
		int order = strcmp(function_of(i), function_of(j));

		if (order)
			return order < 0;
		a &= ~sim_bit(i);
		b &= ~sim_bit(j);
	}
	return false;
}

static uint32_t shortest_cycle(void)
{
	uint32_t best = 0;

	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		uint32_t cycle = cycle_of((unsigned)__builtin_ctz(left));
		int shorter = __builtin_popcount(best) - __builtin_popcount(cycle);

		if (cycle && (!best || shorter > 0 || (!shorter && comes_before(cycle, best))))
			best = cycle;
	}
	return best;
}

/* A lane that waits for nobody who waits. */
static uint32_t first_root(void)
{
	uint32_t roots = 0;

	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);

		if (!(holders_of(lane) & sim.waiting))
			roots |= sim_bit(lane);
	}
	return roots ? sim_bit(first_lane(roots, NULL)) : 0;
}

/* ---- the verdict ---- */

/* What does not fit is left out whole. */
static void put(char *text, size_t cap, const char *s)
{
	size_t len = strlen(text), n = strlen(s);

	if (len + n < cap)
		memcpy(text + len, s, n + 1);
}

/* Whom @lane waits for, one of @about where it can be; or LANE_NONE. */
static unsigned holder_of(unsigned lane, uint32_t about)
{
	uint32_t holders = holders_of(lane);

	if (holders & about)
		holders &= about;
	return holders ? (unsigned)__builtin_ctz(holders) : LANE_NONE;
}

static void put_wait(unsigned lane, uint32_t about, char *text, size_t cap)
{
	unsigned holder = holder_of(lane, about);
	char line[192] = "";

	put(line, sizeof(line), text[0] ? "; " : "");
	put(line, sizeof(line), lane_name(lane));
	put(line, sizeof(line), " waits in ");
	put(line, sizeof(line), site_of(lane) ? site_words(site_of(lane)) : "?");
	if (holder != LANE_NONE) {
		put(line, sizeof(line), " for ");
		put(line, sizeof(line), lane_name(holder));
	}
	put(text, cap, line);
}

static void put_waits(uint32_t about, char *text, size_t cap)
{
	for (uint32_t left = about; left; left &= left - 1)
		put_wait((unsigned)__builtin_ctz(left), about, text, cap);
}

/* The object of a lock that @lane wants; 0: it wants none, or one in no object. */
static uint32_t wants(unsigned lane)
{
	const struct prim *lock = sim.lane[lane].want_lock;
	uint32_t object = lock ? sim_object(lock->at, 0) : 0;

	return OBJECT_BLOCK(object) ? object : 0;
}

static uint32_t object_of(uint32_t about)
{
	uint32_t with = 0;

	for (uint32_t left = about; left; left &= left - 1)
		if (wants((unsigned)__builtin_ctz(left)))
			with |= left & -left;
	return with ? wants(first_lane(with, NULL)) : 0;
}

static bool said_so(unsigned lane)
{
	const struct trace *t = sim.trace;

	for (uint32_t i = t->events_nr; i-- > 0;)
		if (t->event[i].lane == lane)
			return t->event[i].kind == EV_blocked;
	return false;
}

/* A lane whose lock was free when it asked, and was taken before it went on, has not blocked yet. */
static void note_waits(void)
{
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		struct trace_event e = sim.choice->next[lane];

		e.kind = EV_blocked;
		e.class = 0;
		e.flags = 0;
		if (!said_so(lane))
			trace_append(sim.trace, &e);
	}
}

/* ---- the orders ---- */

/* What @lane waits for: a class of locks, or where nobody takes a lock its function. */
static const char *wanted_by(unsigned lane)
{
	const struct prim *lock = sim.lane[lane].want_lock;

	return lock ? lock->class->clean : function_of(lane);
}

/* Each lane of the cycle has what the one before it wants, and wants something else. */
static void put_orders(uint32_t cycle, struct orders *o)
{
	uint64_t id[LANES];
	unsigned nr = 0;

	for (uint32_t left = cycle; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left), next = holder_of(lane, cycle);

		if (next != LANE_NONE)
			id[nr++] = order_id(wanted_by(lane), wanted_by(next), function_of(next));
	}
	orders_close(o, id, nr);
	sim_order_put_run(o);
}

/* Without a cycle: the locks that @root holds where it waits, and others wait for. */
static void put_held(unsigned root, struct orders *o)
{
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		uint64_t id = order_id(wanted_by(lane), wanted_by(root), function_of(root));

		if (sim.lane[lane].want_lock && holder_of(lane, sim_bit(root)) == root)
			orders_close(o, &id, 1);
	}
}

/* Threads that nobody lets end keep their lanes for good: what comes next is beyond the platform. */
static _Noreturn void lacks_workers(void)
{
	for (unsigned lane = 0; lane < LANES; lane++)
		if (sim.lane[lane].thread)
			sim_fail(RULE_not_modelled, NULL, -1,
				 "a work beside as many threads of the kernel as there are lanes "
				 "for works");
	sim_fail(RULE_worker_limit, NULL, -1, "all three workers wait, and a work is queued");
}

_Noreturn void sim_deadlock(void)
{
	uint32_t about = shortest_cycle();
	uint8_t waits_for[LANES] = {0};
	struct orders orders = {0};
	unsigned first, second;
	char text[VERDICT_TEXT] = "";

	if (sim_later_lacks_workers())
		lacks_workers();
	if (about) {
		put_waits(about, text, sizeof(text));
		put_orders(about, &orders);
	} else {
		about = first_root();
		put_waits(about, text, sizeof(text));
		put_waits(sim.waiting & ~about, text, sizeof(text));
		if (about)
			put_held((unsigned)__builtin_ctz(about), &orders);
	}
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left), holder = holder_of(lane, about);

		waits_for[lane] = (uint8_t)(holder == LANE_NONE ? WAITS_FOR_NOBODY : holder + 1);
	}
	note_waits();
	first = first_lane(about, NULL);
	second = first == LANE_NONE ? first : first_lane(about, function_of(first));
	sim_fail_waiting(object_of(about), first == LANE_NONE ? "" : function_of(first),
			 second == LANE_NONE ? "" : function_of(second), waits_for, &orders, text);
}
