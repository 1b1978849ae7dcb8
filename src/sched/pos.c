/*
 * pos.c - partial order sampling: a random priority for each operation, not for each thread.
 *
 * Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV 2018. The pending operation of
 * highest priority goes on. Those that conflict with it (same object, not both reads) draw a new
 * priority, so that losing one race says nothing about the next. An operation that commutes with n
 * operations of another thread comes after all of them with probability 1/(n+1), where plain random
 * gives 2^-n.
 *
 * Where we differ: an operation draws when it can first go on, not when it is announced. Nobody can
 * tell, since nobody compares it earlier. Freeing a block conflicts with all that lies in it.
 */
#include "sched/strategy.h"

struct pos {
	uint32_t fresh; /* lanes whose next operation has no priority yet */
	uint32_t priority[LANES];
};
STRATEGY_STATE_IS(struct pos)

static void pos_begin(struct choice *c)
{
	state(c)->fresh = ~0u;
}

static void draw_fresh(struct choice *c, struct pos *s, uint32_t runnable)
{
	uint32_t fresh = s->fresh & runnable;

	s->fresh &= ~fresh;
	for (; fresh; fresh &= fresh - 1)
		s->priority[lane_first(fresh)] = (uint32_t)(rng_next(&c->rng) >> 32);
}

static unsigned pos_pick(struct choice *c, uint32_t runnable)
{
	struct pos *s = state(c);
	unsigned best;

	draw_fresh(c, s, runnable);
	best = lane_first(runnable);
	while (runnable &= runnable - 1) {
		unsigned lane = lane_first(runnable);

		if (s->priority[lane] > s->priority[best])
			best = lane;
	}
	return best;
}

static void pos_ran(struct choice *c, unsigned lane)
{
	struct pos *s = state(c);
	uint32_t fresh = LANE_BIT(lane);

	for (uint32_t old = ~s->fresh & (LANE_BIT(LANES) - 1); old; old &= old - 1) {
		unsigned other = lane_first(old);

		if (events_conflict(&c->next[lane], &c->next[other]))
			fresh |= LANE_BIT(other);
	}
	s->fresh |= fresh;
}

const struct strategy_methods strategy_pos_methods = {
	.begin = pos_begin,
	.pick = pos_pick,
	.ran = pos_ran,
};
