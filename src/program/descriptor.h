/*
 * descriptor.h - what src/program/ is told about a subject: its objects, its ops, their operands.
 *
 * A subject fills one struct descriptor from its own table (src/subject/<name>.def). Nothing here
 * knows a core, a scheduler or a list of subjects, so that a subject can live elsewhere.
 */
#ifndef PROGRAM_DESCRIPTOR_H
#define PROGRAM_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

enum operand_kind {
	OPERAND_OBJECT, /* a name bound by an earlier op: device0 */
	OPERAND_WORD,	/* one of a few words */
	OPERAND_NUMBER, /* 0..max, decimal */
};

struct operand_type {
	enum operand_kind kind;
	uint8_t object_kind;	  /* OPERAND_OBJECT: index into descriptor.objects */
	uint32_t max;		  /* OPERAND_NUMBER: largest legal value */
	const char *const *words; /* OPERAND_WORD: NULL-terminated */
};

enum op_place {
	PLACE_ANY,    /* set-up or thread */
	PLACE_SETUP,  /* set-up lines only */
	PLACE_THREAD, /* in a thread only */
	PLACE_ALONE = PLACE_ANY,
};

struct op_type {
	const char *name;
	int8_t gives; /* object kind bound by `name = op`, or -1 */
	uint8_t operands_nr;
	struct operand_type operands[OPERANDS_MAX];
	enum op_place place;
	bool alone;	  /* where nobody else runs it does not end with -EAGAIN for ever */
	uint8_t weight;	  /* how often generate and mutate draw it; 0: never by themselves */
	const char *help; /* of the shape "role -- what it does", or without a role: op_role() */
};

#define ROLE_END " -- "

/* A name that a program may use, and that this build has not got. */
struct lack {
	const char *name; /* of an op, or of a subject; NULL ends a list */
	const char *why;  /* "the kernel has no two-pass callbacks" */
};

struct descriptor {
	const char *name;	    /* of the subject */
	const char *const *objects; /* names of the kinds without number: "mm", "device" */
	uint8_t objects_nr;
	const struct op_type *ops;
	uint8_t ops_nr;
	const struct lack *lacks; /* ops that are not offered here; or NULL */
};

/** op_role() - what the thread that does this op is called: "process exit"; "" if nobody said */
void op_role(const struct op_type *op, char *ret, unsigned cap);

#endif
