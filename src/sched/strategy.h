/*
 * strategy.h - what the strategies share; for src/sched only.
 *
 * A strategy is a row of strategy.def and a file that defines strategy_<name>_methods. What it
 * keeps during a run lives in choice->state, and STRATEGY_STATE_IS gives its file state(), the way
 * to it. One that asks another strategy keeps what is its own in choice->above. Sets of lanes are words of bits; a set is walked with "for (; set; set &= set - 1)".
 */
#ifndef SCHED_STRATEGY_H
#define SCHED_STRATEGY_H

#include <assert.h>
#include <string.h>

#include "sched/choice.h"

#define STRATEGY(name, weight, drawn, fails, source, help)                                         \
	extern const struct strategy_methods strategy_##name##_methods;
#include "sched/strategy.def"
#undef STRATEGY

#define STRATEGY_STATE_IS(type)                                                                    \
	static_assert(sizeof(type) <= STRATEGY_STATE, "the state of " #type " does not fit");      \
	static inline type *state(struct choice *c)                                                \
	{                                                                                          \
		return (type *)(void *)c->state.bytes;                                             \
	}

#define STRATEGY_STATE_ABOVE_IS(type)                                                              \
	static_assert(sizeof(type) <= STRATEGY_STATE_ABOVE,                                        \
		      "the state of " #type " does not fit");                                      \
	static inline type *state(struct choice *c)                                                \
	{                                                                                          \
		return (type *)(void *)c->above.bytes;                                             \
	}

#define LANE_BIT(lane) (1u << (lane))
#define LANES_THREAD (LANE_BIT(LANE_F + 1) - LANE_BIT(LANE_A))

/* Which kinds of operation mean something to another lane that uses the same object. */
#define KIND(kind) (1ull << EV_##kind)
/* Sets are one word: they hold visible kinds, which stand before the notes in event.def. */
#define KINDS_IN_A_SET 64
static_assert(EV_may_fail < KINDS_IN_A_SET, "sets of kinds are one word");
#define KINDS_LOCK                                                                                 \
	(KIND(lock) | KIND(lock_read) | KIND(trylock) | KIND(unlock) | KIND(unlock_read) |         \
	 KIND(unlock_tail))
#define KINDS_REF (KIND(ref_get) | KIND(ref_put) | KIND(ref_read))
#define KINDS_GRACE                                                                                \
	(KIND(reader_begin) | KIND(reader_end) | KIND(synchronize) | KIND(barrier) | KIND(call) |  \
	 KIND(callback))
#define KINDS_LATER                                                                                \
	(KIND(work_queue) | KIND(work) | KIND(flush) | KIND(cancel) | KIND(timer_arm) | KIND(timer))
#define KINDS_WAIT (KIND(wait) | KIND(wake) | KIND(sleep_begin) | KIND(sleep_end))
#define KINDS_SHARED                                                                               \
	(KINDS_LOCK | KINDS_REF | KINDS_GRACE | KINDS_LATER | KINDS_WAIT | KIND(load) |            \
	 KIND(store) | KIND(free))
/* Two of these on one object commute. */
#define KINDS_READ                                                                                 \
	(KIND(lock_read) | KIND(unlock_read) | KIND(ref_read) | KIND(load) | KIND(reader_begin) |  \
	 KIND(reader_end))

/** kind_in() - is the kind of an event in a set of kinds? */
static inline bool kind_in(const struct trace_event *e, uint64_t kinds)
{
	return e->kind < KINDS_IN_A_SET && kinds >> e->kind & 1;
}

/* Is @e the free of the block that @other is about? */
static inline bool event_frees(const struct trace_event *e, const struct trace_event *other)
{
	return e->kind == EV_free && OBJECT_BLOCK(e->object) &&
	       OBJECT_BLOCK(e->object) == OBJECT_BLOCK(other->object);
}

/** events_conflict() - does the order of two operations matter? */
static inline bool events_conflict(const struct trace_event *a, const struct trace_event *b)
{
	if (!kind_in(a, KINDS_SHARED) || !kind_in(b, KINDS_SHARED))
		return false;
	if (a->object == b->object && a->object)
		return !kind_in(a, KINDS_READ) || !kind_in(b, KINDS_READ);
	return event_frees(a, b) || event_frees(b, a);
}

/** action_key() - one number for lane, object and site of an event that has a site */
static inline uint32_t action_key(const struct trace_event *e)
{
	site_ids(e->site);
	return (e->site->func_id * 31 + e->site->prim_id) * 0x85ebca6bu + e->object * 0x9e3779b1u +
	       e->lane + e->op * 0xc2b2ae35u;
}

/**
 * profile_learn_pairs() - take the pairs of a run into a profile that knows its shared objects
 * @from: the first event of the window, @to: behind the last
 */
void profile_learn_pairs(struct profile *p, const struct trace_event *from,
			 const struct trace_event *to);

/** lanes_counted() - how many lanes have a count above 0? */
static inline unsigned lanes_counted(const uint16_t count[LANES])
{
	unsigned nr = 0;

	for (unsigned lane = 0; lane < LANES; lane++)
		nr += count[lane] != 0;
	return nr;
}

/** lane_first() - the lowest lane of a set that is not empty */
static inline unsigned lane_first(uint32_t set)
{
	return (unsigned)__builtin_ctz(set);
}

/** lane_uniform() - a lane of a set that is not empty, each as likely; no draw where only one is */
static inline unsigned lane_uniform(struct rng *r, uint32_t set)
{
	uint32_t skip;

	if (!(set & (set - 1)))
		return lane_first(set);
	for (skip = rng_below(r, (uint32_t)__builtin_popcount(set)); skip; skip--)
		set &= set - 1;
	return lane_first(set);
}

/**
 * lane_weighted() - a lane of a set that is not empty, in proportion to its weight
 *
 * Uniform when all weights are 0.
 */
static inline unsigned lane_weighted(struct rng *r, uint32_t set, const uint16_t weight[LANES])
{
	uint32_t total = 0, at;

	if (!(set & (set - 1)))
		return lane_first(set);
	for (uint32_t rest = set; rest; rest &= rest - 1)
		total += weight[lane_first(rest)];
	if (!total)
		return lane_uniform(r, set);
	for (at = rng_below(r, total); at >= weight[lane_first(set)]; set &= set - 1)
		at -= weight[lane_first(set)];
	return lane_first(set);
}

#endif
