/*
 * list.c - list debugging, as the kernel has it: a double add, and the deletion of what is not listed.
 * The same for hlists and red-black trees, where the kernel has none.
 *
 * The damage of either shows later, in another function and in no object that can be named; here it
 * is a verdict at once. Neighbours are read behind the back of the hooks: the code under test makes
 * no such access. A neighbour that is gone is left to the access that follows. With delayed stores memory
 * is what the lane sees: its own are in it while it runs, and those of others that it need not see yet are not.
 */
#include "kapi/sim/internal.h"

struct node {
	const struct node *next, *prev;
};

#define HLIST_LOOKED_AT 64 /* nodes, before one is added */
#define POISON1 0x100
#define POISON2 0x200
#define POISON_BASE 0xdead000000000000 /* a kernel's poison lies above it */

static bool is_there(const struct node *n)
{
	return sim_is_fine(n, sizeof(*n));
}

static bool is_poison(const struct node *n, uintptr_t poison)
{
	return (uintptr_t)n == poison || (uintptr_t)n == POISON_BASE + poison;
}

/* ASan's poison is on freed blocks, and those are not there. */
static bool complain(const void *node, const char *text, struct site *site)
{
	sim_self()->site = site;
	sim_report(RULE_list_corrupt, sim_object(node, site->prim_id), -1, site->func, text);
	return false;
}

bool kapi_list_check_add(const void *node, const void *prev, const void *next, struct site *site)
{
	const struct node *n = node, *before = prev, *after = next;

	if (sim.strength.witness || !is_there(before) || !is_there(after))
		return true;
	site_ids(site);
	if (n == before || n == after)
		return complain(node, "added beside itself: it is in the list already", site);
	if (before->next != after || after->prev != before)
		return complain(node, "added between two that are no neighbours", site);
	return true;
}

bool kapi_list_check_del(const void *node, struct site *site)
{
	const struct node *n = node;

	if (sim.strength.witness || !is_there(n))
		return true;
	site_ids(site);
	if (is_poison(n->next, POISON1) || is_poison(n->prev, POISON2))
		return complain(node, "deleted again", site);
	if (!is_there(n->next) || !is_there(n->prev))
		return true;
	if (n->next->prev != n || n->prev->next != n)
		return complain(node, "deleted, and not in the list that it points to", site);
	return true;
}

/* Added once more, a node is its own successor in the end: the list has none. */
bool kapi_hlist_check_add(const void *node, const void *head, struct site *site)
{
	const struct node *n = node, *const *at = head;

	for (unsigned i = 0; i < HLIST_LOOKED_AT && sim_is_fine(at, sizeof(*at)) && *at; i++) {
		if (*at == n && !sim.strength.witness) {
			site_ids(site);
			return complain(node, "added to a list that it is in already", site);
		}
		at = &(*at)->next;
	}
	return true;
}

void kapi_list_twice(const void *node, const char *text, struct site *site)
{
	if (!sim.strength.witness)
		complain(node, text, site);
}

/* ---- trees ---- */

#define TREE_DEPTH_MAX 256
#define COLOUR 3ul

struct tree_node {
	unsigned long parent; /* and the colour */
	const struct tree_node *right, *left;
};

/* How often @node is in the tree below @at; more than once if it is endless. */
static unsigned occurs(const struct tree_node *at, const struct tree_node *node, unsigned depth)
{
	if (!at || !sim_is_fine(at, sizeof(*at)))
		return 0;
	if (depth == TREE_DEPTH_MAX)
		return 2;
	return (at == node) + occurs(at->left, node, depth + 1) +
	       occurs(at->right, node, depth + 1);
}

bool kapi_tree_check(const void *node, const void *root, struct site *site)
{
	const struct tree_node *n = node, *const *top = root, *parent;
	unsigned times;

	if (weak_on || sim.strength.witness || !sim_is_fine(n, sizeof(*n)) ||
	    !sim_is_fine(top, sizeof(*top)))
		return true;
	site_ids(site);
	parent = (const struct tree_node *)(n->parent & ~COLOUR);
	if (parent && parent != n && !sim_is_fine(parent, sizeof(*parent)))
		return true;
	times = occurs(*top, n, 0);
	if (times > 1)
		return complain(node, "in the tree twice", site);
	if (!times || (parent ? parent->left != n && parent->right != n : *top != n))
		return complain(node, "not in the tree", site);
	return true;
}
