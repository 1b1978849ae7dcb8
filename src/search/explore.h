/*
 * explore.h - every schedule of a program, or one of each class of equal ones, and what they show.
 */
#ifndef SEARCH_EXPLORE_H
#define SEARCH_EXPLORE_H

#include "search/trees.h"

#define EXPLORE_FINDINGS_MAX 32

struct explore_finding {
	char signature[SIGNATURE_MAX];
	struct verdict verdict;
	uint64_t executions; /* until it was seen first */
	uint64_t times;
};

struct explore {
	struct trees trees; /* first members: what is gone through; then what was */
	uint64_t runs_max;  /* 0: no bound */
	/* Go on behind what a run survives, once it is known. What comes later depends on it. */
	bool survive;
	bool (*stop)(void *arg); /* before every run; may show progress; NULL: nobody asks */
	/* After every run that counts; NULL: nobody looks. */
	void (*each)(void *arg, const struct exec *x);
	/* Is it worth a call of found()? NULL: always. */
	bool (*is_new)(void *arg, const struct explore_finding *f);
	/*
	 * Verdict @f was seen for the first time. @readable: a small program with the schedule;
	 * @whole: else it is too long to be written down. NULL: nobody wants it.
	 */
	void (*found)(void *arg, const struct explore_finding *f, struct program *readable,
		      bool whole);
	void *arg;
	struct exec_how how; /* while it goes on */
	/* result, with that in trees */
	unsigned findings_nr;
	bool findings_full;
	struct explore_finding finding[EXPLORE_FINDINGS_MAX];
};

/**
 * exec_explore() - explore the program that @x was prepared with
 *
 * Allocations, device calls and waits fail as @explore->trees.failures_max says, and not by chance; @how->until
 * says which verdicts count. The results are in @explore, also when it was stopped.
 */
void exec_explore(struct exec *x, const struct exec_how *how, struct explore *explore);

#endif
