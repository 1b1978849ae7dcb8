/*
 * draw.h - what generate and mutate draw by chance: ops, operands, the objects they need, a
 * strategy.
 *
 * Everything is learnt from the descriptor: an op can be drawn where its operands are bound, and a
 * kind can be bound by the ops that give it. Private to src/program/.
 */
#ifndef PROGRAM_DRAW_H
#define PROGRAM_DRAW_H

#include "program/draft.h"

struct draw {
	struct rng *rng;
	bool crowded;	     /* most operands name the same few objects: there races are */
	uint32_t enabled[8]; /* a bit per op: swarm testing switches some off for one program */
};

/**
 * draw_init() - a way to draw for one program: crowded or not, all ops or a random subset
 * @whole: all ops
 */
struct draw draw_init(const struct descriptor *d, bool whole, struct rng *rng);

/** draw_op() - insert an op of @lane before index @at, with operands that are bound there */
bool draw_op(const struct draw *w, struct draft *d, unsigned at, unsigned lane);

/** draw_operands() - new operands for op @at of the list; they are bound before it */
void draw_operands(const struct draw *w, struct draft *d, unsigned at);

/**
 * draw_object() - bind one more object of a kind at the end of the set-up, and what it needs before
 *
 * Returns: false when no set-up op gives that kind, or there is no room.
 */
bool draw_object(const struct draw *w, struct draft *d, unsigned kind);

/** draw_object_in_thread() - the same before index @at in a thread; its operands are bound there */
bool draw_object_in_thread(const struct draw *w, struct draft *d, unsigned kind, unsigned at,
			   unsigned lane);

/** draw_schedule() - one of the strategies, and a new seed */
void draw_schedule(struct program *p, const char *const *strategies, struct rng *rng);

/** draw_thread() - one of the lanes that have ops, or LANE_NONE */
unsigned draw_thread(const struct draft *d, struct rng *rng);

#endif
