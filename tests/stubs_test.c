/*
 * stubs_test.c - what a campaign says of runs that ended in a stub, and of ops that never succeed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "campaign/fuzz.h"
#include "campaign/stubs.h"

static char data[STUBS_MAX * (STUBS_TEXT + 64)];

static const char *put(const struct stubs *s, uint64_t runs)
{
	struct text t = text_init(data, sizeof(data));

	stubs_put(s, runs, &t);
	return data;
}

static void each_call_has_its_count(void **state)
{
	struct stubs s = {0};

	stubs_count(&s, "a, called from f (x.c:1)");
	stubs_count(&s, "b, called from f (x.c:2)");
	stubs_count(&s, "a, called from f (x.c:1)");
	assert_int_equal(s.nr, 2);
	assert_non_null(strstr(put(&s, 1000), "not modelled: a, called from f (x.c:1): 2 runs\n"));
	assert_non_null(strstr(put(&s, 1000), "not modelled: b, called from f (x.c:2): 1 runs\n"));
}

static void above_one_in_a_hundred_is_warned_of(void **state)
{
	struct stubs s = {0};

	assert_string_equal(put(&s, 0), "");
	stubs_count(&s, "a, called from f (x.c:1)");
	assert_null(strstr(put(&s, 100), "warning"));
	assert_non_null(strstr(put(&s, 99), "warning: 1.0 % of the runs"));
}

static void calls_beyond_the_table_are_counted_together(void **state)
{
	struct stubs s = {0};
	char text[32];

	for (unsigned i = 0; i < STUBS_MAX + 5; i++) {
		snprintf(text, sizeof(text), "n%u, called from f (x.c:1)", i);
		stubs_count(&s, text);
	}
	assert_int_equal(s.nr, STUBS_MAX);
	assert_int_equal(s.other, 5);
	assert_non_null(strstr(put(&s, 10000), "other calls: 5 runs\n"));
}

static const char *refused(uint64_t calls, uint64_t failed)
{
	static const struct op_type op = {.name = "thing_open", .gives = -1};
	static const struct descriptor things = {.name = "things", .ops = &op, .ops_nr = 1};
	static struct fuzz_counts counts;
	struct text t = text_init(data, sizeof(data));

	counts.ops[0][0] = calls / 2; /* in two states */
	counts.ops[0][1] = calls - calls / 2;
	counts.refused[0] = failed;
	counts.error[0] = -6;
	fuzz_refused_put(&counts, &things, &t);
	return data;
}

static void an_op_that_never_succeeds_is_warned_of(void **state)
{
	(void)state;
	assert_string_equal(refused(1000, 900), "");
	assert_string_equal(refused(1000, 989), "");
	assert_string_equal(refused(99, 99), "");
	assert_non_null(
		strstr(refused(1000, 990),
		       "warning: thing_open failed in 990 of 1000 calls (the last returned -6)"));
	assert_non_null(strstr(refused(100, 100), "failed in 100 of 100 calls"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_has_its_count),
		cmocka_unit_test(above_one_in_a_hundred_is_warned_of),
		cmocka_unit_test(an_op_that_never_succeeds_is_warned_of),
		cmocka_unit_test(calls_beyond_the_table_are_counted_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
