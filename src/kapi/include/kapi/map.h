/*
 * map.h - what an xarray or an idr holds: a table of (map, index) with an entry and marks, which both
 * platforms keep in memory of their own.
 *
 * A map has few entries here, so each look-up is a walk over the table. A reserved index has an entry that
 * nobody finds.
 */
#ifndef KAPI_MAP_H
#define KAPI_MAP_H

#include "base/limits.h"
#include "kapi/kapi.h"

struct map_slot {
	const void *map; /* NULL: the slot is free */
	unsigned long index;
	void *entry; /* NULL: the index is reserved */
	unsigned marks;
};

struct map_table {
	unsigned nr;
	struct map_slot slot[MAP_ENTRIES_MAX];
};

static inline struct map_slot *map_slot_of(struct map_table *t, const void *map,
					   unsigned long index)
{
	for (unsigned i = 0; i < t->nr; i++)
		if (t->slot[i].map == map && t->slot[i].index == index)
			return &t->slot[i];
	return NULL;
}

/* The first one of @index..@max that has an entry, and @mark if that is not 0. */
static inline struct map_slot *map_first(struct map_table *t, const void *map, unsigned long index,
					 unsigned long max, unsigned mark)
{
	struct map_slot *first = NULL;

	for (unsigned i = 0; i < t->nr; i++) {
		struct map_slot *s = &t->slot[i];

		if (s->map != map || s->index < index || s->index > max || !s->entry ||
		    (mark && !(s->marks & mark)))
			continue;
		if (!first || s->index < first->index)
			first = s;
	}
	return first;
}

/* Returns: was there room? */
static inline bool map_put(struct map_table *t, const void *map, unsigned long index, void *entry)
{
	struct map_slot *s = map_slot_of(t, map, index);

	if (s) {
		s->entry = entry;
		return true;
	}
	for (unsigned i = 0; i < t->nr && !s; i++)
		s = t->slot[i].map ? NULL : &t->slot[i];
	if (!s && t->nr < MAP_ENTRIES_MAX)
		s = &t->slot[t->nr++];
	if (s)
		*s = (struct map_slot){map, index, entry, 0};
	return s != NULL;
}

/* Slots do not move: what is ordered by one is known by its address. */
static inline void map_forget(struct map_table *t, const void *map)
{
	for (unsigned i = 0; i < t->nr; i++)
		if (t->slot[i].map == map)
			t->slot[i].map = NULL;
}

/* Returns: is an index of *@index..@max free? The lowest one is stored there. */
static inline bool map_free_index(struct map_table *t, const void *map, unsigned long *index,
				  unsigned long max)
{
	unsigned long i = *index;

	while (i <= max && map_slot_of(t, map, i)) {
		if (i++ == max)
			return false;
	}
	*index = i;
	return i <= max;
}

#endif
