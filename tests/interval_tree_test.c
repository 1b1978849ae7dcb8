/*
 * interval_tree_test.c - the tree of intervals, against a list that is searched from end to end.
 *
 * Intervals are inserted and removed at random; after each change random questions are asked, and
 * the tree must name the same intervals as the list, sorted by start. Every failure prints the seed
 * of its run: interval_tree_test SEED runs that one again.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <linux/interval_tree.h>

#include "base/rng.h"

#define NODES 64
#define RUNS 200
#define CHANGES 300
#define LAST ((unsigned long)-1)

struct bench {
	struct rng rng;
	struct rb_root_cached root;
	struct interval_tree_node node[NODES];
	bool is_in[NODES]; /* the list that knows the answers */
	unsigned long span;
};

static uint64_t seed_first = 1, seed_last = RUNS, seed_failing;

static unsigned long draw(struct bench *b, unsigned long below)
{
	return rng_below(&b->rng, (uint32_t)below);
}

/* Small spans make equal starts and many overlaps; some intervals reach the end of the space. */
static void draw_interval(struct bench *b, unsigned long *ret_start, unsigned long *ret_last)
{
	unsigned long length = 1 + draw(b, draw(b, 4) ? 4 : b->span);

	*ret_start = draw(b, b->span);
	*ret_last = draw(b, 16) ? *ret_start + length - 1 : LAST;
}

static void change(struct bench *b)
{
	unsigned i = (unsigned)draw(b, NODES);
	struct interval_tree_node *node = &b->node[i];

	assert_int_equal(interval_tree_has_node(node), b->is_in[i]);
	if (b->is_in[i]) {
		interval_tree_remove(node, &b->root);
	} else {
		draw_interval(b, &node->start, &node->last);
		interval_tree_insert(node, &b->root);
	}
	b->is_in[i] = !b->is_in[i];
	assert_int_equal(interval_tree_has_node(node), b->is_in[i]);
}

static unsigned count(const struct bench *b, unsigned long start, unsigned long last)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < NODES; i++)
		nr += b->is_in[i] && b->node[i].start <= last && start <= b->node[i].last;
	return nr;
}

/* As many as the list has, each an overlap, in order and none twice: so they are the same. */
static void ask(struct bench *b)
{
	const struct interval_tree_node *before = NULL;
	struct interval_tree_node *node;
	bool seen[NODES] = {false};
	unsigned long start, last;
	unsigned nr = 0;

	draw_interval(b, &start, &last);
	for (node = interval_tree_iter_first(&b->root, start, last); node;
	     node = interval_tree_iter_next(node, start, last)) {
		size_t i = (size_t)(node - b->node);

		assert_true(i < NODES && b->is_in[i] && !seen[i]);
		assert_true(node->start <= last && start <= node->last);
		assert_true(!before || before->start <= node->start);
		seen[i] = true;
		before = node;
		nr++;
	}
	assert_int_equal(nr, count(b, start, last));
}

static void run(uint64_t seed)
{
	struct bench b = {.root = RB_ROOT_CACHED};

	b.rng = rng_init(seed);
	b.span = 4 + draw(&b, 200);
	for (unsigned i = 0; i < NODES; i++)
		interval_tree_init_node(&b.node[i]);
	for (unsigned i = 0; i < CHANGES; i++) {
		change(&b);
		ask(&b);
		ask(&b);
	}
}

static void tree_names_what_a_list_names(void **unused)
{
	for (uint64_t seed = seed_first; seed <= seed_last; seed++) {
		seed_failing = seed;
		run(seed);
	}
	seed_failing = 0;
}

/* After a failure too. */
static int print_seed(void **unused)
{
	if (seed_failing)
		print_error("see it again: interval_tree_test %" PRIu64 "\n", seed_failing);
	return 0;
}

static void empty_tree_names_nothing(void **unused)
{
	struct rb_root_cached root = RB_ROOT_CACHED;

	assert_null(interval_tree_iter_first(&root, 0, LAST));
}

static void last_page_of_all_is_found(void **unused)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct interval_tree_node node = {.start = LAST, .last = LAST};

	interval_tree_init_node(&node);
	interval_tree_insert(&node, &root);
	assert_ptr_equal(interval_tree_iter_first(&root, 0, LAST), &node);
	assert_ptr_equal(interval_tree_iter_first(&root, LAST, LAST), &node);
	assert_null(interval_tree_iter_first(&root, 0, LAST - 1));
	assert_null(interval_tree_iter_next(&node, 0, LAST));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_tree_names_nothing),
		cmocka_unit_test(last_page_of_all_is_found),
		cmocka_unit_test_teardown(tree_names_what_a_list_names, print_seed),
	};

	if (argc > 1)
		seed_first = seed_last = strtoull(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
