/*
 * random.c - every runnable thread is equally likely at every step.
 *
 * The yardstick for the others. It is not uniform over interleavings: of two threads with a and b
 * operations, it favours those in which both end at about the same time, and a thread with one
 * operation is hardly ever late.
 */
#include "sched/strategy.h"

static unsigned random_pick(struct choice *c, uint32_t runnable)
{
	return lane_uniform(&c->rng, runnable);
}

const struct strategy_methods strategy_random_methods = {.pick = random_pick};
