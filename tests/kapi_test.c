/*
 * kapi_test.c - the simulated platform: each weakness shows its bug, each check speaks and is
 * silent.
 *
 * The cases stand in tables (kapi_litmus_*.c), one test a row: first the good run, then the bad
 * one, under the yardstick and under what searches use. A bad run may break no other rule than its
 * row says. Laws over all rows follow: a run is repeated to the bit, whatever ran before it and
 * however that ended; what was recorded is replayed. The last test asks for every rule that kapi
 * checks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "litmus.h"
#include "share.h"
#include "trace/rule.h"

#define GOOD_RUNS 3000 /* per strategy */
#define BAD_RUNS 3000  /* until the first has been found */
#define BAD_RUNS_AT_ONCE 100
#define CASES_MAX 512
#define FRESH_SEEDS 3

static const char *const strategies[] = {"random", "portfolio"};

static const struct litmus_case *const tables[] = {
#define ROW(table) kapi_litmus_##table,
	LITMUS_TABLES(ROW)
#undef ROW
};

static const struct litmus_case *cases[CASES_MAX];
static unsigned cases_nr;
static uint64_t fresh[CASES_MAX][FRESH_SEEDS]; /* hashes of good runs in a process of their own */

static void collect_cases(void)
{
	for (unsigned t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct litmus_case *c = tables[t]; c->name; c++) {
			assert_true(cases_nr < CASES_MAX);
			cases[cases_nr++] = c;
		}
}

/* ---- one row ---- */

static bool is_signature(const char *signature, const char *wanted, size_t len)
{
	return strncmp(signature, wanted, len) == 0 && strchr("@+=", signature[len]);
}

/* Where in the list of wanted signatures, from 0, or -1. */
static int place_in(const char *wanted, const char *signature)
{
	for (int place = 0;; place++) {
		size_t len = strcspn(wanted, " ");

		if (is_signature(signature, wanted, len))
			return place;
		if (!wanted[len])
			return -1;
		wanted += len + 1;
	}
}

static bool has_words(const char *text, const char *words)
{
	char word[96];

	for (; words && *words;
	     words += words[strlen(word)] == '|' ? strlen(word) + 1 : strlen(word)) {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(words, "|"), words);
		if (!strstr(text, word))
			return false;
	}
	return true;
}

static bool is_race(const char *signature)
{
	return strncmp(signature, "data_race", 9) == 0;
}

static void must_be_silent(const struct litmus_case *c, const char *strategy)
{
	struct litmus_counts seen;

	litmus_learn(&c->good);
	litmus_search(&c->good, strategy, share(GOOD_RUNS), &seen);
	for (unsigned i = 0; i < seen.kinds_nr; i++)
		if (!c->good.races || !is_race(seen.kind[i].signature))
			fail_msg("%s: the good one, %s seed %u: %s (%s)", c->name, strategy,
				 (unsigned)seen.kind[i].seed, seen.kind[i].signature,
				 seen.kind[i].text);
}

/* Looks at everything that was seen. Returns: was the wanted verdict among it? */
static bool check_seen(const struct litmus_case *c, const char *strategy,
		       const struct litmus_counts *seen)
{
	bool found = false;

	for (unsigned i = 0; i < seen->kinds_nr; i++) {
		int place = place_in(c->verdict, seen->kind[i].signature);

		if (place < 0 && !is_race(seen->kind[i].signature))
			fail_msg("%s: the bad one, %s seed %u: %s (%s)", c->name, strategy,
				 (unsigned)seen->kind[i].seed, seen->kind[i].signature,
				 seen->kind[i].text);
		found |= place == 0 && has_words(seen->kind[i].text, c->text);
	}
	return found;
}

static void must_be_found(const struct litmus_case *c, const char *strategy)
{
	struct litmus_counts seen;

	litmus_learn(&c->bad);
	litmus_search(&c->bad, strategy, BAD_RUNS_AT_ONCE, &seen);
	if (check_seen(c, strategy, &seen))
		return;
	litmus_search(&c->bad, strategy, BAD_RUNS, &seen);
	if (!check_seen(c, strategy, &seen))
		fail_msg("%s: %s never found %s (%s)", c->name, strategy, c->verdict,
			 c->text ? c->text : "");
}

static void case_holds(void **state)
{
	const struct litmus_case *c = *state;

	for (unsigned i = 0; i < 2; i++) {
		must_be_silent(c, strategies[i]);
		must_be_found(c, strategies[i]);
	}
}

/* ---- the same again ---- */

static uint64_t hash_of(const struct litmus *l, uint64_t seed)
{
	litmus_run(l, "random", seed);
	return trace_hash(litmus_trace());
}

/* In another process it would be at another address, and the hash of the trace another one. */
static void where_a_pointer_points_is_no_part_of_the_trace(void **state)
{
	const struct trace *t = litmus_trace();
	unsigned exchanges = 0;

	litmus_learn(&litmus_exchanges);
	litmus_run(&litmus_exchanges, "random", 1);
	assert_int_equal(t->verdict.rule, RULE_NONE);
	for (uint32_t i = 0; i < t->events_nr; i++) {
		const struct trace_event *e = &t->event[i];

		if (!e->site || strcmp(e->site->prim, "xchg") != 0)
			continue;
		exchanges++;
		assert_int_equal(e->arg, 1);
	}
	assert_int_equal(exchanges, 2);
}

static void learn_fresh(unsigned i)
{
	int pipe_of[2];
	pid_t child;

	assert_int_equal(pipe(pipe_of), 0);
	child = fork();
	if (!child) {
		for (unsigned s = 0; s < FRESH_SEEDS; s++)
			fresh[i][s] = hash_of(&cases[i]->good, s + 1);
		_exit(write(pipe_of[1], fresh[i], sizeof(fresh[i])) != sizeof(fresh[i]));
	}
	close(pipe_of[1]);
	assert_int_equal(read(pipe_of[0], fresh[i], sizeof(fresh[i])), sizeof(fresh[i]));
	close(pipe_of[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static int before_any_run(void **state)
{
	for (unsigned i = 0; i < cases_nr; i++)
		learn_fresh(i);
	return 0;
}

static void must_be_as_fresh(unsigned i, const char *after)
{
	for (unsigned s = 0; s < FRESH_SEEDS; s++)
		if (hash_of(&cases[i]->good, s + 1) != fresh[i][s])
			fail_msg("%s, seed %u: another run after %s", cases[i]->name, s + 1, after);
}

static void a_run_that_was_abandoned_leaves_nothing_behind(void **state)
{
	for (unsigned i = 0; i < cases_nr; i++) {
		for (uint64_t seed = 1; seed <= share(20); seed++)
			litmus_run(&cases[i]->bad, "random", seed);
		must_be_as_fresh(i, cases[i]->name);
		must_be_as_fresh((i + 1) % cases_nr, cases[i]->name);
		must_be_as_fresh((i * 7 + 3) % cases_nr, cases[i]->name);
	}
}

static void the_same_seed_gives_the_same_run(void **state)
{
	for (unsigned i = 0; i < cases_nr; i++) {
		const struct litmus *bad = &cases[i]->bad;
		uint64_t hash = hash_of(bad, 5);

		if (!strcmp(cases[i]->name, "static_data_starts_every_run_afresh"))
			continue; /* its bad one is there to remember */
		for (unsigned again = 0; again < share(200); again++)
			if (hash_of(bad, 5) != hash)
				fail_msg("%s: run %u is another", cases[i]->name, again);
	}
}

static void also_after_five_hundred_others(void **state)
{
	for (unsigned i = 0; i < cases_nr; i += 16) {
		for (unsigned other = 0; other < share(500); other++) {
			const struct litmus_case *c = cases[(i + other) % cases_nr];

			litmus_run(other & 1 ? &c->good : &c->bad, "random", other);
		}
		must_be_as_fresh(i, "five hundred others");
	}
}

/* ---- schedules ---- */

static void what_was_recorded_is_replayed(void **state)
{
	static struct choice_deviation schedule[DEVIATIONS_MAX];
	unsigned replayed = 0;

	for (unsigned i = 0; i < cases_nr; i++) {
		const struct litmus *l = i & 1 ? &cases[i]->good : &cases[i]->bad;

		for (uint64_t seed = 1; seed <= share(20); seed++) {
			unsigned nr;
			uint64_t hash;

			nr = litmus_record(l, "random", seed, schedule);
			hash = trace_hash(litmus_trace());
			if (nr > DEVIATIONS_MAX)
				continue;
			litmus_replay(l, schedule, nr);
			if (trace_hash(litmus_trace()) != hash || litmus_stale())
				fail_msg("%s, seed %u: the replay is another run", cases[i]->name,
					 (unsigned)seed);
			replayed++;
		}
	}
	assert_true(replayed > cases_nr * share(20) / 2);
}

static struct choice_deviation at(unsigned lane, const char *func, const char *prim,
				  unsigned target)
{
	return (struct choice_deviation){.func_id = name_id(func),
					 .prim_id = name_id(prim),
					 .occurrence = 1,
					 .lane = (uint8_t)lane,
					 .op = 1,
					 .target = (uint8_t)target};
}

/* The device race of the 2015 review in one switch: A stops in the tail, and B goes all the way. */
static void one_switch_in_the_tail_frees_the_mutex(void **state)
{
	struct choice_deviation tail = at(LANE_A, "leave_mutex", "mutex_unlock:tail", LANE_B);
	const struct verdict *v = litmus_replay(&litmus_tail, NULL, 0);
	const struct trace_event *last;

	assert_string_equal(rule_name(v->rule), "");
	v = litmus_replay(&litmus_tail, &tail, 1);
	assert_string_equal(rule_name(v->rule), "dead_use");
	assert_string_equal(v->where[0], "leave_mutex");
	assert_string_equal(v->where[1], "free_device");
	assert_int_equal(litmus_stale(), 0);
	last = &litmus_trace()->event[v->event[0]];
	assert_int_equal(last->kind, EV_verdict);
	assert_int_equal(last->lane, LANE_A);
	assert_int_equal(litmus_trace()->event[v->event[1]].kind, EV_free);
}

static void an_anchor_that_is_not_reached_is_stale(void **state)
{
	struct choice_deviation none = at(LANE_A, "leave_mutex", "up_read:tail", LANE_B);

	assert_string_equal(rule_name(litmus_replay(&litmus_tail, &none, 1)->rule), "");
	assert_int_equal(litmus_stale(), 1);
}

static void one_allocation_fails_where_the_schedule_says(void **state)
{
	struct choice_deviation in_b = at(LANE_B, "check_allocation", "kmalloc", LANE_NONE);
	struct choice_deviation in_a = at(LANE_A, "trust_allocation", "kmalloc", LANE_NONE);

	assert_string_equal(rule_name(litmus_replay(&litmus_fails_to_allocate, NULL, 0)->rule), "");
	assert_string_equal(rule_name(litmus_replay(&litmus_fails_to_allocate, &in_b, 1)->rule),
			    "");
	assert_int_equal(litmus_stale(), 0);
	assert_string_equal(rule_name(litmus_replay(&litmus_fails_to_allocate, &in_a, 1)->rule),
			    "null_deref");
}

/* ---- lock order, over runs ---- */

/* A run is a function of its program: what another one has taken in another order is no part of it. */
static void an_order_is_known_in_its_run_only(void **state)
{
	assert_string_equal(rule_name(litmus_run(&litmus_first_order, "random", 1)->rule), "");
	assert_string_equal(rule_name(litmus_run(&litmus_second_order, "random", 1)->rule), "");
	assert_string_equal(rule_name(litmus_run(&litmus_first_order, "random", 2)->rule), "");
}

/* ---- bounds ---- */

static void a_trace_keeps_its_bounds(void **state)
{
	const struct verdict *v = litmus_run(&litmus_many_notes, "random", 1);

	assert_string_equal(rule_name(v->rule), "");
	assert_true(litmus_trace()->full);
	assert_true(litmus_trace()->events_nr <= EVENTS_MAX);
	v = litmus_run(&litmus_many_notes_then_warn, "random", 1);
	assert_string_equal(rule_name(v->rule), "warn");
	assert_true(litmus_trace()->full);
	assert_true((uint32_t)v->event[0] < litmus_trace()->events_nr);
	assert_int_equal(litmus_trace()->event[v->event[0]].kind, EV_verdict);
	litmus_run(&litmus_tail, "random", 1);
	assert_false(litmus_trace()->full);
}

/* Each run that hangs takes its time, so it is no row of a table. */
static void a_loop_without_an_access_is_a_hang(void **state)
{
	const struct verdict *v;

	for (unsigned i = 0; i < GOOD_RUNS; i++)
		assert_string_equal(
			rule_name(litmus_run(&litmus_counts_in_registers, "random", i)->rule), "");
	for (unsigned i = 0; i < 3; i++) {
		v = litmus_run(&litmus_hangs, "random", i);
		assert_string_equal(rule_name(v->rule), "hang");
		assert_string_equal(v->where[0], "never_comes_to_one");
	}
	litmus_run(&litmus_tail, "random", 1);
}

/* ---- the alarm of the alarm ---- */

static void every_rule_of_kapi_was_raised(void **state)
{
	const struct rule_row *r;

	for (enum rule rule = RULE_NONE + 1; (r = rule_row(rule)); rule++)
		if (!strcmp(r->place, "kapi") && !litmus_raised(rule))
			fail_msg("no case of this suite raises %s", r->name);
}

static const struct CMUnitTest laws[] = {
	cmocka_unit_test(a_run_that_was_abandoned_leaves_nothing_behind),
	cmocka_unit_test(the_same_seed_gives_the_same_run),
	cmocka_unit_test(also_after_five_hundred_others),
	cmocka_unit_test(where_a_pointer_points_is_no_part_of_the_trace),
	cmocka_unit_test(what_was_recorded_is_replayed),
	cmocka_unit_test(one_switch_in_the_tail_frees_the_mutex),
	cmocka_unit_test(an_anchor_that_is_not_reached_is_stale),
	cmocka_unit_test(one_allocation_fails_where_the_schedule_says),
	cmocka_unit_test(an_order_is_known_in_its_run_only),
	cmocka_unit_test(a_trace_keeps_its_bounds),
	cmocka_unit_test(a_loop_without_an_access_is_a_hang),
	cmocka_unit_test(every_rule_of_kapi_was_raised),
};

#define LAWS_NR (sizeof(laws) / sizeof(laws[0]))

int main(void)
{
	static struct CMUnitTest tests[CASES_MAX + LAWS_NR];

	collect_cases();
	for (unsigned i = 0; i < cases_nr; i++)
		tests[i] = (struct CMUnitTest){.name = cases[i]->name,
					       .test_func = case_holds,
					       .initial_state = (void *)cases[i]};
	memcpy(tests + cases_nr, laws, sizeof(laws));
	return _cmocka_run_group_tests("kapi", tests, cases_nr + LAWS_NR, before_any_run, NULL);
}
