/*
 * dpor.c - one schedule for each order of the steps that depend on each other.
 *
 * Source sets and sleep sets: Abdulla, Aronis, Jonsson, Sagonas, "Optimal Dynamic Partial Order
 * Reduction", POPL 2014. When a run is over, each race in it (two steps of different lanes that
 * depend, with nothing between that orders them) makes the node before the first of them want a
 * lane that starts the other order, unless one that does is wanted already. A lane that was tried
 * at a node sleeps in what is tried there later, until something happens on which its step depends;
 * a run in which only sleepers can go on is of a class that was seen: blocked.
 *
 * Where we differ. Steps may be unable to go on: who takes a lock races with the one who had taken it
 * before, and with nothing that was done while that one held it. With other ways to wait we do not know who
 * could have come first; there an earlier step that comes before a later one is a race as well,
 * and if no lane of the other order can go on at the node everybody is wanted. That only costs
 * blocked runs. And when the threads' part of a run ends, by a verdict or because they ended, it has
 * races with what was about to be done.
 *
 * No bound on preemptions: with one, the other order may be out of bounds where an equal one is not.
 */
#include "sched/tree.h"

/* ---- a run: who sleeps ---- */

static void inherit(struct tree_node *node, const struct tree_node *before,
		    const struct explore_step *step)
{
	uint32_t from = (before->sleep | before->done) & ~LANE_BIT(before->chosen);

	for (; from; from &= from - 1) {
		unsigned lane = lane_first(from);
		const struct explore_step *seen =
			before->done & LANE_BIT(lane) ? before->seen[lane] : before->asleep[lane];

		if (!seen || step_depend(seen, step))
			continue;
		node->sleep |= LANE_BIT(lane);
		node->asleep[lane] = seen;
	}
}

/*
 * In drawn order a run goes on without preemptions: most bugs need few. Which lane comes next where one has
 * to stop is drawn.
 */
static unsigned go_on(struct explorer *e, const struct tree_node *node, uint32_t awake)
{
	if (e->walks && node->came_from != LANE_NONE && awake & LANE_BIT(node->came_from))
		return node->came_from;
	return tree_first(e, node, awake);
}

static unsigned dpor_choose(struct explorer *e, uint32_t depth)
{
	struct tree_node *node = &e->node[depth];
	uint32_t awake;
	unsigned lane;

	if (depth)
		inherit(node, &e->node[depth - 1], &e->step[depth - 1]);
	awake = node->enabled & ~node->sleep;
	if (!awake)
		return LANE_NONE;
	lane = go_on(e, node, awake);
	node->wanted = LANE_BIT(lane);
	return lane;
}

static unsigned dpor_pick(struct choice *c, uint32_t runnable)
{
	return tree_pick(c, runnable, dpor_choose);
}

uint32_t dpor_candidates(const struct tree_node *node)
{
	return node->wanted & node->enabled & ~node->done & ~node->sleep;
}

/* ---- between runs: races ---- */

/* Does step @i come before a step with that clock? */
static inline bool is_before(const struct explorer *e, uint32_t i, const uint16_t *clock)
{
	return e->number[i] < clock[e->step[i].lane];
}

/*
 * The lanes that can start the other order: the steps after @first that do not come after it, then
 * that of @lane with its @clock; those of them with nothing of these before them.
 */
static uint32_t starters(const struct explorer *e, uint32_t first, uint32_t to, unsigned lane,
			 const uint16_t *clock)
{
	uint16_t among[LANES] = {0}; /* the first of each lane among them, numbered from 1 */
	uint32_t seen = 0, start = 0;

	for (uint32_t k = first + 1; k <= to; k++) {
		bool is_other = k == to;
		unsigned l = is_other ? lane : e->step[k].lane;
		const uint16_t *c = is_other ? clock : e->clock[k];
		bool starts = !(seen & LANE_BIT(l));

		if (!is_other && is_before(e, first, c))
			continue;
		for (uint32_t others = seen; starts && others; others &= others - 1) {
			unsigned other = lane_first(others);

			starts = c[other] < among[other];
		}
		if (starts)
			start |= LANE_BIT(l);
		if (!(seen & LANE_BIT(l)) && !is_other)
			among[l] = (uint16_t)(e->number[k] + 1);
		seen |= LANE_BIT(l);
	}
	return start;
}

static uint64_t action(const struct explore_step *s)
{
	return (uint64_t)s->object << 32 | s->kind << 8 | s->lane;
}

/* A number for "@first, then @second", wherever in a run; seldom the same for another pair. */
static uint16_t order_of(const struct explore_step *first, const struct explore_step *second)
{
	return (uint16_t)(rng_mix(rng_mix(action(first)) + action(second)) % TREE_ORDERS);
}

static void meet(struct explorer *e, uint16_t order)
{
	e->met[order / 64] |= 1ull << order % 64;
}

/* @step, which came at @to, is to come before the one at @first. */
static void want(struct explorer *e, uint32_t first, uint32_t to, const struct explore_step *step,
		 const uint16_t *clock)
{
	struct tree_node *node = &e->node[first];
	unsigned lane = step->lane;
	uint32_t start = starters(e, first, to, lane, clock), before = node->wanted;

	if (start & (node->wanted | node->sleep))
		return;
	start &= node->enabled;
	if (!start)
		node->wanted |= node->enabled;
	else
		node->wanted |=
			start & LANE_BIT(lane) ? LANE_BIT(lane) : LANE_BIT(lane_first(start));
	for (uint32_t left = node->wanted & ~before; left; left &= left - 1)
		node->order[lane_first(left)] = order_of(step, &e->step[first]);
}

/* Was the lock that @step takes held by the lane of step @i, in a way that keeps @step out, at @i? */
static bool keeps_out(const struct explorer *e, uint32_t i, const struct explore_step *step)
{
	unsigned lane = e->step[i].lane;

	if (step->kind != EV_lock && step->kind != EV_lock_read)
		return false;
	for (; i < e->nodes_nr; i++) {
		const struct explore_step *s = &e->step[i];

		if (s->lane != lane || s->object != step->object)
			continue;
		if (s->kind == EV_unlock_read)
			return step->kind == EV_lock;
		if (s->kind == EV_unlock)
			return true;
		if (s->kind == EV_lock || s->kind == EV_lock_read || s->kind == EV_trylock)
			return false;
	}
	return false;
}

/* It holds that lock to the end of an abandoned run, or has never had it. */
static bool may_hold(const struct explorer *e, uint32_t i, const struct explore_step *step)
{
	unsigned lane = e->step[i].lane;

	if (!e->abandoned || e->step[i].object == step->object)
		return false;
	while (i-- > 0)
		if (e->step[i].lane == lane && e->step[i].object == step->object)
			return true;
	return false;
}

/*
 * The races of @step with those before @at. @base: the clock of its lane before it; @clock: its own.
 */
static void races(struct explorer *e, uint32_t at, const struct explore_step *step,
		  const uint16_t *base, const uint16_t *clock)
{
	uint16_t ordered[LANES];

	for (unsigned lane = 0; lane < LANES; lane++)
		ordered[lane] = base[lane];
	for (uint32_t i = at; i-- > 0;) {
		const struct explore_step *earlier = &e->step[i];

		if (earlier->lane == step->lane || is_before(e, i, ordered) ||
		    !step_depend(earlier, step) || keeps_out(e, i, step))
			continue;
		if (e->last & (LANE_BIT(earlier->lane) | LANE_BIT(step->lane)))
			continue;
		if (e->walks) /* nobody else asks */
			meet(e, order_of(earlier, step));
		want(e, i, at, step, clock);
		if (step_enables(earlier, step) || may_hold(e, i, step))
			continue;
		clock_join(ordered, e->clock[i]);
	}
}

static const uint16_t *clock_before(const struct explorer *e, uint32_t at, unsigned lane)
{
	static const uint16_t none[LANES];

	for (uint32_t i = at; i-- > 0;)
		if (e->step[i].lane == lane)
			return e->clock[i];
	return none;
}

static void pending_clock(const struct explorer *e, const struct explore_step *step,
			  uint16_t clock[LANES])
{
	for (unsigned l = 0; l < LANES; l++)
		clock[l] = clock_before(e, e->nodes_nr, step->lane)[l];
	for (uint32_t i = e->nodes_nr; i-- > 0;)
		if (step_depend(&e->step[i], step))
			clock_join(clock, e->clock[i]);
}

/*
 * What the lanes were about to do when the run was abandoned, and the workers when the threads had
 * ended, as if each had come next.
 */
static void pending_races(struct explorer *e)
{
	for (uint32_t left = e->alive; left; left &= left - 1) {
		const struct explore_step *step = &e->pending[lane_first(left)];
		uint16_t clock[LANES];

		pending_clock(e, step, clock);
		races(e, e->nodes_nr, step, clock_before(e, e->nodes_nr, step->lane), clock);
	}
}

void dpor_learn(struct explorer *e)
{
	uint32_t from = e->learnt;

	tree_clocks(e, e->walks ? 0 : from);
	for (uint32_t at = from; at < e->nodes_nr; at++)
		races(e, at, &e->step[at], clock_before(e, at, e->step[at].lane), e->clock[at]);
	if (!e->blocked)
		pending_races(e);
}

static const struct strategy_methods methods = {
	.begin = tree_begin,
	.pick = dpor_pick,
	.over = tree_over,
	.touch = tree_touch,
};

const struct strategy strategy_dpor = {
	.name = "dpor",
	.source = "Abdulla et al., Optimal Dynamic Partial Order Reduction, POPL 2014",
	.help = "one schedule for each order of dependent steps",
	.methods = &methods};
