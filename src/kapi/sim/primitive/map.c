/*
 * map.c - xarrays and idrs: what they hold is in a table of the platform's.
 *
 * A look-up is one step, as those who look without a lock see the map at one moment. A change is one step,
 * too: who changes it holds a lock, or should. That an idr is changed by two threads without one is
 * told by a word of it which each change writes, plainly.
 */
#include "kapi/map.h"

#include "kapi/sim/internal.h"

static struct map_table table;

void sim_maps_reset(void)
{
	table.nr = 0;
}

static void announce(unsigned kind, const void *map, struct site *site)
{
	sim_touch(map, site);
	site_ids(site);
	sim_announce(kind, sim_object(map, site->prim_id), 0, site, 0);
	sim_touch_slow(map);
	if (sim_is_told())
		sim_touch_access(map, sizeof(int), kind == EV_store);
}

void kapi_map_init(void *map)
{
	map_forget(&table, map);
}

bool kapi_map_has(const void *map, unsigned long index)
{
	return map_slot_of(&table, map, index) != NULL;
}

bool kapi_map_room(const void *map, unsigned long *index, unsigned long max)
{
	return map_free_index(&table, map, index, max);
}

bool kapi_map_fails(const void *map, unsigned long index, struct site *site)
{
	sim_touch(map, site);
	return !kapi_map_has(map, index) && kapi_should_fail(map, site);
}

void *kapi_map_find(const void *map, unsigned long *index, unsigned long max, unsigned mark,
		    struct site *site)
{
	struct map_slot *s;

	announce(EV_load, map, site);
	s = map_first(&table, map, *index, max, mark);
	sim_effect(s ? 1 : 0);
	if (!s)
		return NULL;
	san_acquire(s);
	*index = s->index;
	return s->entry;
}

void *kapi_map_set(void *map, unsigned long index, void *entry, int *word, struct site *site)
{
	struct map_slot *s;
	void *old;

	announce(EV_store, map, site);
	if (word && race_on)
		race_access(word, sizeof(*word), RACE_WRITE, __builtin_return_address(0));
	s = map_slot_of(&table, map, index);
	old = s ? s->entry : NULL;
	if (!entry && s) {
		s->map = NULL;
	} else if (entry) {
		if (!map_put(&table, map, index, entry == KAPI_MAP_RESERVED ? NULL : entry))
			sim_fail(RULE_memory_limit, map, -1, "more entries than maps may have");
		san_release(map_slot_of(&table, map, index));
	}
	sim_effect(entry ? 1 : 0);
	return old;
}

void kapi_map_mark(void *map, unsigned long index, unsigned mark, bool set, struct site *site)
{
	struct map_slot *s;

	announce(EV_store, map, site);
	s = map_slot_of(&table, map, index);
	if (s && s->entry)
		s->marks = set ? s->marks | mark : s->marks & ~mark;
	sim_effect(set);
}
