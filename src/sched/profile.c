/*
 * profile.c - what finished runs teach about the next: how many operations, and who shares what.
 *
 * A pass over a trace fills a small hash table of the objects and classes of that run; another one
 * counts the free of a block for every object in it. What two lanes touched is then merged into the
 * profile, each count as a mean. Objects of one lane only are not kept: they can decide
 * nothing, and they are most.
 *
 * The window is from the first event of a program thread to the first visible one of main after
 * that. The end of a lane is not counted: nobody is picked for it.
 */
#include <stddef.h>

#include "base/panic.h"
#include "sched/strategy.h"

#define SLOTS 256 /* a power of two */
#define SLOTS_USED_MAX (SLOTS * 3 / 4)

/* One run. A slot is free while its key is 0. */
struct tally {
	unsigned used;
	uint16_t steps[LANES], locks[LANES], refs[LANES];
	uint32_t steps_all;
	struct profile_object slot[SLOTS];
};

static struct profile_object *slot_of(struct tally *t, uint32_t key, bool is_class)
{
	uint32_t at = (uint32_t)(key * 0x9e3779b1u) >> 24;

	static_assert(SLOTS == 256, "the hash gives 8 bits");
	for (;; at = (at + 1) % SLOTS) {
		struct profile_object *o = &t->slot[at];

		if (o->key == key && o->is_class == is_class)
			return o;
		if (o->key)
			continue;
		if (t->used == SLOTS_USED_MAX)
			return NULL;
		t->used++;
		o->key = key;
		o->is_class = is_class;
		return o;
	}
}

static void touch(struct tally *t, const struct trace_event *e, uint32_t key, bool is_class)
{
	struct profile_object *o = key ? slot_of(t, key, is_class) : NULL;

	if (!o)
		return;
	o->is_lock |= kind_in(e, KINDS_LOCK);
	o->is_ref |= kind_in(e, KINDS_REF);
	o->has_tail |= e->kind == EV_unlock_tail;
	o->count[e->lane]++;
}

static void touch_block(struct tally *t, const struct trace_event *e)
{
	uint32_t block = OBJECT_BLOCK(e->object);

	for (unsigned i = 0; block && i < SLOTS; i++) {
		struct profile_object *o = &t->slot[i];

		if (o->is_class || OBJECT_BLOCK(o->key) != block)
			continue;
		o->is_mortal = true;
		o->count[e->lane] += o->key != e->object;
	}
}

static void tally_event(struct tally *t, const struct trace_event *e)
{
	t->steps[e->lane]++;
	t->steps_all++;
	t->locks[e->lane] += kind_in(e, KINDS_LOCK);
	t->refs[e->lane] += kind_in(e, KINDS_REF);
	if (!kind_in(e, KINDS_SHARED))
		return;
	touch(t, e, e->object, false);
	touch(t, e, e->class, true);
}

/* Is @e behind the window? */
static bool is_closing(const struct trace_event *e)
{
	return e->lane == LANE_MAIN && event_is_visible(e->kind);
}

/* The threads' part of a trace. */
struct window {
	const struct trace_event *from, *to;
};

static struct window window_of(const struct trace *t)
{
	const struct trace_event *end = t->event + t->events_nr;
	struct window w = {t->event, t->event};

	while (w.from < end && !LANE_IS_THREAD(w.from->lane))
		w.from++;
	for (w.to = w.from; w.to < end && !is_closing(w.to);)
		w.to++;
	return w;
}

static void tally_window(struct tally *ret, struct window w)
{
	bool frees = false;

	for (const struct trace_event *e = w.from; e < w.to; e++) {

		if (!event_is_visible(e->kind) || e->kind == EV_lane_end)
			continue;
		must(e->lane < LANES);
		tally_event(ret, e);
		frees |= e->kind == EV_free;
	}
	/* Only now is every object of a block known. */
	for (; frees && w.from < w.to; w.from++)
		if (w.from->kind == EV_free)
			touch_block(ret, w.from);
}

/*
 * The mean of the runs in which the lane did any. The most would be wrong: one run in which a loop
 * went round often would make that lane look as if it had most to do in every run. A moving mean
 * would hang on what the last few runs happened to do.
 */
static void keep_typical(uint16_t typical[LANES], struct profile_seen *seen,
			 const uint16_t count[LANES])
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		if (!count[lane])
			continue;
		seen->sum[lane] += count[lane];
		seen->runs[lane]++;
		typical[lane] =
			(uint16_t)((seen->sum[lane] + seen->runs[lane] / 2) / seen->runs[lane]);
	}
}

static struct profile_object *known(struct profile *p, const struct profile_object *o)
{
	for (unsigned i = 0; i < p->objects_nr; i++)
		if (p->object[i].key == o->key && p->object[i].is_class == o->is_class)
			return &p->object[i];
	return NULL;
}

static void merge(struct profile *p, const struct profile_object *o)
{
	struct profile_object *at = known(p, o);

	if (!at) {
		if (p->objects_nr == PROFILE_OBJECTS || lanes_counted(o->count) < 2)
			return;
		at = &p->object[p->objects_nr++];
		*at = (struct profile_object){.key = o->key, .is_class = o->is_class};
	}
	at->is_lock |= o->is_lock;
	at->is_ref |= o->is_ref;
	at->is_mortal |= o->is_mortal;
	at->has_tail |= o->has_tail;
	keep_typical(at->count, &at->seen, o->count);
}

void profile_learn(struct profile *p, const struct trace *t)
{
	struct window w = window_of(t);
	struct tally tally = {0};

	tally_window(&tally, w);
	p->runs++;
	keep_typical(p->steps, &p->steps_seen, tally.steps);
	keep_typical(p->locks, &p->locks_seen, tally.locks);
	keep_typical(p->refs, &p->refs_seen, tally.refs);
	if (p->steps_max < tally.steps_all)
		p->steps_max = (uint16_t)tally.steps_all;
	for (unsigned i = 0; i < SLOTS; i++)
		if (tally.slot[i].key)
			merge(p, &tally.slot[i]);
	profile_learn_pairs(p, w.from, w.to);
}

/* The threads that use @o, if it lies in a block. */
static uint32_t threads_at(const struct profile_object *o)
{
	uint32_t threads = 0;

	if (o->is_class || !OBJECT_BLOCK(o->key))
		return 0;
	for (unsigned lane = LANE_A; lane <= LANE_F; lane++)
		threads |= o->count[lane] ? LANE_BIT(lane) : 0;
	return threads;
}

/* All that @threads share something with, and they themselves. */
static uint32_t company_of(const struct profile *p, uint32_t threads)
{
	uint32_t before;

	do {
		before = threads;
		for (unsigned i = 0; i < p->objects_nr; i++)
			if (threads_at(&p->object[i]) & threads)
				threads |= threads_at(&p->object[i]);
	} while (threads != before);
	return threads;
}

static unsigned objects_of(const struct profile *p, uint32_t threads)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < p->objects_nr; i++) {
		uint32_t at = threads_at(&p->object[i]) & threads;

		nr += (at & (at - 1)) != 0;
	}
	return nr;
}

uint32_t profile_company(const struct profile *p)
{
	uint32_t all = 0, best = 0;
	unsigned most = 0;

	for (unsigned lane = LANE_A; lane <= LANE_F; lane++) {
		uint32_t company = company_of(p, LANE_BIT(lane));
		unsigned nr = objects_of(p, company);

		all |= p->steps[lane] ? LANE_BIT(lane) : 0;
		if (nr <= most)
			continue;
		most = nr;
		best = company;
	}
	return best == all ? 0 : best;
}

bool profile_has_mortal_lock(const struct profile *p)
{
	for (unsigned i = 0; i < p->objects_nr; i++)
		if (object_is_mortal_lock(&p->object[i]))
			return true;
	return false;
}
