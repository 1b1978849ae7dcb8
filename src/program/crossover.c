/*
 * crossover.c - splice two valid programs of one subject into a valid one.
 *
 * The set-up of both is joined: most objects of the second program become objects of the first,
 * since two halves that share nothing cannot race; the others keep their binding lines, with free
 * numbers. The cut is in the text (the first ops of one, the last of the other) or between threads
 * (some threads of one, the others of the other). Schedule, comment and expectations are the first
 * program's.
 */
#include "program/program.h"

#include "base/panic.h"
#include "program/draft.h"

#define SHARE_OUT_OF 4	/* an object is shared 3 times out of 4, when there is one to share */
#define SETUP_CROWDED 8 /* set-up lines from which on every object is shared that can be */
#define UNBOUND OBJECTS_MAX

struct splice {
	struct draft draft;
	struct rng *rng;
	bool wanted[OPS_MAX];			       /* ops of the second program */
	uint8_t object[OBJECT_KINDS_MAX][OBJECTS_MAX]; /* its objects' numbers in the result */
};

/* Where the cut is: ops that stay of the first program, ops that come from the second. */
struct cut {
	bool by_lane;
	unsigned lane;	     /* by_lane: threads up to this are the first program's */
	unsigned of_a, of_b; /* else: indexes of the first op that is cut off, and that comes */
};

static unsigned setup_nr(const struct program *p)
{
	unsigned nr = 0;

	while (nr < p->ops_nr && p->ops[nr].lane == LANE_MAIN)
		nr++;
	return nr;
}

static struct cut draw_cut(const struct program *a, const struct program *b, struct rng *rng)
{
	unsigned setup_a = setup_nr(a), setup_b = setup_nr(b), last = program_last_lane(b);

	return (struct cut){
		.by_lane = last > LANE_A && rng_chance(rng, 2),
		.lane = LANE_A + rng_below(rng, last - LANE_A),
		.of_a = setup_a + rng_below(rng, a->ops_nr - setup_a + 1u),
		.of_b = setup_b + rng_below(rng, b->ops_nr - setup_b + 1u),
	};
}

static void cut_first(struct draft *d, const struct cut *cut)
{
	for (unsigned i = d->nr; i-- > draft_setup_nr(d);)
		if (cut->by_lane ? d->op[i].lane > cut->lane : i >= cut->of_a)
			draft_remove(d, i);
}

/* The thread ops after the cut, and, found backwards, the set-up lines that they need. */
static void mark_wanted(struct splice *s, const struct program *b, const struct cut *cut)
{
	struct scope needed = {{0}};

	for (unsigned i = b->ops_nr; i-- > 0;) {
		const struct program_op *op = &b->ops[i];
		const struct op_type *type = &b->descriptor->ops[op->verb];

		if (op->lane == LANE_MAIN)
			s->wanted[i] = type->gives >= 0 &&
				       scope_has(&needed, (unsigned)type->gives, op->result);
		else
			s->wanted[i] = cut->by_lane ? op->lane > cut->lane : i >= cut->of_b;
		for (unsigned j = 0; s->wanted[i] && j < type->operands_nr; j++)
			if (type->operands[j].kind == OPERAND_OBJECT)
				needed.bound[type->operands[j].object_kind] |=
					(uint16_t)(1u << op->operand[j]);
	}
}

static void rename_operands(const struct splice *s, const struct op_type *type,
			    struct program_op *op)
{
	for (unsigned i = 0; i < type->operands_nr; i++)
		if (type->operands[i].kind == OPERAND_OBJECT)
			op->operand[i] = s->object[type->operands[i].object_kind][op->operand[i]];
}

/* A set-up line of the second program may be replaced by an object that the first one binds. */
static bool share_object(struct splice *s, const struct program_op *op, unsigned kind)
{
	unsigned setup = draft_setup_nr(&s->draft);
	struct scope scope = draft_scope(&s->draft, setup);

	if (op->lane != LANE_MAIN || !scope.bound[kind])
		return false;
	if (setup < SETUP_CROWDED && rng_chance(s->rng, SHARE_OUT_OF))
		return false;
	s->object[kind][op->result] = (uint8_t)pick_bit(s->rng, scope.bound[kind]);
	return true;
}

/* What has no free number is left out; draft_settle() finds other objects for those who used it. */
static void take_op(struct splice *s, const struct program_op *from)
{
	const struct op_type *type = &s->draft.descriptor->ops[from->verb];
	unsigned at = from->lane == LANE_MAIN ? draft_setup_nr(&s->draft) : s->draft.nr;
	struct program_op op = *from;

	if (type->gives >= 0) {
		unsigned kind = (unsigned)type->gives;
		struct scope all = draft_scope(&s->draft, s->draft.nr);
		int number = scope_free(&all, kind);

		if (share_object(s, from, kind) || number < 0)
			return;
		op.result = (uint8_t)number;
	}
	rename_operands(s, type, &op);
	if (draft_insert(&s->draft, at, &op) && type->gives >= 0)
		s->object[type->gives][from->result] = op.result;
}

void program_crossover(const struct program *a, const struct program *b, struct program *ret,
		       struct rng *rng)
{
	struct cut cut = draw_cut(a, b, rng);
	struct splice s = {.rng = rng};

	must(a->descriptor == b->descriptor);
	for (unsigned kind = 0; kind < OBJECT_KINDS_MAX; kind++)
		for (unsigned i = 0; i < OBJECTS_MAX; i++)
			s.object[kind][i] = UNBOUND;
	draft_take(&s.draft, a);
	cut_first(&s.draft, &cut);
	mark_wanted(&s, b, &cut);
	for (unsigned i = 0; i < b->ops_nr; i++)
		if (s.wanted[i])
			take_op(&s, &b->ops[i]);
	*ret = *a;
	draft_settle(&s.draft, ret, rng);
	if (setup_nr(ret) == ret->ops_nr)
		*ret = *a; /* nothing is left to run: a cut at the very end of both */
	while (program_too_long(ret))
		program_drop_deviation(ret, ret->deviations_nr - 1u);
	must(!program_validate(ret));
}
