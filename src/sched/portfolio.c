/*
 * portfolio.c - draws one of the others for each run.
 *
 * No strategy is best at everything, and what a campaign hunts is unknown. The one that is drawn
 * goes into choice->drawn, where choice_next() finds it, so the portfolio costs nothing per
 * operation. It is drawn from a stream apart: a run of portfolio with a seed is, to the byte, the
 * run of the drawn strategy with the same seed, and a report may name that one.
 */
#include "sched/strategy.h"

#define DRAW_STREAM 0x706f7274666f6c69ull /* "portfoli" */

static unsigned draw(struct rng r)
{
	uint32_t total = 0, at;
	unsigned row = 0;

	for (unsigned i = 0; i < STRATEGIES; i++)
		total += strategy_at(i)->weight;
	for (at = rng_below(&r, total); at >= strategy_at(row)->weight; row++)
		at -= strategy_at(row)->weight;
	return row;
}

static void portfolio_begin(struct choice *c)
{
	c->drawn = strategy_at(draw(rng_init(c->rng.state ^ DRAW_STREAM)));
	if (c->drawn->methods->begin)
		c->drawn->methods->begin(c);
}

const struct strategy_methods strategy_portfolio_methods = {.begin = portfolio_begin};
