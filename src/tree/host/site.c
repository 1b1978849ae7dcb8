/*
 * site.c - from the return address of a primitive to its site.
 *
 * The text of the tree is one section, so a place is a number below its size: the table of places
 * is spread over an array with one entry for each byte, once, and a look-up is one load.
 */
#include "tree/host/site.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

static struct site nowhere = {.func = "?", .prim = "?", .text = "?"};
static uint32_t *places; /* by offset: 1 + index into bond_places, 0: none */
static uint32_t places_end;
static struct site *tails; /* beside bond_places; the last is of nowhere */

static void spread(void)
{
	places_end = bond_places_nr ? bond_places[bond_places_nr - 1].at + 1 : 0;
	places = calloc(places_end + 1u, sizeof(*places));
	tails = calloc(bond_places_nr + 1u, sizeof(*tails));
	must(places && tails);
	for (unsigned i = 0; i < bond_places_nr; i++)
		places[bond_places[i].at] = i + 1;
}

struct site *bond_site(const void *pc)
{
	uintptr_t at = (uintptr_t)pc - (uintptr_t)bond_tree_text;

	if (__builtin_expect(!places, 0))
		spread();
	if (at >= places_end || !places[at])
		return &nowhere;
	return &bond_places[places[at] - 1].site;
}

static unsigned index_of(const struct site *site)
{
	const struct bond_place *place =
		(const void *)((const char *)site - offsetof(struct bond_place, site));

	return site == &nowhere ? bond_places_nr : (unsigned)(place - bond_places);
}

struct site *bond_site_tail(struct site *site)
{
	struct site *tail;
	char *name;

	if (!places)
		spread();
	tail = &tails[index_of(site)];
	if (tail->func)
		return tail;
	must(asprintf(&name, "%s:tail", site->prim) > 0);
	*tail = *site;
	tail->prim = name;
	tail->prim_id = tail->func_id = 0;
	return tail;
}

const char *bond_site_text(const struct site *site)
{
	return site->text;
}
