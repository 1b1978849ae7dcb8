/*
 * plain.c - run each thread until it blocks or ends, then the first in order that can go on.
 *
 * The default that people read: a schedule in a file lists what departs from it, and is replayed by
 * this strategy with the deviations on top. So there is no strategy for replay.
 */
#include "sched/strategy.h"

static unsigned plain_pick(struct choice *c, uint32_t runnable)
{
	return choice_default(c->current, runnable);
}

const struct strategy_methods strategy_plain_methods = {.pick = plain_pick};
