/*
 * focus.h - which objects a run looks at: drawn from the profile, asked for every operation.
 *
 * An operation on an object that no two lanes share commutes with all that others do, so a switch
 * before it decides nothing. A strategy that counts or deviates at operations in focus only has
 * fewer places to choose from, and each choice decides something. For src/sched only.
 */
#ifndef SCHED_FOCUS_H
#define SCHED_FOCUS_H

#include "sched/strategy.h"

#define FOCUS_WORDS 4

struct focus {
	bool everything;	    /* nothing is known: no operation is left out */
	uint64_t bits[FOCUS_WORDS]; /* by hash of the object; few are taken for another */
	uint32_t steps; /* operations in focus that a run is expected to have, at least 1 */
};

/* How likely a run looks at everything, at all shared objects, at those of one pair of lanes, at few. */
struct focus_weights {
	uint8_t everything, shared, pair, few;
};

/**
 * focus_draw() - what this run looks at
 *
 * Everything where the profile knows no shared object.
 */
void focus_draw(struct focus *f, const struct profile *p, const struct focus_weights *w,
		struct rng *r);

/** focus_bit() - the place of an object in focus->bits */
static inline uint32_t focus_bit(uint32_t object)
{
	static_assert(FOCUS_WORDS * 64 == 256, "the hash gives 8 bits");
	return object * 0x9e3779b1u >> 24;
}

/** focus_has() - is @e an operation on something in focus? The free of its block is one, too */
static inline bool focus_has(const struct focus *f, const struct trace_event *e)
{
	uint32_t at = focus_bit(e->object);

	return f->everything || (f->bits[at / 64] >> at % 64 & 1 && kind_in(e, KINDS_SHARED));
}

#endif
