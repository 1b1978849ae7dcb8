/*
 * stretch.c - partial order sampling in stretches: an operation may keep its thread's last priority.
 *
 * Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV 2018, is what it starts from: the
 * pending operation of highest priority goes on, and those that conflict with it draw anew.
 *
 * Where we differ from it: after an operation a thread draws a new priority with a chance only, one
 * of 1, 1/2 and 1/4 drawn per run, and after one that is not in focus (focus.h) it keeps its own. So
 * a thread runs on through what concerns it alone, as in a depth-first schedule, and the draws are
 * left for the operations whose order decides something. Whoever is waited for by spinning would
 * starve, so after FAIR_AFTER times the longest run seen the rest of the run is random.
 */
#include "sched/focus.h"
#include "sched/priorities.h"

#define SHIFTS 3 /* the rarest draw is once in 2^(SHIFTS - 1) operations in focus */
#define STEPS_UNKNOWN 64
#define FAIR_AFTER 4

static const struct focus_weights weights = {.everything = 1, .shared = 2};

struct stretch {
	struct focus focus;
	uint64_t mask; /* draw when a draw has none of these bits: once in mask + 1 */
	uint32_t fair; /* operations that are left with priorities */
	struct priorities priorities;
};
STRATEGY_STATE_IS(struct stretch)

static void stretch_begin(struct choice *c)
{
	focus_draw(&state(c)->focus, c->profile, &weights, &c->rng);
	state(c)->mask = (1ull << rng_below(&c->rng, SHIFTS)) - 1;
	state(c)->fair =
		FAIR_AFTER * (c->profile->steps_max ? c->profile->steps_max : STEPS_UNKNOWN);
	priorities_begin(&state(c)->priorities);
}

static unsigned stretch_pick(struct choice *c, uint32_t runnable)
{
	struct stretch *s = state(c);

	if (!s->fair)
		return lane_uniform(&c->rng, runnable);
	s->fair--;
	return priorities_pick(&s->priorities, &c->rng, runnable);
}

static void stretch_ran(struct choice *c, unsigned lane)
{
	struct stretch *s = state(c);

	if (!focus_has(&s->focus, &c->next[lane]))
		return;
	priorities_redraw(&s->priorities, c, lane);
	if (!(rng_next(&c->rng) & s->mask))
		s->priorities.fresh |= LANE_BIT(lane);
}

const struct strategy_methods strategy_stretch_methods = {
	.begin = stretch_begin,
	.pick = stretch_pick,
	.ran = stretch_ran,
};
