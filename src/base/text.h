/*
 * text.h - bounded text: what is put past the end is dropped and remembered in @full.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data;
	size_t len;
	size_t cap;
	bool full;
};

/**
 * text_init() - an empty text over memory of the caller
 * @data: at least @cap bytes, kept by the caller
 * @cap: bytes, at least 1; one is kept for the closing NUL
 */
static inline struct text text_init(char *data, size_t cap)
{
	data[0] = '\0';
	return (struct text){data, 0, cap, false};
}

/** text_putc() - append one byte */
void text_putc(struct text *t, char c);
/** text_puts() - append a string */
void text_puts(struct text *t, const char *s);
/** text_putn() - append @n bytes of @s */
void text_putn(struct text *t, const char *s, size_t n);
/** text_putu() - append a number in decimal */
void text_putu(struct text *t, uint64_t n);
/** text_putf() - append formatted text; slow, for reports */
void text_putf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * text_put_shell() - append a word as the shell reads it back
 *
 * One with control characters or bytes beyond ASCII becomes $'...', as bash, ksh and zsh read it: harmless on
 * a terminal, and one line.
 */
void text_put_shell(struct text *t, const char *word);

#endif
