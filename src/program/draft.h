/*
 * draft.h - a program's ops as a list that may be cut and pasted without care, and then settled.
 *
 * Every verb that changes ops does it on a draft: an insertion, a removal or a move is one list
 * operation, and draft_settle() alone restores the rules (set-up first, bound once, bound before
 * used) and finds the ops of the deviations again. Private to src/program/.
 */
#ifndef PROGRAM_DRAFT_H
#define PROGRAM_DRAFT_H

#include "program/rules.h"

#define DRAFT_MAX (2 * OPS_MAX)
#define DRAFT_NEW 0xff /* an op that was not in the program */

struct draft {
	const struct descriptor *descriptor;
	unsigned nr;
	struct program_op op[DRAFT_MAX];
	uint8_t from[DRAFT_MAX];	/* index of the op in the program, or DRAFT_NEW */
	uint8_t anchor[DEVIATIONS_MAX]; /* index of a deviation's op there; DRAFT_NEW for workers */
};

/** draft_init() - an empty list */
void draft_init(struct draft *d, const struct descriptor *descriptor);

/** draft_take() - the ops of a valid program, and where its deviations hang */
void draft_take(struct draft *d, const struct program *p);

/** draft_insert() - a new op before index @at; false when the list is full */
bool draft_insert(struct draft *d, unsigned at, const struct program_op *op);

/** draft_remove() - take op @at out of the list */
void draft_remove(struct draft *d, unsigned at);

/** draft_move() - take op @from out and put it in at index @to of what is left */
void draft_move(struct draft *d, unsigned from, unsigned to);

/** draft_scope() - what the ops before index @at bind */
struct scope draft_scope(const struct draft *d, unsigned at);

/** draft_setup_nr() - the number of set-up ops at the start of the list */
unsigned draft_setup_nr(const struct draft *d);

/** draft_lane_nr() - the number of ops in a lane */
unsigned draft_lane_nr(const struct draft *d, unsigned lane);

/** draft_threads_nr() - the number of threads that have ops */
unsigned draft_threads_nr(const struct draft *d);

/**
 * draft_settle() - make the list the ops of @p, valid again
 * @p: the program that draft_take() saw, or an empty one; its deviations follow their ops
 * @rng: retargets operands whose object is not bound there and renumbers results that are bound
 *       twice; NULL: such ops are dropped
 */
void draft_settle(struct draft *d, struct program *p, struct rng *rng);

/** program_last_lane() - the last thread that has ops; LANE_MAIN: there is none */
unsigned program_last_lane(const struct program *p);

/** pick_bit() - one of the bits of a mask, each as likely; @mask is not 0 */
static inline unsigned pick_bit(struct rng *rng, unsigned mask)
{
	unsigned skip = rng_below(rng, (unsigned)__builtin_popcount(mask));

	while (skip--)
		mask &= mask - 1;
	return (unsigned)__builtin_ctz(mask);
}

#endif
