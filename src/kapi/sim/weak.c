/*
 * weak.c - stores that others see late (--memory weak).
 *
 * Each lane keeps the stores that it made to kmalloc memory since its last barrier, plain and
 * marked alike. When it is left, a chosen subset of them is undone, newest first, and when it goes
 * on it is redone, oldest first: meanwhile the others see the rest without them. A store to bytes
 * that an older delayed one wrote is delayed with it, so every byte sees its stores in order. What
 * orders makes all of them visible: a release of any kind (san_release()), smp_wmb(), smp_mb(), a
 * free, blocking, and the end of an op.
 *
 * The hook comes before the store; what it wrote is read at the lane's next event. A store whose
 * bytes are not what it left there is visible: somebody else wrote them, or the platform itself. So
 * is one whose block is gone.
 *
 * Left out: old values for loads (hooks see no dependencies, and each rcu_dereference() would be a
 * false alarm), statics (those of a subject are its test bench's), stacks, and what hooks do not
 * see: the zeroes of kzalloc() are there at once.
 */
#include "kapi/sim/internal.h"

#define STORES 64 /* bits of a choice */

struct store {
	volatile void *at;
	uint64_t old, new;
	uint8_t size;
	bool done; /* new is known */
	bool delayed;
};

static struct late {
	unsigned nr;
	struct store store[STORES];
} late[LANES];

bool weak_on;

static uint64_t value_at(const volatile void *at, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)((const volatile uint8_t *)at)[i] << i * 8;
	return value;
}

static void put(volatile void *at, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size; i++)
		((volatile uint8_t *)at)[i] = (uint8_t)(value >> i * 8);
}

static void settle(struct late *l)
{
	struct store *s = &l->store[l->nr - 1];

	if (!l->nr || s->done)
		return;
	s->done = true;
	if (sim_is_fine(s->at, s->size))
		s->new = value_at(s->at, s->size);
}

void weak_store(volatile void *at, size_t size)
{
	struct late *l = &late[sim.current];
	struct store *s;

	settle(l);
	if (!sim.choice->active || size > 8 || sim_arena_offset(at) >= ARENA)
		return;
	if (l->nr == STORES)
		l->nr = 0;
	s = &l->store[l->nr++];
	*s = (struct store){.at = at, .size = (uint8_t)size, .old = value_at(at, size)};
}

void weak_flush(void)
{
	late[sim.current].nr = 0;
}

static bool overlap(const struct store *a, const struct store *b)
{
	return (uintptr_t)a->at < (uintptr_t)b->at + b->size &&
	       (uintptr_t)b->at < (uintptr_t)a->at + a->size;
}

/* A store over bytes of one that is delayed is delayed, too. */
static void choose(struct late *l)
{
	uint64_t chosen = choice_delays(sim.choice);

	for (unsigned i = 0; i < l->nr; i++) {
		struct store *s = &l->store[i];

		s->delayed = chosen >> i & 1;
		for (unsigned older = 0; older < i && !s->delayed; older++)
			s->delayed = l->store[older].delayed && overlap(s, &l->store[older]);
	}
}

static bool holds(const struct store *s, uint64_t value)
{
	return sim_is_fine(s->at, s->size) && value_at(s->at, s->size) == value;
}

/* What others may have seen stays seen. */
static void forget_visible(struct late *l)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < l->nr; i++)
		if (l->store[i].delayed)
			l->store[nr++] = l->store[i];
	l->nr = nr;
}

void weak_leave(void)
{
	struct late *l = &late[sim.current];

	if (!l->nr)
		return;
	settle(l);
	choose(l);
	for (unsigned i = l->nr; i--;) {
		struct store *s = &l->store[i];

		s->delayed = s->delayed && holds(s, s->new);
		if (s->delayed)
			put(s->at, s->size, s->old);
	}
	forget_visible(l);
}

bool weak_hides(const volatile void *at, size_t size, unsigned lane)
{
	const struct store wanted = {.at = (volatile void *)at, .size = (uint8_t)size};
	const struct late *l = &late[lane];

	for (unsigned i = 0; weak_on && i < l->nr; i++)
		if (l->store[i].delayed && overlap(&l->store[i], &wanted))
			return true;
	return false;
}

void weak_return(void)
{
	struct late *l = &late[sim.current];

	for (unsigned i = 0; i < l->nr; i++) {
		struct store *s = &l->store[i];

		if (s->delayed && holds(s, s->old))
			put(s->at, s->size, s->new);
		s->delayed = false;
	}
}

void weak_begin(bool on)
{
	weak_on = on;
	for (unsigned lane = 0; on && lane < LANES; lane++)
		late[lane].nr = 0;
}
