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
 * By weight. surw leads: on the model of the 2015 race it needs 43 to 169 runs where the next best
 * needs 63 to thousands, depending on how many irrelevant operations there are. urw and pos are
 * best where they are few. pct and sticky keep threads running for long, which the others hardly
 * ever do. plain is not drawn: it has one run.
 */
static const uint8_t weight[STRATEGIES] = {
	[STRATEGY_surw] = 12,  [STRATEGY_urw] = 2,    [STRATEGY_pos] = 2,
	[STRATEGY_sticky] = 1, [STRATEGY_random] = 1, [STRATEGY_pct] = 2,
};

#define DRAW_STREAM 0x706f7274666f6c69ull /* "portfoli" */

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
