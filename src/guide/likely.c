/*
 * likely.c - see likely.h: an op costs what its verb does (the weights of a subject's ops say what it
 * is about), and what each of its operands does.
 */
#include "guide/likely.h"

#define NUMBERS_MAX 8
#define USED_BITS 0.4f	 /* three of four numbers are used ones, */
#define UNUSED_BITS 2.0f /* and one is not */
#define VALUES_MAX 64	 /* of an operand; words behind these are drawn alone */

/* What there is behind some ops. */
struct scope {
	uint8_t objects[OBJECT_KINDS_MAX];
	uint8_t fresh[OBJECT_KINDS_MAX];  /* from there on no thread has used them: all are alike */
	uint32_t number[NUMBERS_MAX + 1]; /* used ones, then one that is not */
	unsigned used_nr;
};

/* What an operand can be. */
struct values {
	uint32_t value[VALUES_MAX];
	float bits[VALUES_MAX];
	unsigned nr;
};

static bool is_used(const struct scope *scope, uint32_t number)
{
	for (unsigned i = 0; i < scope->used_nr; i++)
		if (scope->number[i] == number)
			return true;
	return false;
}

static void use_number(struct scope *scope, uint32_t number)
{
	if (!is_used(scope, number) && scope->used_nr < NUMBERS_MAX)
		scope->number[scope->used_nr++] = number;
}

/* Objects are used in the order of their numbers. */
static void use(struct scope *scope, const struct op_type *type, const struct program_op *op)
{
	for (unsigned o = 0; o < type->operands_nr; o++) {
		uint8_t *fresh = &scope->fresh[type->operands[o].object_kind];

		if (type->operands[o].kind == OPERAND_NUMBER)
			use_number(scope, op->operand[o]);
		else if (type->operands[o].kind == OPERAND_OBJECT && op->operand[o] >= *fresh)
			*fresh = (uint8_t)(op->operand[o] + 1);
	}
	if (type->gives >= 0)
		scope->fresh[type->gives] = scope->objects[type->gives];
}

static struct scope scope_of(const struct descriptor *d, const struct program_op *op, unsigned nr)
{
	struct scope scope = {.used_nr = 0};
	uint32_t unused = 0;

	for (unsigned i = 0; i < nr; i++) {
		const struct op_type *type = &d->ops[op[i].verb];

		if (type->gives >= 0)
			scope.objects[type->gives]++;
		if (op[i].lane != LANE_MAIN)
			use(&scope, type, &op[i]);
	}
	while (is_used(&scope, unused))
		unused++;
	scope.number[scope.used_nr] = unused;
	return scope;
}

static void add_value(struct values *v, uint32_t value, float bits)
{
	if (v->nr == VALUES_MAX)
		return;
	v->value[v->nr] = value;
	v->bits[v->nr++] = bits;
}

static void add_numbers(struct values *v, const struct scope *scope, uint32_t max)
{
	bool more = scope->number[scope->used_nr] <= max;
	unsigned nr = 0;

	for (unsigned i = 0; i < scope->used_nr; i++)
		nr += scope->number[i] <= max;
	for (unsigned i = 0; i < scope->used_nr; i++)
		if (scope->number[i] <= max)
			add_value(v, scope->number[i], log2f((float)nr) + (more ? USED_BITS : 0));
	if (more)
		add_value(v, scope->number[scope->used_nr], nr ? UNUSED_BITS : 0);
}

static struct values values_of(const struct scope *scope, const struct operand_type *t)
{
	struct values ret = {.nr = 0};
	unsigned nr = 0;

	if (t->kind == OPERAND_NUMBER) {
		add_numbers(&ret, scope, t->max);
		return ret;
	}
	if (t->kind == OPERAND_WORD)
		while (t->words[nr])
			nr++;
	else
		while (nr < scope->objects[t->object_kind] && nr <= scope->fresh[t->object_kind])
			nr++;
	for (uint32_t i = 0; i < nr; i++)
		add_value(&ret, i, log2f((float)nr));
	return ret;
}

static unsigned ways(const struct scope *scope, const struct op_type *type, struct values *ret)
{
	unsigned nr = 1;

	if (!type->weight || type->place == PLACE_SETUP ||
	    (type->gives >= 0 && scope->objects[type->gives] == OBJECTS_MAX))
		return 0;
	for (unsigned o = 0; o < type->operands_nr; o++) {
		ret[o] = values_of(scope, &type->operands[o]);
		nr *= ret[o].nr;
	}
	return nr;
}

/* Way number @which to fill the operands. Returns: what they cost. */
static float fill(const struct op_type *type, const struct values *values, unsigned which,
		  struct program_op *ret)
{
	float bits = 0;

	for (unsigned o = 0; o < type->operands_nr; o++) {
		unsigned i = which % values[o].nr;

		which /= values[o].nr;
		ret->operand[o] = values[o].value[i];
		bits += values[o].bits[i];
	}
	return bits;
}

static bool is_before(const struct likely *a, const struct likely *b)
{
	return a->bits < b->bits || (a->bits <= b->bits && a->which < b->which);
}

static float weights(const struct descriptor *d)
{
	unsigned sum = 0;

	for (unsigned v = 0; v < d->ops_nr; v++)
		sum += d->ops[v].place == PLACE_SETUP ? 0 : d->ops[v].weight;
	return (float)sum;
}

struct likely likely_next(const struct descriptor *d, const struct program_op *op, unsigned nr,
			  const struct likely *last)
{
	struct scope scope = scope_of(d, op, nr);
	struct likely ret = {.bits = LIKELY_NEVER}, at = {.which = 0};
	float sum = weights(d);

	for (unsigned v = 0; v < d->ops_nr; v++) {
		const struct op_type *type = &d->ops[v];
		struct values values[OPERANDS_MAX];
		unsigned ways_nr = ways(&scope, type, values);
		float bits = ways_nr ? log2f(sum / type->weight) : LIKELY_NEVER;

		for (unsigned i = 0; i < ways_nr; i++, at.which++) {
			at.op = (struct program_op){.lane = LANE_A, .verb = (uint8_t)v};
			at.bits = bits + fill(type, values, i, &at.op);
			if (type->gives >= 0)
				at.op.result = scope.objects[type->gives];
			if ((!last || is_before(last, &at)) && is_before(&at, &ret))
				ret = at;
		}
	}
	return ret;
}
