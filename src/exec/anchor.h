/*
 * anchor.h - deviations at places that a program's own run has shown.
 */
#ifndef EXEC_ANCHOR_H
#define EXEC_ANCHOR_H

#include "exec/exec.h"

#define ANCHORS_ADDED_MAX 24 /* no more deviations are added to a program that has so many */

/**
 * anchor_draw() - places for one more deviation, in the run that is in x->trace
 * @p: gets the names that the deviations need; its own deviations stay as they are
 * @nr: how many are wanted
 *
 * At each some other lane goes on, one that had something to do yet in that run.
 *
 * Returns: how many were found.
 */
unsigned anchor_draw(const struct exec *x, struct program *p, struct rng *rng,
		     struct program_deviation *ret, unsigned nr);

/**
 * anchor_add() - run a program's own schedule, and give it one more deviation where that went by
 * @x: is prepared with @p here, with as many runs for the profile as a campaign gives an input
 *
 * Returns: false, and @p is as it was, when the run shows no place, or there is no room.
 */
bool anchor_add(struct exec *x, struct program *p, struct rng *rng);

#endif
