/*
 * outside.c - the one subject of a program that bondfuzz_add_subject() builds: its op table becomes
 * a descriptor and a list of bodies, and the table of subjects has this row only.
 *
 * Compiled in the project of the driver, with BONDFUZZ_OPS and BONDFUZZ_NAME.
 */
#include <linux/kernel.h>

#include "subject/outside.h"

static const char *const kinds[KINDS] = {
	[KIND_MM] = "mm",
	[KIND_NOTIFIER] = "notifier",
#define KIND(name, text) [KIND_##name] = (text),
#define WORDS(...)
#define OP(...)
#include BONDFUZZ_OPS
#undef OP
#undef WORDS
#undef KIND
};

_Static_assert(KINDS <= OBJECT_KINDS_MAX, "too many kinds of object: see base/limits.h");

#define KIND(...)
#define WORDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL};
#define OP(...)
#include BONDFUZZ_OPS
#undef OP
#undef WORDS
#undef KIND

#define KIND(...)
#define WORDS(...)

static const struct op_type ops[] = {
#define MM_OP(...) OP_TYPE(__VA_ARGS__),
#define OP(...) OP_TYPE(__VA_ARGS__),
#include "subject/mm_ops.def"
#include BONDFUZZ_OPS
#undef OP
#undef MM_OP
};

static op_body *const bodies[] = {
#define MM_OP(name, ...) mm_ops_##name,
#define OP(name, ...) op_##name,
#include "subject/mm_ops.def"
#include BONDFUZZ_OPS
#undef OP
#undef MM_OP
};

static void begin(void)
{
	mm_ops_begin(outside_fork);
	outside_begin();
}

static int run_op(unsigned verb, const struct subject_call *call)
{
	return bodies[verb](call);
}

static void close_all(void)
{
	outside_close();
	mm_ops_close();
	mm_ops_settle();
}

static const struct descriptor descriptor = {
	BONDFUZZ_NAME, kinds, KINDS, ops, ARRAY_SIZE(ops),
};

static const struct subject subject = {
	.descriptor = &descriptor,
	.help = "the driver that this program was built for",
	.begin = begin,
	.op = run_op,
	.close = close_all,
};

const struct subject *const subject_rows[] = {&subject, NULL};
