/*
 * interval_tree.h - intervals by start, with the highest end of each subtree. Implemented by
 * core/interval_tree.c over the red-black trees of libbsd.
 *
 * Whoever owns the tree locks it; walking it needs no lock while nobody changes it.
 */
#ifndef LINUX_INTERVAL_TREE_H
#define LINUX_INTERVAL_TREE_H

#include <bsd/sys/tree.h>

#include <linux/types.h>

struct interval_tree_node {
	RB_ENTRY(interval_tree_node) rb;
	unsigned long start;
	unsigned long last; /* inclusive */
	unsigned long subtree_last;
};

RB_HEAD(rb_root_cached, interval_tree_node);

#define RB_ROOT_CACHED RB_INITIALIZER()

/** interval_tree_init_node() - in no tree; before anything else is done with it */
void interval_tree_init_node(struct interval_tree_node *node);
/** interval_tree_has_node() - is it in a tree? */
bool interval_tree_has_node(const struct interval_tree_node *node);
/** interval_tree_insert() - @node->start and ->last are set; equal intervals may stand side by side */
void interval_tree_insert(struct interval_tree_node *node, struct rb_root_cached *root);
/** interval_tree_remove() - out of the tree, which it is in */
void interval_tree_remove(struct interval_tree_node *node, struct rb_root_cached *root);
/** interval_tree_iter_first() - the first one, by start, that overlaps @start..@last, or NULL */
struct interval_tree_node *interval_tree_iter_first(struct rb_root_cached *root,
						    unsigned long start, unsigned long last);
/** interval_tree_iter_next() - the next one after @node that overlaps, or NULL */
struct interval_tree_node *interval_tree_iter_next(struct interval_tree_node *node,
						   unsigned long start, unsigned long last);

#endif
