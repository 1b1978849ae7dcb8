/*
 * explain_run.h - the last, failing run as a letter: that takes many runs, to find the step from which
 * the failure was inevitable.
 */
#ifndef SEARCH_EXPLAIN_RUN_H
#define SEARCH_EXPLAIN_RUN_H

#include "exec/exec.h"
#include "letter/letter.h"

/* How the last run, a failing one, is to be told. */
struct explain_run {
	const char *replay;		 /* the line to paste, or NULL */
	const struct exec_how *how;	 /* what exec_run() was called with */
	const struct strategy *strategy; /* the same; NULL: own schedule */
	uint64_t seed;
	unsigned lines; /* of the letter; 0: LETTER_LINES */
	bool all;	/* every event, and stacks as long as they are */
};

/**
 * explain_letter() - the letter of the last run of @x, to be printed by a function of letter/letter.h
 *
 * Finds the pivot, so it runs @x some hundred times; its last run is as before. The letter is good
 * until the next run.
 */
void explain_letter(struct exec *x, const struct explain_run *how, struct letter *ret);

#endif
