/*
 * explain.h - the last, failing run, explained: its letter, the step from which the failure was
 * inevitable, what the sanitizer or the race detector reports. Each answer runs the program again.
 */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "search/explain_run.h"

enum explain_format { FORMAT_TEXT, FORMAT_MD, FORMAT_HTML };

/**
 * explain_print() - all that is to be said of the last run: the letter, the blame curve if it is wanted,
 * what the sanitizer or the race detector says
 *
 * As text it is as wide as the terminal; html is a page of its own. The verdict in x->trace stays.
 */
void explain_print(FILE *f, struct exec *x, const struct explain_run *how,
		   enum explain_format format, bool blame);

/** explain_letter_json() - its keys pivot and events: of the letter, or of the whole run */
void explain_letter_json(json_t *row, struct exec *x, const struct explain_run *how);

/** explain_blame() - the blame curve of the last run */
void explain_blame(struct text *t, struct exec *x, const struct explain_run *how);

/** explain_blame_json() - the same as key blame */
void explain_blame_json(json_t *row, struct exec *x, const struct explain_run *how);

/** explain_witness() - the sanitizer's report of that run, repeated in a child process, if any */
void explain_witness(struct text *t, struct exec *x, const struct explain_run *how);

/**
 * explain_race() - of a race that our own detector found: both stacks, and whether runs show the other
 * order, too
 */
void explain_race(struct text *t, struct exec *x, const struct explain_run *how);

/** explain_ops_json() - key ops: thread, op and returned (null: it did not end) of each op in the last run */
void explain_ops_json(json_t *row, const struct exec *x);

/** explain_verdict_json() - keys verdict, object, signature, trace_hash, steps of the last run */
void explain_verdict_json(json_t *row, const struct exec *x);

#endif
