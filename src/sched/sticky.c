/*
 * sticky.c - go on with the same thread, and leave it with a probability that is drawn per run.
 *
 * Long stretches of one thread with a few switches between them, which is what most reports of real
 * races look like. A thread is left before an operation in focus (focus.h), and
 * RARER times less often before another: it may be spinning. How long a stretch
 * should be depends on how dense the relevant operations still are, and nobody knows that
 * beforehand, so each run draws one of 1/2, 1/4, ... 1/16.
 */
#include "sched/focus.h"

#define SHIFTS 4 /* the rarest switch is once in 2^SHIFTS operations */
#define RARER 32 /* a power of two */

static const struct focus_weights weights = {.everything = 1, .shared = 3};

struct sticky {
	struct focus focus;
	uint64_t mask; /* leave when a draw has none of these bits: once in mask + 1 */
};
STRATEGY_STATE_IS(struct sticky)

static void sticky_begin(struct choice *c)
{
	focus_draw(&state(c)->focus, c->profile, &weights, &c->rng);
	state(c)->mask = (2ull << rng_below(&c->rng, SHIFTS)) - 1;
}

static bool stays(struct choice *c, const struct sticky *s)
{
	uint64_t rarer = focus_has(&s->focus, &c->next[c->current]) ? 1 : RARER;

	return rng_next(&c->rng) & (rarer * (s->mask + 1) - 1);
}

static unsigned sticky_pick(struct choice *c, uint32_t runnable)
{
	uint32_t current = runnable & LANE_BIT(c->current);
	uint32_t others = runnable & ~current;

	if (!others || (current && stays(c, state(c))))
		return c->current;
	return lane_uniform(&c->rng, others);
}

const struct strategy_methods strategy_sticky_methods = {
	.begin = sticky_begin,
	.pick = sticky_pick,
};
