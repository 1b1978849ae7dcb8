/*
 * exhaust.c - all schedules with at most so many preemptions, or changes of lane, each once.
 *
 * A preemption is to leave a lane that could go on; whom a lane that ended or is blocked hands over
 * to is free (Musuvathi, Qadeer, "Iterative context bounding", PLDI 2007: most bugs need two). The
 * plain schedule is the first. Without a bound this is naive enumeration, the yardstick of dpor.
 *
 * With "switches" the free ones count, too: what a person has to follow in a letter. A run that would
 * need one more is blocked. It needs no touches, which makes it the faster one.
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
	if (e->strategy == &strategy_switches && node->came_from < LANES)
		return left & LANE_BIT(node->came_from);
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

/*
 * The one that goes on comes first, and so the plain schedule. With "switches" it comes last: then a
 * lane is left as soon as it may be, and what it has done by then is what is needed.
 */
unsigned exhaust_first(const struct explorer *e, const struct tree_node *node, uint32_t left)
{
	uint32_t others = left;

	if (e->strategy != &strategy_switches)
		return choice_default(node->came_from, left);
	if (node->came_from < LANES)
		others &= ~LANE_BIT(node->came_from);
	return lane_first(others ? others : left);
}

static unsigned switches_choose(struct explorer *e, uint32_t depth)
{
	struct tree_node *node = &e->node[depth];
	uint32_t left;

	if (depth) {
		const struct tree_node *before = &e->node[depth - 1];

		node->preemptions = before->preemptions + (before->came_from < LANES &&
							   before->chosen != before->came_from);
	}
	left = exhaust_candidates(e, node);
	return left ? exhaust_first(e, node, left) : LANE_NONE;
}

static unsigned switches_pick(struct choice *c, uint32_t runnable)
{
	return tree_pick(c, runnable, switches_choose);
}

static unsigned exhaust_pick(struct choice *c, uint32_t runnable)
{
	return tree_pick(c, runnable, exhaust_choose);
}

static unsigned exhaust_decide(struct choice *c, unsigned options, uint64_t question)
{
	return tree_decide(c, options, exhaust_choose);
}

static const struct strategy_methods methods = {
	.begin = tree_begin,
	.decide = exhaust_decide,
	.pick = exhaust_pick,
	.over = tree_over,
	.touch = tree_touch,
};

const struct strategy strategy_exhaust = {
	.name = "exhaust",
	.source = "Musuvathi, Qadeer, Iterative Context Bounding, PLDI 2007",
	.help = "every schedule with at most so many preemptions",
	.methods = &methods};

static const struct strategy_methods switches_methods = {
	.begin = tree_begin,
	.pick = switches_pick,
	.over = tree_over,
};

const struct strategy strategy_switches = {
	.name = "switches",
	.source = "Musuvathi, Qadeer, Iterative Context Bounding, PLDI 2007",
	.help = "every schedule with at most so many changes of lane",
	.methods = &switches_methods};
