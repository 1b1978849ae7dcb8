/*
 * minimize_test.c - what must hold of a finding that was made small.
 *
 * The symptom stays, nothing more can go, doing it again changes nothing, equal findings end as the
 * same text, and "no schedule has fewer changes of lane" is what an enumeration by preemptions says,
 * which knows nothing of that search.
 */
#include "tests/laws.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/about.h"
#include "tests/share.h"

#include "search/another.h"
#include "search/explore.h"
#include "search/search.h"
#include "search/minimize.h"

ABOUT_HERE

static struct program drawn, small, again, less;

static const char *printed(const struct program *p)
{
	static char data[2][PROGRAM_TEXT_MAX];
	static unsigned turn;
	struct text t = text_init(data[turn ^= 1], sizeof(data[0]));

	program_print(p, &t);
	assert_false(t.full);
	return t.data;
}

static const char *symptom(const struct exec *x)
{
	static char text[2][SIGNATURE_MAX];
	static unsigned turn;

	turn ^= 1;
	verdict_symptom(&x->trace.verdict, text[turn], sizeof(text[turn]));
	return text[turn];
}

/* The first failing run of @p from @seed on, written down in small. */
static bool find(struct exec *x, const struct program *p, const char *subject, uint64_t seed,
		 unsigned runs)
{
	const struct strategy *portfolio = strategy_find("portfolio");
	struct search s = {.strategy = portfolio, .seed = seed, .runs_max = runs};

	exec_prepare(x, p, subject_find(subject), &laws_how);
	search_run(x, &laws_how, &s);
	return s.first && exec_record(x, &laws_how, portfolio, s.by_seed, &small);
}

/* ---- what stays, and what goes ---- */

static void check_nothing_more_can_go(struct exec *x, const char *kept)
{
	for (unsigned i = 0; i < small.ops_nr; i++) {
		less = small;
		program_drop_op(&less, i);
		exec_prepare(x, &less, x->subject, NULL);
		exec_run(x, &laws_how, NULL, 0);
		assert_string_not_equal(symptom(x), kept);
	}
}

static void check_names(const struct program *p)
{
	uint8_t same[LANES];

	for (unsigned lane = 0; lane < LANES; lane++)
		same[lane] = (uint8_t)lane;
	program_canonical(p, same, &again);
	assert_string_equal(printed(&again), printed(p));
	for (unsigned lane = LANE_A; lane < LANE_F; lane++)
		assert_false(laws_exec()->lanes >> (lane + 1) & 1 &&
			     !(laws_exec()->lanes >> lane & 1));
}

static void minimise_some(const char *subject, unsigned wanted)
{
	struct exec *x = laws_exec();
	unsigned done = 0;

	for (unsigned i = 0; i < 4000 && done < wanted; i++) {
		char kept[SIGNATURE_MAX];

		laws_draw(subject, i, &drawn);
		if (!find(x, &drawn, subject, i, 20))
			continue;
		strcpy(kept, symptom(x));
		exec_minimize(x, &laws_how, &small, 100000);
		assert_string_equal(symptom(x), kept);
		assert_int_equal(exec_stale(x), 0);
		assert_null(program_validate(&small));
		check_names(&small);
		check_nothing_more_can_go(x, kept);
		exec_prepare(x, &small, x->subject, NULL);
		again = small;
		exec_minimize(x, &laws_how, &again, 100000);
		assert_string_equal(printed(&again), printed(&small));
		done++;
	}
	assert_int_equal(done, wanted);
}

static void the_symptom_stays_and_nothing_more_can_go(void **unused)
{
	(void)unused;
	minimise_some("hmm_v3", share(12));
	minimise_some("sva_v4", share(6));
}

/* ---- equal findings ---- */

static void swap_threads(const struct program *p, struct program *ret)
{
	uint8_t lane_to[LANES];

	for (unsigned lane = 0; lane < LANES; lane++)
		lane_to[lane] = (uint8_t)lane;
	lane_to[LANE_A] = LANE_D;
	lane_to[LANE_B] = LANE_A;
	program_canonical(p, lane_to, ret);
}

static void equal_findings_end_as_the_same_text(void **unused)
{
	static struct program swapped;
	struct exec *x = laws_exec();
	char first[PROGRAM_TEXT_MAX] = "";

	(void)unused;
	laws_load("scenario/2015-device-race.bond", &drawn);
	drawn.deviations_nr = 0;
	drawn.scheduled = false;
	swap_threads(&drawn, &swapped);
	assert_string_not_equal(printed(&drawn), printed(&swapped));
	for (unsigned i = 0; i < share(24); i++) {
		laws_how.until = "dead_use:device";
		assert_true(find(x, i % 2 ? &swapped : &drawn, "hmm_v3", 1 + i * 1000000u, 20000));
		exec_minimize(x, &laws_how, &small, 4000);
		assert_string_equal(laws_how.until, "dead_use:device");
		if (!first[0])
			strcpy(first, printed(&small));
		assert_string_equal(printed(&small), first);
	}
	laws_how.until = NULL;
}

static uint64_t runs_of_search(struct another *a, const char *wanted, const struct program *p)
{
	struct exec *x = laws_exec();
	uint64_t before = x->runs;

	again = *p;
	x->subject = subject_find("hmm_v3");
	assert_false(another_find(a, x, &laws_how, wanted, &again));
	return x->runs - before;
}

static void no_program_is_searched_twice_for_one_symptom(void **unused)
{
	static struct program swapped;
	struct another a = {{0}, 0};
	struct exec *x = laws_exec();
	char wanted[SIGNATURE_MAX];

	(void)unused;
	laws_load("scenario/2015-device-race.bond", &drawn);
	swap_threads(&drawn, &swapped);
	assert_true(runs_of_search(&a, "leak:page", &drawn) > 0);
	assert_int_equal(runs_of_search(&a, "leak:page", &swapped), 0);
	assert_true(runs_of_search(&a, "leak:mm", &swapped) > 0);
	laws_how.until = "leak:page";
	assert_true(runs_of_search(&a, "leak:page", &swapped) > 0);
	laws_how.until = "dead_use:device";
	assert_true(find(x, &drawn, "hmm_v3", 1, 20000));
	strcpy(wanted, symptom(x));
	assert_true(another_find(&a, x, &laws_how, wanted, &swapped));
	assert_string_equal(symptom(x), wanted);
	laws_how.until = NULL;
}

static void names_of_expectations_follow_their_objects(void **unused)
{
	struct exec *x = laws_exec();

	(void)unused;
	laws_load("scenario/2015-device-race.bond", &drawn);
	/* device0 becomes device3, as somebody might have written it. */
	for (unsigned i = 0; i < drawn.ops_nr; i++) {
		const struct op_type *type = &drawn.descriptor->ops[drawn.ops[i].verb];

		if (type->gives >= 0 && !strcmp(drawn.descriptor->objects[type->gives], "device"))
			drawn.ops[i].result = 3;
		for (unsigned j = 0; j < type->operands_nr; j++)
			if (type->operands[j].kind == OPERAND_OBJECT &&
			    !strcmp(drawn.descriptor->objects[type->operands[j].object_kind],
				    "device"))
				drawn.ops[i].operand[j] = 3;
	}
	drawn.expects[1].object = (uint16_t)program_intern(&drawn, "device3", 7);
	assert_null(program_validate(&drawn));
	laws_how.until = "dead_use:device3";
	exec_prepare(x, &drawn, subject_find("hmm_v3"), NULL);
	exec_run(x, &laws_how, NULL, 0);
	assert_string_equal(x->trace.verdict.object, "device3");
	exec_minimize(x, &laws_how, &drawn, 4000);
	laws_how.until = NULL;
	assert_string_equal(x->trace.verdict.object, "device0");
	assert_non_null(strstr(printed(&drawn), "expect hmm_v3: dead_use device0\n"));
}

static void what_has_to_fail_stays_in_the_schedule(void **unused)
{
	struct exec *x = laws_exec();

	(void)unused;
	laws_load("scenario/2020-failed-attach-leaves-entry.bond", &drawn);
	exec_prepare(x, &drawn, subject_find("sva_v4"), NULL);
	exec_run(x, &laws_how, NULL, 0);
	assert_string_not_equal(rule_name(x->trace.verdict.rule), "");
	exec_minimize(x, &laws_how, &drawn, 4000);
	assert_non_null(strstr(printed(&drawn), " fails\n"));
}

/* ---- the proof ---- */

struct fewest {
	char wanted[SIGNATURE_MAX];
	unsigned switches;
};

static void look(void *arg, const struct exec *x)
{
	struct fewest *f = arg;

	if (strcmp(symptom(x), f->wanted) == 0 && x->choice.switches < f->switches)
		f->switches = x->choice.switches;
}

/* Who changes lanes n times preempts at most n times: so all that could be better are among these. */
static unsigned fewest_by_preemptions(struct exec *x, const struct program *p, unsigned bound,
				      const char *wanted)
{
	static struct explore explored;
	static struct fewest f;

	f.switches = UINT32_MAX;
	snprintf(f.wanted, sizeof(f.wanted), "%s", wanted);
	explored =
		(struct explore){.trees = {.strategy = &strategy_exhaust, .preemptions_max = bound},
				 .runs_max = 400000,
				 .each = look,
				 .arg = &f};
	exec_prepare(x, p, x->subject, NULL);
	exec_explore(x, &laws_how, &explored);
	return explored.trees.complete ? f.switches : 0;
}

static void prove_some(const char *subject, unsigned wanted)
{
	struct exec *x = laws_exec();
	unsigned done = 0;

	for (unsigned i = 0; i < 4000 && done < wanted; i++) {
		struct minimize m = {.replays_max = 4000, .schedules_max = 50000};
		char kept[SIGNATURE_MAX], until[80];
		unsigned fewest;

		laws_draw(subject, i, &drawn);
		if (!find(x, &drawn, subject, i, 20))
			continue;
		exec_minimize_with(x, &laws_how, &small, &m);
		if (!m.proved || !m.switches || m.switches > 2)
			continue;
		assert_int_equal(m.switches, x->choice.switches);
		strcpy(kept, symptom(x));
		snprintf(until, sizeof(until), "%s:%s", rule_name(x->trace.verdict.rule),
			 x->trace.verdict.type);
		laws_how.until = until;
		fewest = fewest_by_preemptions(x, &small, m.switches, kept);
		laws_how.until = NULL;
		if (!fewest)
			continue; /* too many to run them all */
		assert_int_equal(fewest, m.switches);
		done++;
	}
	assert_int_equal(done, wanted);
}

static void the_fewest_changes_are_what_brute_force_finds(void **unused)
{
	(void)unused;
	prove_some("hmm_v3", share(6));
	prove_some("sva_v4", 3);
}

static unsigned stop_after;

static bool stops(void)
{
	return !stop_after || !--stop_after;
}

/* Whenever somebody stops it, what is there fails as it did. */
static void what_is_best_so_far_is_kept(void **unused)
{
	struct exec *x = laws_exec();
	unsigned least = UINT32_MAX;

	(void)unused;
	laws_load("scenario/2015-device-race-bystanders.bond", &drawn);
	for (unsigned n = 1; n < 3000; n = n * 2 + 1) {
		struct minimize m = {.replays_max = 4000, .schedules_max = 4000, .stop = stops};
		char kept[SIGNATURE_MAX];

		laws_how.until = "dead_use:device";
		assert_true(find(x, &drawn, "hmm_v3", 1, 100000));
		strcpy(kept, symptom(x));
		stop_after = n;
		exec_minimize_with(x, &laws_how, &small, &m);
		assert_string_equal(symptom(x), kept);
		assert_true(small.ops_nr <= least);
		least = small.ops_nr;
	}
	assert_true(least < drawn.ops_nr);
	laws_how.until = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_symptom_stays_and_nothing_more_can_go),
		cmocka_unit_test(equal_findings_end_as_the_same_text),
		cmocka_unit_test(no_program_is_searched_twice_for_one_symptom),
		cmocka_unit_test(names_of_expectations_follow_their_objects),
		cmocka_unit_test(what_has_to_fail_stays_in_the_schedule),
		cmocka_unit_test(the_fewest_changes_are_what_brute_force_finds),
		cmocka_unit_test(what_is_best_so_far_is_kept),
	};

	return cmocka_run_group_tests_name("minimize", tests, NULL, NULL);
}
