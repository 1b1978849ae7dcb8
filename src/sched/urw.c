/*
 * urw.c - uniform random walk: threads weighted by the operations that they have left.
 *
 * Zhao, Wolff, Mathur, Roychoudhury, "Selectively Uniform Concurrency Testing", ASPLOS 2025. If the
 * numbers of operations are known and nothing blocks, every interleaving is equally likely: of the
 * C(a+b, a) interleavings of two threads, a share of a/(a+b) starts with the first.
 *
 * Where we differ: the numbers are the most that earlier runs have shown, not a count of one
 * profiling run, and a thread that does more than was expected keeps weight 1. Threads that are
 * blocked do not count until they can go on. Without a profile all weights are 1: plain random.
 */
#include "sched/strategy.h"

struct urw {
	uint16_t left[LANES]; /* at least 1 */
};
STRATEGY_STATE_IS(struct urw)

static void urw_begin(struct choice *c)
{
	for (unsigned lane = 0; lane < LANES; lane++)
		state(c)->left[lane] = c->profile->steps[lane] ? c->profile->steps[lane] : 1;
}

static unsigned urw_pick(struct choice *c, uint32_t runnable)
{
	return lane_weighted(&c->rng, runnable, state(c)->left);
}

static void urw_ran(struct choice *c, unsigned lane)
{
	if (state(c)->left[lane] > 1)
		state(c)->left[lane]--;
}

const struct strategy_methods strategy_urw_methods = {
	.begin = urw_begin,
	.pick = urw_pick,
	.ran = urw_ran,
};
