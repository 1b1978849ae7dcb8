/*
 * define.h - from a client's table and its bodies: the subject.
 *
 * The file that includes it, at its end, has defined
 *   SUBJECT_OPS, SUBJECT_NAME ("vm"), SUBJECT_SYMBOL (subject_vm), SUBJECT_HELP
 *   SUBJECT_MM_OPS    which ops of processes it stands: "subject/bench/mm_ops.def", or
 *                     "subject/bench/mm_and_page_ops.def" with reclaim, the OOM reaper and protection
 *   SUBJECT_BEGIN()   a run starts: statics are as at process start
 *   SUBJECT_FORK(nr)  mm @nr was forked: kapi_file_share() what it has open
 *   SUBJECT_CLOSE()   the threads ended: close what is open, as a careful user would
 *   SUBJECT_UNLOAD()  the processes have exited too: the module goes, and waits for its callbacks
 *   SUBJECT_AT_REST() nobody runs any more: AT_REST() for what is open (optional)
 *   SUBJECT_MODULE_END()  what it does when SUBJECT_UNLOAD() is over: kapi_module_end() (optional)
 *   SUBJECT_POSTED    true: known to be broken, not fuzzed as clean (optional)
 */
#include <string.h>

#include <linux/kernel.h>

#include "subject/bench/device.h"
#include "trace/numbers.h"

static const char *const kinds[KINDS] = {
	[KIND_MM] = "mm",
	[KIND_NOTIFIER] = "notifier",
#define KIND(name, text) [KIND_##name] = (text),
#define WORDS(...)
#define LACKS(...)
#define OP(...)
#include SUBJECT_OPS
#undef OP
#undef LACKS
#undef WORDS
#undef KIND
};

_Static_assert(KINDS <= OBJECT_KINDS_MAX, "too many kinds of object: see base/limits.h");

#define KIND(...)
#define WORDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL};
#define LACKS(...)
#define OP(...)
#include SUBJECT_OPS
#undef OP
#undef LACKS
#undef WORDS
#undef KIND

#include "subject/tables.h"

#define KIND(...)
#define WORDS(...)
#define OP(...)
#define LACKS(name_, why_) {.name = #name_, .why = (why_)},
static const struct lack lacks[] = {
#include SUBJECT_OPS
	{.name = NULL},
};
#undef LACKS
#undef OP
#undef WORDS
#undef KIND

__attribute__((used, __noinline__)) static void check_numbers(void)
{
	NUMBERS_CHECK();
}

#ifndef SUBJECT_MODULE_END
#define SUBJECT_MODULE_END() kapi_module_end(KAPI_SITE("module_exit", "the module goes"))
#endif

static void subject_fork(unsigned mm_nr)
{
	SUBJECT_FORK(mm_nr);
}

static bool stands_reclaim(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(ops); i++)
		if (!strcmp(ops[i].name, "mm_reclaim"))
			return true;
	return false;
}

static void subject_begin(void)
{
	fake_device_reset();
	if (stands_reclaim())
		kapi_reclaim_by(mm_ops_reclaim);
	mm_ops_begin(subject_fork);
	SUBJECT_BEGIN();
}

/* What the device can reach is looked at while processes live, and when they are gone. */
static void subject_close(void)
{
	fake_device_scan();
	SUBJECT_CLOSE();
	mm_ops_close();
	fake_device_scan();
	SUBJECT_UNLOAD();
	SUBJECT_MODULE_END();
	mm_ops_settle();
}

#ifndef SUBJECT_AT_REST
#define SUBJECT_AT_REST()
#endif

static void subject_at_rest(void)
{
	mm_ops_at_rest();
	SUBJECT_AT_REST();
}

static const struct descriptor descriptor = {
	.name = SUBJECT_NAME,
	.objects = kinds,
	.objects_nr = KINDS,
	.ops = ops,
	.ops_nr = ARRAY_SIZE(ops),
	.lacks = lacks,
};

#ifndef SUBJECT_POSTED
#define SUBJECT_POSTED false
#endif

const struct subject SUBJECT_SYMBOL = {
	.descriptor = &descriptor,
	.help = SUBJECT_HELP,
	.begin = subject_begin,
	.op = run_op,
	.at_rest = subject_at_rest,
	.close = subject_close,
	.posted = SUBJECT_POSTED,
};
