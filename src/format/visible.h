/*
 * visible.h - strings from outside, made fit for a terminal, XML and HTML.
 *
 * Control characters, what turns the direction of writing, and bytes that are no UTF-8 become \xNN.
 */
#ifndef FORMAT_VISIBLE_H
#define FORMAT_VISIBLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"

/** text_put_visible() - append it */
void text_put_visible(struct text *t, const char *s);

/** visible() - the same into one of a few buffers in turn; cut after some hundred bytes */
const char *visible(const char *s);

/**
 * put_markup() - the same with the five characters of XML as entities
 * @lines: newlines and tabs stay as they are
 */
void put_markup(FILE *f, const char *s, bool lines);

/** put_fragment() - markup, in which words from outside have their entities already: all the rest */
void put_fragment(FILE *f, const char *s);

/** put_visible() - text_put_visible() to a file, however long it is */
void put_visible(FILE *f, const char *s);

/** visible_colour() - is @f a terminal, and NO_COLOR not set? */
bool visible_colour(FILE *f);

#endif
