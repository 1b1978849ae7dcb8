/*
 * tree.h - the tree of schedules, as its two strategies see it; for src/sched only.
 *
 * A node is the state before a step of the current run. Only the path from the root is kept: what
 * lies beside it was seen, or will be. In drawn order all nodes are kept, and the path is a copy.
 *
 * While a program runs nothing is allocated and no libc function is called; explorer_ended() and
 * explorer_advance() come between runs and may.
 */
#ifndef SCHED_TREE_H
#define SCHED_TREE_H

#include "sched/explore.h"
#include "sched/strategy.h"

#define TREE_DEPTH (2 * STEPS_MAX + 2) /* steps, and decisions that are none */
#define TREE_ALTERNATIVES 32	       /* bits of a node */
#define TOUCHES_MAX (1u << 18)	       /* of a run */
#define STEP_TOUCHES_MAX 256
#define TREE_ORDERS (1u << 16)

struct tree_node {
	uint32_t enabled;
	uint32_t wanted; /* to be explored from here: dpor's backtrack set, source set or more */
	uint32_t done;
	uint32_t sleep; /* dpor: seen already, as long as nothing that it depends on was done */
	uint32_t preemptions; /* on the way here */
	uint8_t chosen;
	uint8_t came_from; /* the lane of the step before; LANE_NONE: the root */
	/* dpor, of each lane in wanted: the order of two actions for which it is wanted. */
	uint16_t order[LANES];
	/* Of each lane in done, the step that it was; NULL where the run ended in it. */
	struct explore_step *seen[LANES];
	/* Of each lane in sleep, likewise; an ancestor's. */
	const struct explore_step *asleep[LANES];
};

struct explorer {
	const struct strategy *strategy;
	uint32_t preemptions_max;
	uint32_t last; /* threads that are left for last, explorer_focus() */
	/* To what comes next, the best of which is taken (kept.c); 0: depth first. */
	unsigned walks;
	struct rng rng;
	struct tree_kept *root;
	uint32_t kept_nr;		/* its nodes */
	uint64_t met[TREE_ORDERS / 64]; /* orders of two actions that were in a run: one bit each */
	struct explore_counts counts;
	/* The run. */
	uint32_t prefix;   /* nodes whose choice is fixed; the last of them is new, or it is 0 */
	uint32_t learnt;   /* steps whose races are known from earlier runs */
	uint32_t same;	   /* steps that are those of the run before, and stand in @step */
	uint32_t nodes_nr; /* of the path, so far or in the run that ended */
	uint32_t steps_nr; /* also those after it was found blocked */
	bool blocked;
	bool abandoned;
	bool repeated; /* counted already */
	uint32_t touches_nr;
	uint32_t alive; /* lanes with something announced that has not been done */
	/* Of them, at the end of the threads' part: it is not known what else they touch. */
	struct explore_step pending[LANES];
	struct tree_node node[TREE_DEPTH];
	struct explore_step step[TREE_DEPTH];
	uint16_t number[TREE_DEPTH]; /* of each step in its lane, from 0 */
	uint16_t clock[TREE_DEPTH]
		      [LANES]; /* steps of each lane that come before, itself included */
	struct choice_touch touch[TOUCHES_MAX];
};

/**
 * tree_pick() - for pick(): the next lane; @choose decides where the prefix is over
 * @choose: node->enabled is set; it sets wanted, sleep and preemptions. Returns a lane, or LANE_NONE:
 *          blocked, the rest of the run is of no interest
 */
unsigned tree_pick(struct choice *c, uint32_t runnable,
		   unsigned (*choose)(struct explorer *e, uint32_t depth));

/**
 * tree_decide() - for decide(): one of @options alternatives
 *
 * Not for dpor: it does not know what such a decision changes.
 */
unsigned tree_decide(struct choice *c, unsigned options,
		     unsigned (*choose)(struct explorer *e, uint32_t depth));

/** tree_begin(), tree_over() and tree_touch() - the strategies' begin(), over() and touch() */
void tree_begin(struct choice *c);
void tree_over(struct choice *c, uint32_t runnable);
void tree_touch(struct choice *c, struct choice_touch touch);

static inline void clock_join(uint16_t *to, const uint16_t *from)
{
	for (unsigned lane = 0; lane < LANES; lane++)
		if (to[lane] < from[lane])
			to[lane] = from[lane];
}

/** tree_clocks() - fill number and clock of the steps from @from on */
void tree_clocks(struct explorer *e, uint32_t from);

/** tree_first() - the lane of @left, not empty, that is tried first at @node */
unsigned tree_first(struct explorer *e, const struct tree_node *node, uint32_t left);

/**
 * kept_advance() - explorer_advance() of a tree that is gone through in drawn order
 * @last: the run was abandoned in its last step
 */
bool kept_advance(struct explorer *e, bool last);

/** kept_free() - free the nodes of such a tree */
void kept_free(struct explorer *e);

/** tree_keep_step() - a copy of a step of the run that ended, to be freed */
struct explore_step *tree_keep_step(const struct explore_step *s);

/** exhaust_candidates() - lanes that may still be tried at @node */
uint32_t exhaust_candidates(const struct explorer *e, const struct tree_node *node);

/** exhaust_first() - the one of @left that is tried first, in no drawn order */
unsigned exhaust_first(const struct explorer *e, const struct tree_node *node, uint32_t left);

/** dpor_learn() - want, on the path, whatever could undo a race of the run that ended */
void dpor_learn(struct explorer *e);

/** dpor_candidates() - lanes that are still to be tried at @node */
uint32_t dpor_candidates(const struct tree_node *node);

#endif
