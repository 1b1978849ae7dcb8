/*
 * interpret.c - loads, stores and read-modify-writes of an interpreter.
 *
 * The same steps as those of compiled code (word.c, and the hooks behind READ_ONCE and WRITE_ONCE):
 * announce, tell the race detector and the store buffer, take effect. A plain access is announced,
 * too, and is no marked one for the race detector. The place of a race is the address of the site.
 */
#include "kapi/sim/interpret.h"

#include "kapi/sim/internal.h"
#include "kapi/update.h"

static void announce(const struct sim_access *a, unsigned kind)
{
	sim_touch(a->word, a->site);
	site_ids(a->site);
	sim_announce(kind, sim_object(a->word, a->site->prim_id), 0, a->site, 0);
	sim_touch_slow(a->word);
	if (sim_is_told())
		sim_touch_access(a->word, sizeof(int), kind != EV_load);
}

static void note_race(const struct sim_access *a, bool write)
{
	if (race_on)
		race_access(a->word, sizeof(int),
			    (unsigned)write | (a->plain ? 0u : (unsigned)RACE_MARKED), a->site);
	if (race_on && !a->plain)
		sim_order_marked(a->word, write);
}

/* An own pending store is what the lane sees; it was there from the moment of its issue. */
static int load_weak(struct sim_access *a)
{
	uint32_t issued;
	int value;

	weak_load(a->word, sizeof(int));
	if (weak_issued(a->word, &issued)) {
		value = *a->word;
		a->when = a->when > issued ? a->when : issued;
		old_loaded(a->when);
	} else {
		value = old_load(a->word, &a->when);
	}
	if (a->order == KAPI_ACQUIRE)
		old_acquire(a->when);
	return value;
}

int sim_interpret_load(struct sim_access *a)
{
	int value;

	announce(a, EV_load);
	note_race(a, false);
	sim_effect(0);
	value = weak_on ? load_weak(a) : *a->word;
	if (a->order == KAPI_ACQUIRE)
		kapi_acquire(a->word);
	return value;
}

void sim_interpret_store(const struct sim_access *a, int value)
{
	announce(a, EV_store);
	note_race(a, true);
	sim_effect(0);
	weak_store(a->word, sizeof(int));
	*a->word = value;
	if (a->order == KAPI_RELEASE)
		kapi_release(a->word);
	if (a->order == KAPI_FULL)
		kapi_barrier(KAPI_WMB | KAPI_RMB);
}

void sim_interpret_points(const struct sim_access *a, const int *word)
{
	if (race_on)
		race_points(a->word, word);
}

int sim_interpret_update(struct sim_access *a, enum kapi_update how, int operand, int expected,
			 bool *ret_done)
{
	uint64_t new;
	int old;

	announce(a, EV_ref_get);
	note_race(a, true);
	sim_effect(0);
	if (a->order == KAPI_VOID) {
		weak_change(a->word, sizeof(int), how, (unsigned)operand);
		*ret_done = kapi_updated(how, (unsigned)*a->word, (unsigned)operand, 0, &new);
		*a->word = (int)new;
		return 0;
	}
	weak_update(a->word, sizeof(int));
	a->when = old_now();
	old_loaded(a->when);
	old = *a->word;
	*ret_done = kapi_updated(how, (unsigned)old, (unsigned)operand, (unsigned)expected, &new);
	if (race_on)
		race_loaded(a->word);
	if (!*ret_done)
		return old;
	if (a->order == KAPI_FULL)
		race_joins();
	if (a->order == KAPI_RELEASE || a->order == KAPI_FULL)
		san_release(a->word);
	*a->word = (int)new;
	weak_updated(a->word);
	if (a->order == KAPI_ACQUIRE || a->order == KAPI_FULL)
		san_acquire(a->word);
	return old;
}

bool sim_interpret_is_locked(const void *lock, const char *name, struct site *site)
{
	const struct prim *p;

	sim_touch(lock, site);
	site_ids(site);
	p = prim_get(lock, PRIM_LOCK, KAPI_INLINE_INIT, name);
	sim_announce(EV_trylock, sim_object(lock, p->class->id), p->class->id, site, 0);
	sim_effect(0);
	return p->owner != 0;
}

/* ---- the state ---- */

#define STAMPS 4096

static uint16_t rank[STAMPS]; /* of each stamp that occurs, among those */

static uint32_t bounded(uint32_t when)
{
	return when < STAMPS ? when : STAMPS - 1;
}

static void note_stamp(uint32_t when)
{
	rank[bounded(when)] = 1;
}

static uint32_t rank_of(uint32_t when)
{
	return rank[bounded(when)];
}

static void rank_stamps(const uint32_t *when, unsigned nr)
{
	uint16_t smaller = 0;

	for (uint32_t i = 0; i <= bounded(old_now()); i++)
		rank[i] = 0;
	weak_each_stamp(note_stamp);
	old_each_stamp(note_stamp);
	for (unsigned i = 0; i < nr; i++)
		note_stamp(when[i]);
	for (uint32_t i = 0; i <= bounded(old_now()); i++) {
		smaller = (uint16_t)(smaller + rank[i]);
		rank[i] = smaller;
	}
}

uint64_t sim_interpret_state(const uint32_t *when, unsigned nr)
{
	uint64_t hash;

	rank_stamps(when, nr);
	hash = rng_mix(weak_hash(rank_of) * 31 + old_hash(rank_of));
	for (unsigned i = 0; i < nr; i++)
		hash = rng_mix(hash * 31 + rank_of(when[i]));
	return hash;
}
