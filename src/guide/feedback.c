/*
 * feedback.c - from a trace to marks.
 *
 * One pass over the operations of a run. For each object it keeps who changed it last; for each lane
 * where it is in a reader or waits for readers. A mark is set, not counted: how often is a matter of
 * chance, and libFuzzer would keep an input for each power of two.
 *
 * Sites are functions and primitives by name, so that marks mean the same in every build.
 */
#include "guide/feedback.h"

#include <stddef.h>
#include <string.h>

#define SLOTS 256 /* a power of two */
#define LASTS_USED_MAX (SLOTS * 3 / 4)
#define ARG_MAX 31 /* counts above are all the same */

struct last {
	struct site *site; /* of the operation that changed it; NULL: nobody has */
	uint8_t lane;
	uint8_t arg; /* count after it */
};

struct pass {
	struct feedback *feedback;
	unsigned news, used;
	uint32_t key[SLOTS]; /* objects; 0: free */
	struct last last[SLOTS];
	struct site *phase[LANES]; /* the reader or grace period that a lane is in; NULL: none */
};

void feedback_begin(struct feedback *f)
{
	f->run++;
	f->seen_nr = 0;
}

static void see(struct feedback *f, uint32_t mark)
{
	if (!f->run || f->last[mark] == f->run)
		return;
	f->last[mark] = f->run;
	f->seen[f->seen_nr++] = (struct feedback_seen){(uint16_t)mark, f->event};
}

bool feedback_mark(struct feedback *f, enum feedback_kind kind, uint32_t what, uint32_t more)
{
	uint32_t at = ((what * 0x9e3779b1u ^ more) + kind) * 0x85ebca6bu;
	bool known;

	if (f->off >> kind & 1)
		return false;
	at = (at ^ at >> 15) * 0xc2b2ae35u >> 19;
	_Static_assert(FEEDBACK_COUNTERS == 1 << (32 - 19), "the hash gives 13 bits");
	f->counter[at] = 1;
	see(f, at);
	known = f->known[at / 8] >> at % 8 & 1;
	f->known[at / 8] |= (uint8_t)(1u << at % 8);
	return !known;
}

static void mark(struct pass *p, enum feedback_kind kind, uint32_t what, uint32_t more)
{
	p->news += feedback_mark(p->feedback, kind, what, more);
}

static uint32_t site_id(struct site *s)
{
	site_ids(s);
	return s->func_id * 31 + s->prim_id;
}

/* Returns: NULL when there are too many objects. */
static struct last *last_of(struct pass *p, uint32_t object)
{
	for (unsigned at = object * 0x9e3779b1u >> 24;; at = (at + 1) % SLOTS) {
		if (p->key[at] == object)
			return &p->last[at];
		if (p->key[at])
			continue;
		if (p->used == LASTS_USED_MAX)
			return NULL;
		p->used++;
		p->key[at] = object;
		p->last[at] = (struct last){0};
		return &p->last[at];
	}
}

static uint8_t clamp(int32_t arg)
{
	return (uint8_t)(arg < 0 || arg > ARG_MAX ? ARG_MAX : arg);
}

/* @e met what somebody else left. */
static void meet(struct pass *p, enum feedback_kind kind, const struct last *l,
		 const struct trace_event *e)
{
	if (l->site && l->lane != e->lane)
		mark(p, kind, site_id(l->site), site_id(e->site) + e->class);
}

static void take_lock(struct pass *p, const struct trace_event *e, bool releases)
{
	struct last *l = last_of(p, e->object);

	if (!l)
		return;
	if (releases)
		*l = (struct last){.site = e->site, .lane = e->lane};
	else
		meet(p, FEEDBACK_handovers, l, e);
}

static void take_word(struct pass *p, const struct trace_event *e, bool changes, bool counts)
{
	struct last *l = last_of(p, e->object);

	if (!l)
		return;
	meet(p, FEEDBACK_reads, l, e);
	if (counts)
		mark(p, FEEDBACK_counts, site_id(e->site), l->arg * 64u + clamp(e->arg));
	if (changes)
		*l = (struct last){.site = e->site, .lane = e->lane, .arg = clamp(e->arg)};
}

static void take_grace(struct pass *p, const struct trace_event *e)
{
	for (unsigned lane = 0; lane < LANES; lane++)
		if (p->phase[lane] && lane != e->lane)
			mark(p, FEEDBACK_grace, site_id(e->site), site_id(p->phase[lane]));
	p->phase[e->lane] = e->kind == EV_reader_end ? NULL : e->site;
}

static void take(struct pass *p, const struct trace_event *e)
{
	switch (e->kind) {
	case EV_lock:
	case EV_lock_read:
	case EV_trylock:
	case EV_unlock:
	case EV_unlock_read:
		take_lock(p, e, e->kind == EV_unlock || e->kind == EV_unlock_read);
		return;
	case EV_ref_get:
	case EV_ref_put:
	case EV_ref_read:
	case EV_load:
	case EV_store:
	case EV_free:
		take_word(p, e, e->kind != EV_ref_read && e->kind != EV_load,
			  e->kind == EV_ref_get || e->kind == EV_ref_put);
		return;
	case EV_reader_begin:
	case EV_reader_end:
	case EV_synchronize:
	case EV_barrier:
	case EV_callback:
		take_grace(p, e);
		return;
	default:
		return;
	}
}

unsigned feedback_take(struct feedback *f, const struct trace *t)
{
	struct pass p;
	uint32_t i = 0;

	p.feedback = f;
	p.news = p.used = 0;
	memset(p.key, 0, sizeof(p.key));
	for (unsigned lane = 0; lane < LANES; lane++)
		p.phase[lane] = NULL;
	while (i < t->events_nr && !LANE_IS_THREAD(t->event[i].lane))
		i++;
	for (; i < t->events_nr; i++) {
		const struct trace_event *e = &t->event[i];

		f->event = (uint16_t)i;
		if (e->site && e->object)
			take(&p, e);
	}
	return p.news;
}
