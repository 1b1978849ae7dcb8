/*
 * rule.c - the table of rules, and behind them what breaks none.
 */
#include "model/rule.h"

#include <stddef.h>
#include <string.h>

static const struct rule rows[] = {
#define RULE(name, place, sentence) {#name, #place, NULL, sentence},
#include "model/rule.def"
#undef RULE
#define SIGHT(name, allowed, sentence) {#name, "sight", allowed, sentence},
#include "model/sight.def"
#undef SIGHT
};

static const struct invariant invariants[] = {
#define INVARIANT(number, rules, place, defects, sentence)                                         \
	{number, rules, place, defects, sentence},
#include "model/invariant.def"
#undef INVARIANT
};

static const struct {
	const char *rule, *how;
} natives[] = {
#define NATIVE(rule, how) {#rule, #how},
#include "model/native.def"
#undef NATIVE
};

const char *rule_native(const char *name)
{
	for (unsigned i = 0; i < sizeof(natives) / sizeof(natives[0]); i++)
		if (strcmp(natives[i].rule, name) == 0)
			return natives[i].how;
	return "no";
}

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

const struct invariant *invariant_at(unsigned index)
{
	return index < sizeof(invariants) / sizeof(invariants[0]) ? &invariants[index] : NULL;
}

bool invariant_has(const char *words, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = words; (at = strstr(at, name)); at += length)
		if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}
