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
/* Beside bond_places, made when first asked for; the last is of nowhere. */
static struct site *tails, *waits;

static void spread(void)
{
	places_end = bond_places_nr ? bond_places[bond_places_nr - 1].at + 1 : 0;
	places = calloc(places_end + 1u, sizeof(*places));
	tails = calloc(bond_places_nr + 1u, sizeof(*tails));
	waits = calloc(bond_places_nr + 1u, sizeof(*waits));
	must(places && tails && waits);
	for (unsigned i = 0; i < bond_places_nr; i++)
		places[bond_places[i].at] = i + 1;
}

__attribute__((constructor)) static void name_tree(void)
{
	site_set_tree(bond_sources, bond_sources_nr);
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

static struct site *second_of(struct site **table, const struct site *site, const char *what)
{
	struct site *second;
	char *name;

	if (!places)
		spread();
	second = &(*table)[index_of(site)];
	if (second->func)
		return second;
	must(asprintf(&name, "%s:%s", site->prim, what) > 0);
	*second = *site;
	second->prim = name;
	second->prim_id = second->func_id = 0;
	return second;
}

struct site *bond_site_tail(struct site *site)
{
	return second_of(&tails, site, "tail");
}

struct site *bond_site_wait(struct site *site)
{
	return second_of(&waits, site, "wait");
}

const char *bond_site_update(const struct site *site)
{
	unsigned index = index_of(site);

	return index < bond_places_nr ? bond_places[index].update : NULL;
}

const char *bond_site_text(const struct site *site)
{
	return site->text;
}
