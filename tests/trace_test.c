/*
 * trace_test.c - the fingerprints of a trace: its hash, the signature of its verdict, its words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/word.h"
#include "trace/trace.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define WORD OBJECT_OF_BLOCK(1, 8)

static struct site sites[] = {
	{.func = "toy_a", .prim = "store"},
	{.func = "toy_b", .prim = "store"},
	{.func = "toy_a", .prim = "mutex_lock"},
};
static struct trace trace;

static void a_hash_sees_every_field_and_no_pointer(void **unused)
{
	struct site same = {.func = "toy_a", .prim = "store", .text = "elsewhere"};
	struct trace_event e = {.site = &sites[0],
				.object = WORD,
				.class = 3,
				.kind = EV_store,
				.lane = LANE_A,
				.op = 1,
				.flags = 0,
				.arg = 5};
	struct trace_event other[9];
	uint64_t hash;

	(void)unused;
	for (unsigned i = 0; i < LENGTH(other); i++)
		other[i] = e;
	other[0].site = &sites[1];
	other[1].site = &sites[2];
	other[2].object++;
	other[3].class ++;
	other[4].kind++;
	other[5].lane++;
	other[6].op++;
	other[7].flags = EVENT_QUEUED;
	other[8].arg++;
	for (unsigned at = 0; at < 300; at += 100) {
		trace_reset(&trace);
		for (unsigned i = 0; i < 300; i++)
			trace_append(&trace, &e);
		hash = trace_hash(&trace);
		for (unsigned i = 0; i < LENGTH(other); i++) {
			trace.event[at] = other[i];
			assert_true(trace_hash(&trace) != hash);
		}
		trace.event[at] = e;
		trace.event[at].site = &same;
		assert_true(trace_hash(&trace) == hash);
		trace.event[at].site = NULL;
		assert_true(trace_hash(&trace) != hash);
	}
}

static void a_hash_sees_the_verdict_and_the_length(void **unused)
{
	struct trace_event e = {.site = &sites[0], .kind = EV_store};
	struct verdict *v = &trace.verdict;
	uint64_t hash, with;

	(void)unused;
	trace_reset(&trace);
	hash = trace_hash(&trace);
	memset(v, 'x', sizeof(*v)); /* left over from another run */
	v->rule = RULE_NONE;
	assert_true(trace_hash(&trace) == hash);
	trace_append(&trace, &e);
	assert_true(trace_hash(&trace) != hash);
	hash = trace_hash(&trace);
	*v = (struct verdict){.rule = RULE_dead_use, .type = "device", .where = {"f", "g"}};
	with = trace_hash(&trace);
	assert_true(with != hash);
	v->type[20] = 'x';
	assert_true(trace_hash(&trace) == with);
	v->event[1] = 1;
	assert_true(trace_hash(&trace) != with);
}

static void a_signature_names_rule_type_and_functions(void **unused)
{
	struct verdict v = {.rule = RULE_dead_use, .type = "device", .object = "device0"};
	char text[128], small[9];

	(void)unused;
	strcpy(v.where[0], "mirror_destroy");
	verdict_signature(&v, text, sizeof(text));
	assert_string_equal(text, "dead_use:device@mirror_destroy");
	strcpy(v.where[1], "device_free");
	verdict_signature(&v, text, sizeof(text));
	assert_string_equal(text, "dead_use:device@mirror_destroy+device_free");
	verdict_signature(&v, small, sizeof(small));
	assert_string_equal(small, "dead_use");
	strcpy(v.word, "not_list_empty");
	verdict_signature(&v, text, sizeof(text));
	assert_string_equal(text, "dead_use:device@mirror_destroy+device_free=not_list_empty");
	v.rule = RULE_NONE;
	verdict_signature(&v, text, sizeof(text));
	assert_string_equal(text, "");
}

static void a_verdict_matches_what_was_asked_for(void **unused)
{
	static const struct {
		const char *wanted;
		bool matches;
	} table[] = {
		{"any", true},
		{"dead_use", true},
		{"dead_use:device", true},
		{"dead_use:device0", true},
		{"dead_use:device1", false},
		{"dead_use:dev", false},
		{"dead_use:", false},
		{"dead", false},
		{"dead_use_", false},
		{"dead_use_twice:device", false},
		{"leak:device", false},
		{"clean", false},
		{"", false},
		{":device", false},
		{"dead_use@use", true},
		{"dead_use@us", false},
		{"dead_use@use+", false},
		{"dead_use@use+drop", true},
		{"dead_use+drop", true},
		{"dead_use@drop", false},
		{"dead_use:device0@use+drop=a_b", true},
		{"dead_use:device1@use+drop=a_b", false},
		{"dead_use=a_b", true},
		{"dead_use=a", false},
		{"dead_use=a_b=", false},
		{"dead_use=a_b@use", false},
	};
	struct verdict v = {.rule = RULE_dead_use,
			    .type = "device",
			    .object = "device0",
			    .where = {"use", "drop"},
			    .word = "a_b"};
	struct verdict clean = {.type = "device", .object = "device0"};

	(void)unused;
	for (unsigned i = 0; i < LENGTH(table); i++) {
		assert_int_equal(verdict_matches(&v, table[i].wanted), table[i].matches);
		assert_false(verdict_matches(&clean, table[i].wanted));
	}
}

static void an_object_is_named_by_a_word_off_any_expression(void **unused)
{
	static const char *const table[][2] = {
		{"sizeof(*bond)", "bond"},
		{"sizeof(struct io_mm)", "io_mm"},
		{"sizeof(*g->map)", "map"},
		{"sizeof(*ctx.ents[0].at)", "at"},
		{"sizeof(ctx.ents[bytes(n)])", "ents"},
		{"sizeof(((struct group *)0)->map[0]) + 64", "map"},
		{"sizeof(struct page *) * n", "page"},
		{"sizeof(*(struct io_mm *)p)", "io_mm"},
		{"sizeof *bond", "bond"},
		{"n * sizeof(unsigned long) + 8", "long"},
		{"max(sizeof(long), sizeof(int))", "long"},
		{"struct_size(ring, entry, n)", "ring"},
		{"LEN", "LEN"},
		{"LEN + 8", "size_LEN_8"},
		{"32", "size_32"},
		{"n | 1", "size_n_1"},
		{"1 << order", "size_1_order"},
		{"sizeof(", "size_sizeof"},
		{"", "size_"},
		{"\xc3\xa4 \"\n", "size_"},
	};
	char word[32];

	(void)unused;
	for (unsigned i = 0; i < LENGTH(table); i++) {
		word_of_type(table[i][0], word, sizeof(word));
		assert_string_equal(word, table[i][1]);
	}
	word_of_type("a_name_that_is_much_longer_than_a_word_may_be", word, 16);
	assert_string_equal(word, "a_name_that_is_");
}

static void a_complaint_is_named_by_its_condition(void **unused)
{
	static const char *const table[][2] = {
		{"WARN_ON(x)", "x"},
		{"WARN_ON(!list_empty(&x->list))", "not_list_empty_x_list"},
		{"if (WARN_ON_ONCE(a != b, c))", "a_b"},
		{"WARN(1, \"no room (%d), sorry\", n)", "no_room_d_sorry"},
		{"WARN_ON(at && !*at)", "at_not_at"},
		{"BUG_ON(true)", ""},
		{"BUG()", ""},
		{"WARN_ON(", ""},
		{"nothing", ""},
		{"WARN_ON(atomic_read(&mm->mm_users) <= 0 || mm->flags & MMF_OOM_SKIP)",
		 "atomic_read_mm_mm_users_0_mm_fl_"},
	};
	char word[WORD_MAX];

	(void)unused;
	for (unsigned i = 0; i < LENGTH(table); i++) {
		word_of_complaint(table[i][0], word);
		if (strlen(word) == 40) /* it ends in a hash of the whole */
			word[32] = '\0';
		assert_string_equal(word, table[i][1]);
	}
}

/* b is taken under a in f(), and a under b in g() or h(). */
static void cycles_of_one_lock_are_one_bug(void **unused)
{
	uint64_t down = order_id("a", "b", "f"), up = order_id("b", "a", "g");
	uint64_t again = order_id("a", "a", "g"), other = order_id("b", "a", "h");
	struct orders alone = {0}, pair = {0}, elsewhere = {0}, none = {0};

	(void)unused;
	orders_close(&alone, &again, 1);
	orders_add(&alone, down);
	orders_add(&alone, up);
	orders_close(&pair, (uint64_t[]){down, up}, 2);
	orders_close(&elsewhere, (uint64_t[]){down, other}, 2);
	assert_true(orders_explain(&alone, &alone));
	assert_true(orders_explain(&alone, &pair));
	assert_false(orders_explain(&pair, &alone)); /* it had not taken a under a */
	assert_false(orders_explain(&alone, &elsewhere));
	orders_add(&alone, other); /* there, but it closes another cycle, */
	orders_add(&alone, order_id("c", "b", "f"));
	assert_false(orders_explain(&alone, &elsewhere));
	orders_close(&alone, (uint64_t[]){down, up}, 2); /* which one of both orders closes, too */
	assert_true(orders_explain(&alone, &elsewhere));
	assert_false(orders_explain(&alone, &none));
	assert_false(orders_explain(&none, &alone));
	for (unsigned i = 0; i < 2 * CLOSING_MAX; i++)
		orders_close(&none, &again, 1);
	assert_true(none.closing_nr <= CLOSING_MAX);
	for (unsigned i = 0; i < 2 * ORDERS_MAX; i++)
		orders_add(&none, 2 * i + 1);
	assert_int_equal(none.nr, ORDERS_MAX);
}

static void every_kind_has_a_name_and_words(void **unused)
{
	(void)unused;
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		assert_true(event_kind_name(kind)[0]);
		assert_true(event_text(kind)[0]);
	}
	assert_string_equal(event_kind_name(EV_unlock_tail), "unlock_tail");
	assert_true(event_is_visible(EV_unlock_tail));
	assert_false(event_is_visible(EV_blocked));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_sees_every_field_and_no_pointer),
		cmocka_unit_test(a_hash_sees_the_verdict_and_the_length),
		cmocka_unit_test(a_signature_names_rule_type_and_functions),
		cmocka_unit_test(a_verdict_matches_what_was_asked_for),
		cmocka_unit_test(an_object_is_named_by_a_word_off_any_expression),
		cmocka_unit_test(a_complaint_is_named_by_its_condition),
		cmocka_unit_test(cycles_of_one_lock_are_one_bug),
		cmocka_unit_test(every_kind_has_a_name_and_words),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
