/*
 * platform.h - the options of the platform (platform.def): on a command line, in a line to paste, and in
 * the files of findings.
 */
#ifndef EXEC_PLATFORM_H
#define EXEC_PLATFORM_H

#include "base/text.h"
#include "kapi/sim/sim.h"

struct platform_option {
	const char *name;  /* "memory" */
	const char *value; /* "HOW"; "": a flag */
	const char *words; /* "strong weak" */
	const char *help;
	unsigned (*get)(const struct sim_strength *s); /* the number of a word */
	void (*set)(struct sim_strength *s, unsigned word);
};

/** platform_at() - row @index of platform.def, or NULL past the end */
const struct platform_option *platform_at(unsigned index);

/** platform_find() - by name, or NULL */
const struct platform_option *platform_find(const char *name);

/**
 * platform_set() - take one option
 * @word: of a flag: unused
 *
 * Returns: false, and @s as it was, when @word is none of the option's.
 */
bool platform_set(struct sim_strength *s, const struct platform_option *o, const char *word);

/** platform_word() - the word that @s has for an option; 16 bytes */
void platform_word(const struct sim_strength *s, const struct platform_option *o, char ret[16]);

#define PLATFORM_TEXT 1024 /* longest text of platform_put() that is kept */

/**
 * platform_put() - append the options that make @s, and the values of stubs that were given in this
 * process, each with a blank in front; "" for the defaults
 */
void platform_put(struct text *t, const struct sim_strength *s);

/**
 * platform_read() - the options in a text, as platform_put() writes them; it may be any text
 *
 * Values of stubs are checked for their shape, and stubs left as they are.
 *
 * Returns: false when it has anything else in it.
 */
bool platform_read(const char *text, struct sim_strength *ret);

#endif
