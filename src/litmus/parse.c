/*
 * parse.c - reads a litmus test: the first line, the initial state, the threads' heads.
 *
 * A variable is global by its name, wherever it occurs: in the initial state, as a parameter, or as a
 * value. Its type is what the initial state or a parameter says; a word if neither does.
 */
#include <stdio.h>
#include <string.h>

#include "litmus/parser.h"

uint16_t parser_node(struct parser *p, unsigned kind, int value, unsigned a, unsigned b)
{
	struct litmus_test *t = p->test;

	if (t->nodes_nr == LITMUS_NODES_MAX) {
		lex_fail(&p->lex, "a test of more than %d nodes", LITMUS_NODES_MAX);
		return 0;
	}
	t->node[t->nodes_nr] = (struct litmus_node){
		.kind = (uint8_t)kind, .a = (uint16_t)a, .b = (uint16_t)b, .value = value};
	return t->nodes_nr++;
}

int parser_find_var(const struct parser *p, const char *name)
{
	for (unsigned i = 0; i < p->test->vars_nr; i++)
		if (strcmp(p->test->var[i].name, name) == 0)
			return (int)i;
	return -1;
}

int parser_var(struct parser *p, const char *name)
{
	int found = parser_find_var(p, name);

	if (found >= 0)
		return found;
	if (p->test->vars_nr == LITMUS_VARS_MAX) {
		lex_fail(&p->lex, "more than %d variables", LITMUS_VARS_MAX);
		return -1;
	}
	memcpy(p->test->var[p->test->vars_nr].name, name, strlen(name) + 1);
	return p->test->vars_nr++;
}

bool parser_deeper(struct parser *p)
{
	if (p->depth++ < LITMUS_DEPTH_MAX)
		return true;
	return lex_fail(&p->lex, "nested more than %d deep", LITMUS_DEPTH_MAX);
}

/* ---- types ---- */

/* "struct node *": what it points to is a word, since nothing names a member. */
static bool skip_pointed_structure(struct parser *p)
{
	struct lex *l = &p->lex, before = *l;
	char name[LITMUS_NAME_MAX];

	if (!lex_name(l, "the name of a structure", name))
		return false;
	if (lex_is(l, "*") || lex_is(l, "const") || lex_is(l, "volatile"))
		return true;
	*l = before;
	return lex_fail(l, "structures are not supported: %s", name);
}

static bool skip_type_word(struct parser *p, uint8_t *ret_type)
{
	static const char *const words[] = {
		"int",	    "long",   "short",	    "char",	    "unsigned", "signed",
		"volatile", "const",  "atomic_t",   "intptr_t",	    "void",	"uintptr_t",
		"bool",	    "u8",     "u16",	    "u32",	    "u64",	"s8",
		"s16",	    "s32",    "s64",	    "uint32_t",	    "int32_t",	"uint64_t",
		"int64_t",  "size_t", "atomic64_t", "atomic_long_t"};

	if (lex_is(&p->lex, "spinlock_t"))
		*ret_type = LITMUS_SPINLOCK;
	else if (lex_is(&p->lex, "srcu_struct"))
		*ret_type = LITMUS_SRCU;
	if (lex_skip(&p->lex, "spinlock_t") || lex_skip(&p->lex, "srcu_struct"))
		return true;
	if (lex_skip(&p->lex, "struct"))
		return lex_is(&p->lex, "srcu_struct") || skip_pointed_structure(p);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (lex_skip(&p->lex, words[i]))
			return true;
	return false;
}

bool parser_type(struct parser *p, uint8_t *ret_type)
{
	bool any = false;

	*ret_type = LITMUS_WORD;
	while (skip_type_word(p, ret_type))
		any = true;
	return any;
}

static void skip_stars(struct parser *p)
{
	while (lex_skip(&p->lex, "*") || lex_skip(&p->lex, "volatile") ||
	       lex_skip(&p->lex, "const"))
		;
}

static bool set_type(struct parser *p, int var, uint8_t type)
{
	struct litmus_var *v = &p->test->var[var];

	if (v->type != LITMUS_WORD && type != LITMUS_WORD && v->type != type)
		return lex_fail(&p->lex, "%s has another type elsewhere", v->name);
	v->type = v->type != LITMUS_WORD ? v->type : type;
	return true;
}

/* ---- the initial state ---- */

bool parse_value(struct parser *p, int *ret)
{
	struct lex *l = &p->lex;
	bool negative = false, is_address = lex_skip(l, "&");
	char name[LITMUS_NAME_MAX];
	int var;

	if (!is_address)
		negative = lex_skip(l, "-");
	if (!is_address && lex_is_number(l)) {
		if (!lex_number(l, ret))
			return false;
		*ret = negative ? -*ret : *ret;
		return true;
	}
	if (!is_address && (lex_is(l, "true") || lex_is(l, "false"))) {
		*ret = lex_skip(l, "true") || !lex_skip(l, "false");
		return true;
	}
	if (!is_address && lex_skip(l, "NULL")) {
		*ret = 0;
		return true;
	}
	if (!lex_name(l, "a value", name))
		return false;
	var = parser_var(p, name);
	*ret = LITMUS_POINTER(var);
	return var >= 0;
}

/* "ATOMIC_INIT(1)", "(int *)&x", or a value. */
static bool parse_init_value(struct parser *p, int *ret)
{
	struct lex *l = &p->lex;
	uint8_t type;

	if (lex_skip(l, "ATOMIC_INIT"))
		return lex_expect(l, "(") && parse_value(p, ret) && lex_expect(l, ")");
	if (!lex_skip(l, "("))
		return parse_value(p, ret);
	if (parser_type(p, &type))
		skip_stars(p);
	return lex_expect(l, ")") && parse_value(p, ret);
}

/* "0:r0=1": threads are not read yet, so their number is checked later. */
static bool parse_register_init(struct parser *p)
{
	struct lex *l = &p->lex;
	char name[LITMUS_NAME_MAX];
	struct litmus_thread *t;
	int nr, reg, value;

	if (!lex_number(l, &nr))
		return false;
	if (nr >= THREADS_MAX)
		return lex_fail(l, "there is no thread %d", nr);
	t = &p->test->thread[nr];
	if (!lex_expect(l, ":") || !lex_name(l, "a local variable", name))
		return false;
	reg = parser_reg(p, t, name);
	if (reg < 0 || !lex_expect(l, "=") || !parse_init_value(p, &value))
		return false;
	t->init[reg] = value;
	return true;
}

static bool parse_init(struct parser *p)
{
	struct lex *l = &p->lex;
	char name[LITMUS_NAME_MAX];
	uint8_t type;
	int var, value = 0;

	parser_type(p, &type);
	skip_stars(p);
	if (lex_is_number(l))
		return parse_register_init(p);
	if (!lex_name(l, "a variable", name))
		return false;
	if (lex_is(l, "["))
		return lex_fail(l, "arrays are not supported");
	var = parser_var(p, name);
	if (var < 0 || !set_type(p, var, type))
		return false;
	if (lex_skip(l, "=") && !parse_init_value(p, &value))
		return false;
	p->test->var[var].init = value;
	return true;
}

static bool parse_initial_state(struct parser *p)
{
	if (!lex_expect(&p->lex, "{"))
		return false;
	while (!lex_skip(&p->lex, "}")) {
		if (lex_skip(&p->lex, ";"))
			continue;
		if (!parse_init(p))
			return false;
		if (!lex_is(&p->lex, "}") && !lex_expect(&p->lex, ";"))
			return false;
	}
	return true;
}

/* ---- threads ---- */

static bool parse_parameter(struct parser *p)
{
	struct lex *l = &p->lex;
	char name[LITMUS_NAME_MAX];
	uint8_t type;
	int var;

	if (!parser_type(p, &type))
		return lex_fail(l, "expected the type of a parameter, got '%.*s'",
				(int)(l->len < 32 ? l->len : 32), l->s);
	if (!lex_is(l, "*"))
		return lex_fail(l, "a parameter is a pointer");
	skip_stars(p);
	if (!lex_name(l, "a parameter", name))
		return false;
	if (lex_is(l, "["))
		return lex_fail(l, "arrays are not supported");
	var = parser_var(p, name);
	return var >= 0 && set_type(p, var, type);
}

static bool parse_parameters(struct parser *p)
{
	if (!lex_expect(&p->lex, "("))
		return false;
	if (lex_skip(&p->lex, ")"))
		return true;
	if (lex_skip(&p->lex, "void"))
		return lex_expect(&p->lex, ")");
	do {
		if (!parse_parameter(p))
			return false;
	} while (lex_skip(&p->lex, ","));
	return lex_expect(&p->lex, ")");
}

/* "P0", or "void P0". */
static bool is_thread(struct lex *l, unsigned nr)
{
	lex_skip(l, "void");
	return l->len == 2 && l->s[0] == 'P' && l->s[1] == (char)('0' + nr);
}

static bool parse_threads(struct parser *p)
{
	struct litmus_test *t = p->test;

	while (is_thread(&p->lex, t->threads_nr)) {
		if (t->threads_nr == THREADS_MAX)
			return lex_fail(&p->lex, "more than %d threads", THREADS_MAX);
		p->thread = &t->thread[t->threads_nr++];
		lex_next(&p->lex);
		if (!parse_parameters(p) || !parse_body(p, &p->thread->body))
			return false;
	}
	p->thread = NULL;
	for (unsigned i = t->threads_nr; i < THREADS_MAX; i++)
		if (t->threads_nr && t->thread[i].regs_nr)
			return lex_fail(&p->lex, "there is no thread %u, of which %s is initial", i,
					t->thread[i].reg[0]);
	return t->threads_nr || lex_expect(&p->lex, "P0");
}

/* ---- the frame ---- */

/* "C name", and whatever stands before the initial state: keys. */
static bool parse_head(struct parser *p)
{
	struct lex *l = &p->lex;
	const char *name;
	size_t n = 0;

	if (!lex_is(l, "C"))
		return lex_fail(l, "expected 'C NAME': no litmus test of the kernel's dialect");
	name = l->at;
	while (name + n < l->end && name[n] != '\n')
		n++;
	for (; n && (*name == ' ' || *name == '\t'); n--)
		name++;
	while (n && (unsigned char)name[n - 1] <= ' ')
		n--;
	snprintf(p->test->name, sizeof(p->test->name), "%.*s", (int)(n < 127 ? n : 127), name);
	while (l->len && !lex_is(l, "{"))
		lex_next(l);
	return true;
}

static bool word_at(const char *text, size_t len, const char *word)
{
	return len >= strlen(word) && strncmp(text, word, strlen(word)) == 0;
}

/* "1 + 1 + ..." nests in the tree only. A call stands before its arguments, so this is recursive. */
static unsigned height_of(const struct litmus_test *t, uint16_t node)
{
	const struct litmus_node *n = &t->node[node];
	unsigned most = 0;

	if (!node)
		return 0;
	for (uint16_t arg = n->a; arg; arg = n->kind == NODE_CALL ? t->node[arg].next : 0) {
		unsigned height = height_of(t, arg);

		most = height > most ? height : most;
	}
	if (n->kind == NODE_BINARY || n->kind == NODE_CHOOSE) {
		unsigned b = height_of(t, n->b), c = height_of(t, n->c);

		most = b > most ? b : most;
		most = c > most ? c : most;
	}
	return most + 1;
}

static bool check_heights(struct parser *p)
{
	const struct litmus_test *t = p->test;

	for (uint16_t i = 1; i < t->nodes_nr; i++) {
		uint8_t kind = t->node[i].kind;

		if ((kind == NODE_SET || kind == NODE_WRITE || kind == NODE_DO ||
		     kind == NODE_IF) &&
		    (height_of(t, t->node[i].a) > LITMUS_DEPTH_MAX ||
		     (kind == NODE_WRITE && height_of(t, t->node[i].b) > LITMUS_DEPTH_MAX)))
			return lex_fail(&p->lex, "an expression of more than %d levels",
					LITMUS_DEPTH_MAX);
	}
	return true;
}

/* "Result: Never" in a comment. */
static void find_result(struct litmus_test *t, const char *text, size_t len)
{
	static const char *const words[] = {"?", "Never", "Sometimes", "Always", "DEADLOCK"};
	size_t at = 0;

	while (at < len && !word_at(text + at, len - at, "Result:"))
		at++;
	for (at += 7; at < len && (text[at] == ' ' || text[at] == '\t'); at++)
		;
	for (unsigned i = RESULT_NEVER; at < len && i <= RESULT_DEADLOCK; i++)
		if (word_at(text + at, len - at, words[i]))
			t->result = (uint8_t)i;
	for (; at < len && text[at] != '\n'; at++)
		t->has_race |= word_at(text + at, len - at, "data race");
}

bool litmus_parse(const char *text, size_t len, struct litmus_test *ret,
		  struct litmus_error *ret_error)
{
	struct parser p = {.test = ret};

	memset(ret, 0, sizeof(*ret));
	ret->nodes_nr = 1;
	lex_init(&p.lex, text, len, ret_error);
	find_result(ret, text, len);
	return parse_head(&p) && parse_initial_state(&p) && parse_threads(&p) && parse_tail(&p) &&
	       !p.lex.bad && check_heights(&p);
}
