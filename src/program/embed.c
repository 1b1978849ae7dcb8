/*
 * embed.c - put a program among others that have nothing to do with it.
 *
 * A bug is rarely alone: what else runs costs a search most of its chance. The others are a
 * generated program of the same subject, with objects and threads of their own, so that they get in
 * the way of the schedule and never of the bug. The program's own lines stay as they are.
 */
#include "program/program.h"

#include "base/panic.h"
#include "program/draft.h"

struct embedding {
	struct draft draft;
	unsigned lane_shift;
	bool bound[OBJECT_KINDS_MAX][OBJECTS_MAX]; /* objects of the others that have a number */
	uint8_t number[OBJECT_KINDS_MAX][OBJECTS_MAX]; /* here */
};

static unsigned thread_ops_nr(const struct program *p)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < p->ops_nr; i++)
		nr += p->ops[i].lane != LANE_MAIN;
	return nr;
}

/* Returns: do all objects that it takes have a number here? */
static bool rename_operands(const struct embedding *e, const struct op_type *type,
			    struct program_op *op)
{
	for (unsigned i = 0; i < type->operands_nr; i++) {
		unsigned kind = type->operands[i].object_kind;

		if (type->operands[i].kind != OPERAND_OBJECT)
			continue;
		if (!e->bound[kind][op->operand[i]])
			return false;
		op->operand[i] = e->number[kind][op->operand[i]];
	}
	return true;
}

/* What finds no room, or has lost what it uses, is left out. */
static void add_op(struct embedding *e, const struct program_op *from)
{
	const struct op_type *type = &e->draft.descriptor->ops[from->verb];
	bool is_setup = from->lane == LANE_MAIN;
	struct scope all = draft_scope(&e->draft, e->draft.nr);
	struct program_op op = *from;
	int number = -1;

	if (type->gives >= 0) {
		number = scope_free(&all, (unsigned)type->gives);
		if (number < 0)
			return;
		op.result = (uint8_t)number;
	}
	if (e->draft.nr == OPS_MAX || !rename_operands(e, type, &op))
		return;
	op.lane = (uint8_t)(is_setup ? LANE_MAIN : op.lane + e->lane_shift);
	if (!draft_insert(&e->draft, is_setup ? draft_setup_nr(&e->draft) : e->draft.nr, &op))
		return;
	if (number < 0)
		return;
	e->bound[type->gives][from->result] = true;
	e->number[type->gives][from->result] = op.result;
}

static uint8_t missing(unsigned wanted, unsigned nr)
{
	return (uint8_t)(wanted > nr ? wanted - nr : 1);
}

void program_embed(struct program *p, const struct program_shape *shape, struct rng *rng)
{
	static struct program others;
	unsigned threads_nr = program_last_lane(p) - LANE_MAIN, ops_nr = thread_ops_nr(p);
	struct program_shape rest = {
		.threads_min = missing(shape->threads_min, threads_nr),
		.ops_min = missing(shape->ops_min, ops_nr),
		.strategies = shape->strategies,
	};
	struct embedding e = {.lane_shift = threads_nr};

	if (threads_nr + rest.threads_min > THREADS_MAX)
		return;
	rest.threads_max = rest.threads_min;
	rest.ops_max = rest.ops_min;
	program_generate(&others, p->descriptor, &rest, rng);
	draft_take(&e.draft, p);
	for (unsigned i = 0; i < others.ops_nr; i++)
		add_op(&e, &others.ops[i]);
	draft_settle(&e.draft, p, NULL);
	while (program_too_long(p))
		program_drop_deviation(p, p->deviations_nr - 1u);
	must(!program_validate(p));
}
