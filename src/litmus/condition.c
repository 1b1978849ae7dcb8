/*
 * condition.c - reads what is asked of the final state: locations, filter, exists, ~exists, forall.
 *
 * All that they name is shown of each state, in the order in which it is named first.
 */
#include <string.h>

#include "litmus/parser.h"

static bool parse_implication(struct parser *p, uint16_t *ret);
static bool parse_deep_not(struct parser *p, uint16_t *ret);

static bool negate(struct parser *p, uint16_t *node)
{
	*node = parser_node(p, NODE_NOT, 0, *node, 0);
	return *node != 0;
}

static bool show(struct parser *p, int thread, int at)
{
	struct litmus_test *t = p->test;

	for (unsigned i = 0; i < t->shown_nr; i++)
		if (t->shown[i].thread == thread && t->shown[i].at == at)
			return true;
	if (t->shown_nr == LITMUS_SHOWN_MAX)
		return lex_fail(&p->lex, "more than %d parts of the state", LITMUS_SHOWN_MAX);
	t->shown[t->shown_nr++] =
		(struct litmus_shown){.thread = (int8_t)thread, .at = (uint8_t)at};
	return true;
}

static int register_of(struct parser *p, int thread, const char *name)
{
	struct litmus_thread *t = &p->test->thread[thread];

	for (unsigned i = 0; i < t->regs_nr; i++)
		if (strcmp(t->reg[i], name) == 0)
			return (int)i;
	lex_fail(&p->lex, "thread %d has no %s", thread, name);
	return -1;
}

/* "0:r0", "x", "*x" or "[x]". @ret_thread is -1 for a variable. */
static bool parse_part(struct parser *p, int *ret_thread, int *ret_at)
{
	struct lex *l = &p->lex;
	char name[LITMUS_NAME_MAX];
	bool bracket;

	*ret_thread = -1;
	if (lex_is_number(l)) {
		if (!lex_number(l, ret_thread) || !lex_expect(l, ":"))
			return false;
		if (*ret_thread >= p->test->threads_nr)
			return lex_fail(l, "there is no thread %d", *ret_thread);
		if (!lex_name(l, "a local variable", name))
			return false;
		*ret_at = register_of(p, *ret_thread, name);
		return *ret_at >= 0 && show(p, *ret_thread, *ret_at);
	}
	bracket = lex_skip(l, "[");
	lex_skip(l, "*");
	if (!lex_name(l, "a variable", name))
		return false;
	*ret_at = parser_var(p, name);
	return *ret_at >= 0 && show(p, -1, *ret_at) && (!bracket || lex_expect(l, "]"));
}

static bool parse_atom(struct parser *p, uint16_t *ret)
{
	int thread, at, value;
	bool differs;

	if (lex_is(&p->lex, "true") || lex_is(&p->lex, "false")) {
		*ret = parser_node(p, NODE_TRUE, 0, 0, 0);
		return *ret && (lex_skip(&p->lex, "true") ||
				(lex_skip(&p->lex, "false") && negate(p, ret)));
	}
	if (!parse_part(p, &thread, &at))
		return false;
	differs = lex_skip(&p->lex, "!=");
	if (!differs && !lex_skip(&p->lex, "==") && !lex_expect(&p->lex, "="))
		return false;
	if (!parse_value(p, &value))
		return false;
	*ret = thread < 0 ? parser_node(p, NODE_VAR_IS, value, (unsigned)at, 0)
			  : parser_node(p, NODE_REG_IS, value, (unsigned)thread, (unsigned)at);
	return *ret && (!differs || negate(p, ret));
}

static bool parse_not(struct parser *p, uint16_t *ret)
{
	if (lex_skip(&p->lex, "~") || lex_skip(&p->lex, "not"))
		return parse_deep_not(p, ret) && negate(p, ret);
	if (lex_skip(&p->lex, "("))
		return parse_implication(p, ret) && lex_expect(&p->lex, ")");
	return parse_atom(p, ret);
}

static bool parse_deep_not(struct parser *p, uint16_t *ret)
{
	bool ok = parser_deeper(p) && parse_not(p, ret);

	p->depth--;
	return ok;
}

static bool parse_and(struct parser *p, uint16_t *ret)
{
	uint16_t b;

	if (!parse_deep_not(p, ret))
		return false;
	while (lex_skip(&p->lex, "/\\") || lex_skip(&p->lex, "&&")) {
		if (!parse_deep_not(p, &b))
			return false;
		*ret = parser_node(p, NODE_AND, 0, *ret, b);
		if (!*ret)
			return false;
	}
	return true;
}

static bool parse_or(struct parser *p, uint16_t *ret)
{
	uint16_t b;

	if (!parse_and(p, ret))
		return false;
	while (lex_skip(&p->lex, "\\/") || lex_skip(&p->lex, "||")) {
		if (!parse_and(p, &b))
			return false;
		*ret = parser_node(p, NODE_OR, 0, *ret, b);
		if (!*ret)
			return false;
	}
	return true;
}

/* "a => b => c" is "a => (b => c)". */
static bool parse_implication(struct parser *p, uint16_t *ret)
{
	uint16_t b;
	bool ok;

	if (!parse_or(p, ret))
		return false;
	if (!lex_skip(&p->lex, "=>"))
		return true;
	ok = negate(p, ret) && parser_deeper(p) && parse_implication(p, &b);
	p->depth--;
	if (!ok)
		return false;
	*ret = parser_node(p, NODE_OR, 0, *ret, b);
	return *ret != 0;
}

/* "locations [x; 0:r0;]", before the filter or behind it, or nothing */
static bool parse_locations(struct parser *p)
{
	int thread, at;

	if (!lex_skip(&p->lex, "locations"))
		return true;
	if (!lex_expect(&p->lex, "["))
		return false;
	while (!lex_skip(&p->lex, "]")) {
		if (lex_skip(&p->lex, ";"))
			continue;
		if (!parse_part(p, &thread, &at))
			return false;
	}
	return true;
}

static bool parse_quantifier(struct parser *p)
{
	struct litmus_test *t = p->test;

	t->quantifier = LITMUS_EXISTS;
	if (lex_skip(&p->lex, "forall"))
		t->quantifier = LITMUS_FORALL;
	else if (lex_skip(&p->lex, "~"))
		t->quantifier = LITMUS_NOT_EXISTS;
	return t->quantifier == LITMUS_FORALL || lex_expect(&p->lex, "exists");
}

bool parse_tail(struct parser *p)
{
	if (!parse_locations(p))
		return false;
	if (lex_skip(&p->lex, "filter") &&
	    (!parse_implication(p, &p->test->filter) || !parse_locations(p)))
		return false;
	if (!parse_quantifier(p) || !parse_implication(p, &p->test->condition))
		return false;
	if (p->lex.len)
		return lex_fail(&p->lex, "expected the end of the test, got '%.*s'",
				(int)(p->lex.len < 32 ? p->lex.len : 32), p->lex.s);
	return true;
}
