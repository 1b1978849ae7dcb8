/*
 * finding_test.c - which findings may be one bug: verdicts of one object's life that share a function.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "campaign/finding.h"

static struct finding of(const char *verdict, const char *type, const char *where,
			 const char *earlier)
{
	struct finding f = {0};

	snprintf(f.verdict, sizeof(f.verdict), "%s", verdict);
	snprintf(f.type, sizeof(f.type), "%s", type);
	snprintf(f.where[0], sizeof(f.where[0]), "%s", where);
	snprintf(f.where[1], sizeof(f.where[1]), "%s", earlier);
	return f;
}

static void expect(bool akin, struct finding a, struct finding b)
{
	assert_int_equal(finding_is_akin(&a, &b), akin);
	assert_int_equal(finding_is_akin(&b, &a), akin);
}

static void one_free_has_many_ends(void **state)
{
	struct finding use = of("dead_use", "buf", "ioctl", "flush");

	expect(true, use, of("double_free", "buf", "flush", "flush"));
	expect(true, use, of("lock_freed", "buf", "flush", ""));
	expect(true, use, of("pending_freed", "buf", "flush", "queue"));
	expect(true, use, of("refcount", "buf", "ioctl", ""));
	expect(true, use, of("dead_use", "buf", "ioctl", "exit"));
	expect(true, use, of("double_call", "buf", "flush", ""));
}

/* sizeof(struct buf) and sizeof(*fresh): the types have the names of their texts. */
static void one_type_may_have_two_names(void **state)
{
	struct finding use = of("double_free", "buf", "close", "ioctl");

	expect(true, use, of("double_free", "fresh", "close", "ioctl"));
	expect(false, use, of("double_free", "fresh", "close", "flush"));
	expect(false, use, of("double_free", "fresh", "flush", "ioctl"));
	expect(false, use, of("dead_use", "fresh", "close", "ioctl"));
	expect(false, of("refcount", "buf", "close", ""), of("refcount", "fresh", "close", ""));
}

static void others_stand_alone(void **state)
{
	struct finding use = of("dead_use", "buf", "ioctl", "flush");

	expect(false, use, of("dead_use", "buf", "read", "flush"));
	expect(false, use, of("double_free", "ctx", "flush", "flush"));
	expect(false, use, of("refcount", "buf", "read", ""));
	expect(false, use, of("leak", "buf", "ioctl", "flush"));
	expect(false, of("lock_freed", "", "flush", ""), of("dead_use", "", "flush", ""));
	expect(false, of("refcount", "buf", "", ""), of("dead_use", "buf", "", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_free_has_many_ends),
		cmocka_unit_test(one_type_may_have_two_names),
		cmocka_unit_test(others_stand_alone),
	};

	return cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
