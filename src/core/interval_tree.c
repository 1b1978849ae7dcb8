/*
 * interval_tree.c - which intervals overlap this one?
 *
 * The one idea: nodes are sorted by start, and each knows the highest end below it, so a subtree
 * that ends before the question begins is never entered. libbsd keeps the tree balanced and calls
 * RB_AUGMENT() for a node whose children changed; the ends are brought up to the root each time,
 * since it does so for some nodes only.
 *
 * Plain accesses throughout: the owner's lock orders changes, and walkers without it are the
 * owner's business (interval.c freezes the tree for them).
 */
#include <linux/interval_tree.h>
#include <linux/kernel.h>

static void ends_update(struct interval_tree_node *node);
#undef RB_AUGMENT
#define RB_AUGMENT(node) ends_update(node)

/* Equal starts go right, behind those that were there. */
static int compare(const struct interval_tree_node *a, const struct interval_tree_node *b)
{
	return a->start < b->start ? -1 : 1;
}

#define __unused __attribute__((unused)) /* libbsd's name, which glibc leaves undefined */
RB_GENERATE_STATIC(rb_root_cached, interval_tree_node, rb, compare)
#undef __unused

static unsigned long subtree_last(const struct interval_tree_node *node)
{
	const struct interval_tree_node *left = RB_LEFT(node, rb), *right = RB_RIGHT(node, rb);
	unsigned long last = node->last;

	if (left)
		last = max(last, left->subtree_last);
	if (right)
		last = max(last, right->subtree_last);
	return last;
}

static void ends_update(struct interval_tree_node *node)
{
	for (; node; node = RB_PARENT(node, rb))
		node->subtree_last = subtree_last(node);
}

/* A node is its own parent when it is in no tree: no other node can be that. */
void interval_tree_init_node(struct interval_tree_node *node)
{
	RB_PARENT(node, rb) = node;
}

bool interval_tree_has_node(const struct interval_tree_node *node)
{
	return RB_PARENT(node, rb) != node;
}

void interval_tree_insert(struct interval_tree_node *node, struct rb_root_cached *root)
{
	node->subtree_last = node->last;
	RB_INSERT(rb_root_cached, root, node);
}

void interval_tree_remove(struct interval_tree_node *node, struct rb_root_cached *root)
{
	RB_REMOVE(rb_root_cached, root, node);
	interval_tree_init_node(node);
}

static bool overlaps(const struct interval_tree_node *node, unsigned long start, unsigned long last)
{
	return node->start <= last && start <= node->last;
}

static bool reaches(const struct interval_tree_node *subtree, unsigned long start)
{
	return subtree && start <= subtree->subtree_last;
}

/* Left first: if that subtree reaches @start and has no overlap, nothing right of it has one. */
static struct interval_tree_node *first_below(struct interval_tree_node *node, unsigned long start,
					      unsigned long last)
{
	while (reaches(node, start)) {
		if (reaches(RB_LEFT(node, rb), start)) {
			node = RB_LEFT(node, rb);
			continue;
		}
		if (overlaps(node, start, last))
			return node;
		if (node->start > last)
			return NULL;
		node = RB_RIGHT(node, rb);
	}
	return NULL;
}

struct interval_tree_node *interval_tree_iter_first(struct rb_root_cached *root,
						    unsigned long start, unsigned long last)
{
	return first_below(RB_ROOT(root), start, last);
}

/* The next ancestor that lies right of @node. */
static struct interval_tree_node *parent_right(struct interval_tree_node *node)
{
	struct interval_tree_node *parent = RB_PARENT(node, rb);

	while (parent && RB_RIGHT(parent, rb) == node) {
		node = parent;
		parent = RB_PARENT(node, rb);
	}
	return parent;
}

struct interval_tree_node *interval_tree_iter_next(struct interval_tree_node *node,
						   unsigned long start, unsigned long last)
{
	struct interval_tree_node *found = first_below(RB_RIGHT(node, rb), start, last);

	while (!found && (node = parent_right(node)) && node->start <= last)
		found = start <= node->last ? node : first_below(RB_RIGHT(node, rb), start, last);
	return found;
}
