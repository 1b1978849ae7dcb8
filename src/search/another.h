/*
 * another.h - another schedule of a program that shows a symptom.
 */
#ifndef SEARCH_ANOTHER_H
#define SEARCH_ANOTHER_H

#include "exec/exec.h"

#define REFUSALS_MAX 128 /* that are remembered; a program has at most OPS_MAX candidates a round */

/* What was searched in vain, by hash. Zero is empty. */
struct another {
	uint64_t refused[REFUSALS_MAX];
	unsigned refused_nr;
};

/**
 * another_find() - search the schedules of a program for one that shows a symptom
 * @symptom: verdict_symptom() of what is searched
 * @p: its own schedule does not count. On success the program with the schedule that was found, its
 *     threads sorted by what they do
 *
 * The answer depends on the ops, @symptom and @how alone. So no search is made twice, though its threads
 * have other names.
 *
 * Returns: was one found? Then the last run of @x is that of @p.
 */
bool another_find(struct another *a, struct exec *x, const struct exec_how *how,
		  const char *symptom, struct program *p);

#endif
