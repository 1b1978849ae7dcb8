/*
 * validate.c - does the data keep every rule that the parser enforces?
 *
 * The second standing of the language's contract: the parser checks with a place, this checks the
 * result, and every verb that changes a program ends here. It trusts nothing in the program, not
 * even offsets, so that it may be asked about any bytes.
 */
#include "program/program.h"

#include <string.h>

#include "program/rules.h"

/* The longest lines that names within NAME_MAX_LEN allow; print.c has the forms. */
#define OP_TEXT_MAX (3 + (NAME_MAX_LEN + 4) + NAME_MAX_LEN + OPERANDS_MAX * (NAME_MAX_LEN + 10) + 1)
#define DEVIATION_TEXT_MAX (12 + 2 * NAME_MAX_LEN + 6 + 10)
#define EXPECT_TEXT_MAX (7 + 6 * NAME_MAX_LEN + 4)
#define HEADER_TEXT_MAX (64 + 2 * NAME_MAX_LEN + 32)

bool program_too_long(const struct program *p)
{
	char scratch[PROGRAM_TEXT_MAX + 1];
	struct text t;
	size_t most = HEADER_TEXT_MAX + p->pool_len + p->ops_nr * (size_t)OP_TEXT_MAX +
		      p->deviations_nr * (size_t)DEVIATION_TEXT_MAX +
		      p->expects_nr * (size_t)EXPECT_TEXT_MAX;

	if (most <= PROGRAM_TEXT_MAX)
		return false;
	t = text_init(scratch, sizeof(scratch));
	program_print(p, &t);
	return t.full;
}

static bool name_ok(const struct program *p, uint16_t at, unsigned first, unsigned rest)
{
	size_t len;

	if (at >= p->pool_len)
		return false;
	len = strlen(program_name(p, at));
	return len < NAME_MAX_LEN && name_fits(program_name(p, at), len, first, rest);
}

static bool word_ok(const struct program *p, uint16_t at)
{
	return name_ok(p, at, NAME_WORD_FIRST, NAME_WORD_REST);
}

bool verdict_fits(const char *s, size_t len)
{
	static const char marks[] = "@+=";
	size_t at = 0;

	while (at < len && !strchr(marks, s[at]))
		at++;
	if (at >= NAME_MAX_LEN || !name_fits(s, at, NAME_WORD_FIRST, NAME_WORD_REST))
		return false;
	for (const char *mark = marks; *mark; mark++) {
		size_t from = at + 1;

		if (at >= len || s[at] != *mark)
			continue;
		for (at = from; at < len && !strchr(marks, s[at]);)
			at++;
		if (at - from >= NAME_MAX_LEN ||
		    !name_fits(s + from, at - from, NAME_SITE_REST, NAME_SITE_REST))
			return false;
	}
	return at == len;
}

static bool comment_ok(const struct program *p)
{
	const char *s = program_name(p, p->comment);

	while (*s) {
		if (*s != '#')
			return false;
		while (byte_classes(*s) & BYTE_COMMENT)
			s++;
		if (*s++ != '\n')
			return false;
	}
	return true;
}

static const char *check_header(const struct program *p)
{
	if (!p->descriptor)
		return "a program has a subject";
	if (p->ops_nr > OPS_MAX)
		return "more than OPS_MAX ops";
	if (p->deviations_nr > DEVIATIONS_MAX)
		return "more than DEVIATIONS_MAX deviations";
	if (p->expects_nr > EXPECTS_MAX)
		return "more than EXPECTS_MAX expect lines";
	if (!p->pool_len || p->pool_len > POOL_MAX || p->pool[0] || p->pool[p->pool_len - 1])
		return "the pool is not closed";
	if (p->comment >= p->pool_len || !comment_ok(p))
		return "a comment line starts with '#', ends with a newline and is text";
	return NULL;
}

static const char *check_operand(const struct operand_type *type, uint32_t value,
				 const struct scope *scope)
{
	switch (type->kind) {
	case OPERAND_OBJECT:
		if (!scope_has(scope, type->object_kind, value))
			return "an object is used before it is bound";
		break;
	case OPERAND_WORD:
		for (uint32_t i = 0; i <= value; i++)
			if (!type->words[i])
				return "an operand is no word of its list";
		break;
	case OPERAND_NUMBER:
		if (value > type->max)
			return "a number is over its largest value";
		break;
	}
	return NULL;
}

static const char *check_op(const struct program *p, const struct program_op *op,
			    struct scope *scope)
{
	const struct op_type *type;

	if (op->verb >= p->descriptor->ops_nr)
		return "an op is not of this subject";
	type = &p->descriptor->ops[op->verb];
	if (!place_fits(type, op->lane))
		return "an op is not allowed here: set-up or thread";
	for (unsigned i = 0; i < type->operands_nr; i++) {
		const char *fault = check_operand(&type->operands[i], op->operand[i], scope);

		if (fault)
			return fault;
	}
	if (type->gives < 0)
		return NULL;
	if (op->result >= OBJECTS_MAX)
		return "an object's number is not below OBJECTS_MAX";
	if (scope_has(scope, (unsigned)type->gives, op->result))
		return "an object is bound twice";
	scope_add(scope, type, op);
	return NULL;
}

static const char *check_ops(const struct program *p, unsigned *ops_of)
{
	struct scope scope = {{0}};
	bool in_threads = false;

	for (unsigned i = 0; i < p->ops_nr; i++) {
		const struct program_op *op = &p->ops[i];
		const char *fault;

		if (op->lane != LANE_MAIN && !LANE_IS_THREAD(op->lane))
			return "an op is neither set-up nor in a thread";
		if (op->lane == LANE_MAIN && in_threads)
			return "a set-up op follows a thread's op";
		in_threads = op->lane != LANE_MAIN;
		ops_of[op->lane]++;
		fault = check_op(p, op, &scope);
		if (fault)
			return fault;
	}
	return NULL;
}

static const char *check_deviation(const struct program *p, const struct program_deviation *v,
				   const unsigned *ops_of)
{
	if (v->lane == LANE_MAIN || v->lane >= LANES)
		return "a deviation is in no lane that can deviate";
	if (!v->op || (LANE_IS_THREAD(v->lane) && v->op > ops_of[v->lane]))
		return "a deviation names an op that its lane does not have";
	if (v->function && !name_ok(p, v->function, NAME_SITE_FIRST, NAME_SITE_REST))
		return "a deviation's function is no name";
	if (!name_ok(p, v->primitive, NAME_SITE_FIRST, NAME_SITE_REST))
		return "a deviation's primitive is no name";
	if (!v->occurrence)
		return "occurrences count from 1";
	if (v->action == DEVIATION_FAILS)
		return NULL;
	if (v->action != DEVIATION_GOTO)
		return "a deviation goes to a lane or fails";
	if (v->target == LANE_MAIN || v->target >= LANES)
		return "a deviation goes to no lane that can go on";
	if (LANE_IS_THREAD(v->target) && !ops_of[v->target])
		return "a deviation goes to a thread without ops";
	return NULL;
}

static const char *check_schedule(const struct program *p, const unsigned *ops_of)
{
	if (!p->scheduled && (p->strategy || p->seed || p->deviations_nr))
		return "there is a schedule without a schedule line";
	if (!p->strategy && p->seed)
		return "the plain default takes no seed";
	if (p->strategy && !word_ok(p, p->strategy))
		return "the strategy is no name";
	if (!strcmp(program_name(p, p->strategy), "plain"))
		return "the plain default is the empty name";
	for (unsigned i = 0; i < p->deviations_nr; i++) {
		const char *fault = check_deviation(p, &p->deviations[i], ops_of);

		if (fault)
			return fault;
	}
	return NULL;
}

static bool verdict_ok(const struct program *p, uint16_t at)
{
	const char *verdict = at < p->pool_len ? program_name(p, at) : "";

	return verdict_fits(verdict, strlen(verdict));
}

static const char *check_expect(const struct program *p, const struct program_expect *e)
{
	if (e->on && !word_ok(p, e->on))
		return "an expect line is for no name";
	if (!verdict_ok(p, e->verdict))
		return "an expect line's verdict is no name";
	if (e->object && !name_ok(p, e->object, NAME_OBJECT_FIRST, NAME_OBJECT_REST))
		return "an expect line's object is no name";
	if (e->object && !strcmp(program_name(p, e->verdict), "clean"))
		return "the verdict clean has no object";
	return NULL;
}

const char *program_validate(const struct program *p)
{
	unsigned ops_of[LANES] = {0};
	const char *fault = check_header(p);

	if (!fault)
		fault = check_ops(p, ops_of);
	if (!fault)
		fault = check_schedule(p, ops_of);
	for (unsigned i = 0; !fault && i < p->expects_nr; i++)
		fault = check_expect(p, &p->expects[i]);
	if (!fault && program_too_long(p))
		fault = "the text is longer than PROGRAM_TEXT_MAX";
	return fault;
}
