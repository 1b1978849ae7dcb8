/*
 * names.h - new names of a program's threads, for program_canonical().
 */
#ifndef SEARCH_NAMES_H
#define SEARCH_NAMES_H

#include "exec/exec.h"

/** names_as_they_are() - each lane keeps its name */
void names_as_they_are(uint8_t lane_to[LANES]);

/** names_by_step() - A is who ran first in the last run of @x; who never ran comes last */
void names_by_step(const struct exec *x, uint8_t lane_to[LANES]);

/** names_by_ops() - A is the thread whose ops come first in the subject's table; equal ones as they stand */
void names_by_ops(const struct program *p, uint8_t lane_to[LANES]);

/** names_sort() - @p without the changes of lane of its schedule, in the one order that its ops give */
void names_sort(const struct program *p, struct program *ret);

#endif
