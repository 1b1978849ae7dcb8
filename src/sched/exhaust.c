/*
 * exhaust.c - all schedules with at most so many preemptions, each once.
 *
 * A preemption is to leave a lane that could go on; whom a lane that ended or is blocked hands over
 * to is free (Musuvathi, Qadeer, "Iterative context bounding", PLDI 2007: most bugs need two). The
 * plain schedule is the first. Without a bound this is naive enumeration, the yardstick of dpor.
 */
#include "sched/tree.h"

static bool preempts(const struct tree_node *node, unsigned lane)
{
	return node->came_from < LANES && node->enabled & LANE_BIT(node->came_from) &&
	       lane != node->came_from;
}

uint32_t exhaust_candidates(const struct explorer *e, const struct tree_node *node)
{
	uint32_t left = node->enabled & ~node->done;

	if (node->preemptions < e->preemptions_max)
		return left;
	if (node->came_from < LANES && node->enabled & LANE_BIT(node->came_from))
		left &= LANE_BIT(node->came_from);
	return left;
}

static unsigned exhaust_choose(struct explorer *e, uint32_t depth)
{
	struct tree_node *node = &e->node[depth];

	if (depth) {
		const struct tree_node *before = &e->node[depth - 1];

		node->preemptions = before->preemptions + preempts(before, before->chosen);
	}
	return choice_default(node->came_from, node->enabled);
}

static unsigned exhaust_pick(struct choice *c, uint32_t runnable)
{
	return tree_pick(c, runnable, exhaust_choose);
}

static const struct strategy_methods methods = {
	.begin = tree_begin,
	.pick = exhaust_pick,
	.over = tree_over,
	.touch = tree_touch,
};

const struct strategy strategy_exhaust = {
	"exhaust", "Musuvathi, Qadeer, Iterative Context Bounding, PLDI 2007",
	"every schedule with at most so many preemptions", &methods};
