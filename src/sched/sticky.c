/*
 * sticky.c - go on with the same thread, and leave it with a probability that is drawn per run.
 *
 * Long stretches of one thread with a few switches between them, which is what most reports of real
 * races look like. How long a stretch should be depends on how dense the relevant operations are,
 * and nobody knows that beforehand, so each run draws one of 1/2, 1/4, ... 1/32.
 */
#include "sched/strategy.h"

#define SHIFTS 5 /* the rarest switch is once in 2^SHIFTS operations */

struct sticky {
	uint64_t mask; /* leave when a draw has none of these bits: once in mask + 1 */
};
STRATEGY_STATE_IS(struct sticky)

static void sticky_begin(struct choice *c)
{
	state(c)->mask = (2ull << rng_below(&c->rng, SHIFTS)) - 1;
}

static unsigned sticky_pick(struct choice *c, uint32_t runnable)
{
	uint32_t current = runnable & LANE_BIT(c->current);
	uint32_t others = runnable & ~current;

	if (!others || (current && rng_next(&c->rng) & state(c)->mask))
		return c->current;
	return lane_uniform(&c->rng, others);
}

const struct strategy_methods strategy_sticky_methods = {
	.begin = sticky_begin,
	.pick = sticky_pick,
};
