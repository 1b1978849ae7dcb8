/*
 * enumerate.h - every small program over some verbs, one of each set that differ in names only.
 */
#ifndef PROGRAM_ENUMERATE_H
#define PROGRAM_ENUMERATE_H

#include "program/program.h"

#define ENUMERATE_OPS_MAX 8 /* in threads */

struct program_scope {
	const struct descriptor *descriptor;
	uint8_t verbs[OPS_MAX]; /* indexes into descriptor.ops */
	unsigned verbs_nr;
	uint8_t objects[OBJECT_KINDS_MAX]; /* of each kind, made by set-up lines */
	unsigned length;		   /* the most ops in threads, up to ENUMERATE_OPS_MAX */
	unsigned threads;		   /* the most threads */
};

/**
 * program_enumerate() - draw every program of a scope, in an order that is always the same
 * @each: is given each valid program; false ends it
 *
 * An op's operands are all objects that the set-up makes, or that an op before it in its thread or
 * any op of another thread binds; all words; of numbers only 0. Of programs that are equal but for the
 * names of their threads, and of objects that the set-up makes alike, there is one.
 * Object @i of a kind is made by the first op that gives it, from object @i of each kind that this op
 * needs, or the last there is.
 *
 * Returns: NULL, or what is wrong with the scope: then there was none.
 */
const char *program_enumerate(const struct program_scope *scope,
			      bool (*each)(void *arg, const struct program *p), void *arg);

#endif
