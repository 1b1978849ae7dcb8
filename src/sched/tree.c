/*
 * tree.c - runs along a path of the tree of schedules, and steps to the next one.
 *
 * Depth first: the path is followed to its end; then, from its last node up, the first lane that is
 * still to be tried there makes the next prefix. What a step touched is known when the next choice
 * is made, so a node is filled in then.
 *
 * The step in which a run is abandoned hides what the others would have done. So there everybody else
 * is tried too, and having seen it spares nothing.
 */
#include "sched/tree.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

/* It has 9 MB, which a program of few steps does not touch: the next one need not clear them. */
static struct explorer *spare;

struct explorer *explorer_new(const struct strategy *strategy, uint32_t preemptions_max)
{
	struct explorer *e = spare ? spare : calloc(1, sizeof(*e));

	must(e);
	spare = NULL;
	memset(e, 0, offsetof(struct explorer, node));
	e->strategy = strategy;
	e->preemptions_max = preemptions_max;
	return e;
}

void explorer_draw(struct explorer *e, uint64_t seed, unsigned walks)
{
	e->walks = walks;
	e->rng = rng_init(seed);
}

void explorer_focus(struct explorer *e, uint32_t threads)
{
	e->last = LANES_THREAD & ~threads;
}

unsigned tree_first(struct explorer *e, const struct tree_node *node, uint32_t left)
{
	return e->walks ? lane_uniform(&e->rng, left) : exhaust_first(e, node, left);
}

static void forget_seen(struct tree_node *node)
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		free(node->seen[lane]);
		node->seen[lane] = NULL;
	}
}

void explorer_free(struct explorer *e)
{
	if (e->walks)
		kept_free(e);
	for (uint32_t i = 0; (i < e->nodes_nr || i < e->prefix) && !e->walks; i++)
		forget_seen(&e->node[i]);
	if (spare)
		free(e);
	else
		spare = e;
}

/* ---- a run ---- */

/* Of the first @steps steps. */
static uint32_t touches_of(const struct explorer *e, uint32_t steps)
{
	const struct explore_step *last;

	if (!steps)
		return 0;
	last = &e->step[steps - 1];
	return (uint32_t)(last->touch - e->touch) + last->touches_nr;
}

void tree_begin(struct choice *c)
{
	struct explorer *e = c->explorer;

	must(e);
	e->steps_nr = e->nodes_nr = 0; /* a verdict may come before the first step */
	/* In drawn order the run before may have gone another way. */
	e->same = e->prefix && !e->walks ? e->prefix - 1 : 0;
	e->touches_nr = touches_of(e, e->same);
	e->blocked = false;
	e->abandoned = false;
	e->alive = 0;
}

static bool covers(const struct choice_touch *known, const struct choice_touch *t)
{
	return known->object == t->object && known->space == t->space && known->size == t->size;
}

void tree_touch(struct choice *c, struct choice_touch t)
{
	struct explorer *e = c->explorer;
	struct explore_step *s;

	s = &e->step[e->steps_nr - 1];
	s->about |= step_touched(&t);
	for (uint32_t i = s->touches_nr; i-- > 0;) {
		struct choice_touch *known = &e->touch[s->touch - e->touch + i];

		if (!covers(known, &t))
			continue;
		known->write |= t.write;
		return;
	}
	if (e->touches_nr == TOUCHES_MAX || s->touches_nr == STEP_TOUCHES_MAX) {
		s->wild = true;
		s->about = ~0ull;
		return;
	}
	e->touch[e->touches_nr].object = t.object;
	e->touch[e->touches_nr].space = t.space;
	e->touch[e->touches_nr].size = t.size;
	e->touch[e->touches_nr++].write = t.write;
	s->touches_nr++;
}

static void note_end(struct explorer *e, unsigned lane)
{
	struct explore_step *s = e->steps_nr ? &e->step[e->steps_nr - 1] : NULL;

	e->alive &= ~LANE_BIT(lane);
	if (s && !e->blocked && s->lane == lane)
		s->ends = LANE_IS_THREAD(lane);
	if (s && s->ends)
		s->about |= STEP_WORKERS;
}

static void note_alive(struct explorer *e, const struct choice *c, uint32_t runnable)
{
	e->alive |= runnable;
	if (c->next[c->current].kind == EV_lane_end)
		note_end(e, c->current);
	else
		e->alive |= LANE_BIT(c->current);
}

/* A step of the prefix was written down by the run before. */
static void start_step(struct choice *c, const struct trace_event *next)
{
	struct explorer *e = c->explorer;
	struct explore_step *s = &e->step[e->steps_nr];

	c->told = e->steps_nr++ >= e->same;
	if (!c->told)
		return;
	s->object = next->object;
	s->kind = next->kind;
	s->lane = next->lane;
	s->about = step_announced(s->kind, s->lane, s->object);
	s->wild = s->ends = false;
	s->touches_nr = 0;
	s->touch = &e->touch[e->touches_nr];
}

static void new_node(struct explorer *e, uint32_t depth, uint32_t runnable, unsigned came_from)
{
	struct tree_node *node = &e->node[depth];

	node->enabled = runnable;
	node->wanted = node->done = node->sleep = 0;
	node->preemptions = 0;
	memset(node->seen, 0, sizeof(node->seen)); /* those of another path, or another tree */
	node->came_from = (uint8_t)(depth ? came_from : LANE_NONE);
}

unsigned tree_pick(struct choice *c, uint32_t runnable,
		   unsigned (*choose)(struct explorer *e, uint32_t depth))
{
	struct explorer *e = c->explorer;
	uint32_t depth = e->steps_nr;
	unsigned lane;

	must(depth < TREE_DEPTH);
	note_alive(e, c, runnable);
	if (runnable & ~e->last)
		runnable &= ~e->last;
	if (e->blocked)
		return choice_default(c->current, runnable);
	if (depth < e->prefix) {
		/* Not the same lanes: the run is no function of its schedule. */
		must(e->node[depth].enabled == runnable);
		lane = e->node[depth].chosen;
	} else {
		new_node(e, depth, runnable, c->current);
		lane = choose(e, depth);
		if (lane == LANE_NONE) {
			e->blocked = true;
			c->told = false;
			e->nodes_nr = depth;
			return choice_default(c->current, runnable);
		}
		e->node[depth].chosen = (uint8_t)lane;
	}
	e->nodes_nr = depth + 1;
	start_step(c, &c->next[lane]);
	e->alive &= ~LANE_BIT(lane);
	return lane;
}

/* A decision between alternatives that are no lanes is a node, too; as a step it touches nothing. */
unsigned tree_decide(struct choice *c, unsigned options,
		     unsigned (*choose)(struct explorer *e, uint32_t depth))
{
	static const struct trace_event step = {.kind = EV_may_fail, .lane = LANE_MAIN};
	struct explorer *e = c->explorer;
	uint32_t depth = e->steps_nr;

	must(options <= TREE_ALTERNATIVES);
	if (e->blocked || depth == TREE_DEPTH)
		return 0;
	if (depth >= e->prefix) {
		new_node(e, depth, (uint32_t)((1ull << options) - 1), LANE_NONE);
		e->node[depth].chosen = (uint8_t)choose(e, depth);
	}
	e->nodes_nr = depth + 1;
	start_step(c, &step);
	return e->node[depth].chosen;
}

static void note_pending(struct explorer *e, const struct choice *c)
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		const struct trace_event *next = &c->next[lane];
		struct explore_step *s = &e->pending[lane];

		if (next->kind == EV_lane_end)
			e->alive &= ~LANE_BIT(lane);
		s->object = next->object;
		s->kind = next->kind;
		s->lane = (uint8_t)lane;
		s->about = step_announced(s->kind, s->lane, s->object);
		s->touches_nr = 0;
	}
}

void tree_over(struct choice *c, uint32_t runnable)
{
	struct explorer *e = c->explorer;

	if (e->blocked)
		return;
	e->alive |= runnable;
	note_end(e, e->step[e->steps_nr - 1].lane);
	note_pending(e, c);
}

/* ---- between runs ---- */

void explorer_ended(struct explorer *e, const struct choice *c, bool abandoned)
{
	uint32_t depth = e->steps_nr;

	e->abandoned = abandoned && c->active;
	if (e->abandoned) {
		/* Whose step it was may have announced the next one: a deadlock. */
		if (depth)
			e->alive |= LANE_BIT(e->step[depth - 1].lane);
		note_pending(e, c);
	}
	if (e->repeated)
		return;
	e->counts.executions += !e->blocked;
	e->counts.blocked += e->blocked;
	if (e->counts.depth < depth)
		e->counts.depth = depth;
}

void explorer_repeat(struct explorer *e)
{
	/* Where the run ended early the rest of its path is still wanted. */
	if (e->prefix < e->nodes_nr)
		e->prefix = e->nodes_nr;
	e->repeated = true;
}

struct explore_step *tree_keep_step(const struct explore_step *s)
{
	size_t bytes = s->touches_nr * sizeof(*s->touch);
	struct explore_step *kept = malloc(sizeof(*kept) + bytes);
	struct choice_touch *touch = (struct choice_touch *)(void *)(kept + 1);

	must(kept);
	*kept = *s;
	for (uint32_t i = 0; i < s->touches_nr; i++)
		touch[i] = s->touch[i];
	kept->touch = touch;
	return kept;
}

/* The lane chosen at the deepest node was tried. */
static void done_with(struct explorer *e, uint32_t depth, bool last)
{
	struct tree_node *node = &e->node[depth];

	node->done |= LANE_BIT(node->chosen);
	if (last)
		node->wanted |= node->enabled;
	else if (e->strategy == &strategy_dpor)
		node->seen[node->chosen] = tree_keep_step(&e->step[depth]);
}

static uint32_t candidates(const struct explorer *e, const struct tree_node *node)
{
	return e->strategy == &strategy_dpor ? dpor_candidates(node) : exhaust_candidates(e, node);
}

static void learn(struct explorer *e)
{
	e->repeated = false;
	if (e->strategy == &strategy_dpor)
		dpor_learn(e);
}

bool explorer_advance(struct explorer *e)
{
	bool last = e->abandoned && !e->blocked;

	learn(e);
	if (e->walks)
		return kept_advance(e, last);
	while (e->nodes_nr) {
		uint32_t depth = e->nodes_nr - 1, left;

		done_with(e, depth, last);
		last = false;
		left = candidates(e, &e->node[depth]);
		if (left) {
			e->node[depth].chosen = (uint8_t)tree_first(e, &e->node[depth], left);
			e->prefix = depth + 1;
			e->learnt = depth;
			return true;
		}
		forget_seen(&e->node[depth]);
		e->nodes_nr--;
	}
	return false;
}

const struct explore_counts *explorer_counts(const struct explorer *e)
{
	return &e->counts;
}

/* As if all that is still to be tried at a node were as large as what was. */
double explorer_done(const struct explorer *e)
{
	double share = 1, done = 0;

	for (uint32_t i = 0; i < e->prefix; i++) {
		const struct tree_node *node = &e->node[i];
		unsigned seen = (unsigned)__builtin_popcount(node->done);
		unsigned left = (unsigned)__builtin_popcount(candidates(e, node));
		/* What is being tried has not been marked done. */
		unsigned all = seen + (left ? left : 1);

		done += share * seen / all;
		share /= all;
	}
	return done;
}

/* ---- what comes before what ---- */

static void clock_of(struct explorer *e, uint32_t at, const int *last)
{
	unsigned lane = e->step[at].lane;

	for (unsigned l = 0; l < LANES; l++)
		e->clock[at][l] = last[lane] < 0 ? 0 : e->clock[last[lane]][l];
	e->number[at] = e->clock[at][lane];
	for (uint32_t i = at; i-- > 0;)
		if (e->number[i] >= e->clock[at][e->step[i].lane] &&
		    step_depend(&e->step[i], &e->step[at]))
			clock_join(e->clock[at], e->clock[i]);
	e->clock[at][lane]++;
}

void tree_clocks(struct explorer *e, uint32_t from)
{
	int last[LANES];

	for (unsigned lane = 0; lane < LANES; lane++)
		last[lane] = -1;
	for (uint32_t i = 0; i < e->nodes_nr; i++) {
		if (i >= from)
			clock_of(e, i, last);
		last[e->step[i].lane] = (int)i;
	}
}

/* Clocks say of each step how many of each lane come before it: that is the partial order. */
uint64_t explorer_class(const struct explorer *e)
{
	struct explorer *mine = (struct explorer *)(uintptr_t)e;
	uint64_t hash = 0;

	tree_clocks(mine, 0);
	for (uint32_t i = 0; i < e->nodes_nr; i++) {
		uint64_t h = e->step[i].lane;

		for (unsigned lane = 0; lane < LANES; lane++)
			h = rng_mix(h * 31 + e->clock[i][lane]);
		hash += rng_mix(h);
	}
	return hash;
}
