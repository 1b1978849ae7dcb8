/*
 * late.c - the plain default with a seed: which stores come late (choice_delays()) is drawn from it.
 * So a run under weak memory is written down: this, its seed, and its deviations.
 */
#include "sched/strategy.h"

static unsigned pick(struct choice *c, uint32_t runnable)
{
	return choice_default(c->current, runnable);
}

const struct strategy_methods strategy_late_methods = {.pick = pick};
