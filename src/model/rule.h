/*
 * rule.h - the tables of rules and of the invariants that they hold.
 */
#ifndef MODEL_RULE_H
#define MODEL_RULE_H

#include <stdbool.h>

struct rule {
	const char *name;
	/* "kapi", "model" or "subject": who checks it; "sight": breaks nothing, see sight.def */
	const char *place;
	const char *allowed; /* of a sight: what says that it breaks nothing; else NULL */
	const char *sentence;
};

struct invariant {
	unsigned number;
	const char *rules; /* names of rules, one space between */
	const char *place;
	const char *defects; /* names of defects, one space between */
	const char *sentence;
};

/** rule_find() - by name, or NULL */
const struct rule *rule_find(const char *name);
/** rule_native() - how real threads hold it: a word of native.def, or "no" */
const char *rule_native(const char *name);
/** rule_at() - row @index of rule.def and, behind it, sight.def, or NULL past the end */
const struct rule *rule_at(unsigned index);

/** invariant_at() - row @index of invariant.def, or NULL past the end */
const struct invariant *invariant_at(unsigned index);
/** invariant_has() - does @words, names with one space between, have @name? */
bool invariant_has(const char *words, const char *name);

#endif
