/*
 * lex.h - the tokens of a litmus test; for src/litmus only.
 */
#ifndef LITMUS_LEX_H
#define LITMUS_LEX_H

#include "litmus/test.h"

struct lex {
	const char *at, *end, *line_start;
	unsigned line;
	struct litmus_error *error;
	/* The token in front: empty at the end of the text. */
	const char *s;
	size_t len;
	const char *s_line_start;
	unsigned s_line;
	bool in_body; /* of a thread: "(*" begins no comment */
	bool bad;     /* an error was found; the token in front is empty from then on */
};

/** lex_init() - start at the first token */
void lex_init(struct lex *l, const char *text, size_t len, struct litmus_error *error);

/** lex_next() - the token in front is done with */
void lex_next(struct lex *l);

/** lex_fail() - fill the error with the place of the token in front, unless there is one; returns false */
bool lex_fail(struct lex *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** lex_is() - is the token in front that one? */
bool lex_is(const struct lex *l, const char *token);

/** lex_skip() - step over that token; false and no error when it is another one */
bool lex_skip(struct lex *l, const char *token);

/** lex_expect() - the same, and an error when it is another one */
bool lex_expect(struct lex *l, const char *token);

/** lex_is_name() - is the token in front a word of C? */
bool lex_is_name(const struct lex *l);

/** lex_name() - copy a word of C and step over it; @what names it in errors */
bool lex_name(struct lex *l, const char *what, char ret[LITMUS_NAME_MAX]);

/** lex_is_number() - does the token in front begin with a digit? */
bool lex_is_number(const struct lex *l);

/** lex_number() - read a number of C that fits into an int, and step over it */
bool lex_number(struct lex *l, int *ret);

#endif
