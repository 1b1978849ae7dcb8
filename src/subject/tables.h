/*
 * tables.h - from the rows of SUBJECT_MM_OPS and SUBJECT_OPS: a subject's ops[], and run_op(), which
 * calls the body of a row. A row that goes beyond a limit does not compile.
 */
#define KIND(...)
#define LACKS(...)
#define WORDS(...) WORDS_CHECK(__VA_ARGS__)
#define MM_OP(...) OP_CHECK(__VA_ARGS__)
#define OP(...) OP_CHECK(__VA_ARGS__)
#include SUBJECT_MM_OPS
#include SUBJECT_OPS
#undef OP
#undef MM_OP
#undef WORDS
#define WORDS(...)

static const struct op_type ops[] = {
#define MM_OP(...) OP_TYPE(__VA_ARGS__),
#define OP(...) OP_TYPE(__VA_ARGS__),
#include SUBJECT_MM_OPS
#include SUBJECT_OPS
#undef OP
#undef MM_OP
};

static op_body *const bodies[] = {
#define MM_OP(name, ...) mm_ops_##name,
#define OP(name, ...) op_##name,
#include SUBJECT_MM_OPS
#include SUBJECT_OPS
#undef OP
#undef MM_OP
};

_Static_assert(sizeof(ops) / sizeof(ops[0]) <= 255, "more than 255 ops");

#undef LACKS
#undef WORDS
#undef KIND

static int run_op(unsigned verb, const struct subject_call *call)
{
	return bodies[verb](call);
}
