/*
 * mutate.c - change a valid program a little, into a valid one.
 *
 * A mutation is one row of a table: a function that changes the draft (the ops) or the program (the
 * schedule), and says whether it did. Ops are never repaired here: draft_settle() does that once,
 * after each step, so that the deviations stay with their ops through any number of steps.
 *
 * The shape bounds what is added. A program from elsewhere may be outside of it; it is left so, or
 * shrinks.
 */
#include "program/program.h"

#include <string.h>

#include "base/panic.h"
#include "program/draw.h"

#define STEPS_MOST 4
#define SETUP_CROWDED 8 /* set-up lines from which on no objects are added */
#define TRIES_MOST 8	/* mutations that find nothing to do, before a step is given up */

struct change {
	struct program *p;
	struct draft draft;
	struct draw draw;
	const struct program_shape *shape;
	struct rng *rng;
};

static unsigned thread_ops_nr(const struct draft *d)
{
	return d->nr - draft_setup_nr(d);
}

static bool room_for_op(const struct change *c)
{
	return c->draft.nr < OPS_MAX && thread_ops_nr(&c->draft) < c->shape->ops_max;
}

/* A place between the thread ops, or after the last. */
static unsigned pick_place(const struct change *c)
{
	return draft_setup_nr(&c->draft) + rng_below(c->rng, thread_ops_nr(&c->draft) + 1);
}

/* One of the thread ops; there is at least one. */
static unsigned pick_thread_op(const struct change *c)
{
	return draft_setup_nr(&c->draft) + rng_below(c->rng, thread_ops_nr(&c->draft));
}

/* Would the program keep enough threads if one op of @lane, its last, went? */
static bool thread_can_end(const struct change *c, unsigned lane)
{
	return draft_lane_nr(&c->draft, lane) > 1 ||
	       draft_threads_nr(&c->draft) > (c->shape->threads_min ? c->shape->threads_min : 1);
}

static bool op_can_go(const struct change *c, unsigned at)
{
	return thread_ops_nr(&c->draft) > 1 && thread_ops_nr(&c->draft) > c->shape->ops_min &&
	       thread_can_end(c, c->draft.op[at].lane);
}

static unsigned free_thread(const struct change *c)
{
	unsigned free = 0;

	for (unsigned lane = LANE_A; lane < LANE_A + THREADS_MAX; lane++)
		if (!draft_lane_nr(&c->draft, lane))
			free |= 1u << lane;
	return free ? pick_bit(c->rng, free) : LANE_NONE;
}

static bool add_op(struct change *c)
{
	unsigned lane = draw_thread(&c->draft, c->rng);

	if (lane == LANE_NONE)
		lane = LANE_A;
	return room_for_op(c) && draw_op(&c->draw, &c->draft, pick_place(c), lane);
}

static bool add_object(struct change *c)
{
	unsigned kind = rng_below(c->rng, c->draft.descriptor->objects_nr);

	return draft_setup_nr(&c->draft) < SETUP_CROWDED && c->draft.nr < OPS_MAX &&
	       draw_object(&c->draw, &c->draft, kind);
}

static bool drop_op(struct change *c)
{
	unsigned at;

	if (!thread_ops_nr(&c->draft))
		return false;
	at = pick_thread_op(c);
	if (!op_can_go(c, at))
		return false;
	draft_remove(&c->draft, at);
	return true;
}

/* The ops that used what it bound get another object of that kind, so there must be one. */
static bool drop_setup_op(struct change *c)
{
	unsigned setup_nr = draft_setup_nr(&c->draft);
	unsigned at = rng_below(c->rng, setup_nr);
	const struct op_type *type;
	struct scope scope;

	if (!setup_nr)
		return false;
	type = &c->draft.descriptor->ops[c->draft.op[at].verb];
	scope = draft_scope(&c->draft, setup_nr);
	if (type->gives >= 0 && __builtin_popcount(scope.bound[type->gives]) < 2)
		return false;
	draft_remove(&c->draft, at);
	return true;
}

static bool move_op(struct change *c)
{
	unsigned from, to;

	if (thread_ops_nr(&c->draft) < 2)
		return false;
	from = pick_thread_op(c);
	to = pick_thread_op(c);
	draft_move(&c->draft, from, to);
	return from != to;
}

static bool swap_ops(struct change *c)
{
	unsigned low, high;

	if (thread_ops_nr(&c->draft) < 2)
		return false;
	low = pick_thread_op(c);
	high = pick_thread_op(c);
	if (low > high) {
		unsigned swap = low;

		low = high;
		high = swap;
	}
	if (low == high)
		return false;
	draft_move(&c->draft, high, low);
	draft_move(&c->draft, low + 1, high);
	return true;
}

/* An op that binds is given a number of its own by draft_settle(). */
static bool duplicate_op(struct change *c)
{
	struct program_op op;
	unsigned lane;

	if (!thread_ops_nr(&c->draft) || !room_for_op(c))
		return false;
	op = c->draft.op[pick_thread_op(c)];
	lane = draw_thread(&c->draft, c->rng);
	op.lane = (uint8_t)lane;
	return draft_insert(&c->draft, pick_place(c), &op);
}

static bool retarget_op(struct change *c)
{
	unsigned at = rng_below(c->rng, c->draft.nr);
	const struct op_type *type;
	struct program_op before;

	if (!c->draft.nr)
		return false;
	before = c->draft.op[at];
	type = &c->draft.descriptor->ops[before.verb];
	draw_operands(&c->draw, &c->draft, at);
	for (unsigned i = 0; i < type->operands_nr; i++)
		if (c->draft.op[at].operand[i] != before.operand[i])
			return true;
	return false;
}

static bool change_thread(struct change *c)
{
	unsigned at, lane;

	if (!thread_ops_nr(&c->draft))
		return false;
	at = pick_thread_op(c);
	lane = draw_thread(&c->draft, c->rng);
	if (lane == c->draft.op[at].lane || !thread_can_end(c, c->draft.op[at].lane))
		return false;
	c->draft.op[at].lane = (uint8_t)lane;
	return true;
}

/* A new thread takes an op from another, or gets one of its own. */
static bool add_thread(struct change *c)
{
	unsigned lane = free_thread(c), at;

	if (lane == LANE_NONE || draft_threads_nr(&c->draft) >= c->shape->threads_max)
		return false;
	if (rng_chance(c->rng, 2))
		return room_for_op(c) && draw_op(&c->draw, &c->draft, pick_place(c), lane);
	if (!thread_ops_nr(&c->draft))
		return false;
	at = pick_thread_op(c);
	if (draft_lane_nr(&c->draft, c->draft.op[at].lane) < 2)
		return false;
	c->draft.op[at].lane = (uint8_t)lane;
	return true;
}

static bool drop_thread(struct change *c)
{
	unsigned threads_nr = draft_threads_nr(&c->draft);
	unsigned lane = draw_thread(&c->draft, c->rng);

	if (threads_nr < 2 || threads_nr <= c->shape->threads_min ||
	    thread_ops_nr(&c->draft) < c->shape->ops_min + draft_lane_nr(&c->draft, lane))
		return false;
	for (unsigned i = c->draft.nr; i-- > 0;)
		if (c->draft.op[i].lane == lane)
			draft_remove(&c->draft, i);
	return true;
}

static bool new_seed(struct change *c)
{
	if (!c->p->strategy)
		return false;
	c->p->seed = rng_next(c->rng) >> 32;
	return true;
}

static bool new_strategy(struct change *c)
{
	draw_schedule(c->p, c->shape->strategies, c->rng);
	return true;
}

static struct program_deviation *pick_deviation(struct change *c)
{
	return c->p->deviations_nr ? &c->p->deviations[rng_below(c->rng, c->p->deviations_nr)]
				   : NULL;
}

static bool drop_deviation(struct change *c)
{
	if (!c->p->deviations_nr)
		return false;
	program_drop_deviation(c->p, rng_below(c->rng, c->p->deviations_nr));
	return true;
}

static bool move_to_op(struct change *c, struct program_deviation *v)
{
	unsigned nr = LANE_IS_THREAD(v->lane) ? draft_lane_nr(&c->draft, v->lane) : UINT8_MAX;
	unsigned op = rng_chance(c->rng, 2) ? v->op + 1u : v->op - 1u;

	if (!op || op > nr)
		return false;
	v->op = (uint8_t)op;
	return true;
}

/* A little earlier or later: another occurrence, or the same place in the op beside it. */
static bool move_deviation(struct change *c)
{
	struct program_deviation *v = pick_deviation(c);
	unsigned occurrence;

	if (!v)
		return false;
	if (rng_chance(c->rng, 3))
		return move_to_op(c, v);
	occurrence = rng_chance(c->rng, 2) ? v->occurrence + 1u : v->occurrence - 1u;
	if (!occurrence || occurrence > UINT16_MAX)
		return false;
	v->occurrence = (uint16_t)occurrence;
	return true;
}

static bool retarget_deviation(struct change *c)
{
	struct program_deviation *v = pick_deviation(c);
	unsigned lane;

	if (!v || v->action != DEVIATION_GOTO)
		return false;
	lane = rng_chance(c->rng, 4) ? LANE_RCU + rng_below(c->rng, LANES - LANE_RCU)
				     : draw_thread(&c->draft, c->rng);
	if (lane == LANE_NONE || lane == v->target)
		return false;
	v->target = (uint8_t)lane;
	return true;
}

struct mutation {
	bool (*apply)(struct change *c);
	uint8_t weight;
	bool of_schedule; /* changes the program's schedule, not the draft */
};

static const struct mutation mutations[] = {
	{add_op, 10, false},	       {add_object, 2, false},	  {drop_op, 8, false},
	{drop_setup_op, 4, false},     {move_op, 8, false},	  {swap_ops, 4, false},
	{duplicate_op, 5, false},      {retarget_op, 10, false},  {change_thread, 5, false},
	{add_thread, 2, false},	       {drop_thread, 1, false},	  {new_seed, 10, true},
	{new_strategy, 2, true},       {drop_deviation, 3, true}, {move_deviation, 6, true},
	{retarget_deviation, 6, true},
};

#define MUTATIONS_NR (sizeof(mutations) / sizeof(mutations[0]))

static const struct mutation *pick_mutation(struct rng *rng)
{
	unsigned total = 0, ticket, i = 0;

	for (unsigned j = 0; j < MUTATIONS_NR; j++)
		total += mutations[j].weight;
	for (ticket = rng_below(rng, total); ticket >= mutations[i].weight; i++)
		ticket -= mutations[i].weight;
	return &mutations[i];
}

static bool step(struct change *c)
{
	const struct mutation *m = pick_mutation(c->rng);

	draft_take(&c->draft, c->p);
	if (!m->apply(c))
		return false;
	if (!m->of_schedule)
		draft_settle(&c->draft, c->p, c->rng);
	return true;
}

/* A program may lose its last thread op to a repair, and may come without one. */
static void ensure_thread_op(struct change *c)
{
	draft_take(&c->draft, c->p);
	if (thread_ops_nr(&c->draft) || c->draft.nr == OPS_MAX)
		return;
	memset(c->draw.enabled, 0xff, sizeof(c->draw.enabled));
	for (unsigned kind = 0; kind < c->draft.descriptor->objects_nr; kind++)
		if (!draft_scope(&c->draft, c->draft.nr).bound[kind] && c->draft.nr < OPS_MAX - 1)
			draw_object(&c->draw, &c->draft, kind);
	draw_op(&c->draw, &c->draft, c->draft.nr, LANE_A);
	draft_settle(&c->draft, c->p, c->rng);
}

void program_mutate(struct program *p, const struct program_shape *shape, struct rng *rng)
{
	struct change c = {.p = p, .shape = shape, .rng = rng};
	unsigned steps = 1 + rng_below(rng, STEPS_MOST);

	c.draw = draw_init(p->descriptor, shape->whole, rng);
	for (unsigned i = 0; i < steps; i++)
		for (unsigned tries = 0; tries < TRIES_MOST && !step(&c); tries++)
			;
	ensure_thread_op(&c);
	while (program_too_long(p))
		program_drop_deviation(p, p->deviations_nr - 1u);
	must(!program_validate(p));
}
