/*
 * parse_op.c - op lines: `device0 = hmm_device_register 0`, `A: mm_exit mm0`.
 *
 * Names of ops are found through a small hash over length and two bytes, built in the parser's own
 * memory at the first op line: the ops of a subject share long prefixes, and comparing them one by
 * one was most of the time of a parse.
 */
#include "program/parser.h"

static unsigned op_slot(const char *s, size_t len)
{
	return (unsigned)(len + 3u * (uint8_t)s[len - 1] + 5u * (uint8_t)s[len / 2]) % OP_SLOTS;
}

static void build_op_index(struct parser *ps)
{
	const struct descriptor *d = ps->p->descriptor;

	memset(ps->op_first, OP_NONE, sizeof(ps->op_first));
	for (unsigned i = 0; i < d->ops_nr; i++) {
		unsigned slot = op_slot(d->ops[i].name, strlen(d->ops[i].name));

		ps->op_next[i] = ps->op_first[slot];
		ps->op_first[slot] = (uint8_t)i;
	}
	ps->op_index_built = true;
}

static int find_op(struct parser *ps, struct token t)
{
	unsigned i;

	if (!ps->op_index_built)
		build_op_index(ps);
	for (i = ps->op_first[op_slot(t.s, t.len)]; i != OP_NONE; i = ps->op_next[i])
		if (token_names(t, ps->p->descriptor->ops[i].name))
			return (int)i;
	return -1;
}

/* The name of a kind, with the article that a sentence needs. */
static const char *kind_article(const struct parser *ps, unsigned kind)
{
	return strchr("aeiou", ps->p->descriptor->objects[kind][0]) ? "an" : "a";
}

static const char *kind_name(const struct parser *ps, unsigned kind)
{
	return ps->p->descriptor->objects[kind];
}

/* "mirror0" of a given kind; whether it is bound is for the caller to ask. */
static bool parse_object(struct parser *ps, struct token t, unsigned kind, uint64_t *ret)
{
	const struct scan *s = &ps->scan;
	size_t stem = t.len;
	struct token number;

	while (stem && byte_classes(t.s[stem - 1]) & BYTE_DIGIT)
		stem--;
	number = (struct token){t.s + stem, t.len - stem};
	if (!number.len || !token_names((struct token){t.s, stem}, kind_name(ps, kind)))
		return scan_fail(s, t.s, "expected %s %s, got %.*s", kind_article(ps, kind),
				 kind_name(ps, kind), TOKEN_ARGS(t));
	if (number.len > 1 && number.s[0] == '0')
		return scan_fail(s, t.s,
				 "expected an object number without leading zeros, got %.*s",
				 TOKEN_ARGS(t));
	*ret = (uint64_t)(number.s[0] - '0');
	if (number.len > 1 || *ret >= OBJECTS_MAX)
		return scan_fail(s, t.s, "object numbers are below OBJECTS_MAX (%d), got %.*s",
				 OBJECTS_MAX, TOKEN_ARGS(t));
	return true;
}

_Static_assert(OBJECTS_MAX <= 10, "parse_object() reads one digit");

static bool parse_used_object(struct parser *ps, struct token t, unsigned kind, uint64_t *ret)
{
	if (!parse_object(ps, t, kind, ret))
		return false;
	if (!scope_has(&ps->scope, kind, (uint32_t)*ret))
		return scan_fail(&ps->scan, t.s, "%.*s is used before it is bound", TOKEN_ARGS(t));
	return true;
}

static bool parse_word(struct parser *ps, struct token t, const char *const *words, uint64_t *ret)
{
	char known[80];
	struct text list = text_init(known, sizeof(known));

	for (*ret = 0; words[*ret]; ++*ret)
		if (token_names(t, words[*ret]))
			return true;
	for (unsigned i = 0; words[i]; i++) {
		text_puts(&list, i ? ", " : "");
		text_puts(&list, words[i]);
	}
	return scan_fail(&ps->scan, t.s, "expected one of %s; got %.*s", known, TOKEN_ARGS(t));
}

static bool fail_missing(struct parser *ps, struct token t, const struct op_type *type, unsigned i)
{
	const struct operand_type *operand = &type->operands[i];
	const char *what = operand->kind == OPERAND_OBJECT ? kind_name(ps, operand->object_kind)
			   : operand->kind == OPERAND_WORD ? "word"
							   : "number";

	return scan_fail(&ps->scan, t.s, "'%s' takes %u operands: expected %s %s", type->name,
			 type->operands_nr, strchr("aeiou", *what) ? "an" : "a", what);
}

static bool parse_operand(struct parser *ps, const struct op_type *type, unsigned i, uint32_t *ret)
{
	const struct operand_type *operand = &type->operands[i];
	struct token t;
	uint64_t value = 0;
	bool ok = false;

	if (!scan_token(&ps->scan, &t))
		return false;
	if (!t.len)
		return fail_missing(ps, t, type, i);
	switch (operand->kind) {
	case OPERAND_OBJECT:
		ok = parse_used_object(ps, t, operand->object_kind, &value);
		break;
	case OPERAND_WORD:
		ok = parse_word(ps, t, operand->words, &value);
		break;
	case OPERAND_NUMBER:
		ok = scan_number(&ps->scan, t, "the operand", operand->max, &value);
		break;
	}
	*ret = (uint32_t)value;
	return ok;
}

static bool fail_verb(struct parser *ps, struct token t)
{
	const char *near = parse_suggest_op(ps->p->descriptor, t);

	if (!t.len)
		return scan_fail(&ps->scan, t.s, "expected an op, got the end of the line");
	if (parser_fail_lack(ps, t, ps->p->descriptor->lacks))
		return false;
	if (t.s[t.len - 1] == ':')
		return scan_fail(&ps->scan, t.s,
				 "unknown line '%.*s'; expected A: to F:, schedule: or expect:",
				 TOKEN_ARGS(t));
	if (near)
		return scan_fail(&ps->scan, t.s, "unknown op '%.*s'; did you mean '%s'?",
				 TOKEN_ARGS(t), near);
	return scan_fail(&ps->scan, t.s, "unknown op '%.*s'", TOKEN_ARGS(t));
}

static bool parse_verb(struct parser *ps, struct token t, struct program_op *op)
{
	const struct op_type *type;
	int verb = t.len ? find_op(ps, t) : -1;

	if (verb < 0)
		return fail_verb(ps, t);
	type = &ps->p->descriptor->ops[verb];
	if (!place_fits(type, op->lane))
		return scan_fail(&ps->scan, t.s, "'%s' may stand %s only", type->name,
				 type->place == PLACE_SETUP ? "in the set-up" : "in a thread");
	op->verb = (uint8_t)verb;
	return true;
}

/* Binds what the op gives to @name, which is empty when the line has no '='. */
static bool parse_result(struct parser *ps, struct token name, struct token verb,
			 struct program_op *op)
{
	const struct op_type *type = &ps->p->descriptor->ops[op->verb];
	unsigned kind = (unsigned)type->gives;
	uint64_t number;

	if (type->gives < 0 && !name.len)
		return true;
	if (type->gives < 0)
		return scan_fail(&ps->scan, name.s, "'%s' gives nothing that %.*s could name",
				 type->name, TOKEN_ARGS(name));
	if (!name.len)
		return scan_fail(&ps->scan, verb.s, "'%s' gives %s %s: expected '%s0 = %s'",
				 type->name, kind_article(ps, kind), kind_name(ps, kind),
				 kind_name(ps, kind), type->name);
	if (!parse_object(ps, name, kind, &number))
		return false;
	if (scope_has(&ps->scope, kind, (uint32_t)number))
		return scan_fail(&ps->scan, name.s, "%.*s is bound twice", TOKEN_ARGS(name));
	op->result = (uint8_t)number;
	return true;
}

/* [name =] verb operands */
static bool parse_call(struct parser *ps, struct token first, struct program_op *op)
{
	struct scan *s = &ps->scan;
	struct scan after_first = *s;
	struct token name = {first.s, 0}, verb = first, second;
	const struct op_type *type;

	if (!scan_token(s, &second))
		return false;
	if (token_is(second, "=")) {
		name = first;
		if (!scan_token(s, &verb))
			return false;
	} else {
		*s = after_first;
	}
	if (!parse_verb(ps, verb, op) || !parse_result(ps, name, verb, op))
		return false;
	type = &ps->p->descriptor->ops[op->verb];
	for (unsigned i = 0; i < type->operands_nr; i++)
		if (!parse_operand(ps, type, i, &op->operand[i]))
			return false;
	scope_add(&ps->scope, type, op);
	return scan_line_end(s, "the operands");
}

/* "A:" before the op; anything else is a set-up line. */
static bool parse_thread(struct parser *ps, struct token *first, struct program_op *op)
{
	struct scan *s = &ps->scan;
	unsigned lane = parser_lane((struct token){first->s, 1});

	if (first->len > 1 && first->s[1] == ':' && LANE_IS_THREAD(lane)) {
		if (first->len > 2)
			return scan_fail(s, first->s + 2, "expected a blank after '%.2s'",
					 first->s);
		op->lane = (uint8_t)lane;
		return scan_token(s, first);
	}
	if (ps->p->ops_nr && ps->p->ops[ps->p->ops_nr - 1].lane != LANE_MAIN &&
	    first->s[first->len - 1] != ':')
		return scan_fail(s, first->s, "a set-up line after a thread's line");
	return true;
}

bool parse_op_line(struct parser *ps, struct token first)
{
	struct program *p = ps->p;
	struct program_op *op = &p->ops[p->ops_nr];

	if (p->ops_nr == OPS_MAX)
		return scan_fail(&ps->scan, first.s, "more than OPS_MAX (%d) ops", OPS_MAX);
	*op = (struct program_op){.lane = LANE_MAIN};
	if (!parse_thread(ps, &first, op) || !parse_call(ps, first, op))
		return false;
	ps->ops_of[op->lane]++;
	p->ops_nr++;
	return true;
}
