/*
 * laws_test.c - what must hold for every run: the same program and schedule give the same trace, what
 * is recorded replays, what is minimised keeps its verdict, clean cores are clean and broken ones are
 * not.
 */
#include "tests/laws.h"

#include "search/minimize.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "tests/about.h"
#include "tests/share.h"

ABOUT_HERE

static const char *const scenarios[] = {
	"scenario/2015-device-race.bond",
	"scenario/2015-device-race-bystanders.bond",
	"scenario/2015-leaked-hmm.bond",
	"scenario/2015-release-never-comes.bond",
	"scenario/2015-callback-after-unregister.bond",
	"scenario/2020-stale-bond-after-exit.bond",
	"scenario/2020-unbind-after-release.bond",
	"scenario/2020-second-release.bond",
	"scenario/2020-bond-freed-under-walker.bond",
	"scenario/2020-reader-outlives-io_mm.bond",
	"scenario/2020-listed-before-attached.bond",
};
#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

static struct program program, drawn, recorded, smaller;

static uint64_t hash_of(const char *name, const char *subject)
{
	struct exec *x = laws_exec();

	laws_load(name, &program);
	exec_prepare(x, &program, subject_find(subject ? subject : program.descriptor->name), NULL);
	exec_run(x, &laws_how, NULL, 0);
	return trace_hash(&x->trace);
}

static void run_others(unsigned nr)
{
	static const char *const subjects[] = {"hmm", "hmm_v3", "sva", "sva_v4"};
	struct exec *x = laws_exec();

	for (unsigned i = 0; i < nr; i++) {
		laws_draw(subjects[i % 4], i, &drawn);
		exec_prepare(x, &drawn, subject_find(subjects[i % 4]), NULL);
		exec_run(x, &laws_how, NULL, 0);
	}
}

static void the_same_schedule_gives_the_same_trace_after_other_programs(void **unused)
{
	uint64_t hash[SCENARIOS][2];

	(void)unused;
	for (unsigned i = 0; i < SCENARIOS; i++)
		for (unsigned posted = 0; posted < 2; posted++)
			hash[i][posted] =
				hash_of(scenarios[i], posted ? i < 5 ? "hmm_v3" : "sva_v4" : NULL);
	run_others(share(10000));
	for (unsigned again = 0; again < share(500); again++)
		for (unsigned i = 0; i < SCENARIOS; i++) {
			unsigned posted = again % 2;

			assert_int_equal(
				hash[i][posted],
				hash_of(scenarios[i], posted ? i < 5 ? "hmm_v3" : "sva_v4" : NULL));
		}
}

static void different_schedules_give_different_traces(void **unused)
{
	struct exec *x = laws_exec();
	uint64_t seen[64];

	(void)unused;
	laws_load(scenarios[0], &program);
	exec_prepare(x, &program, subject_find("hmm"), &laws_how);
	for (unsigned i = 0; i < 64; i++) {
		exec_run(x, &laws_how, strategy_find("random"), i);
		seen[i] = trace_hash(&x->trace);
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(seen[i], seen[j]);
	}
}

/* Every run with a verdict, recorded as a plain schedule, gives that verdict and trace again. */
static void what_is_recorded_replays(void **unused)
{
	struct exec *x = laws_exec();
	unsigned done = 0, whole = 0;

	(void)unused;
	for (unsigned i = 0; i < share(1500); i++) {
		const char *subject = i % 2 ? "hmm_v3" : "sva_v4";
		char signature[SIGNATURE_MAX], again[SIGNATURE_MAX];

		laws_draw(subject, i, &drawn);
		exec_prepare(x, &drawn, subject_find(subject), &laws_how);
		exec_run(x, &laws_how, strategy_find("portfolio"), i);
		if (!x->trace.verdict.rule)
			continue;
		/* Which of several racing pairs TSan names is its own choice. */
		if (x->trace.verdict.rule == RULE_data_race)
			continue;
		verdict_signature(&x->trace.verdict, signature, sizeof(signature));
		done++;
		if (!exec_record(x, &laws_how, strategy_find("portfolio"), i, &recorded))
			continue;
		whole++;
		if (program_validate(&recorded))
			fail_msg("program %u: %s", i, program_validate(&recorded));
		exec_prepare(x, &recorded, subject_find(subject), NULL);
		exec_run(x, &laws_how, NULL, 0);
		verdict_signature(&x->trace.verdict, again, sizeof(again));
		assert_string_equal(signature, again);
		assert_int_equal(exec_stale(x), 0);
	}
	assert_above(done, share(200));
	assert_true(whole * 10 > done * 9);
}

static void minimising_keeps_the_verdict_and_is_idempotent(void **unused)
{
	struct exec *x = laws_exec();
	unsigned done = 0, wanted = share(25);

	(void)unused;
	for (unsigned i = 0; i < 4000 && done < wanted; i++) {
		char signature[SIGNATURE_MAX], again[SIGNATURE_MAX];

		laws_draw("hmm_v3", i, &drawn);
		exec_prepare(x, &drawn, subject_find("hmm_v3"), &laws_how);
		exec_run(x, &laws_how, strategy_find("portfolio"), i);
		if (!x->trace.verdict.rule ||
		    !exec_record(x, &laws_how, strategy_find("portfolio"), i, &recorded))
			continue;
		verdict_symptom(&x->trace.verdict, signature, sizeof(signature));
		exec_minimize(x, &laws_how, &recorded, 100000);
		verdict_symptom(&x->trace.verdict, again, sizeof(again));
		assert_string_equal(signature, again);
		assert_true(recorded.ops_nr <= drawn.ops_nr);
		smaller = recorded;
		exec_minimize(x, &laws_how, &smaller, 100000);
		assert_int_equal(smaller.ops_nr, recorded.ops_nr);
		assert_int_equal(smaller.deviations_nr, recorded.deviations_nr);
		done++;
	}
	assert_int_equal(done, wanted);
}

/* The generator and seeds that leave a clean core silent find the bugs of the posted one. */
static unsigned verdicts_of(const char *subject, unsigned programs, const char *const wanted[])
{
	struct exec *x = laws_exec();
	unsigned all = 0, seen = 0;

	for (unsigned w = 0; wanted[w]; w++) {
		laws_how.until = wanted[w];
		for (unsigned i = 0; i < programs; i++) {
			laws_draw(subject, i, &drawn);
			exec_prepare(x, &drawn, subject_find(subject), &laws_how);
			for (unsigned seed = 0; seed < 40; seed++) {
				exec_run(x, &laws_how, strategy_find("portfolio"), seed);
				seen += x->trace.verdict.rule &&
					verdict_matches(&x->trace.verdict, wanted[w]);
			}
			if (seen)
				break;
		}
		laws_how.until = NULL;
		all += seen != 0;
		seen = 0;
	}
	return all;
}

static void generated_programs_find_the_four_bugs_of_hmm_v3(void **unused)
{
	static const char *const wanted[] = {"leak:hmm", "missed_release:mirror", "dead_use:device",
					     "callback_after_unregister:mirror", NULL};

	(void)unused;
	assert_int_equal(verdicts_of("hmm_v3", 3000, wanted), 4);
}

static void generated_programs_find_the_two_bugs_of_sva_v4(void **unused)
{
	static const char *const wanted[] = {"dead_use:io_mm", "entry_missing:bond", NULL};

	(void)unused;
	assert_int_equal(verdicts_of("sva_v4", 3000, wanted), 2);
}

static void stay_silent(const char *subject, unsigned programs)
{
	struct exec *x = laws_exec();
	uint64_t steps = x->steps, runs = x->runs;

	for (unsigned i = 0; i < programs; i++) {
		laws_draw(subject, i, &drawn);
		exec_prepare(x, &drawn, subject_find(subject), &laws_how);
		for (unsigned seed = 0; seed < 10; seed++) {
			exec_run(x, &laws_how, strategy_find("portfolio"), seed);
			if (x->trace.verdict.rule)
				fail_msg("%s, program %u, seed %u: %s %s", subject, i, seed,
					 rule_name(x->trace.verdict.rule), x->trace.verdict.object);
		}
	}
	assert_true(x->steps - steps > 60 * (x->runs - runs));
}

static void clean_cores_stay_silent(void **unused)
{
	(void)unused;
	stay_silent("hmm", share(400));
	stay_silent("sva", share(400));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_schedule_gives_the_same_trace_after_other_programs),
		cmocka_unit_test(different_schedules_give_different_traces),
		cmocka_unit_test(what_is_recorded_replays),
		cmocka_unit_test(minimising_keeps_the_verdict_and_is_idempotent),
		cmocka_unit_test(generated_programs_find_the_four_bugs_of_hmm_v3),
		cmocka_unit_test(generated_programs_find_the_two_bugs_of_sva_v4),
		cmocka_unit_test(clean_cores_stay_silent),
	};

	return cmocka_run_group_tests_name("laws", tests, NULL, NULL);
}
