/*
 * rule.c - the table of rules, and behind them of sightings, which break none.
 */
#include "trace/rule.h"

#include <stddef.h>
#include <string.h>

static const struct rule_row rows[RULES] = {
#define RULE(name, place, native, sentence)                                                        \
	[RULE_##name] = {#name, #place, #native, NULL, sentence},
#include "trace/rule.def"
#undef RULE
#define SIGHT(name, allowed, sentence) [RULE_##name] = {#name, "sight", "no", allowed, sentence},
#include "trace/sight.def"
#undef SIGHT
};

const struct rule_row *rule_row(enum rule rule)
{
	return rule > RULE_NONE && rule < RULES ? &rows[rule] : NULL;
}

const char *rule_name(enum rule rule)
{
	return rule_row(rule) ? rule_row(rule)->name : "";
}

static enum rule find(const char *name, size_t len)
{
	for (enum rule rule = RULE_NONE + 1; rule < RULES; rule++)
		if (strlen(rows[rule].name) == len && strncmp(rows[rule].name, name, len) == 0)
			return rule;
	return RULE_NONE;
}

enum rule rule_find(const char *name)
{
	return find(name, strlen(name));
}

enum rule rule_of(const char *wanted)
{
	return find(wanted, strcspn(wanted, ":@+="));
}
