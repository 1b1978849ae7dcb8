/*
 * canonical.c - the one way to write a program: equal findings then print equal texts.
 *
 * Threads are called A, B, ... in the order that the caller gives, and each stands as one block; only
 * an op whose object another thread binds waits for that line. Objects of a kind are 0, 1, ... in the
 * order in which the text binds them, in the expectations, too. Names that nothing uses any more leave
 * the pool.
 *
 * Set-up lines stay in their order: it numbers the blocks of a run.
 */
#include "program/program.h"

#include <string.h>

#include "base/panic.h"
#include "program/rules.h"

struct writer {
	const struct program *from;
	struct program *to;
	const uint8_t *lane_to;
	bool taken[OPS_MAX];
	struct scope scope; /* what is bound in @to, by the old numbers */
	uint8_t number[OBJECT_KINDS_MAX][OBJECTS_MAX];
	uint8_t numbers_nr[OBJECT_KINDS_MAX];
};

static bool is_ready(const struct writer *w, const struct program_op *op)
{
	const struct op_type *type = &w->from->descriptor->ops[op->verb];

	for (unsigned i = 0; i < type->operands_nr; i++)
		if (type->operands[i].kind == OPERAND_OBJECT &&
		    !scope_has(&w->scope, type->operands[i].object_kind, op->operand[i]))
			return false;
	return true;
}

static void write_op(struct writer *w, unsigned index)
{
	const struct program_op *op = &w->from->ops[index];
	const struct op_type *type = &w->from->descriptor->ops[op->verb];
	struct program_op *to = &w->to->ops[w->to->ops_nr++];

	*to = *op;
	to->lane = w->lane_to[op->lane];
	for (unsigned i = 0; i < type->operands_nr; i++)
		if (type->operands[i].kind == OPERAND_OBJECT)
			to->operand[i] = w->number[type->operands[i].object_kind][op->operand[i]];
	if (type->gives >= 0) {
		to->result = w->numbers_nr[type->gives]++;
		w->number[type->gives][op->result] = to->result;
	}
	scope_add(&w->scope, type, op);
	w->taken[index] = true;
}

/* The ops of @lane, by its new name, as far as they can stand. Returns: was there any? */
static bool write_lane(struct writer *w, unsigned lane)
{
	bool any = false;

	for (unsigned i = 0; i < w->from->ops_nr; i++) {
		if (w->taken[i] || w->lane_to[w->from->ops[i].lane] != lane)
			continue;
		if (!is_ready(w, &w->from->ops[i]))
			break;
		write_op(w, i);
		any = true;
	}
	return any;
}

/* In text order there is always a line that can stand: the first that is left. */
static void write_ops(struct writer *w)
{
	bool any = true;

	while (any) {
		any = false;
		for (unsigned lane = LANE_MAIN; lane <= LANE_F; lane++)
			any |= write_lane(w, lane);
	}
	must(w->to->ops_nr == w->from->ops_nr);
}

static uint16_t copy_name(struct writer *w, uint16_t at)
{
	const char *name = program_name(w->from, at);
	int copied = program_intern(w->to, name, strlen(name));

	must(copied >= 0); /* it had room in a pool with more in it */
	return (uint16_t)copied;
}

static void write_deviations(struct writer *w)
{
	for (unsigned i = 0; i < w->from->deviations_nr; i++) {
		struct program_deviation v = w->from->deviations[i];

		v.lane = w->lane_to[v.lane];
		if (v.action == DEVIATION_GOTO)
			v.target = w->lane_to[v.target];
		v.function = copy_name(w, v.function);
		v.primitive = copy_name(w, v.primitive);
		w->to->deviations[w->to->deviations_nr++] = v;
	}
}

/* "device1", as the new program numbers it; a name that no op binds stays. */
static uint16_t copy_object(struct writer *w, uint16_t at)
{
	const struct descriptor *d = w->from->descriptor;
	const char *name = program_name(w->from, at);

	for (unsigned kind = 0; kind < d->objects_nr; kind++) {
		size_t len = strlen(d->objects[kind]);
		char renamed[NAME_MAX_LEN + 8];
		struct text t = text_init(renamed, sizeof(renamed));
		int copied;

		if (strncmp(name, d->objects[kind], len) != 0 || name[len] < '0' ||
		    name[len] >= '0' + OBJECTS_MAX || name[len + 1] ||
		    !(w->scope.bound[kind] >> (name[len] - '0') & 1))
			continue;
		text_putf(&t, "%s%u", d->objects[kind], w->number[kind][name[len] - '0']);
		copied = program_intern(w->to, t.data, t.len);
		return copied < 0 ? 0 : (uint16_t)copied;
	}
	return copy_name(w, at);
}

static void write_expects(struct writer *w)
{
	for (unsigned i = 0; i < w->from->expects_nr; i++) {
		const struct program_expect *e = &w->from->expects[i];

		w->to->expects[w->to->expects_nr++] = (struct program_expect){
			.on = copy_name(w, e->on),
			.verdict = copy_name(w, e->verdict),
			.object = copy_object(w, e->object),
		};
	}
}

void program_canonical(const struct program *p, const uint8_t *lane_to, struct program *ret)
{
	struct writer w = {.from = p, .to = ret, .lane_to = lane_to};

	program_init(ret, p->descriptor);
	ret->scheduled = p->scheduled;
	ret->seed = p->seed;
	ret->comment = copy_name(&w, p->comment);
	ret->strategy = copy_name(&w, p->strategy);
	write_ops(&w);
	write_deviations(&w);
	write_expects(&w);
}
