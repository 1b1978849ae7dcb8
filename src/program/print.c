/*
 * print.c - a program as text, in its one canonical form.
 *
 * The order of the lines and the single spaces are the contract: files in git are compared as
 * bytes. Names go straight into the caller's memory; text_putn() is for the rare call that does not
 * fit.
 */
#include "program/program.h"

#include <xxhash.h>

/* The __builtin forms fold literals also where the folder is compiled with -fno-builtin. */
static inline void put(struct text *t, const char *s, size_t n)
{
	if (n >= t->cap - t->len) {
		text_putn(t, s, n);
		return;
	}
	__builtin_memcpy(t->data + t->len, s, n);
	t->len += n;
}

static inline void put_string(struct text *t, const char *s)
{
	put(t, s, __builtin_strlen(s));
}

static inline void put_number(struct text *t, uint64_t n)
{
	char digit = (char)('0' + n);

	if (n < 10)
		put(t, &digit, 1);
	else
		text_putu(t, n);
}

static inline void put_name(struct text *t, const struct program *p, uint16_t at)
{
	put_string(t, program_name(p, at));
}

static void put_lane(struct text *t, unsigned lane)
{
	char letter = (char)('A' + lane - LANE_A);

	if (LANE_IS_THREAD(lane))
		put(t, &letter, 1);
	else
		put_string(t, lane_name(lane));
}

static void put_object(struct text *t, const struct descriptor *d, unsigned kind, uint32_t number)
{
	put_string(t, d->objects[kind]);
	put_number(t, number);
}

static void put_operand(struct text *t, const struct descriptor *d, const struct operand_type *type,
			uint32_t value)
{
	put(t, " ", 1);
	switch (type->kind) {
	case OPERAND_OBJECT:
		put_object(t, d, type->object_kind, value);
		break;
	case OPERAND_WORD:
		put_string(t, type->words[value]);
		break;
	case OPERAND_NUMBER:
		put_number(t, value);
		break;
	}
}

static void put_op(struct text *t, const struct program *p, const struct program_op *op)
{
	const struct descriptor *d = p->descriptor;
	const struct op_type *type = &d->ops[op->verb];

	if (op->lane != LANE_MAIN) {
		put_lane(t, op->lane);
		put(t, ": ", 2);
	}
	if (type->gives >= 0) {
		put_object(t, d, (unsigned)type->gives, op->result);
		put(t, " = ", 3);
	}
	put_string(t, type->name);
	for (unsigned i = 0; i < type->operands_nr; i++)
		put_operand(t, d, &type->operands[i], op->operand[i]);
	put(t, "\n", 1);
}

static void put_deviation(struct text *t, const struct program *p,
			  const struct program_deviation *v)
{
	put(t, "  ", 2);
	put_lane(t, v->lane);
	put(t, ".", 1);
	put_number(t, v->op);
	put(t, " ", 1);
	if (v->function) {
		put_name(t, p, v->function);
		put(t, " ", 1);
	}
	put_name(t, p, v->primitive);
	put(t, "#", 1);
	put_number(t, v->occurrence);
	if (v->action == DEVIATION_FAILS) {
		put_string(t, " fails\n");
		return;
	}
	put(t, " -> ", 4);
	put_lane(t, v->target);
	put(t, "\n", 1);
}

static void put_schedule(struct text *t, const struct program *p)
{
	put_string(t, "schedule:");
	if (p->strategy) {
		put(t, " ", 1);
		put_name(t, p, p->strategy);
		put_string(t, " seed=");
		put_number(t, p->seed);
	}
	put(t, "\n", 1);
	for (unsigned i = 0; i < p->deviations_nr; i++)
		put_deviation(t, p, &p->deviations[i]);
}

static void put_expect(struct text *t, const struct program *p, const struct program_expect *e)
{
	put_string(t, "expect");
	if (e->on) {
		put(t, " ", 1);
		put_name(t, p, e->on);
	}
	put(t, ": ", 2);
	put_name(t, p, e->verdict);
	if (e->object) {
		put(t, " ", 1);
		put_name(t, p, e->object);
	}
	put(t, "\n", 1);
}

void program_print_op(const struct program *p, unsigned index, struct text *t)
{
	put_op(t, p, &p->ops[index]);
	t->data[t->len] = '\0';
}

void program_print(const struct program *p, struct text *t)
{
	put_name(t, p, p->comment);
	put_string(t, "bondfuzz 1\nsubject ");
	put_string(t, p->descriptor->name);
	put(t, "\n", 1);
	for (unsigned i = 0; i < p->ops_nr; i++)
		put_op(t, p, &p->ops[i]);
	if (p->scheduled)
		put_schedule(t, p);
	for (unsigned i = 0; i < p->expects_nr; i++)
		put_expect(t, p, &p->expects[i]);
	t->data[t->len] = '\0';
}

uint64_t program_hash(const struct program *p)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	program_print(p, &t);
	return XXH3_64bits(data, t.len);
}
