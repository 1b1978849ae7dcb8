/*
 * scan.c - a text as lines of tokens.
 *
 * The text is never copied and never needs a NUL: every step compares with the end first. A byte
 * that has no place in the language (control characters, a carriage return, non-ASCII outside a
 * comment) is refused where it stands, so that no message ever has to show one.
 */
#include "program/scan.h"

#include <stdarg.h>
#include <stdio.h>

#include "program/rules.h"

bool scan_fail(const struct scan *s, const char *at, const char *format, ...)
{
	va_list ap;

	s->error->line = s->line;
	s->error->column = (unsigned)(at - s->line_start) + 1;
	s->error->lack = NULL;
	va_start(ap, format);
	vsnprintf(s->error->message, sizeof(s->error->message), format, ap);
	va_end(ap);
	return false;
}

static bool fail_byte(const struct scan *s)
{
	unsigned byte = (uint8_t)*s->at;

	if (byte == '\r')
		return scan_fail(s, s->at,
				 "control character 0x0d: lines end with a newline alone");
	if (byte >= 0x80)
		return scan_fail(s, s->at, "byte 0x%02x: only comments may hold non-ASCII text",
				 byte);
	return scan_fail(s, s->at, "control character 0x%02x", byte);
}

static void skip_blanks(struct scan *s)
{
	while (s->at < s->end && byte_classes(*s->at) & BYTE_BLANK)
		s->at++;
}

static bool at_line_end(const struct scan *s)
{
	return s->at == s->end || *s->at == '\n';
}

static void next_line(struct scan *s)
{
	if (s->at == s->end)
		return;
	s->at++;
	s->line++;
	s->line_start = s->at;
}

static enum scan_line read_comment(struct scan *s, struct token *ret)
{
	const char *from = s->at;

	while (s->at < s->end && byte_classes(*s->at) & BYTE_COMMENT)
		s->at++;
	if (!at_line_end(s)) {
		fail_byte(s);
		return SCAN_BAD;
	}
	*ret = (struct token){from, (size_t)(s->at - from)};
	return SCAN_COMMENT;
}

enum scan_line scan_line(struct scan *s, struct token *comment)
{
	while (s->at < s->end) {
		skip_blanks(s);
		if (at_line_end(s))
			next_line(s);
		else if (*s->at == '#')
			return read_comment(s, comment);
		else
			return s->at == s->line_start ? SCAN_FLUSH : SCAN_INDENTED;
	}
	return SCAN_END;
}

bool scan_token(struct scan *s, struct token *ret)
{
	const char *from, *at, *end = s->end;

	skip_blanks(s);
	from = at = s->at;
	while (at < end && byte_classes(*at) & BYTE_TOKEN)
		at++;
	s->at = at;
	*ret = (struct token){from, (size_t)(at - from)};
	return at == end || *at == '\n' || byte_classes(*at) & BYTE_BLANK || fail_byte(s);
}

bool scan_line_end(struct scan *s, const char *after)
{
	struct token t;

	if (!scan_token(s, &t))
		return false;
	if (t.len)
		return scan_fail(s, t.s, "unexpected '%.*s' after %s", TOKEN_ARGS(t), after);
	next_line(s);
	return true;
}

bool scan_number(struct scan *s, struct token t, const char *what, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (!name_fits(t.s, t.len, BYTE_DIGIT, BYTE_DIGIT))
		return scan_fail(s, t.s, "expected %s, a decimal number, got '%.*s'", what,
				 TOKEN_ARGS(t));
	if (t.len > 1 && t.s[0] == '0')
		return scan_fail(s, t.s, "%s has a leading zero: '%.*s'", what, TOKEN_ARGS(t));
	for (size_t i = 0; i < t.len; i++) {
		unsigned digit = (unsigned)(t.s[i] - '0');

		if (digit > max || n > (max - digit) / 10)
			return scan_fail(s, t.s, "%s is at most %llu, got %.*s", what,
					 (unsigned long long)max, TOKEN_ARGS(t));
		n = n * 10 + digit;
	}
	*ret = n;
	return true;
}

bool scan_name(struct scan *s, struct token t, const char *what, unsigned first, unsigned rest)
{
	if (!t.len)
		return scan_fail(s, t.s, "expected %s, got the end of the line", what);
	if (!name_fits(t.s, t.len, first, rest))
		return scan_fail(s, t.s, "expected %s, got '%.*s'", what, TOKEN_ARGS(t));
	if (t.len >= NAME_MAX_LEN)
		return scan_fail(s, t.s, "%s is %zu bytes long; NAME_MAX_LEN allows %d", what,
				 t.len, NAME_MAX_LEN - 1);
	return true;
}
