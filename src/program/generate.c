/*
 * generate.c - a valid program by chance.
 *
 * First the cast, then the play: the set-up binds the objects that the ops of this subject need,
 * few of each kind, in the order in which they need each other; then the threads get ops, in mixed
 * text order, so that a name bound in one thread can be used in another. Echoes (the same call on
 * the same objects from another thread) are drawn on purpose: a second release is the oldest
 * lifetime bug.
 */
#include "program/program.h"

#include "base/panic.h"
#include "program/draw.h"

#define SETUP_MAX 8 /* set-up ops beyond the first object of each kind */
#define ECHO_ONE_IN 6
#define EXTRA_OBJECT_ONE_IN 3
#define SETUP_CALL_ONE_IN 3

struct plan {
	unsigned threads_nr;
	unsigned ops_nr;
	uint8_t lane[OPS_MAX]; /* of each thread op, in text order */
};

static unsigned between(struct rng *rng, unsigned min, unsigned max)
{
	return min >= max ? min : min + rng_below(rng, max - min + 1);
}

static void shuffle(uint8_t *lanes, unsigned nr, struct rng *rng)
{
	for (unsigned i = nr; i > 1; i--) {
		unsigned j = rng_below(rng, i);
		uint8_t lane = lanes[i - 1];

		lanes[i - 1] = lanes[j];
		lanes[j] = lane;
	}
}

static struct plan draw_plan(const struct program_shape *shape, struct rng *rng)
{
	struct plan plan;
	unsigned ops_least = shape->ops_min;

	if (ops_least < shape->threads_min)
		ops_least = shape->threads_min;
	if (ops_least > shape->ops_max)
		ops_least = shape->ops_max;
	plan.threads_nr = between(rng, shape->threads_min, shape->threads_max);
	plan.ops_nr = between(rng, ops_least, shape->ops_max);
	for (unsigned i = 0; i < plan.ops_nr; i++)
		plan.lane[i] =
			(uint8_t)(LANE_A +
				  (i < plan.threads_nr ? i : rng_below(rng, plan.threads_nr)));
	shuffle(plan.lane, plan.ops_nr, rng);
	return plan;
}

/* The kinds that drawable ops take. */
static unsigned needed_kinds(const struct descriptor *d)
{
	unsigned kinds = 0;

	for (unsigned i = 0; i < d->ops_nr; i++)
		for (unsigned j = 0; d->ops[i].weight && j < d->ops[i].operands_nr; j++)
			if (d->ops[i].operands[j].kind == OPERAND_OBJECT)
				kinds |= 1u << d->ops[i].operands[j].object_kind;
	return kinds;
}

static void add_objects(const struct draw *w, struct draft *d, unsigned kind, unsigned setup_max)
{
	for (unsigned more = 0; more < 2; more++)
		if (d->nr < setup_max && rng_chance(w->rng, EXTRA_OBJECT_ONE_IN))
			draw_object(w, d, kind);
}

static void draw_setup(const struct draw *w, struct draft *d, unsigned thread_ops_nr)
{
	unsigned kinds = needed_kinds(d->descriptor);
	unsigned room = OPS_MAX - thread_ops_nr;

	for (unsigned kind = 0; kind < d->descriptor->objects_nr; kind++)
		if (kinds >> kind & 1 && !draft_scope(d, d->nr).bound[kind] && d->nr < room)
			draw_object(w, d, kind);
	for (unsigned kind = 0; kind < d->descriptor->objects_nr; kind++)
		if (kinds >> kind & 1)
			add_objects(w, d, kind, room < SETUP_MAX ? room : SETUP_MAX);
	if (d->nr < room && rng_chance(w->rng, SETUP_CALL_ONE_IN))
		draw_op(w, d, d->nr, LANE_MAIN);
}

/* The same call as one of another thread, on the same objects. */
static bool draw_echo(const struct draw *w, struct draft *d, unsigned lane)
{
	unsigned setup_nr = draft_setup_nr(d);
	struct program_op op;

	if (d->nr == setup_nr || !rng_chance(w->rng, ECHO_ONE_IN))
		return false;
	op = d->op[setup_nr + rng_below(w->rng, d->nr - setup_nr)];
	if (op.lane == lane || d->descriptor->ops[op.verb].gives >= 0)
		return false;
	op.lane = (uint8_t)lane;
	return draft_insert(d, d->nr, &op);
}

/* Objects that only threads can bind come first, or nothing could use them. */
static void draw_thread_objects(const struct draw *w, struct draft *d, struct plan *plan)
{
	unsigned missing = needed_kinds(d->descriptor);
	unsigned done = 0;

	for (unsigned kind = 0; kind < d->descriptor->objects_nr; kind++)
		if (missing >> kind & 1 && !draft_scope(d, d->nr).bound[kind] &&
		    done < plan->ops_nr && rng_below(w->rng, 4) &&
		    draw_object_in_thread(w, d, kind, d->nr, plan->lane[done]))
			done++;
	for (unsigned i = done; i < plan->ops_nr; i++)
		plan->lane[i - done] = plan->lane[i];
	plan->ops_nr -= done;
}

/* Any op that can stand in a thread, also one that is never drawn by itself. */
static bool draw_any(const struct draw *w, struct draft *d, unsigned lane)
{
	unsigned start = rng_below(w->rng, d->descriptor->ops_nr);

	for (unsigned i = 0; i < d->descriptor->ops_nr; i++) {
		unsigned verb = (start + i) % d->descriptor->ops_nr;
		struct draw only = {.rng = w->rng};

		only.enabled[verb / 32] = 1u << verb % 32;
		if (draw_op(&only, d, d->nr, lane))
			return true;
	}
	for (unsigned kind = 0; kind < d->descriptor->objects_nr; kind++)
		if (draw_object_in_thread(w, d, kind, d->nr, lane))
			return true;
	return false;
}

void program_generate(struct program *ret, const struct descriptor *d,
		      const struct program_shape *shape, struct rng *rng)
{
	struct plan plan = draw_plan(shape, rng);
	struct draw w = draw_init(d, shape->whole, rng);
	struct draft draft;

	draft_init(&draft, d);
	draw_setup(&w, &draft, plan.ops_nr);
	draw_thread_objects(&w, &draft, &plan);
	for (unsigned i = 0; i < plan.ops_nr; i++)
		if (!draw_echo(&w, &draft, plan.lane[i]) &&
		    !draw_op(&w, &draft, draft.nr, plan.lane[i]))
			draw_any(&w, &draft, plan.lane[i]);
	program_init(ret, d);
	draft_settle(&draft, ret, NULL);
	draw_schedule(ret, shape->strategies, rng);
	must(ret->ops_nr > draft_setup_nr(&draft)); /* the descriptor has no op for a thread */
	must(!program_validate(ret));
}
