/*
 * finding_test.c - which findings may be one bug: verdicts of one object's life that share a function, and
 * locks that are taken in the same orders, in this session or in the one before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- a campaign that goes on ---- */

enum { AB = 5, BA = 7, AC = 9, CA = 11 };

static struct orders cycle(uint64_t one, uint64_t other)
{
	struct orders o = {0};

	orders_close(&o, (const uint64_t[]){one, other}, 2);
	return o;
}

/* What @f is when its folder is read again, by the next session. */
static struct finding read_again(const struct finding *f)
{
	char folder[] = "/tmp/finding.XXXXXX", path[128];
	struct finding_files none = {0};
	struct finding got;
	int at;

	assert_non_null(mkdtemp(folder));
	at = open(folder, O_RDONLY | O_DIRECTORY);
	assert_true(at >= 0);
	assert_null(finding_write(at, f, &none));
	assert_null(finding_read(at, f->slug, &got));
	snprintf(path, sizeof(path), "%s/%s", f->slug, "finding.json");
	assert_int_equal(unlinkat(at, path, 0), 0);
	assert_int_equal(unlinkat(at, f->slug, AT_REMOVEDIR), 0);
	close(at);
	assert_int_equal(rmdir(folder), 0);
	return got;
}

static void orders_of_locks_are_known_in_the_next_session(void **state)
{
	uint64_t large = order_id("held", "taken", "function");
	struct finding f = of("lock_order", "dev", "open", "close"), got;
	struct orders same = cycle(AB, BA), another = cycle(AB, CA), wide = cycle(large, AC);

	strcpy(f.slug, "lock_order-dev-1");
	strcpy(f.signature, "lock_order:dev@close+open");
	strcpy(f.subject, "driver");
	finding_now(f.first_seen);
	strcpy(f.last_seen, f.first_seen);
	f.seen = 1;
	f.orders = same;
	orders_add(&f.orders, large);
	got = read_again(&f);
	assert_memory_equal(&got.orders, &f.orders, sizeof(f.orders));
	assert_true(orders_explain(&got.orders, &same));
	assert_false(orders_explain(&got.orders, &another));
	assert_false(orders_explain(&got.orders, &wide)); /* it has one of them alone */
	f.orders = wide;
	got = read_again(&f);
	assert_true(orders_explain(&got.orders, &wide));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_free_has_many_ends),
		cmocka_unit_test(one_type_may_have_two_names),
		cmocka_unit_test(others_stand_alone),
		cmocka_unit_test(orders_of_locks_are_known_in_the_next_session),
	};

	return cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
