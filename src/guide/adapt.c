/*
 * adapt.c - a portfolio whose weights follow what a campaign learns.
 *
 * The weight of a strategy is the portfolio's, times one to GAIN_MAX by how often its runs of late
 * showed something new, compared with the best. Nobody is ever left out: what is new is no bug, and
 * a strategy that shows little may be the one that finds it. The counts are halved now and then, so
 * that what was learnt from the first programs is forgotten.
 */
#include "guide/adapt.h"

#define GAIN_MAX 4
#define RATE_ONE 1024		    /* a rate of 1 */
#define HALVE_AFTER 16384	    /* runs */
#define RUNS_UNKNOWN 64		    /* a strategy that ran less is taken to be news now and then */
#define DRAW_STREAM 0x6164617074ull /* "adapt" */

/* News in RATE_ONE runs; of a strategy that hardly ran, at least a few. */
static uint32_t rate(const struct adapt *a, unsigned row)
{
	return (a->news[row] + 1) * RATE_ONE / (a->runs[row] + RUNS_UNKNOWN);
}

static void weigh(const struct adapt *a, uint32_t ret_weight[STRATEGIES])
{
	uint32_t best = 1;

	for (unsigned row = 0; row < STRATEGIES; row++)
		if (strategy_at(row)->weight && rate(a, row) > best)
			best = rate(a, row);
	for (unsigned row = 0; row < STRATEGIES; row++)
		ret_weight[row] = strategy_at(row)->weight *
				  (RATE_ONE + (GAIN_MAX - 1) * RATE_ONE * rate(a, row) / best);
}

const struct strategy *adapt_draw(const struct adapt *a, uint64_t seed)
{
	uint32_t weight[STRATEGIES], total = 0, at;
	struct rng r = rng_init(seed ^ DRAW_STREAM);
	unsigned row = 0;

	weigh(a, weight);
	for (unsigned i = 0; i < STRATEGIES; i++)
		total += weight[i];
	for (at = rng_below(&r, total); at >= weight[row]; row++)
		at -= weight[row];
	return strategy_at(row);
}

void adapt_learn(struct adapt *a, const struct strategy *s, bool is_news)
{
	unsigned row = 0;

	while (strategy_at(row) != s)
		row++;
	a->runs[row]++;
	a->news[row] += is_news;
	if (++a->runs_nr < HALVE_AFTER)
		return;
	a->runs_nr = 0;
	for (row = 0; row < STRATEGIES; row++) {
		a->runs[row] /= 2;
		a->news[row] /= 2;
	}
}
