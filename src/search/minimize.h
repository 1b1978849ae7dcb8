/*
 * minimize.h - a failing program made small: fewer ops, threads and objects, then the fewest changes
 * of lane, written in the one canonical way.
 */
#ifndef SEARCH_MINIMIZE_H
#define SEARCH_MINIMIZE_H

#include "exec/exec.h"

/* The most replays of cuts, of one finding. */
#define MINIMIZE_REPLAYS 4000
/* The most schedules of a search for fewer changes of lane, unless somebody wants more. */
#define MINIMIZE_SCHEDULES 100000

struct minimize {
	unsigned replays_max;	/* of cuts */
	uint64_t schedules_max; /* of each search for fewer changes of lane */
	bool anywhere;		/* a NULL may be met in another function, by the same ops */
	bool (*stop)(void);	/* NULL, or says that the user wants to stop */
	/* May be NULL: hears of every schedule of such a search, with the changes that it may have. */
	void (*progress)(uint64_t schedules, unsigned switches);
	/* result */
	unsigned replays;
	uint64_t schedules;
	unsigned switches; /* changes of lane in the failing run */
	bool proved;	   /* none with fewer shows the symptom: all were run */
	unsigned excluded; /* none with fewer than so many does, for certain */
};

/**
 * exec_minimize() - make a recorded failing program small
 * @p: as exec_record() left it; the smallest found
 * @budget: the most replays
 *
 * First the signature stays. Of the small program that is left it is the symptom (verdict_symptom()), so
 * that who comes by first is no matter of the seed: it is cut again, an op less is also tried with other
 * schedules, and of all its schedules the first one with the fewest changes of lane is taken, if they
 * are few enough to be run. Idempotent.
 *
 * Leaves @x prepared with @p, and its last run the failing one.
 */
void exec_minimize(struct exec *x, const struct exec_how *how, struct program *p, unsigned budget);

/** exec_minimize_with() - exec_minimize(), with more to say and to hear */
void exec_minimize_with(struct exec *x, const struct exec_how *how, struct program *p,
			struct minimize *m);

#endif
