/*
 * access.c - what happens at a plain access of the code under test, beside the question whether its
 * memory is there: it may be a scheduling point, and the race detector hears of it.
 *
 * A scheduling point of its own is announced like a primitive. Its place is named by function from
 * the program's own symbol table, and "load" or "store"; the compiler decides how many there are,
 * so such a place is good in this build only (EVENT_PLAIN), and stands in no corpus. They are not
 * counted as steps: a loop over memory is no livelock. After PLAIN_MAX in a run there are no more.
 */
#include <string.h>

#include "base/symbol.h"
#include "kapi/sim/internal.h"

#define PLACES 4096 /* a power of two */

struct place {
	const void *pc;
	struct site site;
	bool point; /* known to race */
};

bool sim_watches_accesses;

static struct place places[PLACES];
static unsigned places_nr;
static unsigned plain_nr; /* scheduling points of this run that are plain accesses */

extern const char __ehdr_start[] __attribute__((visibility("hidden")));

/* A return address: the call before it is what it stands for. */
static struct place *place_at(const void *pc)
{
	uint32_t i = (uint32_t)((uintptr_t)pc - (uintptr_t)__ehdr_start) * 2654435761u >> 16;

	for (;; i++) {
		struct place *p = &places[i % PLACES];

		if (p->pc == pc)
			return p;
		if (p->pc)
			continue;
		if (places_nr == PLACES - 1)
			return NULL;
		places_nr++;
		p->pc = pc;
		p->site.func = symbol_function((const char *)pc - 1);
		p->site.prim = p->site.text = "?";
		return p;
	}
}

const char *sim_function_at(const void *pc)
{
	const struct place *p = place_at(pc);

	return p ? p->site.func : "?";
}

void sim_race_point(const void *pc)
{
	struct place *p = place_at(pc);

	if (p)
		p->point = true;
}

bool sim_is_race_point(const struct site *site)
{
	return ((const struct place *)(const void *)((const char *)site -
						     offsetof(struct place, site)))
		->point;
}

void sim_forget_race_points(void)
{
	for (unsigned i = 0; i < PLACES; i++)
		places[i].point = false;
}

/* ---- an access ---- */

static struct place *point_at(const volatile void *at, const void *pc)
{
	enum sim_granularity granularity = sim.strength.granularity;
	struct place *p;

	if (granularity == SIM_PRIMITIVES || !sim.choice->active || !race_is_shared(at))
		return NULL;
	p = place_at(pc);
	if (!p || (granularity == SIM_RACY && !p->point) || plain_nr == PLAIN_MAX)
		return NULL;
	plain_nr++;
	return p;
}

static void visible(struct place *p, const volatile void *at, size_t size, bool write)
{
	struct sim_lane *self = sim_self();
	struct site *before = self->site;

	p->site.prim = write ? PLACE_STORE : PLACE_LOAD;
	p->site.text = write ? "a plain write" : "a plain read";
	site_ids(&p->site);
	sim_announce(write ? EV_store : EV_load, sim_object(at, 0), 0, &p->site, EVENT_PLAIN);
	trace_append(sim.trace, &sim.choice->next[sim.current]);
	sim_touch_range(at, size);
	self->site = before;
}

/*
 * A marked store behind a write barrier releases what was before the barrier, a read barrier
 * acquires what was loaded before it. To TSan both are said as a little more than the barriers
 * promise: it can hide a race, and makes none up.
 */
void sim_order_marked(const volatile void *at, bool write)
{
	struct sim_lane *self = sim_self();

	if (write && self->fenced)
		san_release_fenced(at);
	if (!write)
		sim_loaded(at);
}

void sim_loaded(const volatile void *at)
{
	struct sim_lane *self = sim_self();

	self->loaded[self->loaded_nr++ % LOADED_MAX] = at;
	if (race_on)
		race_loaded(at);
}

void sim_acquire_loaded(void)
{
	struct sim_lane *self = sim_self();

	for (unsigned i = 0; i < LOADED_MAX && i < self->loaded_nr; i++)
		san_tsan_acquire(self->loaded[i]);
}

void kapi_barrier(unsigned how)
{
	struct sim_lane *self = sim_self();

	if (how & KAPI_IO || (how & KAPI_WMB && how & KAPI_RMB))
		weak_flush();
	if (how & KAPI_RMB)
		how &KAPI_WMB ? old_acquire(old_now()) : old_barrier();
	if (how & KAPI_RMB)
		race_joins();
	if (how & KAPI_WMB) {
		weak_fence();
		self->fenced = true;
		race_fence();
	}
	if (how & KAPI_RMB)
		sim_acquire_loaded();
}

/* How the race detectors take an access. */
enum how {
	HOW_PLAIN,
	HOW_ATOMIC, /* as if it were marked, and it orders nothing */
	HOW_MARKED,
	HOW_RACY, /* not at all */
};

static enum how how_of(struct sim_lane *self, const volatile void *at)
{
	bool marked = self->marked == at;

	self->marked = NULL;
	if (self->racy)
		return HOW_RACY;
	if (marked)
		return HOW_MARKED;
	if (!self->atomic && !self->flat && !self->atomic_next)
		return HOW_PLAIN;
	self->atomic_next -= self->atomic_next != 0;
	return HOW_ATOMIC;
}

/* In a program over a kernel tree, whose objects are compiled without TSan; ops are with it, so it hears of theirs twice. */
extern const char bond_tree_text[] __attribute__((weak));

static void tell_tsan(const volatile void *at, size_t size, bool write, enum how how,
		      const void *pc)
{
	if (!SIM_TSAN || !bond_tree_text || how == HOW_RACY)
		return;
	if (how != HOW_PLAIN)
		san_marked(at, size, write, pc);
	else if (write)
		san_write(at, size, pc);
	else
		san_read(at, size, pc);
}

/*
 * The load that follows reads what is there now: maybe the address of a block. TSan knows no dependency; that it takes
 * the load for an acquire can hide a race, too, and makes none up.
 */
static void note_address(const volatile void *at, size_t size)
{
	void *value;

	if (!sim_races || size != sizeof(void *) || !sim_is_fine(at, size))
		return;
	value = *(void *const volatile *)at;
	if (race_on)
		race_points(at, value);
	if (SIM_TSAN && race_is_shared(value))
		san_tsan_acquire(at);
}

void sim_plain_access(const volatile void *at, size_t size, bool write, const void *pc)
{
	enum how how = how_of(sim_self(), at);
	struct place *p = how <= HOW_ATOMIC ? point_at(at, pc) : NULL;

	if (sim_is_told())
		sim_touch_access(at, size, write);
	if (p)
		visible(p, at, size, write);
	tell_tsan(at, size, write, how, pc); /* what it releases it was before */
	if (how == HOW_MARKED)
		sim_order_marked(at, write);
	if (!write)
		note_address(at, size);
	if (race_on && how != HOW_RACY)
		race_access(at, size, (unsigned)write | (how == HOW_PLAIN ? 0 : RACE_MARKED), pc);
	if (!weak_on)
		return;
	if (write)
		weak_store((volatile void *)at, size);
	else
		weak_load(at, size);
}

void kapi_mark(const volatile void *at)
{
	sim_self()->marked = at;
}

void sim_watch_accesses(void)
{
	sim_watches_accesses = weak_on || SIM_TSAN || race_on || sim_is_told() ||
			       sim.strength.granularity != SIM_PRIMITIVES;
}

void sim_accesses_begin(void)
{
	const struct sim_strength *s = &sim.strength;

	plain_nr = 0;
	race_begin(s->races && !s->witness);
	weak_begin(s->weak && !s->witness);
	sim_watch_accesses();
}
