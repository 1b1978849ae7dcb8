/*
 * search_test.c - how many runs the 2015 device race takes: one named verdict, the whole core with all
 * primitives visible, alone and with two bystanders, plain random beside it as the yardstick.
 *
 * Seeds are fixed, so the figures are the same everywhere. What is held to a bound is the upper end of
 * the 95 % interval of the mean.
 */
#include "tests/laws.h"

#include <math.h>
#include <time.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "search/search.h"
#include "trace/rule.h"
#include "tests/about.h"

ABOUT_HERE

#define ALONE "scenario/2015-device-race.bond"
#define CROWDED "scenario/2015-device-race-bystanders.bond"
#define RACE "dead_use:device"
/* In reach of the tree's first executions. */
#define LATE "scenario/2015-callback-after-unregister.bond"

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
		struct search s = {.strategy = search_strategy(strategy),
				   .runs_max = 200000,
				   .seed = 1000 + i * 1000000000ull};

		search_run(x, &laws_how, &s);
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

/* With its memory a search needs fewer runs than the portfolio, and far fewer among bystanders. */
static void the_default_search_is_between(void **unused)
{
	double alone = mean_runs(ALONE, "hmm_v3", "search", 200).bound;
	double crowded = mean_runs(CROWDED, "hmm_v3", "search", 100).bound;

	(void)unused;
	assert_true(alone <= 60);
	assert_true(crowded <= 80);
}

/* Nothing is left to vary: it ends, and says so. With failures it goes on. */
static void a_search_ends_where_the_tree_does(void **unused)
{
	struct search s = {.strategy = &strategy_search, .runs_max = 1000, .seed = 1};
	struct exec_how how = laws_how;
	struct exec *x = laws_exec();

	(void)unused;
	laws_load("../bench/exit1.bond", &program);
	exec_prepare(x, &program, subject_find("litmus"), &how);
	search_run(x, &how, &s);
	assert_true(s.trees.complete);
	assert_int_equal(trees_counts(&s.trees).executions, 12);
	assert_int_equal(s.runs, 1000);
	how.no_failures = true;
	search_run(x, &how, &s);
	assert_true(s.trees.complete);
	assert_int_equal(trees_counts(&s.trees).executions, 12);
	assert_true(s.runs < 100);
	laws_load("../bench/exit4.bond", &program);
	exec_prepare(x, &program, subject_find("litmus"), &how);
	search_run(x, &how, &s);
	assert_false(s.trees.complete);
	assert_int_equal(s.runs, 1000);
}

#define BIT(lane) (1u << (lane))

/*
 * The tree of two threads has as many executions as the program without the third. Then that of all comes,
 * and has as many as if nothing had been before it.
 */
static void a_focus_comes_first_and_counts_for_nothing(void **unused)
{
	static const struct {
		uint32_t focus;
		unsigned executions; /* `explore` of the program without the other thread */
	} row[] = {{BIT(LANE_A) | BIT(LANE_B), 40}, {BIT(LANE_A) | BIT(LANE_C), 12}};
	struct exec_how how = laws_how;
	struct exec *x = laws_exec();

	(void)unused;
	how.no_failures = true;
	laws_load("../bench/own2.bond", &program);
	exec_prepare(x, &program, subject_find("litmus"), &how);
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct trees t = {.strategy = &strategy_dpor,
				  .preemptions_max = EXPLORE_UNBOUNDED,
				  .walks = EXPLORE_WALKS,
				  .focus = row[i].focus};
		unsigned apart = 0;

		while (trees_next(&t, &program)) {
			apart += t.focus != 0;
			trees_run(x, &how, &t);
		}
		assert_int_equal(apart, row[i].executions);
		assert_true(t.complete);
		assert_int_equal(trees_counts(&t).executions, 480);
		trees_end(&t);
	}
}

/* A thread is apart when it shares no memory with the others. */
static void who_shares_memory_is_company(void **unused)
{
	struct exec *x = laws_exec();
	uint32_t company;

	(void)unused;
	laws_load(ALONE, &program);
	exec_prepare(x, &program, subject_find("hmm_v3"), &laws_how);
	assert_int_equal(profile_company(&x->profile), 0);
	laws_load(CROWDED, &program);
	exec_prepare(x, &program, subject_find("hmm_v3"), &laws_how);
	company = profile_company(&x->profile);
	assert_true(company == (BIT(LANE_A) | BIT(LANE_B)) ||
		    company == (BIT(LANE_C) | BIT(LANE_D)));
}

/* Without novelty, order or focus another execution comes next; without the tree there is none. */
static void a_part_of_the_search_can_be_left_out(void **unused)
{
	static const struct {
		const char *name;
		bool complete;
	} row[] = {{"search_without_novelty", true},
		   {"search_without_order", true},
		   {"search_without_focus", true},
		   {"search_without_tree", false}};
	struct exec_how how = laws_how;
	struct exec *x = laws_exec();

	(void)unused;
	how.no_failures = true;
	laws_load("../bench/exit1.bond", &program);
	exec_prepare(x, &program, subject_find("litmus"), &how);
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct search s = {
			.strategy = search_strategy(row[i].name), .runs_max = 200, .seed = 1};

		search_run(x, &how, &s);
		assert_int_equal(s.trees.complete, row[i].complete);
		assert_int_equal(trees_counts(&s.trees).executions, row[i].complete ? 12 : 0);
		assert_int_equal(s.runs == 200, !row[i].complete);
	}
	assert_null(search_strategy("search_without_luck"));
}

/* What an execution of the tree shows is a program with a schedule, as if a strategy had found it. */
static void the_tree_finds_and_it_is_written_down(void **unused)
{
	struct exec *x = laws_exec();
	unsigned by_tree = 0;

	(void)unused;
	laws_load(LATE, &program);
	laws_how.until = "callback_after_unregister:mirror";
	for (uint64_t seed = 1; seed < 400000 && by_tree < 3; seed += 1000) {
		struct search s = {.strategy = &strategy_search, .runs_max = 20000, .seed = seed};

		exec_prepare(x, &program, subject_find("hmm_v3"), &laws_how);
		search_run(x, &laws_how, &s);
		assert_true(s.first);
		if (s.by)
			continue;
		by_tree++;
		exec_run(x, &laws_how, NULL, 0);
		assert_int_equal(x->trace.verdict.rule, RULE_callback_after_unregister);
		assert_int_equal(exec_stale(x), 0);
	}
	laws_how.until = NULL;
	assert_int_equal(by_tree, 3);
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
	search_run(x, &laws_how, &s);
	laws_how.until = NULL;
	laws_how.strength.unlock = SIM_UNLOCK_CONTRACT;
	assert_int_equal(s.first, 0);
	assert_int_equal(s.runs, 20000);
}

/* ---- slow runs ---- */

#define BOUND_MS 100

static unsigned slow_ops; /* that are still to come */
static bool slow_in_threads;

/* On the fiber, and without a hook: CPU time between the first bound and the second one. */
static void take_long(const struct exec *x, unsigned index)
{
	clock_t until = clock() + (clock_t)(1.6 * BOUND_MS / 1000 * CLOCKS_PER_SEC);

	if (!slow_ops || (slow_in_threads && x->program->ops[index].lane == LANE_MAIN))
		return;
	slow_ops--;
	while (clock() < until)
		;
}

static void never_end(const struct exec *x, unsigned index)
{
	for (;;)
		__asm__ volatile("");
}

static void a_slow_run_is_no_hang(void **unused)
{
	struct exec *x = laws_exec();
	struct exec_how how = {.strength.hang_ms = BOUND_MS, .watch_op = take_long};
	struct search s = {.strategy = &strategy_search, .seed = 1, .small = true};
	uint64_t slow = x->slow;

	(void)unused;
	laws_load(ALONE, &program);
	exec_prepare(x, &program, subject_find("hmm"), NULL);
	slow_ops = 1;
	assert_string_equal(rule_name(exec_run(x, &how, NULL, 0)->rule), "");
	assert_int_equal(x->slow, slow + 1);
	for (unsigned run = 0; run < 12; run++) { /* runs of a tree among them, and slow set-ups */
		slow_ops = 1;
		slow_in_threads = run % 3;
		assert_string_equal(rule_name(search_next(x, &how, &s)->rule), "");
		assert_int_equal(slow_ops, 0);
	}
	search_end(&s);
	how.watch_op = never_end;
	assert_string_equal(rule_name(exec_run(x, &how, NULL, 0)->rule), "hang");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(surw_and_portfolio_find_the_device_race),
		cmocka_unit_test(bystanders_cost_at_most_twice),
		cmocka_unit_test(random_needs_ten_times_as_many),
		cmocka_unit_test(the_default_search_is_between),
		cmocka_unit_test(a_search_ends_where_the_tree_does),
		cmocka_unit_test(a_focus_comes_first_and_counts_for_nothing),
		cmocka_unit_test(who_shares_memory_is_company),
		cmocka_unit_test(a_part_of_the_search_can_be_left_out),
		cmocka_unit_test(the_tree_finds_and_it_is_written_down),
		cmocka_unit_test(an_atomic_unlock_hides_it),
		cmocka_unit_test(a_slow_run_is_no_hang),
	};

	return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
