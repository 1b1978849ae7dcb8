/*
 * explore.h - every schedule of a program, one run each: what the strategies exhaust and dpor share.
 *
 * Stateless: a run follows the prefix that is wanted, goes on as the strategy likes, and is looked at
 * when it is over; then explore_advance() says which prefix comes next. So these two are no rows of
 * strategy.def: a run of theirs is no function of a seed.
 *
 * A step is one visible operation and all that its lane does up to its next one. Two steps depend
 * when changing their order may change anything: step_depend(). Everything here is decided on what
 * was seen: the announced operations, and what the platform tells of the rest (choice_touch).
 */
#ifndef SCHED_EXPLORE_H
#define SCHED_EXPLORE_H

#include "sched/choice.h"

struct explore_step {
	uint32_t object;
	uint8_t kind, lane;
	bool wild; /* touched more than was written down: depends on everything */
	bool ends; /* its thread ended with it */
	uint32_t touches_nr;
	const struct choice_touch *touch;
	/* A bit for each thing that it announced or touched, by hash; all: anything. */
	uint64_t about;
};

#define STEP_WORKERS 1ull /* the bit of workers' steps, and of those that end a thread */

/** step_announced() - the bits of what a step of @kind of @lane announces about @object */
uint64_t step_announced(unsigned kind, unsigned lane, uint32_t object);

/** step_touched() - the bits of what it touches on its way */
uint64_t step_touched(const struct choice_touch *t);

/** step_clash() - step_depend() of two steps with a bit of @about in common */
bool step_clash(const struct explore_step *a, const struct explore_step *b);

/** step_depend() - may it matter which of two steps of different lanes comes first? */
static inline bool step_depend(const struct explore_step *a, const struct explore_step *b)
{
	return a->about & b->about && step_clash(a, b);
}

/** step_enables() - may it be that @b can only go on because @a was there? */
bool step_enables(const struct explore_step *a, const struct explore_step *b);

/* All schedules with at most so many preemptions. */
extern const struct strategy strategy_exhaust;
/* All schedules with at most so many changes of lane; others count as blocked. */
extern const struct strategy strategy_switches;
/* One schedule of each class of those that differ in the order of independent steps only. */
extern const struct strategy strategy_dpor;

#define EXPLORE_UNBOUNDED UINT32_MAX

struct explore_counts {
	uint64_t executions; /* complete ones; of dpor: classes, but for those that end early */
	uint64_t blocked;    /* dpor: turned out to be of a class that was there already */
	uint32_t depth;	     /* steps of the longest */
};

/** explorer_new() - the tree of one program's schedules; explorer_free() frees it */
struct explorer *explorer_new(const struct strategy *strategy, uint32_t preemptions_max);
void explorer_free(struct explorer *e);

/**
 * explorer_draw() - draw the order in which the tree of strategy_dpor is gone through, before the
 * first run
 * @walks: candidates, of which the best is the next; 1: any, 0: depth first, as without this call
 *
 * The whole tree is kept then, not one path: up to some tens of megabytes, where it is given up.
 */
void explorer_draw(struct explorer *e, uint64_t seed, unsigned walks);

/**
 * explorer_focus() - strategy_dpor: leave the other threads for last, before the first run
 * @threads: bits of lanes
 *
 * A thread that is none of @threads goes on only when none of these and no worker can, and only the order
 * of steps of @threads and workers is varied. So to have seen all is not to have seen every schedule.
 */
void explorer_focus(struct explorer *e, uint32_t threads);

#define EXPLORE_WALKS 8 /* more find nothing sooner */

/** explorer_complete() - explorer_advance() gave false: was all of the tree seen? */
bool explorer_complete(const struct explorer *e);

/**
 * explorer_ended() - a run with choice->explorer = @e is over
 * @c: as the run left it
 * @abandoned: it ended in a verdict
 */
void explorer_ended(struct explorer *e, const struct choice *c, bool abandoned);

/**
 * explorer_advance() - learn from the run that ended, and choose the next
 *
 * Returns: false when there is none; everything was seen then, unless a drawn tree was given up.
 */
bool explorer_advance(struct explorer *e);

/** explorer_repeat() - the next run is to be the last one again */
void explorer_repeat(struct explorer *e);

/** explorer_counts() - of the runs that ended */
const struct explore_counts *explorer_counts(const struct explorer *e);

/** explorer_done() - the share of the tree that was seen, 0 to 1: an estimate */
double explorer_done(const struct explorer *e);

/**
 * explorer_class() - a hash of the class of the run that ended: equal for runs that differ in the
 * order of independent steps only
 */
uint64_t explorer_class(const struct explorer *e);

#endif
