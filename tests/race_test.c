/*
 * race_test.c - a race that was planted in a core is reported by TSan on every replay, in one process;
 * the clean core on the same schedule is silent. Only in builds with TSan.
 */
#include "tests/laws.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "zoo/defect.h"

#define REPLAYS 100

static struct program program;

static unsigned races(const char *defect)
{
	struct exec *x = laws_exec();
	unsigned n = 0;

	assert_true(defect_enable(defect));
	x->until = "data_race";
	exec_prepare(x, &program, subject_find("hmm"), false);
	for (unsigned i = 0; i < REPLAYS; i++) {
		exec_run(x, NULL, 0);
		n += strcmp(x->trace.verdict.rule, "data_race") == 0;
	}
	x->until = NULL;
	defect_enable(NULL);
	return n;
}

static void a_planted_race_is_reported_on_each_of_100_replays(void **unused)
{
	(void)unused;
	laws_load("../tests/data/users_unlocked.bond", &program);
	assert_int_equal(races(NULL), 0);
	assert_int_equal(races("mmu_notifier_put_counts_unlocked"), REPLAYS);
	assert_int_equal(races(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_planted_race_is_reported_on_each_of_100_replays),
	};

	return cmocka_run_group_tests_name("race", tests, NULL, NULL);
}
