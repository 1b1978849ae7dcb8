/*
 * invariant.h - the table of invariants, and the rules that check them.
 */
#ifndef MODEL_INVARIANT_H
#define MODEL_INVARIANT_H

#include <stdbool.h>

struct invariant {
	unsigned number;
	const char *rules; /* names of rules, one space between */
	const char *place;
	const char *defects; /* names of defects, one space between */
	const char *sentence;
};

/** invariant_at() - row @index of invariant.def, or NULL past the end */
const struct invariant *invariant_at(unsigned index);
/** invariant_has() - does @words, names with one space between, have @name? */
bool invariant_has(const char *words, const char *name);

#endif
