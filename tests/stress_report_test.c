/*
 * stress_report_test.c - what sanitizers say, as rules and functions: reports as they were printed,
 * cut to the lines that count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "campaign/stress.h"

static const char race[] =
	"==================\n"
	"WARNING: ThreadSanitizer: data race (pid=16562)\n"
	"  Read of size 8 at 0x721400002800 by thread T22 (mutexes: write M0):\n"
	"    #0 sva_walk /src/core/sva.c:162:36 (bondfuzz-native+0x1426d7) (BuildId: 49ca)\n"
	"    #1 range_tell_end /src/core/mmu_notifier.c:402:4 (bondfuzz-native+0x141213)\n"
	"\n"
	"  Previous write of size 8 at 0x721400002800 by thread T21 (mutexes: write M1):\n"
	"    #0 free <null> (bondfuzz-native+0x143295) (BuildId: 49ca)\n"
	"    #1 kapi_free /src/kapi/native/alloc.c:80:14 (bondfuzz-native+0x147c1c)\n"
	"    #2 bond_free /src/core/sva.c:268:3 (bondfuzz-native+0x1423da) (BuildId: 49ca)\n"
	"\n"
	"  Location is heap block of size 80 at 0x721400002800 allocated by thread T21:\n"
	"    #0 calloc <null> (bondfuzz-native+0x9460b) (BuildId: 49ca)\n";

static const char use_after_free[] =
	"=================================================================\n"
	"==18549==ERROR: AddressSanitizer: heap-use-after-free on address 0x502000000010 at pc "
	"0x5\n"
	"WRITE of size 4 at 0x502000000010 thread T1\n"
	"    #0 0x5604db1d202b in kapi_refcount_inc /b/asan/../../src/kapi/native/word.c:62:6\n"
	"    #1 0x5604db18ca83 in context_start /b/asan/../../src/subject/driver/context.c:401:4\n"
	"\n"
	"0x502000000010 is located 0 bytes inside of 8-byte region "
	"[0x502000000010,0x502000000018)\n"
	"freed by thread T1 here:\n"
	"    #0 0x5604db1434a6 in free (/b/asan/bondfuzz-native+0x13a4a6) (BuildId: 76a6)\n"
	"    #1 0x5604db18a9bd in device_free /b/asan/../../src/subject/driver/context.c:76:2\n"
	"\n"
	"previously allocated by thread T0 here:\n"
	"    #0 0x5604db143909 in calloc (/b/asan/bondfuzz-native+0x13a909) (BuildId: 76a6)\n";

static const char null_pointer[] =
	"==7==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000008 (pc 0x5 bp 0x7 sp "
	"0x7)\n"
	"==7==The signal is caused by a READ memory access.\n"
	"==7==Hint: address points to the zero page.\n"
	"    #0 0x55d in session_free /b/asan/../../src/subject/core/notifier.c:160:3\n"
	"\n"
	"Thread T3 created by T0 here:\n"
	"    #0 0x5604db128d51 in pthread_create (/b/asan/bondfuzz-native+0x11fd51)\n"
	"    #1 0x5604db18403d in stress_run /b/asan/../../src/stress/run.c:158:3\n";

static struct verdict read_report(const char *report)
{
	struct verdict v;

	assert_true(stress_read_report(report, &v));
	return v;
}

static void a_race_has_two_functions_in_order(void **state)
{
	struct verdict v = read_report(race);
	char signature[SIGNATURE_MAX];

	assert_string_equal(rule_name(v.rule), "data_race");
	assert_string_equal(v.where[0], "bond_free");
	assert_string_equal(v.where[1], "sva_walk");
	verdict_signature(&v, signature, sizeof(signature));
	assert_string_equal(signature, "data_race:none@bond_free+sva_walk");
}

static void a_use_after_free_has_the_user_first(void **state)
{
	struct verdict v = read_report(use_after_free);

	assert_string_equal(rule_name(v.rule), "dead_use");
	assert_string_equal(v.where[0], "context_start");
	assert_string_equal(v.where[1], "device_free");
}

static void where_a_thread_was_made_does_not_matter(void **state)
{
	struct verdict v = read_report(null_pointer);

	assert_string_equal(rule_name(v.rule), "null_deref");
	assert_string_equal(v.where[0], "session_free");
	assert_string_equal(v.where[1], "");
}

static void a_wild_access_is_one(void **state)
{
	char report[sizeof(null_pointer)];
	char *hint;

	strcpy(report, null_pointer);
	hint = strstr(report, "Hint: address");
	assert_non_null(hint);
	memcpy(hint, "No hint here,", 13);
	assert_string_equal(rule_name(read_report(report).rule), "wild_access");
}

static void what_no_sanitizer_says_is_no_report(void **state)
{
	struct verdict v;

	assert_false(stress_read_report("", &v));
	assert_false(stress_read_report("[verdict] leak:mm0 in mm_alloc\n", &v));
	assert_false(stress_read_report("[harness bug] src/base/panic.c:1: no\n", &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_race_has_two_functions_in_order),
		cmocka_unit_test(a_use_after_free_has_the_user_first),
		cmocka_unit_test(where_a_thread_was_made_does_not_matter),
		cmocka_unit_test(a_wild_access_is_one),
		cmocka_unit_test(what_no_sanitizer_says_is_no_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
