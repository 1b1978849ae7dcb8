/*
 * draw.c - ops and operands by chance.
 *
 * Two ideas decide what is found. Lifetime bugs are races about one object, so operands are drawn
 * where others are already: an object that other threads use is more likely with each use. And an
 * op that is always there hides what only shows without it, so each program may leave a random set
 * of ops out (swarm testing: Groce et al., ISSTA 2012).
 */
#include "program/draw.h"

#include <string.h>

#define SAME_OBJECT 4 /* weight of one use by another thread, against 1 for being bound */
#define SWARM_OFF_ONE_IN 3
#define BIND_DEPTH_MAX 8 /* longest chain of objects that need each other */
#define BIND_TRIES 2	 /* ops that give the kind to try before giving up */

static bool enabled(const struct draw *w, unsigned verb)
{
	return w->enabled[verb / 32] >> verb % 32 & 1;
}

struct draw draw_init(const struct descriptor *d, bool whole, struct rng *rng)
{
	struct draw w = {.rng = rng, .crowded = !rng_chance(rng, 4)};
	bool all = rng_chance(rng, 2) || whole;

	for (unsigned verb = 0; verb < d->ops_nr; verb++)
		if (all || !rng_chance(rng, SWARM_OFF_ONE_IN))
			w.enabled[verb / 32] |= 1u << verb % 32;
	return w;
}

/* How much the ops of other lanes use an object of that kind. */
static void count_uses(const struct draft *d, unsigned lane, unsigned kind, unsigned *uses)
{
	for (unsigned i = draft_setup_nr(d); i < d->nr; i++) {
		const struct op_type *type = &d->descriptor->ops[d->op[i].verb];

		if (d->op[i].lane == lane)
			continue;
		for (unsigned j = 0; j < type->operands_nr; j++)
			if (type->operands[j].kind == OPERAND_OBJECT &&
			    type->operands[j].object_kind == kind)
				uses[d->op[i].operand[j] % OBJECTS_MAX]++;
	}
}

static unsigned pick_object(const struct draw *w, const struct draft *d, unsigned lane,
			    unsigned kind, unsigned bound)
{
	unsigned uses[OBJECTS_MAX] = {0}, total = 0, ticket;

	if (!w->crowded || rng_chance(w->rng, 8))
		return pick_bit(w->rng, bound);
	if (rng_chance(w->rng, 3))
		return (unsigned)__builtin_ctz(bound); /* the same cluster for all kinds */
	count_uses(d, lane, kind, uses);
	for (unsigned i = 0; i < OBJECTS_MAX; i++) {
		uses[i] = bound >> i & 1 ? 1 + SAME_OBJECT * uses[i] : 0;
		total += uses[i];
	}
	ticket = rng_below(w->rng, total);
	for (unsigned i = 0;; i++) {
		if (ticket < uses[i])
			return i;
		ticket -= uses[i];
	}
}

static uint32_t pick_number(struct rng *rng, uint32_t max)
{
	switch (rng_below(rng, 4)) {
	case 0:
		return max - rng_below(rng, max ? 2 : 1);
	case 1:
		return max < UINT32_MAX ? rng_below(rng, max + 1) : (uint32_t)rng_next(rng);
	default:
		return rng_below(rng, max < 3 ? max + 1 : 4);
	}
}

static uint32_t pick_word(struct rng *rng, const char *const *words)
{
	uint32_t nr = 0;

	while (words[nr])
		nr++;
	return rng_below(rng, nr);
}

static void fill_operands(const struct draw *w, const struct draft *d, const struct scope *scope,
			  struct program_op *op)
{
	const struct op_type *type = &d->descriptor->ops[op->verb];

	for (unsigned i = 0; i < type->operands_nr; i++) {
		const struct operand_type *operand = &type->operands[i];
		unsigned kind = operand->object_kind;

		switch (operand->kind) {
		case OPERAND_OBJECT:
			op->operand[i] = pick_object(w, d, op->lane, kind, scope->bound[kind]);
			break;
		case OPERAND_WORD:
			op->operand[i] = pick_word(w->rng, operand->words);
			break;
		case OPERAND_NUMBER:
			op->operand[i] = pick_number(w->rng, operand->max);
			break;
		}
	}
}

void draw_operands(const struct draw *w, struct draft *d, unsigned at)
{
	struct scope scope = draft_scope(d, at);

	fill_operands(w, d, &scope, &d->op[at]);
}

static bool operands_bound(const struct op_type *type, const struct scope *scope)
{
	for (unsigned i = 0; i < type->operands_nr; i++)
		if (type->operands[i].kind == OPERAND_OBJECT &&
		    !scope->bound[type->operands[i].object_kind])
			return false;
	return true;
}

/* Draws among verbs by weight; an array of weights has one for every verb of the descriptor. */
static int pick_verb(struct rng *rng, const uint8_t *weights, unsigned nr)
{
	uint32_t total = 0, ticket;

	for (unsigned verb = 0; verb < nr; verb++)
		total += weights[verb];
	if (!total)
		return -1;
	ticket = rng_below(rng, total);
	for (unsigned verb = 0;; verb++) {
		if (ticket < weights[verb])
			return (int)verb;
		ticket -= weights[verb];
	}
}

/* In the set-up an op that binds nothing is worth a line only if it can stand nowhere else. */
static bool worth_drawing(const struct op_type *type, unsigned lane)
{
	return lane != LANE_MAIN || type->gives >= 0 || type->place == PLACE_SETUP;
}

static bool place_op(const struct draw *w, struct draft *d, unsigned at, unsigned lane, int verb,
		     const struct scope *scope)
{
	struct program_op op = {.lane = (uint8_t)lane, .verb = (uint8_t)verb};
	const struct op_type *type = &d->descriptor->ops[verb];
	struct scope all = draft_scope(d, d->nr);
	int number = type->gives < 0 ? 0 : scope_free(&all, (unsigned)type->gives);

	if (number < 0)
		return false;
	op.result = (uint8_t)number;
	fill_operands(w, d, scope, &op);
	return draft_insert(d, at, &op);
}

bool draw_op(const struct draw *w, struct draft *d, unsigned at, unsigned lane)
{
	struct scope scope = draft_scope(d, at), all = draft_scope(d, d->nr);
	uint8_t weights[256] = {0};
	int verb;

	for (unsigned i = 0; i < d->descriptor->ops_nr; i++) {
		const struct op_type *type = &d->descriptor->ops[i];

		if (enabled(w, i) && place_fits(type, lane) && worth_drawing(type, lane) &&
		    operands_bound(type, &scope) &&
		    (type->gives < 0 || scope_free(&all, (unsigned)type->gives) >= 0))
			weights[i] = type->weight;
	}
	verb = pick_verb(w->rng, weights, d->descriptor->ops_nr);
	return verb >= 0 && place_op(w, d, at, lane, verb, &scope);
}

/* An op that gives a kind and may stand in that lane; weight 0 counts too, it is needed. */
static int pick_giver(const struct draw *w, const struct draft *d, unsigned kind, unsigned lane,
		      const struct scope *scope)
{
	uint8_t weights[256] = {0};

	for (unsigned i = 0; i < d->descriptor->ops_nr; i++) {
		const struct op_type *type = &d->descriptor->ops[i];

		if (type->gives == (int)kind && place_fits(type, lane) &&
		    (!scope || operands_bound(type, scope)))
			weights[i] = type->weight ? type->weight : 1;
	}
	return pick_verb(w->rng, weights, d->descriptor->ops_nr);
}

static bool bind(const struct draw *w, struct draft *d, unsigned kind, unsigned depth);

static bool bind_operands(const struct draw *w, struct draft *d, const struct op_type *type,
			  unsigned depth)
{
	for (unsigned i = 0; i < type->operands_nr; i++) {
		unsigned kind = type->operands[i].object_kind;

		if (type->operands[i].kind == OPERAND_OBJECT &&
		    !draft_scope(d, draft_setup_nr(d)).bound[kind] && !bind(w, d, kind, depth + 1))
			return false;
	}
	return true;
}

static bool bind(const struct draw *w, struct draft *d, unsigned kind, unsigned depth)
{
	if (depth == BIND_DEPTH_MAX)
		return false;
	for (unsigned tries = 0; tries < BIND_TRIES && d->nr < OPS_MAX; tries++) {
		int verb = pick_giver(w, d, kind, LANE_MAIN, NULL);
		struct scope scope;

		if (verb < 0)
			return false;
		if (!bind_operands(w, d, &d->descriptor->ops[verb], depth) || d->nr == OPS_MAX)
			continue;
		scope = draft_scope(d, draft_setup_nr(d));
		return place_op(w, d, draft_setup_nr(d), LANE_MAIN, verb, &scope);
	}
	return false;
}

bool draw_object(const struct draw *w, struct draft *d, unsigned kind)
{
	return bind(w, d, kind, 0);
}

bool draw_object_in_thread(const struct draw *w, struct draft *d, unsigned kind, unsigned at,
			   unsigned lane)
{
	struct scope scope = draft_scope(d, at);
	int verb = pick_giver(w, d, kind, lane, &scope);

	return verb >= 0 && place_op(w, d, at, lane, verb, &scope);
}

void draw_schedule(struct program *p, const char *const *strategies, struct rng *rng)
{
	uint32_t nr = 0;
	const char *name;
	int at;

	while (strategies && strategies[nr])
		nr++;
	name = nr ? strategies[rng_below(rng, nr)] : "plain";
	at = strcmp(name, "plain") ? program_intern(p, name, strlen(name)) : 0;
	p->scheduled = true;
	p->strategy = at > 0 ? (uint16_t)at : 0;
	p->seed = p->strategy ? rng_next(rng) >> 32 : 0; /* short, for people */
}

unsigned draw_thread(const struct draft *d, struct rng *rng)
{
	unsigned lanes = 0;

	for (unsigned i = 0; i < d->nr; i++)
		if (d->op[i].lane != LANE_MAIN)
			lanes |= 1u << d->op[i].lane;
	return lanes ? pick_bit(rng, lanes) : LANE_NONE;
}
