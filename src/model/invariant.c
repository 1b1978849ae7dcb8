/*
 * invariant.c - the table of invariants.
 */
#include "model/invariant.h"

#include <stddef.h>
#include <string.h>

static const struct invariant invariants[] = {
#define INVARIANT(number, rules, place, defects, sentence)                                         \
	{number, rules, place, defects, sentence},
#include "model/invariant.def"
#undef INVARIANT
};

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
