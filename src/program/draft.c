/*
 * draft.c - a program's ops as a list, and how it becomes a valid program again.
 *
 * Settling goes through the list once, in text order, with the scope of what is bound so far: an op
 * that cannot stand is repaired or left out, so each later op meets the scope that it will have. A
 * deviation is kept by the op that it hangs on: it follows that op to a new number or thread, and
 * goes when the op goes.
 */
#include "program/draft.h"

#include <string.h>

void draft_init(struct draft *d, const struct descriptor *descriptor)
{
	d->descriptor = descriptor;
	d->nr = 0;
}

static unsigned find_number(const struct program *p, unsigned lane, unsigned number)
{
	for (unsigned i = 0; i < p->ops_nr; i++)
		if (p->ops[i].lane == lane && !--number)
			return i;
	return DRAFT_NEW;
}

void draft_take(struct draft *d, const struct program *p)
{
	draft_init(d, p->descriptor);
	d->nr = p->ops_nr;
	memcpy(d->op, p->ops, p->ops_nr * sizeof(p->ops[0]));
	for (unsigned i = 0; i < p->ops_nr; i++)
		d->from[i] = (uint8_t)i;
	for (unsigned i = 0; i < p->deviations_nr; i++) {
		const struct program_deviation *v = &p->deviations[i];

		d->anchor[i] = (uint8_t)find_number(p, v->lane, v->op);
	}
}

bool draft_insert(struct draft *d, unsigned at, const struct program_op *op)
{
	if (d->nr == DRAFT_MAX)
		return false;
	memmove(&d->op[at + 1], &d->op[at], (d->nr - at) * sizeof(d->op[0]));
	memmove(&d->from[at + 1], &d->from[at], d->nr - at);
	d->op[at] = *op;
	d->from[at] = DRAFT_NEW;
	d->nr++;
	return true;
}

void draft_remove(struct draft *d, unsigned at)
{
	d->nr--;
	memmove(&d->op[at], &d->op[at + 1], (d->nr - at) * sizeof(d->op[0]));
	memmove(&d->from[at], &d->from[at + 1], d->nr - at);
}

void draft_move(struct draft *d, unsigned from, unsigned to)
{
	struct program_op op = d->op[from];
	uint8_t origin = d->from[from];

	draft_remove(d, from);
	draft_insert(d, to, &op);
	d->from[to] = origin;
}

struct scope draft_scope(const struct draft *d, unsigned at)
{
	struct scope scope = {{0}};

	for (unsigned i = 0; i < at; i++)
		scope_add(&scope, &d->descriptor->ops[d->op[i].verb], &d->op[i]);
	return scope;
}

unsigned draft_setup_nr(const struct draft *d)
{
	unsigned nr = 0;

	while (nr < d->nr && d->op[nr].lane == LANE_MAIN)
		nr++;
	return nr;
}

unsigned draft_lane_nr(const struct draft *d, unsigned lane)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < d->nr; i++)
		nr += d->op[i].lane == lane;
	return nr;
}

unsigned draft_threads_nr(const struct draft *d)
{
	unsigned lanes = 0;

	for (unsigned i = 0; i < d->nr; i++)
		if (d->op[i].lane != LANE_MAIN)
			lanes |= 1u << d->op[i].lane;
	return (unsigned)__builtin_popcount(lanes);
}

static void sort_setup_first(struct draft *d)
{
	unsigned to = 0;

	for (unsigned i = 0; i < d->nr; i++)
		if (d->op[i].lane == LANE_MAIN) {
			if (i != to)
				draft_move(d, i, to);
			to++;
		}
}

static bool settle_operands(const struct op_type *type, struct program_op *op,
			    const struct scope *scope, struct rng *rng)
{
	for (unsigned i = 0; i < type->operands_nr; i++) {
		unsigned kind = type->operands[i].object_kind;

		if (type->operands[i].kind != OPERAND_OBJECT ||
		    scope_has(scope, kind, op->operand[i]))
			continue;
		if (!rng || !scope->bound[kind])
			return false;
		op->operand[i] = pick_bit(rng, scope->bound[kind]);
	}
	return true;
}

/* A number is free when no op of the whole list binds it: later ones keep theirs. */
static bool settle_result(const struct draft *d, const struct op_type *type, struct program_op *op,
			  const struct scope *scope, struct rng *rng)
{
	struct scope all;
	int number;

	if (type->gives < 0 || !scope_has(scope, (unsigned)type->gives, op->result))
		return true;
	if (!rng)
		return false;
	all = draft_scope(d, d->nr);
	for (unsigned kind = 0; kind < OBJECT_KINDS_MAX; kind++)
		all.bound[kind] |= scope->bound[kind];
	number = scope_free(&all, (unsigned)type->gives);
	if (number >= 0)
		op->result = (uint8_t)number;
	return number >= 0;
}

/* An op that is left out stands in the list no more: its result is free for others. */
static void settle_ops(struct draft *d, struct rng *rng)
{
	struct scope scope = {{0}};
	unsigned i = 0;

	sort_setup_first(d);
	while (i < d->nr) {
		struct program_op *op = &d->op[i];
		const struct op_type *type = &d->descriptor->ops[op->verb];

		if (i < OPS_MAX && place_fits(type, op->lane) &&
		    settle_operands(type, op, &scope, rng) &&
		    settle_result(d, type, op, &scope, rng)) {
			scope_add(&scope, type, op);
			i++;
		} else {
			draft_remove(d, i);
		}
	}
}

/* Op indexes of before, mapped to those of now. */
static void map_ops(const struct draft *d, uint8_t where[DRAFT_NEW + 1])
{
	memset(where, DRAFT_NEW, DRAFT_NEW + 1);
	for (unsigned i = 0; i < d->nr; i++)
		if (d->from[i] != DRAFT_NEW)
			where[d->from[i]] = (uint8_t)i;
}

static bool settle_deviation(const struct draft *d, const struct program *p,
			     struct program_deviation *v, unsigned index)
{
	if (LANE_IS_THREAD(v->lane)) {
		if (index == DRAFT_NEW || p->ops[index].lane == LANE_MAIN)
			return false;
		v->lane = p->ops[index].lane;
		v->op = (uint8_t)program_op_number(p, index);
	}
	return v->action == DEVIATION_FAILS || !LANE_IS_THREAD(v->target) ||
	       draft_lane_nr(d, v->target);
}

void draft_settle(struct draft *d, struct program *p, struct rng *rng)
{
	uint8_t where[DRAFT_NEW + 1];
	unsigned kept = 0;

	settle_ops(d, rng);
	map_ops(d, where);
	memcpy(p->ops, d->op, d->nr * sizeof(d->op[0]));
	p->ops_nr = (uint8_t)d->nr;
	for (unsigned i = 0; i < p->deviations_nr; i++) {
		struct program_deviation v = p->deviations[i];

		if (settle_deviation(d, p, &v, where[d->anchor[i]]))
			p->deviations[kept++] = v;
	}
	p->deviations_nr = (uint8_t)kept;
}

unsigned program_last_lane(const struct program *p)
{
	unsigned last = LANE_MAIN;

	for (unsigned i = 0; i < p->ops_nr; i++)
		if (p->ops[i].lane > last)
			last = p->ops[i].lane;
	return last;
}
