/*
 * lex.c - the tokens of a litmus test.
 *
 * A token is a word, a number, or an operator of one or two bytes: the longest that matches.
 * Comments are those of C and, outside of the threads' bodies, "(* ... *)" and texts in quotes:
 * READ_ONCE(*x) has none.
 */
#include "litmus/lex.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const operators[] = {
	"<<", ">>", "==", "!=", "<=", ">=", "&&", "||", "/\\", "\\/",
	"=>", "+=", "-=", "&=", "|=", "^=", "->", "++", "--"};

bool lex_fail(struct lex *l, const char *format, ...)
{
	va_list args;

	if (l->bad)
		return false;
	l->error->line = l->s_line;
	l->error->column = (unsigned)(l->s - l->s_line_start) + 1;
	va_start(args, format);
	vsnprintf(l->error->message, sizeof(l->error->message), format, args);
	va_end(args);
	l->bad = true;
	l->len = 0;
	l->at = l->end;
	return false;
}

static bool starts_with(const struct lex *l, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(l->end - l->at) >= n && memcmp(l->at, word, n) == 0;
}

static void step(struct lex *l)
{
	if (*l->at++ != '\n')
		return;
	l->line++;
	l->line_start = l->at;
}

static void skip_comment(struct lex *l, const char *open, const char *close)
{
	l->s = l->at;
	l->s_line = l->line;
	l->s_line_start = l->line_start;
	l->at += strlen(open);
	while (l->at < l->end && !starts_with(l, close))
		step(l);
	if (l->at < l->end)
		l->at += strlen(close);
	else
		lex_fail(l, "the comment does not end");
}

static bool skip_line_comment(struct lex *l)
{
	if (!starts_with(l, "//"))
		return false;
	while (l->at < l->end && *l->at != '\n')
		l->at++;
	return true;
}

static void skip_blanks(struct lex *l)
{
	while (l->at < l->end) {
		if (*l->at == ' ' || *l->at == '\t' || *l->at == '\n' || *l->at == '\r')
			step(l);
		else if (!l->in_body && starts_with(l, "(*"))
			skip_comment(l, "(*", "*)");
		else if (!l->in_body && *l->at == '"')
			skip_comment(l, "\"", "\"");
		else if (starts_with(l, "/*"))
			skip_comment(l, "/*", "*/");
		else if (!skip_line_comment(l))
			return;
	}
}

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static size_t length_of(const struct lex *l)
{
	size_t n = 0;

	while (l->at + n < l->end && is_word_byte(l->at[n]))
		n++;
	if (n)
		return n;
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (starts_with(l, operators[i]))
			return strlen(operators[i]);
	return 1;
}

void lex_next(struct lex *l)
{
	skip_blanks(l);
	if (l->bad)
		return;
	l->s = l->at;
	l->s_line = l->line;
	l->s_line_start = l->line_start;
	l->len = l->at < l->end ? length_of(l) : 0;
	if (l->len == 1 && (*l->s < ' ' || *l->s > '~'))
		lex_fail(l, "a byte that no test has");
	else
		l->at += l->len;
}

void lex_init(struct lex *l, const char *text, size_t len, struct litmus_error *error)
{
	*l = (struct lex){
		.at = text, .end = text + len, .line_start = text, .line = 1, .error = error};
	*error = (struct litmus_error){0};
	lex_next(l);
}

bool lex_is(const struct lex *l, const char *token)
{
	return l->len == strlen(token) && memcmp(l->s, token, l->len) == 0;
}

bool lex_skip(struct lex *l, const char *token)
{
	if (!lex_is(l, token))
		return false;
	lex_next(l);
	return true;
}

static int shown(const struct lex *l)
{
	return (int)(l->len < 32 ? l->len : 32);
}

bool lex_expect(struct lex *l, const char *token)
{
	if (lex_skip(l, token))
		return true;
	if (!l->len)
		return lex_fail(l, "expected '%s', got the end", token);
	return lex_fail(l, "expected '%s', got '%.*s'", token, shown(l), l->s);
}

bool lex_is_number(const struct lex *l)
{
	return l->len && *l->s >= '0' && *l->s <= '9';
}

bool lex_is_name(const struct lex *l)
{
	return l->len && is_word_byte(*l->s) && !lex_is_number(l);
}

bool lex_name(struct lex *l, const char *what, char ret[LITMUS_NAME_MAX])
{
	if (!lex_is_name(l))
		return lex_fail(l, "expected %s, got '%.*s'", what, shown(l), l->s);
	if (l->len >= LITMUS_NAME_MAX)
		return lex_fail(l, "a name of more than %d bytes", LITMUS_NAME_MAX - 1);
	memcpy(ret, l->s, l->len);
	ret[l->len] = '\0';
	lex_next(l);
	return true;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static bool is_suffix(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("uUlL", s[i]))
			return false;
	return true;
}

bool lex_number(struct lex *l, int *ret)
{
	bool hex = l->len > 2 && l->s[0] == '0' && (l->s[1] | 0x20) == 'x';
	size_t i = hex ? 2 : 0;
	int64_t value = 0;

	if (!lex_is_number(l))
		return lex_fail(l, "expected a number, got '%.*s'", shown(l), l->s);
	for (; i < l->len && digit_of(l->s[i]) < (hex ? 16 : 10); i++) {
		value = value * (hex ? 16 : 10) + digit_of(l->s[i]);
		if (value > INT_MAX)
			return lex_fail(l, "a number that is no int");
	}
	if (!is_suffix(l->s + i, l->len - i))
		return lex_fail(l, "expected a number, got '%.*s'", shown(l), l->s);
	lex_next(l);
	*ret = (int)value;
	return true;
}
