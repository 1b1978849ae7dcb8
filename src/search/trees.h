/*
 * trees.h - the executions of a program, one after the other: a tree of schedules for each set of its
 * operations that fail.
 *
 * The sets come in the order in which they are met, the one in which nothing fails first
 * (search/failures.h).
 */
#ifndef SEARCH_TREES_H
#define SEARCH_TREES_H

#include "exec/exec.h"
#include "sched/explore.h"

struct failures;

struct trees {
	const struct strategy *strategy; /* one that explores */
	uint32_t preemptions_max;	 /* of strategy_exhaust; EXPLORE_UNBOUNDED */
	/* Operations of threads that fail in an execution, at most FAILURES_MAX. */
	unsigned failures_max;
	unsigned walks; /* of strategy_dpor, for explorer_draw() with @seed */
	uint64_t seed;
	/*
	 * Threads for explorer_focus(), not with failures: a tree of theirs comes before the others, and its
	 * executions are not counted. 0, also when that tree is over: none.
	 */
	uint32_t focus;
	uint64_t run_seed; /* of the runs: with weak memory it says which stores come late */
	/* so far */
	unsigned nr;   /* trees: sets of operations that fail, the empty one among them */
	bool over;     /* there is no other execution in them */
	bool complete; /* and none was left out: there is no other within the bounds */
	/* while it goes on */
	struct explorer *explorer;     /* of the tree that is gone through; NULL: there is none */
	const struct program *program; /* with its set of failures */
	struct failures *failures;
	struct explore_counts ended; /* of the trees before it */
	bool missing;		     /* a tree was too large to be kept */
};

/**
 * trees_next() - choose the execution that comes next
 * @t: zero but for the first members, or as the last call left it
 * @p: the same in each call; it stays
 *
 * Returns: false when there is none.
 */
bool trees_next(struct trees *t, const struct program *p);

/**
 * trees_run() - make the execution that was chosen
 *
 * The program of @x is the one that trees_next() had. A run that seems to hang is repeated with more time, as
 * exec_run() does it elsewhere. Nothing fails by chance.
 */
void trees_run(struct exec *x, const struct exec_how *how, struct trees *t);

/** trees_again() - make the last execution again, which counts no second time */
void trees_again(struct exec *x, const struct exec_how *how, struct trees *t);

/** trees_record() - exec_record() of the last execution */
bool trees_record(struct exec *x, const struct exec_how *how, struct trees *t, struct program *ret);

/** trees_counts() - of the executions so far, in all trees */
struct explore_counts trees_counts(const struct trees *t);

/** trees_end() - free what is kept for going on; the results stay */
void trees_end(struct trees *t);

#endif
