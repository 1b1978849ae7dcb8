/*
 * pairs.c - who was seen to follow whom: reads-from pairs across threads, taken from finished runs.
 *
 * An action is what a lane does to a shared object at a site. Two actions are a pair when the
 * second meets what the first left there: the last writer of a word and who reads or overwrites it,
 * who released a lock and who takes it, who ended a reader and who waits for readers. It is seen
 * when nobody else wrote in between. What was never seen is what a strategy can steer towards.
 */
#include "sched/strategy.h"

#define NOBODY 0xff
#define SLOTS 256

static_assert(PROFILE_ACTIONS <= NOBODY, "an action fits into a byte, and one is left over");

/* The shared objects of a profile, by hash; a slot is free while its key is 0. */
struct lasts {
	uint32_t key[SLOTS];
	uint8_t last[SLOTS]; /* action that wrote last */
};

static unsigned hash(uint32_t key)
{
	return key * 0x9e3779b1u >> 24;
}

static int find_object(const struct lasts *l, uint32_t key)
{
	static_assert(SLOTS == 256 && PROFILE_OBJECTS < SLOTS, "8 bits, and a slot stays free");
	for (unsigned at = hash(key);; at = (at + 1) % SLOTS) {
		if (l->key[at] == key)
			return (int)at;
		if (!l->key[at])
			return -1;
	}
}

static void take_objects(struct lasts *l, const struct profile *p)
{
	memset(l->key, 0, sizeof(l->key));
	memset(l->last, NOBODY, sizeof(l->last));
	for (unsigned i = 0; i < p->objects_nr; i++) {
		unsigned at = hash(p->object[i].key);

		if (p->object[i].is_class)
			continue;
		while (l->key[at])
			at = (at + 1) % SLOTS;
		l->key[at] = p->object[i].key;
	}
}

/* Returns: its number, NOBODY when there is no room for another. */
static unsigned find_action(struct profile *p, const struct trace_event *e)
{
	uint32_t key = action_key(e);
	unsigned at = hash(key);

	static_assert(sizeof(p->action_at) == SLOTS && PROFILE_ACTIONS < SLOTS,
		      "a slot stays free");
	for (; p->action_at[at]; at = (at + 1) % SLOTS)
		if (p->action[p->action_at[at] - 1].key == key)
			return p->action_at[at] - 1u;
	if (p->actions_nr == PROFILE_ACTIONS)
		return NOBODY;
	p->action[p->actions_nr] = (struct profile_action){.key = key,
							   .object = e->object,
							   .lane = e->lane,
							   .writes = !kind_in(e, KINDS_READ)};
	p->action_at[at] = ++p->actions_nr;
	return p->actions_nr - 1u;
}

static void learn(struct profile *p, struct lasts *l, const struct trace_event *e)
{
	int at = e->object && e->site && kind_in(e, KINDS_SHARED) ? find_object(l, e->object) : -1;
	unsigned action, last;

	if (at < 0)
		return;
	action = find_action(p, e);
	last = l->last[at];
	if (action == NOBODY)
		return;
	if (last != NOBODY && p->action[last].lane != e->lane)
		p->seen[last][action / 8] |= (uint8_t)(1u << action % 8);
	if (p->action[action].writes)
		l->last[at] = (uint8_t)action;
}

void profile_learn_pairs(struct profile *p, const struct trace_event *from,
			 const struct trace_event *to)
{
	struct lasts l;

	take_objects(&l, p);
	for (; from < to; from++)
		learn(p, &l, from);
}
