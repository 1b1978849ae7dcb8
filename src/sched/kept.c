/*
 * kept.c - the whole tree of dpor, gone through in drawn order.
 *
 * Depth first, a run differs from the one before it in its last steps, and so do the thousands that
 * follow. Here every node is kept. After a run its new nodes join the tree; the next run starts
 * from a lane that is still to be tried at some node. Some are drawn, by walks from the root that stop
 * early as often as not. The best is taken: one that makes two actions come in an order in which no run
 * had them, and of these the one with the fewest preemptions on the way.
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

/* Does the way from @node make two actions come in an order that no run had? */
static bool is_new(const struct explorer *e, const struct tree_node *node, unsigned lane)
{
	uint16_t order = node->order[lane];

	return !(e->met[order / 64] >> order % 64 & 1);
}

static bool preempts(const struct tree_node *node, unsigned lane)
{
	return node->came_from != LANE_NONE && node->came_from != lane &&
	       node->enabled & LANE_BIT(node->came_from);
}

static unsigned draw_way(struct explorer *e, const struct tree_kept *k)
{
	uint32_t untried = dpor_candidates(&k->node);

	return lane_uniform(&e->rng, untried && rng_below(&e->rng, 2) ? untried : ways(k));
}

/* A walk to a lane that is to be tried. Gives: @way its lanes. Returns: how good it is, more is better. */
static int walk(struct explorer *e, uint8_t way[TREE_DEPTH])
{
	int preemptions = 0;
	bool new = false;

	for (const struct tree_kept *k = e->root; k; way++) {
		*way = (uint8_t)draw_way(e, k);
		preemptions += preempts(&k->node, *way);
		new = is_new(e, &k->node, *way);
		k = k->child[*way];
	}
	return (new ? TREE_DEPTH : 0) - preemptions;
}

/* The lanes of the best of some walks. */
static const uint8_t *draw(struct explorer *e)
{
	static uint8_t way[2][TREE_DEPTH];
	unsigned best = 0;
	int most = walk(e, way[best]);

	for (unsigned i = 1; i < e->walks; i++) {
		int good = walk(e, way[!best]);

		if (good <= most)
			continue;
		most = good;
		best = !best;
	}
	return way[best];
}

bool kept_advance(struct explorer *e, bool last)
{
	const uint8_t *way;
	uint32_t depth = 0;

	take_path(e, last);
	if (!e->root || !e->root->open || e->kept_nr > KEPT_MAX)
		return false;
	way = draw(e);
	for (const struct tree_kept *k = e->root; k; k = k->child[way[depth++]]) {
		e->node[depth] = k->node;
		e->node[depth].chosen = way[depth];
	}
	e->prefix = depth;
	e->learnt = depth - 1;
	return true;
}

bool explorer_complete(const struct explorer *e)
{
	return !e->walks || (e->root && !e->root->open);
}
