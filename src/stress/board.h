/*
 * board.h - what bondfuzz stress and the process that it starts for it (bondfuzz-native) share.
 *
 * One block of shared memory. The parent writes a job and then one byte into the child's standard
 * input; the child runs it on real threads, and writes one byte to its standard output. A child that
 * dies says before, or its sanitizer does, what of; what it was about stands here.
 *
 * Both are of one build: the layout is no format.
 */
#ifndef STRESS_BOARD_H
#define STRESS_BOARD_H

#include "base/limits.h"
#include "trace/trace.h"

#define STRESS_BOARD_FD 3 /* of the child */

struct stress_board {
	char defect[64]; /* to be switched on; empty: none */
	/* the job */
	uint64_t seed; /* of the first run; the next has the next */
	uint64_t runs;
	uint32_t text_len;
	char text[PROGRAM_TEXT_MAX]; /* a program without schedule */
	/* how far the child is */
	uint64_t seed_now;
	uint64_t runs_done; /* of all jobs */
	/* The verdict of the run in which the child died, if it is one of ours; .rule empty: none. */
	struct verdict verdict;
	/* counts over all runs */
	uint64_t notes;
	uint64_t pairs;		   /* of ops on different threads, */
	uint64_t pairs_overlapped; /* and those that really ran at the same time */
	uint64_t runs_overlapped;  /* runs with such a pair */
	uint64_t doubts; /* verdicts about what others may have been changing: not counted */
	uint64_t
		reordered; /* runs whose notes break a rule in the order in which they were written,
			       and in another order, which is as likely, do not */
	uint64_t undecided; /* runs with too many notes, or too many orders, to judge */
};

#endif
