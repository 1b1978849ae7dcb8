/*
 * order_test.c - a rule speaks of a run on real threads where the order is certain, and nowhere else.
 *
 * Notes are written by hand: one client on one address space, whose stamps decide.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "stress/order.h"

#define CLIENT OBJECT_OF_BLOCK(3, 0)
#define MM OBJECT_OF_BLOCK(2, 0)
#define NOTES_MAX 256

struct given {
	unsigned nr;
	struct native_note note[NOTES_MAX];
};

/* A step of @lane from @begin to @end; its notes are written at its begin. */
static void add(struct given *g, unsigned lane, uint64_t begin, uint64_t end, unsigned kind,
		uint32_t object)
{
	assert_true(g->nr < NOTES_MAX);
	g->note[g->nr++] = (struct native_note){
		.begin = begin,
		.end = end,
		.written = begin,
		.event = {
			.object = object, .kind = (uint8_t)kind, .lane = (uint8_t)lane, .arg = MM}};
}

static int by_written(const void *a, const void *b)
{
	const struct native_note *x = a, *y = b;

	return (x->written > y->written) - (x->written < y->written);
}

static enum order_answer judge(struct given *g, struct verdict *v)
{
	*v = (struct verdict){.rule = RULE_NONE};
	qsort(g->note, g->nr, sizeof(g->note[0]), by_written);
	return order_judge(g->note, g->nr, v);
}

static void register_client(struct given *g)
{
	add(g, LANE_MAIN, 1, 2, EV_registered, CLIENT);
}

static void what_is_in_order_is_clean(void **state)
{
	struct given g = {0};
	struct verdict v;

	register_client(&g);
	add(&g, LANE_A, 10, 11, EV_callback_begin, CLIENT);
	add(&g, LANE_A, 12, 13, EV_callback_end, CLIENT);
	add(&g, LANE_B, 20, 21, EV_unregister_begin, CLIENT);
	add(&g, LANE_B, 22, 23, EV_unregistered, CLIENT);
	assert_int_equal(judge(&g, &v), ORDER_CLEAN);
}

static void what_is_certain_is_a_verdict(void **state)
{
	struct given g = {0};
	struct verdict v;

	register_client(&g);
	add(&g, LANE_B, 5, 6, EV_unregister_begin, CLIENT);
	add(&g, LANE_B, 10, 11, EV_unregistered, CLIENT);
	add(&g, LANE_A, 12, 13, EV_callback_begin, CLIENT);
	add(&g, LANE_A, 14, 15, EV_callback_end, CLIENT);
	assert_int_equal(judge(&g, &v), ORDER_BROKEN);
	assert_string_equal(rule_name(v.rule), "callback_after_unregister");
}

/* The callback may have begun and ended before unregister returned. */
static void what_overlaps_is_not(void **state)
{
	struct given g = {0};
	struct verdict v;

	register_client(&g);
	add(&g, LANE_B, 5, 6, EV_unregister_begin, CLIENT);
	add(&g, LANE_B, 10, 30, EV_unregistered, CLIENT);
	add(&g, LANE_A, 12, 13, EV_callback_begin, CLIENT);
	add(&g, LANE_A, 14, 15, EV_callback_end, CLIENT);
	assert_int_equal(judge(&g, &v), ORDER_REORDERED);
}

/* One end of it overlaps, and the other is certain: no order helps. */
static void half_an_overlap_does_not_acquit(void **state)
{
	struct given g = {0};
	struct verdict v;

	register_client(&g);
	add(&g, LANE_B, 5, 6, EV_unregister_begin, CLIENT);
	add(&g, LANE_B, 10, 13, EV_unregistered, CLIENT);
	add(&g, LANE_A, 12, 14, EV_callback_begin, CLIENT);
	add(&g, LANE_A, 15, 16, EV_callback_end, CLIENT);
	assert_int_equal(judge(&g, &v), ORDER_BROKEN);
}

/* In one step nothing of another thread comes between two notes. */
static void a_step_is_one(void **state)
{
	struct given g = {0};
	struct verdict v;

	register_client(&g);
	add(&g, LANE_A, 10, 20, EV_callback_begin, CLIENT);
	add(&g, LANE_A, 10, 20, EV_callback_end, CLIENT);
	add(&g, LANE_B, 11, 12, EV_unregister_begin, CLIENT);
	add(&g, LANE_B, 13, 14, EV_unregistered, CLIENT);
	g.note[2].written = 18;
	assert_int_equal(judge(&g, &v), ORDER_REORDERED);
}

/*
 * Many others overlap each other all the time, on clients of their own: what is certain stays
 * certain, and is found without trying all of their orders.
 */
static void bystanders_do_not_hide_it(void **state)
{
	struct given g = {0};
	struct verdict v;

	register_client(&g);
	for (unsigned lane = LANE_C; lane <= LANE_F; lane++)
		for (unsigned i = 0; i < 40; i++) {
			uint32_t client = OBJECT_OF_BLOCK(4 + lane, 0);
			unsigned kind = !i	? EV_registered
					: i % 2 ? EV_callback_begin
						: EV_callback_end;

			add(&g, lane, 10 + 10 * i + lane, 35 + 10 * i + lane, kind, client);
		}
	add(&g, LANE_B, 100, 101, EV_unregister_begin, CLIENT);
	add(&g, LANE_B, 110, 111, EV_unregistered, CLIENT);
	add(&g, LANE_A, 200, 201, EV_callback_begin, CLIENT);
	assert_int_equal(judge(&g, &v), ORDER_BROKEN);
	assert_string_equal(rule_name(v.rule), "callback_after_unregister");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_order_is_clean),
		cmocka_unit_test(what_is_certain_is_a_verdict),
		cmocka_unit_test(what_overlaps_is_not),
		cmocka_unit_test(half_an_overlap_does_not_acquit),
		cmocka_unit_test(a_step_is_one),
		cmocka_unit_test(bystanders_do_not_hide_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
