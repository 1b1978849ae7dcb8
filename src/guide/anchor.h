/*
 * anchor.h - deviations at places that a program's own run has shown.
 */
#ifndef GUIDE_ANCHOR_H
#define GUIDE_ANCHOR_H

#include "exec/exec.h"

#define ANCHORS_ADDED_MAX 24 /* no more deviations are added to a program that has so many */

/**
 * anchor_add() - run a program's own schedule, and give it one more deviation where that went by
 * @x: is prepared with @p here, with as many runs for the profile as a campaign gives an input
 *
 * Returns: false, and @p is as it was, when the run shows no place, or there is no room.
 */
bool anchor_add(struct exec *x, const struct exec_how *how, struct program *p, struct rng *rng);

#endif
