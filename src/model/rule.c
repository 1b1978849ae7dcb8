/*
 * rule.c - the table of rules, and behind them what breaks none.
 */
#include "model/rule.h"

#include <stddef.h>
#include <string.h>

static const struct rule rows[] = {
#define RULE(name, place, invariants, sentence) {#name, #place, invariants, sentence},
#include "model/rule.def"
#undef RULE
#define SIGHT(name, invariants, sentence) {#name, "sight", invariants, sentence},
#include "model/sight.def"
#undef SIGHT
};

const struct rule *rule_at(unsigned index)
{
	return index < sizeof(rows) / sizeof(rows[0]) ? &rows[index] : NULL;
}

const struct rule *rule_find(const char *name)
{
	const struct rule *r;

	for (unsigned i = 0; (r = rule_at(i)); i++)
		if (strcmp(r->name, name) == 0)
			return r;
	return NULL;
}
