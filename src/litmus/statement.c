/*
 * statement.c - reads the body of a thread: declarations, assignments, calls, if.
 *
 * A name is a register of the thread if it was declared there, else the address of a variable. "*e"
 * is a plain access, and what a primitive takes by name ("READ_ONCE(*e)") is its address. Left out:
 * loops, goto, arrays, structures.
 */
#include <string.h>

#include "litmus/parser.h"
#include "litmus/primitive.h"

static bool parse_expression(struct parser *p, uint16_t *ret);
static bool parse_unary(struct parser *p, uint16_t *ret);

static bool made(uint16_t node, uint16_t *ret)
{
	*ret = node;
	return node != 0;
}

/* ---- registers ---- */

static int find_reg(const struct litmus_thread *t, const char *name)
{
	for (unsigned i = 0; i < t->regs_nr; i++)
		if (strcmp(t->reg[i], name) == 0)
			return (int)i;
	return -1;
}

int parser_reg(struct parser *p, struct litmus_thread *t, const char *name)
{
	int found = find_reg(t, name);

	if (found >= 0)
		return found;
	if (t->regs_nr == LITMUS_REGS_MAX) {
		lex_fail(&p->lex, "more than %d local variables", LITMUS_REGS_MAX);
		return -1;
	}
	memcpy(t->reg[t->regs_nr], name, strlen(name) + 1);
	return t->regs_nr++;
}

/* ---- calls ---- */

/* "*e": its address is what a primitive wants. */
static bool take_address(struct parser *p, uint16_t *arg)
{
	const struct litmus_node *n = &p->test->node[*arg];

	if (n->kind != NODE_READ)
		return lex_fail(&p->lex, "expected '*' and an address as the first argument");
	*arg = n->a;
	return true;
}

static bool parse_arguments(struct parser *p, const struct primitive *what, uint16_t *ret_first)
{
	uint16_t *link = ret_first;

	for (const char *kind = what->args; *kind; kind++) {
		uint16_t arg;

		if (kind != what->args && !lex_expect(&p->lex, ","))
			return false;
		if (!parse_expression(p, &arg) || (*kind == '*' && !take_address(p, &arg)))
			return false;
		/* A node of its own: one expression may stand in no two lists. */
		arg = parser_node(p, NODE_UNARY, '+', arg, 0);
		if (!arg)
			return false;
		*link = arg;
		link = &p->test->node[arg].next;
	}
	return lex_expect(&p->lex, ")");
}

static bool parse_call(struct parser *p, const char *name, uint16_t *ret)
{
	int index = primitive_find(name, strlen(name));
	uint16_t node, first = 0;

	if (index < 0) {
		memcpy(p->lex.error->missing, name, strlen(name) + 1);
		return lex_fail(&p->lex, "%s() is not supported", name);
	}
	node = parser_node(p, NODE_CALL, index, 0, 0);
	if (!node || !lex_expect(&p->lex, "(") ||
	    !parse_arguments(p, primitive_at((unsigned)index), &first))
		return false;
	p->test->node[node].a = first;
	return made(node, ret);
}

/* ---- expressions ---- */

static bool parse_name(struct parser *p, uint16_t *ret)
{
	char name[LITMUS_NAME_MAX];
	int at;

	if (!lex_name(&p->lex, "an expression", name))
		return false;
	if (lex_is(&p->lex, "("))
		return parse_call(p, name, ret);
	at = find_reg(p->thread, name);
	if (at >= 0)
		return made(parser_node(p, NODE_REG, at, 0, 0), ret);
	at = parser_find_var(p, name);
	if (at >= 0)
		return made(parser_node(p, NODE_NUMBER, LITMUS_POINTER(at), 0, 0), ret);
	if (strcmp(name, "NULL") == 0)
		return made(parser_node(p, NODE_NUMBER, 0, 0, 0), ret);
	return lex_fail(&p->lex, "%s is declared nowhere", name);
}

/* "(type *) e", or "(e)". */
static bool parse_parenthesis(struct parser *p, uint16_t *ret)
{
	uint8_t type;

	if (!parser_type(p, &type))
		return parse_expression(p, ret) && lex_expect(&p->lex, ")");
	while (lex_skip(&p->lex, "*"))
		;
	return lex_expect(&p->lex, ")") && parse_unary(p, ret);
}

/* What herd does not read either, behind an operand. */
static bool refuse_parts(struct parser *p)
{
	if (lex_is(&p->lex, "->") || lex_is(&p->lex, "."))
		return lex_fail(&p->lex, "structures are not supported");
	if (lex_is(&p->lex, "["))
		return lex_fail(&p->lex, "arrays are not supported");
	if (lex_is(&p->lex, "++") || lex_is(&p->lex, "--"))
		return lex_fail(&p->lex, "%.2s is not supported", p->lex.s);
	return true;
}

static bool parse_operand(struct parser *p, uint16_t *ret)
{
	int value;

	if (lex_skip(&p->lex, "("))
		return parse_parenthesis(p, ret);
	if (!lex_is_number(&p->lex))
		return parse_name(p, ret);
	return lex_number(&p->lex, &value) && made(parser_node(p, NODE_NUMBER, value, 0, 0), ret);
}

static bool parse_prefix(struct parser *p, uint16_t *ret)
{
	static const char *const prefixes[] = {"!", "~", "-", "+"};
	uint16_t a;

	if (lex_skip(&p->lex, "*"))
		return parse_unary(p, &a) && made(parser_node(p, NODE_READ, 0, a, 0), ret);
	if (lex_skip(&p->lex, "&"))
		return parse_unary(p, ret) &&
		       (p->test->node[*ret].kind != NODE_READ || take_address(p, ret));
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (lex_skip(&p->lex, prefixes[i]))
			return parse_unary(p, &a) &&
			       made(parser_node(p, NODE_UNARY, prefixes[i][0], a, 0), ret);
	return parse_operand(p, ret) && refuse_parts(p);
}

static bool parse_unary(struct parser *p, uint16_t *ret)
{
	bool ok = parser_deeper(p) && parse_prefix(p, ret);

	p->depth--;
	return ok;
}

/* From the weakest binding to the strongest. */
static const struct {
	const char *text;
	char letter;
	uint8_t level;
} binaries[] = {
	{"||", OPERATOR_OR, 1},
	{"&&", OPERATOR_AND, 2},
	{"|", '|', 3},
	{"^", '^', 4},
	{"&", '&', 5},
	{"==", OPERATOR_EQUAL, 6},
	{"!=", OPERATOR_DIFFERS, 6},
	{"<", '<', 7},
	{">", '>', 7},
	{"<=", OPERATOR_AT_MOST, 7},
	{">=", OPERATOR_AT_LEAST, 7},
	{"<<", OPERATOR_SHIFT_LEFT, 8},
	{">>", OPERATOR_SHIFT_RIGHT, 8},
	{"+", '+', 9},
	{"-", '-', 9},
	{"*", '*', 10},
	{"/", '/', 10},
	{"%", '%', 10},
};

#define BINARIES (sizeof(binaries) / sizeof(binaries[0]))

static int binary_in_front(const struct parser *p)
{
	for (size_t i = 0; i < BINARIES; i++)
		if (lex_is(&p->lex, binaries[i].text))
			return (int)i;
	return -1;
}

static bool parse_binary(struct parser *p, unsigned level, uint16_t *ret)
{
	uint16_t a, b;
	int found;

	if (!parse_unary(p, &a))
		return false;
	while ((found = binary_in_front(p)) >= 0 && binaries[found].level >= level) {
		lex_next(&p->lex);
		if (!parse_binary(p, binaries[found].level + 1u, &b))
			return false;
		a = parser_node(p, NODE_BINARY, binaries[found].letter, a, b);
		if (!a)
			return false;
	}
	return made(a, ret);
}

static bool parse_choice(struct parser *p, uint16_t *ret)
{
	uint16_t a, b, c;

	if (!parse_binary(p, 1, &a))
		return false;
	if (!lex_skip(&p->lex, "?"))
		return made(a, ret);
	if (!parse_expression(p, &b) || !lex_expect(&p->lex, ":") || !parse_expression(p, &c) ||
	    !made(parser_node(p, NODE_CHOOSE, 0, a, b), ret))
		return false;
	p->test->node[*ret].c = c;
	return true;
}

static bool parse_expression(struct parser *p, uint16_t *ret)
{
	bool ok = parser_deeper(p) && parse_choice(p, ret);

	p->depth--;
	return ok;
}

/* ---- statements ---- */

static bool parse_statement(struct parser *p, uint16_t **link);

static bool append(struct parser *p, uint16_t **link, uint16_t node)
{
	if (!node)
		return false;
	**link = node;
	*link = &p->test->node[node].next;
	return true;
}

static bool parse_list(struct parser *p, uint16_t **link)
{
	while (!lex_is(&p->lex, "}"))
		if (!parse_statement(p, link))
			return false;
	return true;
}

static bool parse_block(struct parser *p, uint16_t **link)
{
	return lex_expect(&p->lex, "{") && parse_list(p, link) && lex_expect(&p->lex, "}");
}

static bool parse_if(struct parser *p, uint16_t **link)
{
	uint16_t test, then = 0, other = 0, node;
	uint16_t *then_link = &then, *other_link = &other;

	if (!lex_expect(&p->lex, "(") || !parse_expression(p, &test) || !lex_expect(&p->lex, ")") ||
	    !parse_statement(p, &then_link))
		return false;
	if (lex_skip(&p->lex, "else") && !parse_statement(p, &other_link))
		return false;
	node = parser_node(p, NODE_IF, 0, test, then);
	if (node)
		p->test->node[node].c = other;
	return append(p, link, node);
}

static bool parse_declarator(struct parser *p, uint16_t **link)
{
	char name[LITMUS_NAME_MAX];
	uint16_t value;
	int reg;

	while (lex_skip(&p->lex, "*"))
		;
	if (!lex_name(&p->lex, "a local variable", name))
		return false;
	reg = parser_reg(p, p->thread, name);
	if (reg < 0)
		return false;
	if (!lex_skip(&p->lex, "="))
		return true;
	return parse_expression(p, &value) &&
	       append(p, link, parser_node(p, NODE_SET, reg, value, 0));
}

static bool parse_declaration(struct parser *p, uint16_t **link)
{
	do {
		if (!parse_declarator(p, link))
			return false;
	} while (lex_skip(&p->lex, ","));
	return lex_expect(&p->lex, ";");
}

/* Returns: its letter, '=', or 0: no assignment follows. */
static char assignment_in_front(struct lex *l)
{
	static const char *const texts[] = {"=", "+=", "-=", "&=", "|=", "^="};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (lex_skip(l, texts[i]))
			return texts[i][0];
	return 0;
}

static bool parse_assignment(struct parser *p, uint16_t **link, uint16_t target, char how)
{
	struct litmus_node to = p->test->node[target];
	uint16_t value;

	if (to.kind != NODE_REG && to.kind != NODE_READ)
		return lex_fail(&p->lex,
				"only a local variable or '*' of an address is assigned to");
	if (!parse_expression(p, &value))
		return false;
	if (how != '=')
		value = parser_node(p, NODE_BINARY, how, target, value);
	if (!value)
		return false;
	if (to.kind == NODE_REG)
		return append(p, link, parser_node(p, NODE_SET, to.value, value, 0));
	return append(p, link, parser_node(p, NODE_WRITE, 0, to.a, value));
}

/* Tests in the wild assign to registers that nothing declares. */
static bool declare_target(struct parser *p)
{
	struct lex ahead = p->lex;
	struct litmus_error error;
	char name[LITMUS_NAME_MAX];

	ahead.error = &error;
	if (!lex_is_name(&ahead) || ahead.len >= sizeof(name))
		return true;
	if (!lex_name(&ahead, "", name) || !lex_is(&ahead, "=") || parser_find_var(p, name) >= 0)
		return true;
	return parser_reg(p, p->thread, name) >= 0;
}

static bool parse_simple(struct parser *p, uint16_t **link)
{
	uint16_t value;
	char how;

	if (!declare_target(p) || !parse_unary(p, &value))
		return false;
	how = assignment_in_front(&p->lex);
	if (how)
		return parse_assignment(p, link, value, how) && lex_expect(&p->lex, ";");
	return append(p, link, parser_node(p, NODE_DO, 0, value, 0)) && lex_expect(&p->lex, ";");
}

static bool refuse_loops(struct parser *p)
{
	static const char *const words[] = {"while", "do", "for", "goto", "switch", "return"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (lex_is(&p->lex, words[i]))
			return lex_fail(&p->lex, "%s is not supported", words[i]);
	return true;
}

static bool parse_one(struct parser *p, uint16_t **link)
{
	uint8_t type;

	if (lex_skip(&p->lex, ";"))
		return true;
	if (lex_is(&p->lex, "{"))
		return parse_block(p, link);
	if (lex_skip(&p->lex, "if"))
		return parse_if(p, link);
	if (!refuse_loops(p))
		return false;
	return parser_type(p, &type) ? parse_declaration(p, link) : parse_simple(p, link);
}

static bool parse_statement(struct parser *p, uint16_t **link)
{
	bool ok = parser_deeper(p) && parse_one(p, link);

	p->depth--;
	return ok;
}

bool parse_body(struct parser *p, uint16_t *ret)
{
	uint16_t *link = ret;
	bool ok;

	*ret = 0;
	p->lex.in_body = true;
	ok = lex_expect(&p->lex, "{") && parse_list(p, &link);
	p->lex.in_body = false;
	return ok && lex_expect(&p->lex, "}");
}
