/*
 * outside.c - the one subject of a program that bondfuzz_add_subject() builds: its op table becomes
 * a descriptor and a list of bodies, and the table of subjects has this row only.
 *
 * Compiled in the project of the driver, with BONDFUZZ_OPS and BONDFUZZ_NAME.
 */
#include "subject/outside.h"

#define SUBJECT_NAME BONDFUZZ_NAME
#define SUBJECT_SYMBOL subject_outside
#define SUBJECT_HELP "the driver that this program was built for"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN outside_begin
#define SUBJECT_FORK outside_fork
#define SUBJECT_CLOSE outside_close
#define SUBJECT_UNLOAD outside_unload
#define SUBJECT_AT_REST outside_at_rest
#define SUBJECT_MODULE_END() ((void)0) /* module_exit() tells it */
#include "subject/define.h"

/* What an op file that has nothing to do there leaves out. */
__attribute__((weak)) void outside_begin(void)
{
}

__attribute__((weak)) void outside_fork(unsigned mm_nr)
{
	(void)mm_nr;
}

__attribute__((weak)) void outside_unload(void)
{
}

__attribute__((weak)) void outside_at_rest(void)
{
}

const struct subject *const subject_rows[] = {&subject_outside, NULL};
