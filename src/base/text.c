/*
 * text.c - bounded text. The closing NUL is always there.
 */
#include "base/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_putn(struct text *t, const char *s, size_t n)
{
	size_t room = t->cap - 1 - t->len;

	if (n > room) {
		n = room;
		t->full = true;
	}
	memcpy(t->data + t->len, s, n);
	t->len += n;
	t->data[t->len] = '\0';
}

void text_putc(struct text *t, char c)
{
	text_putn(t, &c, 1);
}

void text_puts(struct text *t, const char *s)
{
	text_putn(t, s, strlen(s));
}

void text_putu(struct text *t, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	text_putn(t, digits + at, sizeof(digits) - at);
}

void text_putf(struct text *t, const char *format, ...)
{
	size_t room = t->cap - t->len;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->data + t->len, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) {
		t->full = true;
		n = (int)room - 1;
	}
	t->len += (size_t)n;
}

/* A byte that a terminal may act on, or that is part of no letter of ASCII. */
static bool is_odd(char c)
{
	return !isprint((unsigned char)c);
}

static void put_escaped(struct text *t, const char *word)
{
	text_puts(t, "$'");
	for (const char *c = word; *c; c++)
		if (is_odd(*c))
			text_putf(t, "\\x%02x", (unsigned char)*c);
		else if (*c == '\'' || *c == '\\')
			text_putf(t, "\\%c", *c);
		else
			text_putc(t, *c);
	text_putc(t, '\'');
}

void text_put_shell(struct text *t, const char *word)
{
	bool plain = word[0] != '\0', odd = false;

	for (const char *c = word; *c; c++) {
		plain &= isalnum((unsigned char)*c) || strchr("/._-+:=@%,", *c);
		odd |= is_odd(*c);
	}
	if (odd) {
		put_escaped(t, word);
		return;
	}
	if (!plain)
		text_putc(t, '\'');
	for (const char *c = word; *c; c++)
		if (*c == '\'')
			text_puts(t, "'\\''");
		else
			text_putc(t, *c);
	if (!plain)
		text_putc(t, '\'');
}
