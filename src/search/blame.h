/*
 * blame.h - at which step did it become inevitable?
 *
 * The first choices of a failing run are repeated, then others decide; the share of these
 * continuations that ends with the same verdict is what the step is to blame for.
 */
#ifndef SEARCH_BLAME_H
#define SEARCH_BLAME_H

#include "exec/exec.h"

#define BLAME_CONTINUATIONS 64 /* of each prefix, for the curve and for the pivot */
#define BLAME_POINTS_MAX STEPS_MAX

struct blame_point {
	uint32_t step; /* that the last choice of the prefix let take effect; 0: the empty prefix */
	uint32_t fails; /* of BLAME_CONTINUATIONS */
};

struct blame {
	uint32_t pivot;	    /* the step from which on all of them fail; 0: it is not known */
	uint32_t steepest;  /* the step at which their number rises most; 0: it never does */
	uint32_t points_nr; /* 0: the run cannot be repeated */
	struct blame_point point[BLAME_POINTS_MAX + 1];
};

/**
 * exec_pivot() - the step at which the last run's verdict became inevitable
 * @strategy, @seed: what exec_run() was called with: NULL and 0 for the program's own schedule
 *
 * A step is what x->trace.steps counts. Asks by bisection, in some hundred runs; the same answer on
 * every call and in every build. The last run of @x is as it was before; x->runs counts nothing.
 *
 * Returns: the step, or 0 when the run had no choices, failed whatever was chosen, or cannot be
 * repeated in this process; 0 of a hang.
 */
uint32_t exec_pivot(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		    uint64_t seed);

/** exec_blame() - the whole curve: a point for every choice of the run */
void exec_blame(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		uint64_t seed, struct blame *ret);

#endif
