/*
 * search.h - run after run of one program, until a verdict comes.
 *
 * With a strategy of strategy.def the runs have seed, seed + 1, ... strategy_search has a memory:
 * between runs of the strategies it makes executions of trees of schedules (search/trees.h), each
 * of a class that its tree has not had.
 */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "base/text.h"
#include "search/trees.h"

/* For searches only, and no row of strategy.def: a run of it is no function of a seed. */
extern const struct strategy strategy_search;

#define SEARCH_WITHOUT "search_without_"

/**
 * search_strategy() - a strategy for searches by name
 * @name: "search", the same without a part, or one of strategy.def
 *
 * SEARCH_WITHOUT stands before the part: "tree" (no run is an execution of the tree), "focus" (it is at once that of all threads), "order" (the tree
 * is gone through depth first), "novelty" (the next execution starts from any node).
 *
 * Returns: NULL when there is none.
 */
const struct strategy *search_strategy(const char *name);

struct search {
	const struct strategy *strategy;
	uint64_t seed; /* of the first run; the next has seed + 1 */
	uint64_t runs_max;
	/* search of a program that is small: every second run is the tree's from the first on. */
	bool small;
	/* search: operations of threads that fail in an execution of the trees, at most FAILURES_MAX. */
	unsigned failures_max;
	bool (*stop)(void); /* NULL, or says that the user wants to stop */
	/* result */
	uint64_t runs;
	uint64_t first;	 /* runs to the first wanted verdict, 0: none */
	uint64_t others; /* runs with another verdict */
	struct trees trees;
	/* exec_run() with these repeats the last run, unless it is one of the trees. */
	const struct strategy *by;
	uint64_t by_seed;
	/* while it goes on */
	bool is_long;	/* a run took many steps */
	bool lock_dies; /* profile_has_mortal_lock() */
};

/**
 * search_run() - run until the wanted verdict, or runs_max, or until no execution is left
 *
 * A run of the tree that shows the verdict is written down. Then @x has the program with that schedule,
 * and the last run is a run of it: @s->by is NULL. One that is too long to be written down counts
 * among the others.
 *
 * The search ends early where its trees are complete, and what fails is varied in them or, as
 * @how->no_failures says, nowhere.
 *
 * Returns: nothing; if @s->first, the verdict is in @x->trace.
 */
void search_run(struct exec *x, const struct exec_how *how, struct search *s);

/**
 * search_next() - one run more, for those who count themselves
 * @s: zero but for the first members, or as the call before left it
 *
 * search_end() comes after the last one.
 *
 * Returns: its verdict, as exec_run() does; NULL, and there was no run, when the program is small
 * and the trees are over.
 */
const struct verdict *search_next(struct exec *x, const struct exec_how *how, struct search *s);
void search_end(struct search *s);

/**
 * search_write_down() - the last run, one of the tree, becomes a plain schedule
 *
 * Gives: @x has the program with that schedule, and the last run is a run of it: @s->by is NULL.
 *
 * Returns: false when it is too long for that, or does not show its verdict again: TSan tells of a race once.
 */
bool search_write_down(struct exec *x, const struct exec_how *how, struct search *s);

/** search_explored() - was the last run one of the tree? */
bool search_explored(const struct search *s);

/** search_certify() - of strategy_search: what its trees promise, such as "complete: 12 executions, ..." */
void search_certify(const struct search *s, struct text *t);

#endif
