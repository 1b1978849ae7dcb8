/*
 * outside.h - what the op file of a driver includes, when the driver lives outside this repository.
 *
 * Its table is BONDFUZZ_OPS, the OPS of bondfuzz_add_subject(), with three kinds of rows:
 *   KIND(NAME, "text")      a kind of object: KIND_NAME in code, text0, text1, ... in programs
 *   WORDS(name, "a", ...)   the words that an operand WORD(name) may be: 0, 1, ...
 *   OP(name, gives, place, weight, help, operands...)   as in op.h; its body is op_name()
 * Processes and their ops (mm_ops.def) come with every subject.
 *
 * An op says no with an errno when a kernel would not let it happen, so that every verdict is the
 * driver's fault: use kapi/file.h for what a file descriptor or a module's use count forbids.
 */
#ifndef SUBJECT_OUTSIDE_H
#define SUBJECT_OUTSIDE_H

#include "kapi/file.h"
#include "subject/mm_ops.h"

enum {
	KIND_BEFORE_OWN = KIND_FIRST - 1,
#define KIND(name, text) KIND_##name,
#define WORDS(...)
#define OP(...)
#include BONDFUZZ_OPS
#undef OP
#undef WORDS
#undef KIND
	KINDS
};

#define KIND(...)
#define WORDS(...)
#define OP(name, ...) op_body op_##name;
#include BONDFUZZ_OPS
#undef OP
#undef WORDS
#undef KIND

/* The op file defines these three. */

/** outside_begin() - a run starts: statics are as at process start. May do nothing. */
void outside_begin(void);
/** outside_fork() - process @mm_nr was forked: kapi_file_share() what it has open. May do nothing. */
void outside_fork(unsigned mm_nr);
/**
 * outside_close() - the threads ended: close what is open, then unload, as a careful user would
 *
 * Context: the main lane; may sleep. Processes exit after it. What is allocated then is a leak.
 */
void outside_close(void);

#endif
