/*
 * blame_test.c - the step that made it inevitable: asked twice the same, asking changes nothing, and a
 * run is judged by what happened in it, not by how it was made.
 */
#include "tests/laws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/about.h"

#include "search/blame.h"
#include "search/search.h"
#include "letter/letter.h"

ABOUT_HERE

#define RACE "scenario/2015-device-race-as-drawn.bond"
#define FAILS "scenario/2020-failed-attach-leaves-entry.bond"

static struct program program, recorded;
static struct blame blame;

static struct exec *fail_once(const char *file, const char *subject, const char *until)
{
	struct exec *x = laws_exec();

	laws_load(file, &program);
	exec_prepare(x, &program, subject_find(subject), NULL);
	laws_how.until = until;
	exec_run(x, &laws_how, NULL, 0);
	assert_true(verdict_matches(&x->trace.verdict, until));
	return x;
}

static void asking_changes_nothing(void **unused)
{
	struct exec *x = fail_once(RACE, "hmm_v3", "dead_use:device");
	uint64_t hash = trace_hash(&x->trace), runs = x->runs, steps = x->steps;
	uint32_t pivot = exec_pivot(x, &laws_how, NULL, 0);
	char type[32], name[32];

	(void)unused;
	assert_true(pivot > 0 && pivot <= x->trace.steps);
	assert_true(trace_hash(&x->trace) == hash);
	assert_true(x->runs == runs && x->steps == steps);
	assert_int_equal(exec_stale(x), 0);
	sim_describe(x->trace.event[x->trace.verdict.event[0]].object, type, name);
	assert_string_equal(name, "device0");
	assert_int_equal(exec_pivot(x, &laws_how, NULL, 0), pivot);
	exec_run(x, &laws_how, NULL, 0);
	assert_true(trace_hash(&x->trace) == hash);
}

static void the_curve_is_full_from_the_pivot_on(void **unused)
{
	struct exec *x = fail_once(RACE, "hmm_v3", "dead_use:device");
	uint32_t pivot = exec_pivot(x, &laws_how, NULL, 0), before = 0;

	(void)unused;
	exec_blame(x, &laws_how, NULL, 0, &blame);
	assert_int_equal(blame.pivot, pivot);
	assert_true(blame.points_nr > 20 && blame.steepest);
	for (uint32_t i = 0; i < blame.points_nr; i++) {
		assert_true(blame.point[i].step >= before);
		before = blame.point[i].step;
		if (blame.point[i].step >= pivot)
			assert_int_equal(blame.point[i].fails, BLAME_CONTINUATIONS);
		if (blame.point[i].step == pivot && i)
			assert_true(blame.point[i - 1].fails < BLAME_CONTINUATIONS);
	}
}

/* A seeded run, and the schedule that was written down of it: one trace, so one pivot. */
static void a_seed_and_its_schedule_have_one_pivot(void **unused)
{
	struct exec *x = fail_once(RACE, "hmm_v3", "dead_use:device");
	struct search s = {.strategy = strategy_find("portfolio"), .runs_max = 200000, .seed = 1};
	uint64_t hash;
	uint32_t pivot;

	(void)unused;
	exec_prepare(x, &program, x->subject, &laws_how);
	search_run(x, &laws_how, &s);
	assert_true(s.first);
	hash = trace_hash(&x->trace);
	pivot = exec_pivot(x, &laws_how, s.by, s.by_seed);
	assert_true(pivot);
	assert_true(trace_hash(&x->trace) == hash);
	assert_true(exec_record(x, &laws_how, s.by, s.by_seed, &recorded));
	exec_prepare(x, &recorded, x->subject, NULL);
	exec_run(x, &laws_how, NULL, 0);
	assert_true(trace_hash(&x->trace) == hash);
	assert_int_equal(exec_pivot(x, &laws_how, NULL, 0), pivot);
}

/* Without the call that failed nothing goes wrong, so it is not behind the pivot. */
static void what_failed_fails_in_the_prefix_only(void **unused)
{
	struct exec *x = fail_once(FAILS, "sva_v4", "pasid_live:context");
	uint32_t pivot = exec_pivot(x, &laws_how, NULL, 0), failed = 0;

	(void)unused;
	for (uint32_t i = 0; i < x->trace.events_nr && !failed; i++)
		if (x->trace.event[i].kind == EV_may_fail && x->trace.event[i].arg < 0)
			failed = trace_step(&x->trace, i);
	assert_true(failed && pivot >= failed);
	exec_blame(x, &laws_how, NULL, 0, &blame);
	for (uint32_t i = 0; i < blame.points_nr; i++)
		if (blame.point[i].step < failed)
			assert_int_equal(blame.point[i].fails, 0);
}

static void steps_are_what_the_trace_counts(void **unused)
{
	struct exec *x = fail_once(RACE, "hmm_v3", "dead_use:device");
	const struct trace *t = &x->trace;

	(void)unused;
	assert_int_equal(trace_step(t, t->events_nr - 1), t->steps);
	for (uint32_t step = 1; step <= t->steps; step++) {
		int event = trace_event_of_step(t, step);

		assert_true(event >= 0);
		assert_int_equal(trace_step(t, (uint32_t)event), step);
		assert_true(event_is_visible(t->event[event].kind));
	}
	assert_int_equal(trace_event_of_step(t, 0), -1);
	assert_int_equal(trace_event_of_step(t, t->steps + 1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asking_changes_nothing),
		cmocka_unit_test(the_curve_is_full_from_the_pivot_on),
		cmocka_unit_test(a_seed_and_its_schedule_have_one_pivot),
		cmocka_unit_test(what_failed_fails_in_the_prefix_only),
		cmocka_unit_test(steps_are_what_the_trace_counts),
	};

	return cmocka_run_group_tests_name("blame", tests, NULL, NULL);
}
