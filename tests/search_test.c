/*
 * search_test.c - how many runs the 2015 device race takes: one named verdict, the whole core with all
 * primitives visible, alone and with two bystanders, plain random beside it as the yardstick.
 *
 * Seeds are fixed, so the figures are the same everywhere. What is held to a bound is the upper end of
 * the 95 % interval of the mean.
 */
#include "tests/laws.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/about.h"

ABOUT_HERE

#define ALONE "scenario/2015-device-race.bond"
#define CROWDED "scenario/2015-device-race-bystanders.bond"
#define RACE "dead_use:device"

static struct program program;

struct mean {
	double runs;
	double bound; /* upper 95 % */
};

static struct mean mean_runs(const char *file, const char *subject, const char *strategy,
			     unsigned trials)
{
	struct exec *x = laws_exec();
	double sum = 0, squares = 0;
	struct mean m;

	laws_load(file, &program);
	exec_prepare(x, &program, subject_find(subject), &laws_how);
	laws_how.until = RACE;
	x->runs = x->steps = 0;
	for (unsigned i = 0; i < trials; i++) {
		struct search s = {.strategy = strategy_find(strategy),
				   .runs_max = 200000,
				   .seed = 1000 + i * 1000000000ull};

		exec_search(x, &laws_how, &s);
		assert_true(s.first);
		sum += (double)s.first;
		squares += (double)s.first * (double)s.first;
	}
	laws_how.until = NULL;
	m.runs = sum / trials;
	m.bound = m.runs + 1.96 * sqrt((squares / trials - m.runs * m.runs) / (trials - 1));
	print_message("%s on %s, %s: %.1f runs on average over %u seeds (at most %.1f), %.1f "
		      "visible operations a run\n",
		      file, subject, strategy, m.runs, trials, m.bound,
		      (double)x->steps / (double)x->runs);
	return m;
}

static void surw_and_portfolio_find_the_device_race(void **unused)
{
	(void)unused;
	assert_true(mean_runs(ALONE, "hmm_v3", "surw", 1000).bound <= 60);
	assert_true(mean_runs(ALONE, "hmm_v3", "portfolio", 200).bound <= 150);
}

static void bystanders_cost_at_most_twice(void **unused)
{
	(void)unused;
	assert_true(mean_runs(CROWDED, "hmm_v3", "surw", 1000).bound <= 120);
	assert_true(mean_runs(CROWDED, "hmm_v3", "portfolio", 200).bound <= 200);
}

static void random_needs_ten_times_as_many(void **unused)
{
	(void)unused;
	assert_true(mean_runs(ALONE, "hmm_v3", "random", 10).runs >=
		    10 * mean_runs(ALONE, "hmm_v3", "surw", 200).runs);
}

static void an_atomic_unlock_hides_it(void **unused)
{
	struct exec *x = laws_exec();
	struct search s = {.strategy = strategy_find("portfolio"), .runs_max = 20000, .seed = 1};

	(void)unused;
	laws_load(ALONE, &program);
	laws_how.strength.unlock = SIM_UNLOCK_ATOMIC;
	exec_prepare(x, &program, subject_find("hmm_v3"), &laws_how);
	laws_how.until = RACE;
	exec_search(x, &laws_how, &s);
	laws_how.until = NULL;
	laws_how.strength.unlock = SIM_UNLOCK_CONTRACT;
	assert_int_equal(s.first, 0);
	assert_int_equal(s.runs, 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(surw_and_portfolio_find_the_device_race),
		cmocka_unit_test(bystanders_cost_at_most_twice),
		cmocka_unit_test(random_needs_ten_times_as_many),
		cmocka_unit_test(an_atomic_unlock_hides_it),
	};

	return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
