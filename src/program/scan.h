/*
 * scan.h - a text as lines of tokens, and errors that know their place.
 *
 * A token is a run of printable ASCII; blanks separate. Private to the parser.
 */
#ifndef PROGRAM_SCAN_H
#define PROGRAM_SCAN_H

#include <string.h>

#include "program/program.h"

struct scan {
	const char *at;
	const char *end;
	const char *line_start;
	unsigned line;
	struct program_error *error;
};

/* Points into the text that is scanned; empty (and at the line's end) when there is no token. */
struct token {
	const char *s;
	size_t len;
};

enum scan_line {
	SCAN_BAD,      /* @error is filled */
	SCAN_END,      /* no line is left */
	SCAN_COMMENT,  /* a comment line, which has been read: from its '#' to its end */
	SCAN_FLUSH,    /* a line that starts in column 1, its tokens are next */
	SCAN_INDENTED, /* a line that starts with a blank, its tokens are next */
};

/* For "%.*s": a token is untrusted and may be long. */
#define TOKEN_ARGS(t) (int)((t).len < TOKEN_SHOWN ? (t).len : TOKEN_SHOWN), (t).s
#define TOKEN_SHOWN 48

/** scan_init() - start at the first line of @len bytes; the text and @error outlive the scan */
static inline struct scan scan_init(const char *data, size_t len, struct program_error *error)
{
	return (struct scan){data, data + len, data, 1, error};
}

/** token_is() - is the token that word, a literal? (Folded also under -fno-builtin.) */
static inline bool token_is(struct token t, const char *word)
{
	return t.len == __builtin_strlen(word) &&
	       !__builtin_memcmp(t.s, word, __builtin_strlen(word));
}

/** token_names() - is the token that name, out of a table? A token has no NUL. */
static inline bool token_names(struct token t, const char *name)
{
	for (size_t i = 0; i < t.len; i++)
		if (name[i] != t.s[i])
			return false;
	return !name[t.len];
}

/** scan_fail() - fill the error with a place and a message; returns false */
bool scan_fail(const struct scan *s, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** scan_line() - go to the next line that is not blank; @comment is set for SCAN_COMMENT */
enum scan_line scan_line(struct scan *s, struct token *comment);

/** scan_token() - the next token of the line, maybe empty; false for a byte that no token has */
bool scan_token(struct scan *s, struct token *ret);

/** scan_line_end() - nothing more may stand on the line; @after says what it is complete with */
bool scan_line_end(struct scan *s, const char *after);

/** scan_number() - a decimal number 0..max without leading zeros; @what names it in errors */
bool scan_number(struct scan *s, struct token t, const char *what, uint64_t max, uint64_t *ret);

/** scan_name() - is the token a name of these classes (rules.h) and short enough? */
bool scan_name(struct scan *s, struct token t, const char *what, unsigned first, unsigned rest);

#endif
