/*
 * rule.h - what must never happen, and what is legal and rare: enum rule has a value for each row of
 * rule.def and, behind them, of sight.def.
 */
#ifndef TRACE_RULE_H
#define TRACE_RULE_H

enum rule {
	RULE_NONE, /* clean */
#define RULE(name, place, native, sentence) RULE_##name,
#include "trace/rule.def"
#undef RULE
#define SIGHT(name, allowed, sentence) RULE_##name,
#include "trace/sight.def"
#undef SIGHT
	RULES
};

struct rule_row {
	const char *name;
	/* "kapi", "model" or "subject": where the check is; "sight": breaks nothing, see sight.def */
	const char *place;
	const char *native;  /* how real threads check it: a word of rule.def */
	const char *allowed; /* of a sight: why it breaks nothing; else NULL */
	const char *sentence;
};

/** rule_row() - the row of @rule; NULL for RULE_NONE and from RULES on */
const struct rule_row *rule_row(enum rule rule);

/** rule_name() - "dead_use"; "" for RULE_NONE */
const char *rule_name(enum rule rule);

/** rule_find() - by name, or RULE_NONE */
enum rule rule_find(const char *name);

/** rule_of() - the rule of @wanted, a signature or its beginning (verdict_matches()), or RULE_NONE */
enum rule rule_of(const char *wanted);

#endif
