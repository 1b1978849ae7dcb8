/*
 * map.c - xarrays and idrs on real threads: one table under one mutex.
 *
 * The mutex orders more than the kernel's do; so what a missing lock around an idr does is left to the
 * simulated platform.
 */
#include "kapi/map.h"

#include <pthread.h>

#include "kapi/native/internal.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct map_table table;

static void enter(void)
{
	must(!pthread_mutex_lock(&mutex));
}

static void leave(void)
{
	must(!pthread_mutex_unlock(&mutex));
}

void native_maps_reset(void)
{
	table.nr = 0;
}

void kapi_map_init(void *map)
{
	enter();
	map_forget(&table, map);
	leave();
}

bool kapi_map_has(const void *map, unsigned long index)
{
	bool has;

	enter();
	has = map_slot_of(&table, map, index) != NULL;
	leave();
	return has;
}

bool kapi_map_room(const void *map, unsigned long *index, unsigned long max)
{
	bool is_free;

	enter();
	is_free = map_free_index(&table, map, index, max);
	leave();
	return is_free;
}

bool kapi_map_fails(const void *map, unsigned long index, struct site *site)
{
	native_step();
	return !kapi_map_has(map, index) && native_fails();
}

void *kapi_map_find(const void *map, unsigned long *index, unsigned long max, unsigned mark,
		    struct site *site)
{
	struct map_slot *s;
	void *entry = NULL;

	native_step();
	enter();
	s = map_first(&table, map, *index, max, mark);
	if (s) {
		*index = s->index;
		entry = s->entry;
	}
	leave();
	return entry;
}

void *kapi_map_set(void *map, unsigned long index, void *entry, int *word, struct site *site)
{
	struct map_slot *s;
	void *old;

	native_step();
	enter();
	s = map_slot_of(&table, map, index);
	old = s ? s->entry : NULL;
	if (!entry && s)
		s->map = NULL;
	else if (entry)
		must(map_put(&table, map, index, entry == KAPI_MAP_RESERVED ? NULL : entry));
	leave();
	return old;
}

void kapi_map_mark(void *map, unsigned long index, unsigned mark, bool set, struct site *site)
{
	struct map_slot *s;

	native_step();
	enter();
	s = map_slot_of(&table, map, index);
	if (s && s->entry)
		s->marks = set ? s->marks | mark : s->marks & ~mark;
	leave();
}
