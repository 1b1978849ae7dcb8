/*
 * portfolio.c - draws one of the others for each run.
 *
 * No strategy is best at everything, and what a campaign hunts is unknown. The one that is drawn
 * goes into choice->drawn, where choice_next() finds it, so the portfolio costs nothing per
 * operation. It is drawn from a stream apart: a run of portfolio with a seed is, to the byte, the
 * run of the drawn strategy with the same seed, and a report may name that one.
 */
#include "sched/strategy.h"

/*
 * By weight. directed asks sticky, pct and stretch itself, and needs the fewest runs over the zoo's
 * concurrent defects: whichever verdict's or subject's defects are left out when weights are fitted,
 * it gets 81 to 100 of 100 parts (bench/portfolio). surw finds orders of several locks (the 2015 device
 * race in a quarter of the runs of directed), pct what is best left alone by whoever directs. The
 * others are there for what the zoo does not know. plain is not drawn: it has one run.
 */
static const uint8_t weight[STRATEGIES] = {
	[STRATEGY_directed] = 20, [STRATEGY_pct] = 2,	 [STRATEGY_surw] = 6,
	[STRATEGY_urw] = 1,	  [STRATEGY_pos] = 1,	 [STRATEGY_stretch] = 1,
	[STRATEGY_sticky] = 1,	  [STRATEGY_random] = 1, [STRATEGY_delay] = 1,
};

#define DRAW_STREAM 0x706f7274666f6c69ull /* "portfoli" */

unsigned portfolio_weight(unsigned index)
{
	return index < STRATEGIES ? weight[index] : 0;
}

static unsigned draw(struct rng r)
{
	uint32_t total = 0, at;
	unsigned row = 0;

	for (unsigned i = 0; i < STRATEGIES; i++)
		total += weight[i];
	for (at = rng_below(&r, total); at >= weight[row]; row++)
		at -= weight[row];
	return row;
}

static void portfolio_begin(struct choice *c)
{
	c->drawn = strategy_at(draw(rng_init(c->rng.state ^ DRAW_STREAM)));
	if (c->drawn->methods->begin)
		c->drawn->methods->begin(c);
}

const struct strategy_methods strategy_portfolio_methods = {.begin = portfolio_begin};
