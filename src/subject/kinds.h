/*
 * kinds.h - from a client's table: its kinds of objects, and a declaration of each op's body.
 *
 * A client is one .c file and one table SUBJECT_OPS, with three kinds of rows:
 *   KIND(NAME, "text")      a kind of object: KIND_NAME in code, text0, text1, ... in programs
 *   WORDS(name, "a", ...)   the words that an operand WORD(name) may be: 0, 1, ...
 *   OP(name, gives, place, weight, help, operands...)   as in op.h; its body is op_name()
 *   LACKS(name, why)        in place of an OP that the kernel under test cannot have
 * It includes this file at its top and define.h at its end. Processes and their ops (mm_ops.def)
 * come with every client.
 */
#include "kapi/file.h"
#include "subject/bench/mm_ops.h"

#ifndef SUBJECT_LINKAGE
#define SUBJECT_LINKAGE static
#endif

enum {
	KIND_BEFORE_OWN = KIND_FIRST - 1,
#define KIND(name, text) KIND_##name,
#define WORDS(...)
#define LACKS(...)
#define OP(...)
#include SUBJECT_OPS
#undef OP
#undef LACKS
#undef WORDS
#undef KIND
	KINDS
};

#define KIND(...)
#define WORDS(...)
#define LACKS(...)
#define OP(name, ...) SUBJECT_LINKAGE op_body op_##name;
#include SUBJECT_OPS
#undef OP
#undef LACKS
#undef WORDS
#undef KIND
