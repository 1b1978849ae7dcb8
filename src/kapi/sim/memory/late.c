/*
 * late.c - memory to which a store can be late: blocks, and statics that are known to be the code's under
 * test.
 *
 * A static has no name in the registry of blocks; its name is that of the program's symbol. A search in
 * the symbols is made once for each variable.
 */
#include "base/symbol.h"
#include "kapi/sim/internal.h"

#define STATICS 4
#define NAMES 64 /* of statics */

static struct {
	uintptr_t at;
	size_t size;
} statics[STATICS];
static unsigned statics_nr;

void weak_statics(const volatile void *from, const volatile void *end)
{
	must(statics_nr < STATICS);
	statics[statics_nr].at = (uintptr_t)from;
	statics[statics_nr++].size = (size_t)((uintptr_t)end - (uintptr_t)from);
}

bool late_can_be(const volatile void *at)
{
	if (sim_arena_offset(at) < ARENA)
		return true;
	for (unsigned i = 0; i < statics_nr; i++)
		if ((uintptr_t)at - statics[i].at < statics[i].size)
			return true;
	return false;
}

struct site *late_name(const volatile void *at)
{
	static struct {
		const volatile void *at;
		struct site site;
	} names[NAMES];
	unsigned i = 0;

	if (sim_arena_offset(at) < ARENA)
		return NULL;
	while (i < NAMES && names[i].at && names[i].at != at)
		i++;
	if (i == NAMES)
		return NULL;
	if (!names[i].at) {
		names[i].at = at;
		names[i].site = (struct site){.func = "?", .text = "?"};
		names[i].site.prim = symbol_variable(at);
		site_ids(&names[i].site);
	}
	return &names[i].site;
}
