/*
 * failures.h - the sets of operations of a program that are made to fail, one set a tree of executions.
 *
 * An operation that fails is named by its place in its thread. Before the first failure of an execution it
 * is an execution of the program in which nothing fails, and between the first and the second one in which
 * the first fails alone: so from the places that were met with one set all larger ones are known.
 */
#ifndef SEARCH_FAILURES_H
#define SEARCH_FAILURES_H

#include "exec/place.h"

#define FAILURES_MAX 4 /* operations in a set */

struct failures;

/**
 * failures_new() - begin with the set in which nothing fails
 * @max: operations of the largest set, at most FAILURES_MAX
 *
 * Returns: free it with failures_free().
 */
struct failures *failures_new(const struct program *p, unsigned max);

/**
 * failures_next() - go on to the next set
 *
 * Returns: the program with a schedule that says what fails, valid until the next call; NULL after
 * the last set.
 */
const struct program *failures_next(struct failures *f);

/** failures_met() - an operation that can fail was met in an execution of the program */
void failures_met(struct failures *f, const struct place *at);

/** failures_miss() - some operations that can fail were not told of: not all sets are known */
void failures_miss(struct failures *f);

/** failures_sets() - how many sets there were so far; @whole: each that there is was, or will be */
unsigned failures_sets(const struct failures *f, bool *whole);

void failures_free(struct failures *f);

#endif
