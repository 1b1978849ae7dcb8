/*
 * vfs_test.c - files of a driver outside: flush at each close, release after the last use, a mapping
 * keeps its file, munmap and exit close it, fork copies it; and page ops beside them. A driver that lets go with the
 * first close is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "exec/exec.h"
#include "search/search.h"

#define RUNS 3000
/* The programs: of a file that is open in mm0, and broken as they are told. */
#define BEGIN "bondfuzz 1\nsubject mapped\nmm0 = mm_create\nfile0 = mapped_open mm0 %s\n"

static struct exec x;
static struct program program;

static void load(const char *text)
{
	struct program_names names = {.subjects = exec_subjects(), .strategies = strategy_names()};
	struct program_error error = {0};

	if (!program_parse(text, strlen(text), &names, &program, &error))
		fail_msg("%u:%u: %s", error.line, error.column, error.message);
	exec_prepare(&x, &program, subject_find("mapped"), NULL);
}

static uint64_t find(const char *text, const char *bug, const char *until)
{
	struct exec_how how = exec_default;
	struct search s = {.strategy = strategy_find("portfolio"), .runs_max = RUNS, .seed = 1};
	char broken[1024];

	snprintf(broken, sizeof(broken), text, bug);
	load(broken);
	how.until = until;
	search_run(&x, &how, &s);
	return s.first;
}

static void is_silent(const char *text)
{
	if (find(text, "rightly", NULL))
		fail_msg("%s: %s", text, rule_name(x.trace.verdict.rule));
}

static const char *const programs[] = {
	BEGIN "A: mapped_mmap file0 mm0 0\nA: mapped_munmap mm0 1\nA: mapped_count file0\nB: "
	      "mapped_close file0\n",
	BEGIN "mapped_mmap file0 mm0 1\nA: mapped_close file0\nB: mm_exit mm0\n",
	BEGIN "mapped_mmap file0 mm0 1\nA: mapped_close file0\nB: mapped_munmap mm0 1\nC: "
	      "mapped_munmap mm0 2\n",
	BEGIN "mm1 = mm_fork mm0\nA: mapped_close file0\nB: mapped_close file0\nC: mapped_mmap "
	      "file0 mm1 0\n",
	BEGIN "mapped_mmap file0 mm0 0\nA: mm_reclaim mm0 0\nB: mm_oom_reap mm0\nC: mapped_munmap "
	      "mm0 0\n",
	BEGIN "mapped_mmap file0 mm0 0\nA: mm1 = mm_fork mm0\nA: mm_exit mm1\nB: mapped_touch mm0 "
	      "0\n",
	BEGIN "mapped_mmap file0 mm0 0\nmm1 = mm_exec mm0\nA: mapped_mmap file0 mm1 0\nB: "
	      "mapped_close file0\n",
};

static void a_mapping_keeps_its_file(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		is_silent(programs[i]);
}

static void letting_go_too_early_is_found(void **unused)
{
	(void)unused;
	assert_true(find(programs[0], "frees_in_flush", "dead_use"));
	assert_true(find(programs[1], "frees_in_flush",
			 "dead_use")); /* by the exit's close of the mapping */
	assert_true(find(programs[2], "frees_in_flush", "dead_use"));
	assert_true(
		find(programs[6], "frees_in_flush", "dead_use")); /* the file outlives an exec */
}

static void a_copied_mapping_that_does_not_count_is_found(void **unused)
{
	(void)unused;
	assert_true(find(programs[5], "copies_uncounted", "dead_use"));
}

/* Everything that a program can say of mm ops is there: the op table is that of outside.c. */
static void drivers_outside_have_page_ops(void **unused)
{
	static const char *const names[] = {"mm_reclaim", "mm_oom_reap", "mm_age", "mm_write",
					    "mm_write_protect"};
	const struct descriptor *d = subject_find("mapped")->descriptor;
	unsigned found = 0;

	(void)unused;
	for (unsigned op = 0; op < d->ops_nr; op++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			found += strcmp(d->ops[op].name, names[i]) == 0;
	assert_int_equal(found, sizeof(names) / sizeof(names[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mapping_keeps_its_file),
		cmocka_unit_test(letting_go_too_early_is_found),
		cmocka_unit_test(a_copied_mapping_that_does_not_count_is_found),
		cmocka_unit_test(drivers_outside_have_page_ops),
	};

	exec_init(&x);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
