/*
 * pct.c - probabilistic concurrency testing: strict random priorities, and a few demotions.
 *
 * Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic
 * Guarantees of Finding Bugs", ASPLOS 2010. Threads have distinct random priorities and the highest
 * goes on. At d-1 random steps the thread that would go on falls below all others. A bug that needs
 * d ordering constraints is found with probability at least 1/(n k^(d-1)), for n threads and k
 * steps.
 *
 * Where we differ: d is drawn per run, 1 to DEPTH_MAX, so a bound is divided by DEPTH_MAX. k counts
 * the operations in focus (focus.h) that earlier runs have shown, since a demotion before another
 * one decides nothing: the k of the bound is smaller for it. A thread is demoted before its step rather than after it: the
 * anchors of a schedule stand before operations, too. Strict priorities starve whoever is waited
 * for by spinning, so after FAIR_AFTER times the longest run seen the rest of the run is random.
 */
#include "sched/focus.h"

#define DEPTH_MAX 6
#define STEPS_UNKNOWN 64
#define FAIR_AFTER 4

static const struct focus_weights weights = {.everything = 1, .shared = 3};

struct pct {
	struct focus focus;
	uint32_t step; /* operations in focus, from 1 */
	uint32_t fair; /* operations that are left with priorities */
	uint32_t changes_nr;
	uint32_t change[DEPTH_MAX - 1]; /* in the order drawn; the i-th demotes to priority i */
	uint32_t priority[LANES];	/* distinct; at first DEPTH_MAX and above */
};
STRATEGY_STATE_IS(struct pct)

static void draw_priorities(struct rng *r, uint32_t priority[LANES])
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		unsigned other = rng_below(r, lane + 1);

		priority[lane] = priority[other];
		priority[other] = DEPTH_MAX + lane;
	}
}

static void pct_begin(struct choice *c)
{
	uint32_t steps = c->profile->steps_max ? c->profile->steps_max : STEPS_UNKNOWN;
	struct pct *s = state(c);

	focus_draw(&s->focus, c->profile, &weights, &c->rng);
	s->step = 0;
	s->fair = steps * FAIR_AFTER;
	s->changes_nr = rng_below(&c->rng, DEPTH_MAX);
	for (unsigned i = 0; i < s->changes_nr; i++)
		s->change[i] = 1 + rng_below(&c->rng, s->focus.steps);
	draw_priorities(&c->rng, s->priority);
}

static unsigned highest(const struct pct *s, uint32_t runnable)
{
	unsigned best = lane_first(runnable);

	while (runnable &= runnable - 1) {
		unsigned lane = lane_first(runnable);

		if (s->priority[lane] > s->priority[best])
			best = lane;
	}
	return best;
}

static unsigned pct_pick(struct choice *c, uint32_t runnable)
{
	struct pct *s = state(c);
	unsigned lane;

	if (!s->fair)
		return lane_uniform(&c->rng, runnable);
	s->fair--;
	lane = highest(s, runnable);
	if (!focus_has(&s->focus, &c->next[lane]))
		return lane;
	s->step++;
	for (unsigned i = 0; i < s->changes_nr; i++) {
		if (s->change[i] != s->step)
			continue;
		s->priority[lane] = i;
		lane = highest(s, runnable);
	}
	return lane;
}

const struct strategy_methods strategy_pct_methods = {
	.begin = pct_begin,
	.pick = pct_pick,
};
