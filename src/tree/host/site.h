/*
 * site.h - the table of calls in the tree's objects, which sites.py makes from their debug
 * information for each program.
 */
#ifndef TREE_HOST_SITE_H
#define TREE_HOST_SITE_H

#include "base/site.h"

struct bond_place {
	uint32_t at;	    /* return address, counted from bond_tree_text */
	const char *update; /* of a word, which returns nothing: "set_bit"; else NULL */
	struct site site;
};

extern struct bond_place bond_places[];
extern const unsigned bond_places_nr;
/* The files of the tree and its headers in which those are. */
extern const struct site_source bond_sources[];
extern const unsigned bond_sources_nr;
/* The first byte of all text that was compiled in the tree's types. */
extern const char bond_tree_text[];

/*
 * These are declared in plain C types in tree/bond.h too, for glue.
 *
 * bond_site() - the site of a call, by its return address; never NULL
 */
struct site *bond_site(const void *pc);
/** bond_site_tail() - the touch that follows an unlock: "mutex_unlock:tail" */
struct site *bond_site_tail(struct site *site);
/** bond_site_wait() - waiting inside the call: "flush_work:wait" */
struct site *bond_site_wait(struct site *site);
/** bond_site_text() - the source text of the call: "mutex_lock(&device->lock)" */
const char *bond_site_text(const struct site *site);

/** bond_site_update() - the function that is about to update a word and returns nothing, or NULL */
const char *bond_site_update(const struct site *site);

#endif
