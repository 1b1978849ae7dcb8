/*
 * adapt.h - a portfolio whose weights follow what a campaign learns.
 *
 * A run stays a function of program, strategy and seed: what is adapted is only which strategy a
 * campaign asks next, and a run is named by the strategy that was drawn, never by this.
 */
#ifndef GUIDE_ADAPT_H
#define GUIDE_ADAPT_H

#include "sched/choice.h"

struct adapt {
	uint32_t runs[STRATEGIES]; /* of late, by row of strategy.def */
	uint32_t news[STRATEGIES]; /* of those, runs that showed something new */
	uint32_t runs_nr;	   /* since the counts were halved */
};

/** adapt_draw() - who runs next; @seed: of that run */
const struct strategy *adapt_draw(const struct adapt *a, uint64_t seed);

/** adapt_learn() - @s ran, and showed something new or not */
void adapt_learn(struct adapt *a, const struct strategy *s, bool is_news);

#endif
