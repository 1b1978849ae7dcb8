/*
 * op.h - how a subject's table (<name>.def) becomes a descriptor and a list of bodies.
 *
 * A row is OP(name, gives, place, weight, help, operands...), or MM_OP for the ops that all
 * subjects share. Place is ANY, SETUP, THREAD; or ALONE: ANY, and of an op whose -EAGAIN means that
 * others were in the way: repeated where nobody else runs it ends otherwise (RULE_no_progress). A subject includes its table twice, with OP_TYPE and with the names of the
 * bodies, so that an op is one row and one body.
 */
#ifndef SUBJECT_OP_H
#define SUBJECT_OP_H

#include "subject/subject.h"

typedef int op_body(const struct subject_call *call);

#define GIVES_NOTHING (-1)

/* Before an op's help: what a thread that does it is called, ROLE("file close") "the file is ..." */
#define ROLE(text) text ROLE_END

#define OBJECT(kind_)                                                                              \
	{                                                                                          \
		.kind = OPERAND_OBJECT, .object_kind = (kind_)                                     \
	}
#define WORD(words_)                                                                               \
	{                                                                                          \
		.kind = OPERAND_WORD, .words = (words_)                                            \
	}
#define NUMBER(max_)                                                                               \
	{                                                                                          \
		.kind = OPERAND_NUMBER, .max = (max_)                                              \
	}

#define OPERANDS_NR(...)                                                                           \
	(sizeof((const struct operand_type[]){__VA_ARGS__}) / sizeof(struct operand_type))

enum { IS_ANY, IS_SETUP = 0, IS_THREAD = 0, IS_ALONE };

#define OP_TYPE(name_, gives_, place_, weight_, help_, ...)                                        \
	{                                                                                          \
		.name = #name_, .gives = (gives_), .operands_nr = OPERANDS_NR(__VA_ARGS__),        \
		.operands = {__VA_ARGS__}, .place = PLACE_##place_, .alone = IS_##place_,          \
		.weight = (weight_), .help = (help_)                                               \
	}

/* What a row may not be, said by the compiler where the row stands. */
#define OP_CHECK(name_, gives_, place_, weight_, help_, ...)                                       \
	_Static_assert(sizeof(#name_) <= NAME_MAX_LEN, "op " #name_ ": the name is too long");     \
	_Static_assert(OPERANDS_NR(__VA_ARGS__) <= OPERANDS_MAX,                                   \
		       "op " #name_ ": too many operands, see OPERANDS_MAX in base/limits.h");     \
	_Static_assert((gives_) >= GIVES_NOTHING && (gives_) < KINDS,                              \
		       "op " #name_ ": it gives a kind of object that there is not");              \
	_Static_assert((weight_) >= 0 && (weight_) <= 255,                                         \
		       "op " #name_ ": its weight is not 0 to 255");
#define WORDS_CHECK(name_, ...)                                                                    \
	_Static_assert(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *) <= 32,          \
		       "words " #name_ ": more than 32 of them");

#endif
