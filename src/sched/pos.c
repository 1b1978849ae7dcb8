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
#include "sched/priorities.h"

STRATEGY_STATE_IS(struct priorities)

static void pos_begin(struct choice *c)
{
	priorities_begin(state(c));
}

static unsigned pos_pick(struct choice *c, uint32_t runnable)
{
	return priorities_pick(state(c), &c->rng, runnable);
}

static void pos_ran(struct choice *c, unsigned lane)
{
	priorities_redraw(state(c), c, lane);
	state(c)->fresh |= LANE_BIT(lane);
}

const struct strategy_methods strategy_pos_methods = {
	.begin = pos_begin,
	.pick = pos_pick,
	.ran = pos_ran,
};
