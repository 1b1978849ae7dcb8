/*
 * word.h - names out of C expressions: what goes into signatures, file names and programs is one word of
 * letters, digits and '_', whatever was written in the source.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stddef.h>

#define WORD_MAX 48 /* bytes of a word, with its NUL */

/**
 * word_of_type() - the type of a block, off the expression of its size
 * @size: "sizeof(*g->map)", "sizeof(struct io_mm) * n", "n | 1", "32"
 * @cap: at least 16
 *
 * The type or the last member that the first sizeof names: "map", "io_mm". Without a sizeof the
 * expression as a word: "size_n_1", "size_32"; a lone identifier stays as it is.
 *
 * Context: may be on a lane's fiber: calls no function of libc.
 */
void word_of_type(const char *size, char *ret, size_t cap);

/**
 * word_of_complaint() - what a WARN or BUG is about, off its source text
 * @text: "WARN_ON(!list_empty(&x->list))", "if (WARN(1, "no room"))"
 * @ret: WORD_MAX bytes: "not_list_empty_x_list", "no_room"; empty where there is nothing but the macro
 *
 * The condition; where that is a constant, what follows it. A long one is cut and ends in a hash.
 *
 * Context: as word_of_type().
 */
void word_of_complaint(const char *text, char *ret);

/** word_clean() - in place: each byte that no word has becomes '_' */
void word_clean(char *word);

#endif
