/*
 * visible.c - see visible.h. One walk over the characters, and what each of them may be.
 */
#include "format/visible.h"

#include <stdlib.h>
#include <unistd.h>

#include <stdint.h>
#include <string.h>

#define VISIBLE_BUFFERS 8
#define VISIBLE_MAX 1536

/* Returns: bytes of the character at @s, 0 where there is none; a NUL ends every look in time. */
static unsigned utf8(const unsigned char *s, uint32_t *ret)
{
	unsigned n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? s[0] : s[0] & (0x7f >> n);

	if (!n || s[0] > 0xf4)
		return 0;
	for (unsigned i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret = c;
	return n;
}

/* Control characters of both sets, and what turns or breaks a line (Unicode's Bidi_Control, 2028). */
static bool is_plain(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !(c >= 0x200e && c <= 0x200f) &&
	       !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) && c != 0x61c &&
	       c != 0xfeff && (c & 0xfffe) != 0xfffe;
}

void text_put_visible(struct text *t, const char *s)
{
	const unsigned char *at = (const unsigned char *)s;

	while (*at) {
		uint32_t c = 0;
		unsigned n = utf8(at, &c);

		if (n && is_plain(c)) {
			text_putn(t, (const char *)at, n);
		} else {
			n = n ? n : 1;
			for (unsigned i = 0; i < n; i++)
				text_putf(t, "\\x%02x", at[i]);
		}
		at += n;
	}
}

const char *visible(const char *s)
{
	static char buffer[VISIBLE_BUFFERS][VISIBLE_MAX];
	static unsigned next;
	char *data = buffer[next++ % VISIBLE_BUFFERS];
	struct text t = text_init(data, VISIBLE_MAX);

	text_put_visible(&t, s);
	if (!t.full)
		return data;
	for (t.len = VISIBLE_MAX - 4; (data[t.len] & 0xc0) == 0x80;)
		t.len--;
	memcpy(data + t.len, "...", 4);
	return data;
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void put(FILE *f, const char *s, bool lines, bool entities)
{
	const unsigned char *at = (const unsigned char *)s;

	while (*at) {
		uint32_t c = 0;
		unsigned n = utf8(at, &c);

		if (entities && n == 1 && entity((char)c))
			fputs(entity((char)c), f);
		else if ((n && is_plain(c)) || (lines && (c == '\n' || c == '\t')))
			fwrite(at, 1, n, f);
		else
			for (unsigned i = 0; i < (n ? n : 1); i++)
				fprintf(f, "\\x%02x", at[i]);
		at += n ? n : 1;
	}
}

void put_markup(FILE *f, const char *s, bool lines)
{
	put(f, s, lines, true);
}

void put_fragment(FILE *f, const char *s)
{
	put(f, s, true, false);
}

void put_visible(FILE *f, const char *s)
{
	put(f, s, false, false);
}

bool visible_colour(FILE *f)
{
	const char *no = getenv("NO_COLOR");

	return !(no && no[0]) && isatty(fileno(f));
}
