/*
 * word.c - see word.h. An expression is untrusted text: all that is assumed is the NUL at its end.
 */
#include "base/word.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/site.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_of_word(char c)
{
	return is_letter(c) || is_digit(c);
}

static bool starts(const char *s, const char *with)
{
	while (*with)
		if (*s++ != *with++)
			return false;
	return true;
}

/* Behind @word, where it stands as a word in @s; or NULL. */
static const char *behind(const char *s, const char *word)
{
	size_t n = 0;

	while (word[n])
		n++;
	for (bool inside = false; *s; inside = is_of_word(*s), s++)
		if (!inside && starts(s, word) && !is_of_word(s[n]))
			return s + n;
	return NULL;
}

void word_clean(char *word)
{
	for (; *word; word++)
		if (!is_of_word(*word))
			*word = '_';
}

/* ---- the type of a block ---- */

struct part {
	const char *at;
	size_t len;
};

/* Behind the bracket that closes the one at @s, or at the end. */
static const char *behind_bracket(const char *s)
{
	unsigned depth = 0;

	do {
		depth += *s == '(' || *s == '[';
		depth -= *s == ')' || *s == ']';
		s++;
	} while (depth && *s);
	return s;
}

static struct part identifier(const char *s)
{
	struct part p = {s, 0};

	while (is_of_word(p.at[p.len]))
		p.len++;
	return p;
}

/* The last member that an operand in parentheses names: "map" of "(((struct group *)0)->map[0])". */
static struct part last_member(const char *s)
{
	struct part last = {s, 0};
	unsigned depth = 0;

	while (*s == ' ')
		s++;
	do {
		bool arrow = starts(s, "->");

		if (*s == '[') {
			s = behind_bracket(s);
			continue;
		}
		depth += *s == '(';
		depth -= *s == ')';
		if (*s == ',' && depth == 1)
			break;
		if ((arrow || *s == '.') && is_letter(s[1 + arrow]))
			last = identifier(s + 1 + arrow);
		s++;
	} while (depth && *s);
	return last;
}

/* The last identifier of an operand: of "*g", "struct page *" and "(*(struct io_mm *)p)". */
static struct part last_identifier(const char *s)
{
	struct part last = {s, 0};

	while (*s && !is_of_word(*s))
		s++;
	while (*s && *s != ')' && *s != ',' && *s != '[') {
		struct part p = identifier(s);

		if (p.len)
			last = p;
		s += p.len ? p.len : 1;
	}
	return last;
}

static struct part operand_name(const char *s)
{
	struct part member = last_member(s);

	return member.len ? member : last_identifier(s);
}

static void put(char *ret, size_t cap, size_t *len, char c)
{
	if (*len + 1 < cap)
		ret[(*len)++] = c;
	ret[*len] = '\0';
}

/* Runs of other bytes are one '_', and none at either end. */
static void put_words(char *ret, size_t cap, size_t *len, struct part p)
{
	size_t from = *len;
	bool gap = false;

	for (size_t i = 0; i < p.len; i++) {
		bool not = p.at[i] == '!' && (i + 1 == p.len || p.at[i + 1] != '=');

		gap |= !is_of_word(p.at[i]);
		if (not || is_of_word(p.at[i])) {
			if (gap && *len > from && ret[*len - 1] != '_')
				put(ret, cap, len, '_');
			gap = false;
		}
		for (const char *c = "not_"; not &&*c; c++)
			put(ret, cap, len, *c);
		if (is_of_word(p.at[i]))
			put(ret, cap, len, p.at[i]);
	}
}

static struct part whole(const char *s)
{
	struct part p = {s, 0};

	while (s[p.len])
		p.len++;
	return p;
}

static bool is_identifier(struct part p)
{
	for (size_t i = 0; i < p.len; i++)
		if (!is_of_word(p.at[i]))
			return false;
	return p.len && !is_digit(p.at[0]);
}

void word_of_type(const char *size, char *ret, size_t cap)
{
	static const char *const of[] = {"sizeof", "struct_size", "struct_size_t",
					 "flex_array_size"};
	struct part type = {size, 0};
	size_t len = 0;

	for (unsigned i = 0; i < sizeof(of) / sizeof(of[0]) && !type.len; i++)
		if (behind(size, of[i]))
			type = operand_name(behind(size, of[i]));
	if (!type.len && is_identifier(whole(size)))
		type = whole(size);
	if (!type.len || is_digit(type.at[0])) {
		for (const char *c = "size_"; *c; c++)
			put(ret, cap, &len, *c);
		type = whole(size);
	}
	put_words(ret, cap, &len, type);
	if (!len)
		put_words(ret, cap, &len, whole("block"));
}

/* ---- a complaint ---- */

/* The argument that begins at @s: up to the comma or parenthesis that ends it. */
static struct part argument(const char *s)
{
	struct part p = {s, 0};
	unsigned depth = 0;
	bool quoted = false;

	for (; s[p.len]; p.len++) {
		char c = s[p.len];

		if (c == '"' && (!p.len || s[p.len - 1] != '\\'))
			quoted = !quoted;
		if (quoted)
			continue;
		if (!depth && (c == ',' || c == ')'))
			break;
		depth += c == '(';
		depth -= c == ')';
	}
	return p;
}

static bool is_constant(struct part p)
{
	size_t from = 0, to = p.len;

	while (from < to && p.at[from] == ' ')
		from++;
	while (to > from && p.at[to - 1] == ' ')
		to--;
	return to == from || (to - from == 1 && is_digit(p.at[from])) ||
	       (to - from == 4 && starts(p.at + from, "true"));
}

/* Behind the macro's parenthesis; or NULL. */
static const char *arguments(const char *text)
{
	static const char *const macros[] = {"WARN",	     "WARN_ON",	       "WARN_ONCE",
					     "WARN_ON_ONCE", "BUG_ON",	       "VM_BUG_ON",
					     "VM_WARN_ON",   "VM_WARN_ON_ONCE"};

	for (unsigned i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) {
		const char *at = behind(text, macros[i]);

		while (at && *at == ' ')
			at++;
		if (at && *at == '(')
			return at + 1;
	}
	return NULL;
}

#define WORD_KEPT 40

void word_of_complaint(const char *text, char *ret)
{
	const char *at = arguments(text);
	char all[512];
	size_t len = 0, n = 0;
	struct part p;

	ret[0] = all[0] = '\0';
	if (!at)
		return;
	p = argument(at);
	if (is_constant(p) && p.at[p.len] == ',')
		p = argument(p.at + p.len + 1);
	if (is_constant(p))
		return;
	put_words(all, sizeof(all), &len, p);
	for (size_t i = 0; all[i] && i < (len > WORD_KEPT ? WORD_KEPT - 9 : WORD_KEPT); i++)
		put(ret, WORD_MAX, &n, all[i]);
	if (len <= WORD_KEPT)
		return;
	put(ret, WORD_MAX, &n, '_');
	for (unsigned i = 0, id = name_id(all); i < 8; i++)
		put(ret, WORD_MAX, &n, "0123456789abcdef"[id >> (28 - 4 * i) & 15]);
}
