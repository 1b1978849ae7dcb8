/*
 * earliest_test.c - one error path that several failures lead to is shown by the first of them.
 */
#include "tests/laws.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/about.h"

#include "search/earliest.h"
#include "search/minimize.h"
#include "zoo/defect.h"

ABOUT_HERE

#define DEFECT "session_free_uses_mm"
#define FIRST "A.1 subscriptions_alloc kzalloc#1 fails"
#define LAST "A.1 mm_take_all_locks signal_pending#1 fails"

static struct program program;

static void load(const char *fails)
{
	struct program_names names = {.subjects = exec_subjects(), .strategies = strategy_names()};
	struct program_error error = {0};
	char text[512];
	int n = snprintf(text, sizeof(text),
			 "bondfuzz 1\nsubject notifier\nmm0 = mm_create\nmodule0 = module_load\n"
			 "A: handle0 = notifier_get module0 mm0\nschedule:\n  %s\n",
			 fails);

	assert_in_range(n, 1, sizeof(text) - 1);
	if (!program_parse(text, (size_t)n, &names, &program, &error))
		fail_msg("%u:%u: %s", error.line, error.column, error.message);
	exec_prepare(laws_exec(), &program, subject_find("notifier"), NULL);
}

static const char *printed(void)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	program_print(&program, &t);
	return data;
}

static void equal_failures_end_as_the_first(void **unused)
{
	struct exec *x = laws_exec();

	(void)unused;
	assert_true(defect_enable(DEFECT));
	load(LAST);
	assert_non_null(strstr(printed(), LAST));
	exec_minimize(x, &laws_how, &program, 4000);
	assert_non_null(strstr(printed(), FIRST));
	load(FIRST);
	exec_minimize(x, &laws_how, &program, 4000);
	assert_non_null(strstr(printed(), FIRST));
	defect_enable(NULL);
}

/* Where nothing else shows the same, it stays: here the run without the defect shows nothing. */
static void what_shows_nothing_stays(void **unused)
{
	(void)unused;
	assert_true(defect_enable(DEFECT));
	load("A.1 notifier_get nothing#1 fails");
	exec_fail_earliest(laws_exec(), &laws_how, &program);
	assert_non_null(strstr(printed(), "nothing#1 fails"));
	defect_enable(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_failures_end_as_the_first),
		cmocka_unit_test(what_shows_nothing_stays),
	};

	return cmocka_run_group_tests_name("earliest", tests, NULL, NULL);
}
