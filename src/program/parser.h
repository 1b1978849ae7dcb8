/*
 * parser.h - what the files of the parser share: parse.c reads the frame, parse_op.c the op lines,
 * parse_schedule.c what follows them.
 */
#ifndef PROGRAM_PARSER_H
#define PROGRAM_PARSER_H

#include "program/rules.h"
#include "program/scan.h"

#define OP_SLOTS 64
#define OP_NONE 0xff
#define NAME_SLOTS 64
#define NAMES_MAX (1 + 2 * DEVIATIONS_MAX + 3 * EXPECTS_MAX) /* names that a text can hold */

/* The names of a text by their hash, so that the pool is not searched for each of them. */
struct name_index {
	uint16_t first[NAME_SLOTS]; /* index of a name plus 1; 0 ends a chain */
	uint16_t next[NAMES_MAX];
	uint16_t at[NAMES_MAX]; /* in the pool */
	uint16_t len[NAMES_MAX];
	unsigned nr;
};

struct parser {
	struct scan scan;
	const struct program_names *names;
	struct program *p;
	struct scope scope;    /* what the lines so far have bound */
	uint8_t ops_of[LANES]; /* ops of each lane so far */
	struct name_index name_index;
	bool op_index_built; /* chains of ops whose names hash alike; built at the first op line */
	uint8_t op_first[OP_SLOTS];
	uint8_t op_next[OP_NONE];
};

/**
 * parser_fail_lack() - fail because @t names something that this build has not got, if @lacks has it
 * @lacks: ends with a name that is NULL; or NULL
 *
 * Returns: is that so, and the error filled?
 */
bool parser_fail_lack(const struct parser *ps, struct token t, const struct lack *lacks);

/** parser_intern() - a token's name in the program's pool */
bool parser_intern(struct parser *ps, struct token t, uint16_t *ret);

/** parser_lane() - the lane that the first @len bytes of a token name, or LANE_NONE */
unsigned parser_lane(struct token t);

/** parse_op_line() - the rest of an op line; @first is its first token */
bool parse_op_line(struct parser *ps, struct token first);

/** parse_schedule() - the rest of a "schedule:" line */
bool parse_schedule(struct parser *ps);

/** parse_deviation() - an indented line of the schedule */
bool parse_deviation(struct parser *ps);

/** parse_expect() - the rest of a line that begins with "expect:", or with "expect" if @named */
bool parse_expect(struct parser *ps, bool named);

/** parse_suggest_op() - the op whose name is nearest to a token, or NULL when none is near */
const char *parse_suggest_op(const struct descriptor *d, struct token t);

#endif
