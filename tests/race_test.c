/*
 * race_test.c - a race that was planted in a core is reported on every replay, in one process; the
 * clean core on the same schedule is silent. By TSan where it is built in, by the detector of our
 * own in every build; and what TSan reports the detector reports in the same run.
 *
 * Beside it: plain accesses as scheduling points, and stores that come late. What only they find is
 * not found without them.
 */
#include "tests/laws.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "tests/about.h"
#include "tests/share.h"

#include "search/minimize.h"
#include "search/search.h"
#include "exec/race.h"
#include "zoo/defect.h"

ABOUT_HERE

#define REPLAYS 100
#define SEARCHES 400	  /* runs of each program */
#define SEARCH_RUNS 20000 /* of a search that may find nothing */

static struct program program;

static unsigned races(const char *defect)
{
	struct exec *x = laws_exec();
	unsigned n = 0;

	assert_true(defect_enable(defect));
	laws_how.until = "data_race";
	exec_prepare(x, &program, subject_find("hmm"), NULL);
	for (unsigned i = 0; i < REPLAYS; i++) {
		exec_run(x, &laws_how, NULL, 0);
		n += x->trace.verdict.rule == RULE_data_race;
	}
	laws_how.until = NULL;
	defect_enable(NULL);
	return n;
}

static void a_planted_race_is_reported_on_each_of_100_replays(void **unused)
{
	(void)unused;
	laws_how.strength.races = !sim_sanitizer() || strcmp(sim_sanitizer(), "ThreadSanitizer");
	laws_load("../tests/data/users_unlocked.bond", &program);
	assert_int_equal(races(NULL), 0);
	assert_int_equal(races("mmu_notifier_put_counts_unlocked"), REPLAYS);
	assert_int_equal(races(NULL), 0);
	laws_how.strength.races = false;
}

static void the_trace_is_the_same_with_the_detector(void **unused)
{
	struct exec *x = laws_exec();
	const struct strategy *random = strategy_find("random");

	(void)unused;
	laws_load("../tests/data/users_unlocked.bond", &program);
	exec_prepare(x, &program, subject_find("hmm"), NULL);
	for (uint64_t seed = 1; seed <= 200; seed++) {
		uint64_t hash;

		laws_how.strength.races = false;
		exec_run(x, &laws_how, random, seed);
		hash = trace_hash(&x->trace);
		laws_how.strength.races = true;
		exec_run(x, &laws_how, random, seed);
		assert_int_equal(trace_hash(&x->trace), hash);
	}
	laws_how.strength.races = false;
}

static void a_confirmed_race_has_both_stacks_and_both_orders(void **unused)
{
	struct exec *x = laws_exec();
	struct sim_race race;
	uint64_t seed = 0;

	(void)unused;
	laws_load("../tests/data/users_unlocked.bond", &program);
	assert_true(defect_enable("mmu_notifier_put_counts_unlocked"));
	laws_how.strength.races = true;
	exec_prepare(x, &program, subject_find("hmm"), NULL);
	exec_run(x, &laws_how, NULL, 0);
	assert_string_equal(rule_name(x->trace.verdict.rule), "data_race");
	assert_true(sim_race(&race));
	assert_int_equal(race_confirm(x, &laws_how, &race, 2000, &seed), RACE_REVERSED);
	assert_true(seed);
	for (unsigned i = 0; i < 2; i++) {
		assert_string_equal(sim_function_at(race.stack[i][0]), "subscription_drop_user");
		assert_string_equal(sim_function_at(race.stack[i][1]), "mmu_notifier_put");
	}
	sim_forget_race_points();
	laws_how.strength.races = false;
	defect_enable(NULL);
}

static enum race_order confirmed(const char *file, const char *subject, const char *defect)
{
	struct exec *x = laws_exec();
	enum race_order order = RACE_ONE_ORDER;
	struct sim_race race;
	uint64_t seed = 0;

	laws_load(file, &program);
	assert_true(defect_enable(defect));
	laws_how.strength.races = true;
	laws_how.until = "data_race";
	exec_prepare(x, &program, subject_find(subject), NULL);
	for (uint64_t n = 1; n <= SEARCHES && !seed; n++) {
		exec_run(x, &laws_how, strategy_find("portfolio"), n);
		if (!sim_race(&race))
			continue;
		order = race_confirm(x, &laws_how, &race, 2000, &seed);
		break;
	}
	sim_forget_race_points();
	laws_how.until = NULL;
	laws_how.strength.races = false;
	defect_enable(NULL);
	return order;
}

/* The other order of an access and a free is a use; a publication has none but in weak memory. */
static void a_race_is_confirmed_by_a_use_after_free_or_a_late_store(void **unused)
{
	(void)unused;
	assert_int_equal(confirmed("zoo/sva_unbind_frees_bond_at_once.bond", "sva",
				   "sva_unbind_frees_bond_at_once"),
			 RACE_USED_FREED);
	assert_int_equal(confirmed("zoo/sva_attach_publishes_plain.bond", "sva",
				   "sva_attach_publishes_plain"),
			 RACE_LATE);
}

/* The posted cores race, and so does the clean one with some of its defects. */
static unsigned searched_by_both(const char *file, const char *subject, const char *defect)
{
	struct exec *x = laws_exec();
	const struct strategy *portfolio = strategy_find("portfolio");
	unsigned reported = 0;

	laws_load(file, &program);
	assert_true(defect_enable(defect));
	exec_prepare(x, &program, subject_find(subject), NULL);
	for (uint64_t seed = 1; seed <= share(SEARCHES); seed++) {
		struct sim_race race;

		exec_run(x, &laws_how, portfolio, seed);
		if (!race_sanitizer_says())
			continue;
		reported++;
		if (!sim_race(&race))
			fail_msg("%s on %s, seed %u: TSan reports a race and we do not", file,
				 subject, (unsigned)seed);
	}
	defect_enable(NULL);
	return reported;
}

static void what_tsan_reports_the_detector_reports(void **unused)
{
	unsigned reported = 0;

	(void)unused;
	if (!sim_sanitizer() || strcmp(sim_sanitizer(), "ThreadSanitizer"))
		skip();
	laws_how.strength.races = true;
	reported += searched_by_both("../tests/data/users_unlocked.bond", "hmm",
				     "mmu_notifier_put_counts_unlocked");
	reported += searched_by_both("scenario/2015-device-race.bond", "hmm_v3", NULL);
	reported += searched_by_both("scenario/2015-leaked-hmm.bond", "hmm_v3", NULL);
	reported +=
		searched_by_both("scenario/2015-callback-after-unregister.bond", "hmm_v3", NULL);
	reported += searched_by_both("scenario/2020-second-release.bond", "sva_v4", NULL);
	reported += searched_by_both("scenario/2020-listed-before-attached.bond", "sva_v4", NULL);
	reported += searched_by_both("scenario/2020-stale-bond-after-exit.bond", "sva_v4", NULL);
	laws_how.strength.races = false;
	assert_true(reported >= share(SEARCHES));
}

/* Runs to the verdict, 0: not in @runs. */
static uint64_t search(const char *subject, const char *defect, const char *until, unsigned runs)
{
	struct exec *x = laws_exec();
	struct search s = {.strategy = strategy_find("portfolio"), .seed = 1, .runs_max = runs};

	assert_true(defect_enable(defect));
	laws_how.until = until;
	exec_prepare(x, &program, subject_find(subject), &laws_how);
	search_run(x, &laws_how, &s);
	laws_how.until = NULL;
	defect_enable(NULL);
	return s.first;
}

/* A count that is read, changed and written by two at a time: no order of primitives loses one. */
static void a_lost_update_needs_accesses_as_scheduling_points(void **unused)
{
	struct sim_strength *s = &laws_how.strength;
	static const char defect[] = "mmu_notifier_put_counts_unlocked";
	unsigned silent = share(SEARCH_RUNS);

	(void)unused;
	laws_load("../tests/data/users_unlocked.bond", &program);
	assert_int_equal(search("hmm", defect, "leak", silent), 0);
	s->granularity = SIM_ACCESSES;
	assert_true(search("hmm", defect, "leak", SEARCH_RUNS));
	assert_int_equal(search("hmm", NULL, "any", silent), 0);
	s->races = true;
	s->granularity = SIM_RACY;
	assert_true(search("hmm", defect, "leak", SEARCH_RUNS));
	assert_int_equal(search("hmm", NULL, "any", silent), 0);
	*s = (struct sim_strength){0};
	sim_forget_race_points();
}

/*
 * Where plain accesses are is the compiler's choice, and which of them race a search has learnt. So a
 * schedule names them only where all are scheduling points; else the run stays a seed.
 */
static void a_plain_access_is_written_down_where_all_are_choices(void **unused)
{
	struct exec *x = laws_exec();
	static struct program recorded;

	(void)unused;
	laws_load("../tests/data/users_unlocked.bond", &program);
	assert_true(defect_enable("mmu_notifier_put_counts_unlocked"));
	laws_how.until = "leak";
	for (int all = 0; all < 2; all++) {
		struct search s = {
			.strategy = strategy_find("random"), .seed = 1, .runs_max = SEARCH_RUNS};

		laws_how.strength.races = !all;
		laws_how.strength.granularity = all ? SIM_ACCESSES : SIM_RACY;
		exec_prepare(x, &program, subject_find("hmm"), &laws_how);
		search_run(x, &laws_how, &s);
		assert_true(s.first);
		assert_int_equal(exec_record(x, &laws_how, s.by, s.by_seed, &recorded), all);
		assert_string_equal(program_name(&recorded, recorded.strategy),
				    all ? "" : "random");
		assert_int_equal(recorded.seed, all ? 0 : s.by_seed);
		x->program = &recorded;
		exec_run(x, &laws_how, NULL, 0);
		assert_string_equal(rule_name(x->trace.verdict.rule), "leak");
		if (!all)
			continue;
		/* And its schedule says by itself that they are. */
		laws_how.strength = (struct sim_strength){0};
		exec_prepare(x, &recorded, subject_find("hmm"), NULL);
		exec_run(x, &laws_how, NULL, 0);
		assert_string_equal(rule_name(x->trace.verdict.rule), "leak");
		assert_false(exec_stale(x));
	}
	laws_how.until = NULL;
	laws_how.strength = (struct sim_strength){0};
	sim_forget_race_points();
	defect_enable(NULL);
}

/* BUGS S12: no order of the steps shows a bond before what was written to it, a late store does. */
static void a_bond_published_by_plain_stores_is_seen_unset_in_weak_memory(void **unused)
{
	struct sim_strength *s = &laws_how.strength;
	static const char defect[] = "sva_attach_publishes_plain";
	unsigned silent = share(SEARCH_RUNS);

	(void)unused;
	laws_load("zoo/sva_attach_publishes_plain.bond", &program);
	assert_int_equal(search("sva", defect, "null_deref", silent), 0);
	s->weak = true;
	assert_true(search("sva", defect, "null_deref", SEARCH_RUNS));
	assert_int_equal(search("sva", NULL, "any", silent), 0);
	s->weak = false;
}

/* Does the trace say of some object that a store to it was late? */
static bool has_late_store(const struct trace *t)
{
	for (uint32_t i = 0; i < t->events_nr; i++)
		if (t->event[i].kind == EV_late && OBJECT_BLOCK(t->event[i].object))
			return true;
	return false;
}

/* The one switch comes after both stores in the order of the program: no preemption explains it. */
static void a_late_store_needs_no_preemption_besides(void **unused)
{
	struct exec *x = laws_exec();
	unsigned seen[2] = {0, 0};

	(void)unused;
	laws_load("../tests/data/published_plain.bond", &program);
	assert_true(defect_enable("sva_attach_publishes_plain"));
	laws_how.until = "null_deref";
	exec_prepare(x, &program, subject_find("sva"), NULL);
	for (unsigned weak = 0; weak < 2; weak++) {
		laws_how.strength.weak = weak;
		for (program.seed = 1; program.seed <= 200; program.seed++) {
			exec_run(x, &laws_how, NULL, 0);
			assert_int_equal(exec_stale(x), 0);
			seen[weak] += x->trace.verdict.rule == RULE_null_deref;
			if (x->trace.verdict.rule == RULE_null_deref)
				assert_true(has_late_store(&x->trace));
			if (!weak)
				assert_false(has_late_store(&x->trace));
		}
	}
	assert_int_equal(seen[0], 0);
	assert_true(seen[1]);
	laws_how.until = NULL;
	laws_how.strength.weak = false;
	defect_enable(NULL);
}

/* Recorded with the seed that its late stores were drawn from. */
static void a_run_in_weak_memory_is_written_down(void **unused)
{
	struct exec *x = laws_exec();
	static struct program recorded;
	struct search s = {
		.strategy = strategy_find("portfolio"), .seed = 1, .runs_max = SEARCH_RUNS};

	(void)unused;
	laws_load("zoo/sva_attach_publishes_plain.bond", &program);
	assert_true(defect_enable("sva_attach_publishes_plain"));
	laws_how.strength.weak = true;
	laws_how.until = "null_deref";
	exec_prepare(x, &program, subject_find("sva"), &laws_how);
	search_run(x, &laws_how, &s);
	assert_true(s.first);
	assert_true(exec_record(x, &laws_how, s.by, s.by_seed, &recorded));
	assert_string_equal(program_name(&recorded, recorded.strategy), "late");
	exec_minimize(x, &laws_how, &recorded, 2000);
	assert_string_equal(rule_name(x->trace.verdict.rule), "null_deref");
	laws_how.strength.weak = false;
	exec_run(x, &laws_how, NULL, 0);
	assert_string_equal(rule_name(x->trace.verdict.rule), "");
	laws_how.until = NULL;
	defect_enable(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_planted_race_is_reported_on_each_of_100_replays),
		cmocka_unit_test(the_trace_is_the_same_with_the_detector),
		cmocka_unit_test(a_confirmed_race_has_both_stacks_and_both_orders),
		cmocka_unit_test(a_race_is_confirmed_by_a_use_after_free_or_a_late_store),
		cmocka_unit_test(what_tsan_reports_the_detector_reports),
		cmocka_unit_test(a_lost_update_needs_accesses_as_scheduling_points),
		cmocka_unit_test(a_plain_access_is_written_down_where_all_are_choices),
		cmocka_unit_test(a_bond_published_by_plain_stores_is_seen_unset_in_weak_memory),
		cmocka_unit_test(a_late_store_needs_no_preemption_besides),
		cmocka_unit_test(a_run_in_weak_memory_is_written_down),
	};

	return cmocka_run_group_tests_name("race", tests, NULL, NULL);
}
