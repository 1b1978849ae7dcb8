/*
 * site.c - places of notes, by address: a note of a thunk stands in the driver's callback, that of a
 * wrapper in its caller, so that letters and signatures have the driver's names and none of ours.
 */
#include <sched.h>
#include <stddef.h>
#include <string.h>

#include "base/symbol.h"
#include "watch/internal.h"

#define SITES 1024 /* a power of two; three quarters of it are used */

struct place {
	const void *pc;
	struct site site;
};

static struct place places[SITES];
static unsigned places_nr;
static int busy;

/* No sanitizer and no hook sees it. Where one thread runs at a time it is never busy. */
void watch_lock(void)
{
	while (__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

void watch_unlock(void)
{
	__atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
}

static struct place *place_at(const void *pc)
{
	unsigned i = (unsigned)((unsigned long)pc * 2654435761u >> 8);

	while (places[i % SITES].pc && places[i % SITES].pc != pc)
		i++;
	return &places[i % SITES];
}

static void fill(struct place *p, const void *pc)
{
	p->site = (struct site){.func = symbol_function(pc), .prim = "note", .text = "note"};
	site_ids(&p->site);
	p->pc = pc;
	places_nr++;
}

struct site *watch_site(const void *pc)
{
	static struct place other;
	struct place *p;

	watch_lock();
	p = place_at(pc);
	if (!p->pc && places_nr < SITES * 3 / 4)
		fill(p, pc);
	else if (!p->pc && !other.pc)
		fill(&other, "");
	if (!p->pc)
		p = &other;
	watch_unlock();
	return &p->site;
}
