/*
 * invariant_test.c - every invariant has a rule that speaks, and a bug that makes it speak.
 *
 * That the rule does speak, and is silent without the bug, is what `bondfuzz check corpus/zoo` finds
 * out in a zoo build. Here the tables are held to each other, so that no row promises more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/invariant.h"
#include "trace/rule.h"
#include "zoo/defect.h"

#define INVARIANTS 55
#define UNREACHABLE_MAX 5

static void they_are_numbered(void **state)
{
	unsigned i = 0;

	(void)state;
	for (; invariant_at(i); i++)
		assert_int_equal(invariant_at(i)->number, i + 1);
	assert_int_equal(i, INVARIANTS);
}

static const struct defect_row *defect_of(const char *name)
{
	const struct defect_row *d;

	for (unsigned i = 0; (d = defect_row_at(i)); i++)
		if (!strcmp(d->name, name))
			return d;
	return NULL;
}

/* Calls @check for each word of a row. */
static void for_each_word(const struct invariant *v, const char *words,
			  void (*check)(const struct invariant *v, const char *word))
{
	char copy[512], *save, *word;

	assert_true(strlen(words) < sizeof(copy));
	strcpy(copy, words);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		check(v, word);
}

static void is_a_rule(const struct invariant *v, const char *name)
{
	const struct rule_row *r = rule_row(rule_find(name));

	if (!r || r->allowed)
		fail_msg("INV-%02u: no rule '%s'", v->number, name);
}

static void every_rule_exists(void **state)
{
	const struct invariant *v;

	(void)state;
	for (unsigned i = 0; (v = invariant_at(i)); i++) {
		assert_true(*v->rules);
		for_each_word(v, v->rules, is_a_rule);
	}
}

/* The defect's verdict is one of the rules, and there is a program that shows it. */
static void breaks_it(const struct invariant *v, const char *name)
{
	const struct defect_row *d = defect_of(name);
	char rule[64] = "", path[512];

	if (!d)
		fail_msg("INV-%02u: no defect '%s'", v->number, name);
	snprintf(rule, sizeof(rule), "%.*s", (int)strcspn(d->verdict, ":"), d->verdict);
	if (!invariant_has(v->rules, rule))
		fail_msg("INV-%02u: the verdict of %s is %s, not one of %s", v->number, name, rule,
			 v->rules);
	snprintf(path, sizeof(path), CORPUS "/zoo/%s.bond", name);
	if (access(path, R_OK))
		fail_msg("INV-%02u: no program %s", v->number, path);
}

static void every_defect_breaks_its_rule(void **state)
{
	const struct invariant *v;

	(void)state;
	for (unsigned i = 0; (v = invariant_at(i)); i++)
		for_each_word(v, v->defects, breaks_it);
}

static void few_cannot_be_broken_and_say_why(void **state)
{
	const struct invariant *v;
	unsigned nr = 0;

	(void)state;
	for (unsigned i = 0; (v = invariant_at(i)); i++) {
		assert_int_equal(!*v->defects, !strncmp(v->place, "unreachable: ", 13));
		nr += !*v->defects;
	}
	assert_in_range(nr, 0, UNREACHABLE_MAX);
}

static bool some_defect_gives(const char *rule)
{
	const struct defect_row *d;
	size_t length = strlen(rule);

	for (unsigned i = 0; (d = defect_row_at(i)); i++)
		if (!strncmp(d->verdict, rule, length) &&
		    (!d->verdict[length] || d->verdict[length] == ':'))
			return true;
	return false;
}

/* Rules of kapi have their litmuses (kapi_test); what looks at notes or at the device is fired here. */
static void every_rule_above_kapi_is_fired_by_a_defect(void **state)
{
	const struct rule_row *r;

	(void)state;
	for (enum rule rule = RULE_NONE + 1; (r = rule_row(rule)); rule++)
		if (!r->allowed && strcmp(r->place, "kapi") && !some_defect_gives(r->name))
			fail_msg("no defect gives %s", r->name);
}

/* Every defect has a program; no word is taken for another that it is part of. */
static void every_defect_has_a_program(void **state)
{
	const struct defect_row *d;

	(void)state;
	for (unsigned i = 0; (d = defect_row_at(i)); i++) {
		char path[512];

		snprintf(path, sizeof(path), CORPUS "/zoo/%s.bond", d->name);
		if (access(path, R_OK))
			fail_msg("no program %s", path);
	}
}

static void words_are_whole(void **state)
{
	(void)state;
	assert_true(invariant_has("leak dead_use", "leak"));
	assert_true(invariant_has("leak dead_use", "dead_use"));
	assert_true(invariant_has("lock_leaked leak", "leak"));
	assert_false(invariant_has("lock_leaked", "leak"));
	assert_false(invariant_has("leak_lock", "leak"));
	assert_false(invariant_has("", "leak"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_numbered),
		cmocka_unit_test(every_rule_exists),
		cmocka_unit_test(every_defect_breaks_its_rule),
		cmocka_unit_test(few_cannot_be_broken_and_say_why),
		cmocka_unit_test(every_rule_above_kapi_is_fired_by_a_defect),
		cmocka_unit_test(every_defect_has_a_program),
		cmocka_unit_test(words_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
