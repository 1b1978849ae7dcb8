/*
 * rule.h - the table of rules.
 */
#ifndef MODEL_RULE_H
#define MODEL_RULE_H

struct rule {
	const char *name;
	/* "kapi", "model" or "subject": who checks it; "sight": breaks nothing, see sight.def */
	const char *place;
	const char *invariants; /* of the specification, e.g. "INV-08 INV-50" */
	const char *sentence;
};

/** rule_find() - by name, or NULL */
const struct rule *rule_find(const char *name);
/** rule_at() - row @index of rule.def and, behind it, sight.def, or NULL past the end */
const struct rule *rule_at(unsigned index);

#endif
