/*
 * likely.h - what can stand behind some ops, the likeliest first.
 */
#ifndef GUIDE_LIKELY_H
#define GUIDE_LIKELY_H

#include <math.h>

#include "program/program.h"

#define LIKELY_NEVER INFINITY

struct likely {
	struct program_op op; /* of the first thread */
	float bits; /* what it costs: as many as it takes to draw it; LIKELY_NEVER: there is none */
	uint32_t which; /* its place among all, where several cost as much */
};

/**
 * likely_next() - the op that comes next in the order of their costs
 * @op: the set-up and one thread
 * @last: the one before it; NULL: from the start
 *
 * Objects are all that there are, of numbers those that stand in the ops, which are likelier, and
 * the first one that does not.
 *
 * Context: anywhere.
 */
struct likely likely_next(const struct descriptor *d, const struct program_op *op, unsigned nr,
			  const struct likely *last);

#endif
