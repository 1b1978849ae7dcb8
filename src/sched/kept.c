/*
 * kept.c - the whole tree of dpor, gone through in drawn order.
 *
 * Depth first, a run differs from the one before it in its last steps, and so do the thousands that
 * follow. Here every node is kept. After a run its new nodes join the tree; the next run starts
 * from any lane that is still to be tried at some node, shallow ones as likely as deep ones: a walk from
 * the root in which each way that leads to one is equally likely.
 *
 * Sleep sets hold as they do depth first: a lane sleeps at a node where it was tried before what is
 * tried there now, and whatever follows from it there is gone through too, before the tree is done.
 */
#include "sched/tree.h"

#include <stdlib.h>

#include "base/panic.h"

#define KEPT_MAX (1u << 16) /* nodes, of about 600 bytes: a tree that needs more is given up */

struct tree_kept {
	struct tree_node node;
	struct tree_kept *child[LANES];
	bool open; /* something is still to be tried here or below */
};

static void free_subtree(struct tree_kept *k)
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		if (k->child[lane])
			free_subtree(k->child[lane]);
		free(k->node.seen[lane]);
	}
	free(k);
}

void kept_free(struct explorer *e)
{
	if (e->root)
		free_subtree(e->root);
	e->root = NULL;
}

/* Lanes at @k that lead to what is still to be tried. */
static uint32_t ways(const struct tree_kept *k)
{
	uint32_t ways = dpor_candidates(&k->node);

	for (uint32_t left = k->node.done; left; left &= left - 1) {
		unsigned lane = lane_first(left);

		if (k->child[lane] && k->child[lane]->open)
			ways |= LANE_BIT(lane);
	}
	return ways;
}

static void mark_done(struct explorer *e, uint32_t depth, bool last)
{
	struct tree_node *node = &e->node[depth];

	if (node->done & LANE_BIT(node->chosen))
		return;
	node->done |= LANE_BIT(node->chosen);
	if (last)
		node->wanted |= node->enabled;
	else
		node->seen[node->chosen] = tree_keep_step(&e->step[depth]);
}

/* The node of the tree at @at, which is made if this run was the first to come there. */
static struct tree_kept *node_at(struct explorer *e, struct tree_kept **at)
{
	if (*at)
		return *at;
	*at = calloc(1, sizeof(**at));
	must(*at);
	e->kept_nr++;
	return *at;
}

/* The path of the run that ended becomes part of the tree. */
static void take_path(struct explorer *e, bool last)
{
	static struct tree_kept *path[TREE_DEPTH];
	struct tree_kept **at = &e->root;

	for (uint32_t i = 0; i < e->nodes_nr; i++) {
		mark_done(e, i, last && i + 1 == e->nodes_nr);
		path[i] = node_at(e, at);
		path[i]->node = e->node[i];
		at = &path[i]->child[e->node[i].chosen];
	}
	for (uint32_t i = e->nodes_nr; i-- > 0;)
		path[i]->open = ways(path[i]) != 0;
}

bool kept_advance(struct explorer *e, bool last)
{
	const struct tree_kept *k;
	uint32_t depth = 0;

	take_path(e, last);
	if (!e->root || !e->root->open || e->kept_nr > KEPT_MAX)
		return false;
	for (k = e->root; k; depth++) {
		e->node[depth] = k->node;
		e->node[depth].chosen = (uint8_t)lane_uniform(&e->rng, ways(k));
		k = k->child[e->node[depth].chosen];
	}
	e->prefix = depth;
	e->learnt = depth - 1;
	return true;
}

bool explorer_complete(const struct explorer *e)
{
	return e->drawn && e->root && !e->root->open;
}
