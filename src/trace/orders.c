/*
 * orders.c - see orders.h. An id is two hashes: of what is taken where, and of what is held.
 */
#include "trace/orders.h"

#include "base/site.h"

#define HELD_BITS 31
#define TAKEN(id) ((id) >> HELD_BITS)

uint64_t order_id(const char *held, const char *taken, const char *function)
{
	uint32_t where = name_id(taken) * 31 + name_id(function);

	return (uint64_t)where << HELD_BITS | (name_id(held) >> 1) | 1;
}

static bool has(const struct orders *o, uint64_t id)
{
	for (unsigned i = 0; i < o->nr; i++)
		if (o->order[i] == id)
			return true;
	return false;
}

void orders_add(struct orders *o, uint64_t id)
{
	if (o->nr < ORDERS_MAX && !has(o, id))
		o->order[o->nr++] = id;
}

void orders_close(struct orders *o, const uint64_t *id, unsigned nr)
{
	if (o->closing_nr + nr + 1 > CLOSING_MAX)
		return;
	for (unsigned i = 0; i < nr; i++) {
		orders_add(o, id[i]);
		o->closing[o->closing_nr++] = id[i];
	}
	o->closing[o->closing_nr++] = 0;
}

static bool closes_with(const struct orders *o, uint64_t id)
{
	for (unsigned i = 0; i < o->closing_nr; i++)
		if (o->closing[i] && TAKEN(o->closing[i]) == TAKEN(id))
			return true;
	return false;
}

bool orders_explain(const struct orders *known, const struct orders *other)
{
	bool all = true, shared = false;

	for (unsigned i = 0; i < other->closing_nr; i++) {
		uint64_t id = other->closing[i];

		if (id) {
			all &= has(known, id);
			shared |= closes_with(known, id);
			continue;
		}
		if (all && shared)
			return true;
		all = true;
		shared = false;
	}
	return false;
}
