/*
 * explore.h - every schedule of a program, or one of each class of equal ones, and what they show.
 */
#ifndef SEARCH_EXPLORE_H
#define SEARCH_EXPLORE_H

#include "exec/exec.h"
#include "sched/explore.h"

#define EXPLORE_FINDINGS_MAX 32

struct explore_finding {
	char signature[SIGNATURE_MAX];
	struct verdict verdict;
	uint64_t executions; /* until it was seen first */
	uint64_t times;
};

struct explore {
	const struct strategy *strategy; /* strategy_exhaust or strategy_dpor */
	uint32_t preemptions_max;	 /* of exhaust; EXPLORE_UNBOUNDED */
	uint64_t runs_max;		 /* 0: no bound */
	unsigned
		failures_max; /* operations of threads that fail in an execution; a tree for each set */
	bool drawn;	      /* of dpor: in an order drawn from @seed, as a search does it */
	uint64_t seed;
	/* Go on behind what a run survives, once it is known. What comes later depends on it. */
	bool survive;
	bool (*stop)(void *arg); /* before every run; may show progress; NULL: nobody asks */
	/* After every run that counts; NULL: nobody looks. */
	void (*each)(void *arg, const struct exec *x, const struct explorer *e);
	/* Is it worth a call of found()? NULL: always. */
	bool (*is_new)(void *arg, const struct explore_finding *f);
	/*
	 * Verdict @f was seen for the first time. @readable: a small program with the schedule;
	 * @whole: else it is too long to be written down. NULL: nobody wants it.
	 */
	void (*found)(void *arg, const struct explore_finding *f, struct program *readable,
		      bool whole);
	void *arg;
	/* while it goes on */
	struct explorer *explorer;
	struct exec_how how;
	/* result */
	struct explore_counts counts; /* of all trees */
	unsigned trees;		      /* sets of operations that fail, the empty one among them */
	bool complete;		      /* there is no other schedule, within the bounds */
	unsigned findings_nr;
	bool findings_full;
	struct explore_finding finding[EXPLORE_FINDINGS_MAX];
};

/**
 * explore_once() - one run in the tree of @how->explorer, which is told that it is over
 *
 * A run that seems to hang is repeated with more time, as exec_run() does it elsewhere.
 */
void explore_once(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		  uint64_t seed);

/**
 * exec_explore() - explore the program that @x was prepared with
 *
 * Allocations, device calls and waits fail as @explore->failures_max says, and not by chance; @how->until
 * says which verdicts count. The results are in @explore, also when it was stopped.
 */
void exec_explore(struct exec *x, const struct exec_how *how, struct explore *explore);

#endif
