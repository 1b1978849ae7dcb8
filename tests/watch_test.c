/*
 * watch_test.c - each rule about clients of notifiers has a canary in a driver that writes no notes: a
 * planted bug, of the driver or of the core, is shown; the same program without it is silent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "exec/exec.h"
#include "search/hang.h"
#include "search/search.h"
#include "zoo/defect.h"

#define BAD_RUNS 30000
#define GOOD_RUNS 3000

struct canary {
	const char *rule;
	const char *defect; /* of the core, or NULL */
	const char *bug;    /* of the driver */
	const char *program;
};

static const struct canary canaries[] = {
#define CANARY(rule, bug, program) {#rule, NULL, #bug, program},
#include "tests/watch/canary.def"
#undef CANARY
	{"callback_after_unregister", "mmu_notifier_unregister_hurries", "rightly",
	 "A: mm_invalidate mm0 0;B: plain_close plain0"},
	{"callback_after_unregister", "mmu_interval_notifier_remove_hurries", "rightly",
	 "A: mm_invalidate mm0 0;B: plain_close plain0"},
	{"callback_after_exit", "mmu_notifier_release_keeps_list", "rightly",
	 "A: mm_fault mm0 0;A: mm_exit mm0"},
	{"release_overrun", "mmu_notifier_release_hurries", "rightly",
	 "A: mm_exit mm0;B: plain_close plain0"},
	{"double_release", "mmu_notifier_put_releases", "rightly",
	 "A: mm_exit mm0;B: counted_put counted0"},
	{"double_release", "mmu_notifier_put_releases", "rightly",
	 "counted1 = counted_register mm1;A: mm_exit mm1;B: counted_put counted1"},
};

static struct exec x;
static struct program program;

static void load(const struct canary *c, bool bad)
{
	struct program_names names = {.subjects = exec_subjects(), .strategies = strategy_names()};
	struct program_error error = {0};
	char text[512];
	int n = snprintf(text, sizeof(text),
			 "bondfuzz 1\nsubject plain\nmm0 = mm_create\nmm1 = mm_create\n"
			 "mm_fault mm0 0\nplain0 = plain_open mm0 %s\n"
			 "counted0 = counted_get mm0\n%s\n",
			 bad ? c->bug : "rightly", c->program);

	assert_in_range(n, 1, sizeof(text) - 1);
	for (char *end = text; (end = strchr(end, ';'));)
		*end = '\n';
	if (!program_parse(text, (size_t)n, &names, &program, &error))
		fail_msg("%u:%u: %s", error.line, error.column, error.message);
	exec_prepare(&x, &program, subject_find("plain"), NULL);
}

static struct search find(const char *until, uint64_t runs)
{
	struct exec_how how = exec_default;
	struct search s = {.strategy = strategy_find("portfolio"), .runs_max = runs, .seed = 1};

	how.until = until;
	search_run(&x, &how, &s);
	return s;
}

/* What a client is called is its object's: the driver gives it no name. */
static void check(const struct canary *c)
{
	struct search s;

	load(c, true);
	assert_true(!c->defect || defect_enable(c->defect));
	s = find(c->rule, BAD_RUNS);
	defect_enable(NULL);
	print_message("%s: %s, run %llu\n", c->rule, c->defect ? c->defect : c->bug,
		      (unsigned long long)s.first);
	assert_true(s.first);
	load(c, false);
	s = find(NULL, GOOD_RUNS);
	if (s.first)
		fail_msg("%s without the bug: %s", c->rule, rule_name(x.trace.verdict.rule));
}

static void each_rule_has_a_canary(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(canaries) / sizeof(canaries[0]); i++)
		check(&canaries[i]);
}

static bool has_canary(const char *rule)
{
	/* sva writes the notes of PASIDs, and drivers have none: its canaries are in corpus/zoo. */
	if (!strcmp(rule, "pasid_twice"))
		return true;
	for (size_t i = 0; i < sizeof(canaries) / sizeof(canaries[0]); i++)
		if (!strcmp(canaries[i].rule, rule))
			return true;
	return false;
}

static void no_rule_over_notes_is_left_out(void **unused)
{
	(void)unused;
	for (enum rule rule = RULE_NONE + 1; rule < RULES; rule++)
		if (!strcmp(rule_row(rule)->place, "model") && !has_canary(rule_name(rule)))
			fail_msg("%s has no canary", rule_name(rule));
}

/* A release that comes twice, as unregister allows, and one that exit alone makes. */
static void legal_releases_are_silent(void **unused)
{
	static const struct canary legal = {.rule = "legal",
					    .bug = "rightly",
					    .program = "A: plain_close plain0;B: mm_exit mm0"};
	struct search s;

	(void)unused;
	load(&legal, false);
	s = find("release_concurrent", BAD_RUNS);
	assert_true(s.first);
	s = find(NULL, BAD_RUNS);
	assert_int_equal(s.first, 0);
}

/* A put ends a registration: what was put before the exit is not told of it. */
static void a_put_before_exit_is_silent(void **unused)
{
	static const struct canary legal = {.rule = "legal",
					    .bug = "rightly",
					    .program = "counted1 = counted_register mm0\nA: "
						       "counted_put counted1\nA: mm_exit mm0\n"};

	(void)unused;
	load(&legal, false);
	assert_int_equal(find(NULL, 300).first, 0);
}

/* Found by a search, it is there again in another process; what does not hang there is no finding. */
static void a_hang_is_shown_twice(void **unused)
{
	static const struct canary hang = {"hang", NULL, "hangs", "A: plain_fault plain0"};
	struct exec_how how = {.strength.hang_ms = SIM_HANG_FAST_MS};
	const struct strategy *random = strategy_find("random");

	(void)unused;
	load(&hang, true);
	assert_int_equal(exec_run(&x, &how, random, 1)->rule, RULE_hang);
	assert_string_equal(x.trace.verdict.where[0], "plain_loops");
	assert_true(hang_again(&x, &how, random, 1));
	load(&hang, false);
	assert_false(hang_again(&x, &how, random, 1));
	assert_int_equal(exec_run(&x, &how, random, 1)->rule, RULE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_has_a_canary),
		cmocka_unit_test(no_rule_over_notes_is_left_out),
		cmocka_unit_test(legal_releases_are_silent),
		cmocka_unit_test(a_put_before_exit_is_silent),
		cmocka_unit_test(a_hang_is_shown_twice),
	};

	exec_init(&x);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
