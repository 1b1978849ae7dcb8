/*
 * later.h - what will run later: the bookkeeping of works and timers, which both platforms share.
 *
 * A table has a slot for each work (or timer) that is queued or running; what is neither has none,
 * so nothing here points into memory that may be gone. Queueing gives a number, and the instance
 * that runs keeps it: who waits for "what was queued up to now" waits for numbers up to one. The
 * platform serialises all calls; nothing here is a primitive, and drivers include none of it.
 */
#ifndef KAPI_LATER_H
#define KAPI_LATER_H

#include "base/lane.h"
#include "base/limits.h"
#include "kapi/kapi.h"

struct later_slot {
	const void *item; /* the work or timer; NULL: a free slot */
	struct site *site;
	const void *wq;	       /* on which it is queued; NULL for timers */
	bool ordered;	       /* that queue runs one work at a time */
	uint64_t queued;       /* its number; 0: it is not */
	unsigned long expires; /* timers: the order in which they run */
	bool timed;	       /* a delayed work whose timer has not run yet */
	uint8_t lane;	       /* that runs it */
	uint8_t canceling;     /* who waits for its end, and forbids to queue it until then */
	const void *running_wq;
	uint64_t running; /* number of the instance that runs; 0: none */
	uint32_t object;  /* ids for the trace, */
	uint32_t class;	  /* and where it was queued */
	int32_t event;
};

struct later {
	unsigned slots_nr; /* used so far */
	uint64_t clock;
	struct later_slot slot[WORKS_MAX];
};

#define LATER_ALL UINT64_MAX

/** later_find() - the slot of an item, or NULL: it is neither queued nor running */
static inline struct later_slot *later_find(struct later *l, const volatile void *item)
{
	for (unsigned i = 0; i < l->slots_nr; i++)
		if (l->slot[i].item == item)
			return &l->slot[i];
	return NULL;
}

/** later_take() - the slot of an item, or a new one; NULL when the table is full */
static inline struct later_slot *later_take(struct later *l, const void *item)
{
	struct later_slot *s = later_find(l, item);

	if (!s)
		s = later_find(l, NULL);
	if (!s && l->slots_nr < WORKS_MAX)
		s = &l->slot[l->slots_nr++];
	if (s && !s->item)
		*s = (struct later_slot){.item = item};
	return s;
}

/** later_settle() - something ended: the slot is free if that was all */
static inline void later_settle(struct later_slot *s)
{
	if (!s->queued && !s->running && !s->canceling)
		s->item = NULL;
}

/** later_unqueue() - take it back. Returns: was it queued? */
static inline bool later_unqueue(struct later_slot *s)
{
	bool queued = s && s->queued;

	if (!queued)
		return false;
	s->queued = 0;
	s->timed = false;
	later_settle(s);
	return true;
}

static inline bool later_is_running_on(const struct later *l, const void *wq)
{
	for (unsigned i = 0; i < l->slots_nr; i++)
		if (l->slot[i].item && l->slot[i].running && l->slot[i].running_wq == wq)
			return true;
	return false;
}

/* An ordered queue runs one work at a time, the oldest first. */
static inline bool later_is_first(const struct later *l, const struct later_slot *s)
{
	for (unsigned i = 0; i < l->slots_nr; i++) {
		const struct later_slot *o = &l->slot[i];

		if (o->item && o->queued && !o->timed && o->wq == s->wq && o->queued < s->queued)
			return false;
	}
	return true;
}

/** later_may_run() - is it queued, and nothing in its way? It never runs twice at a time. */
static inline bool later_may_run(const struct later *l, const struct later_slot *s)
{
	if (!s->item || !s->queued || s->timed || s->running)
		return false;
	if (!s->wq || !s->ordered)
		return true;
	return later_is_first(l, s) && !later_is_running_on(l, s->wq);
}

static inline bool later_is_before(const struct later_slot *a, const struct later_slot *b)
{
	return a->expires != b->expires ? a->expires < b->expires : a->queued < b->queued;
}

/** later_next() - the first that may run, of those behind @after (NULL: of all), or NULL */
static inline struct later_slot *later_next(struct later *l, const struct later_slot *after)
{
	struct later_slot *best = NULL;

	for (unsigned i = 0; i < l->slots_nr; i++) {
		struct later_slot *s = &l->slot[i];

		if (!later_may_run(l, s) || (after && !later_is_before(after, s)))
			continue;
		if (!best || later_is_before(s, best))
			best = s;
	}
	return best;
}

/** later_start() - @lane runs it from here on */
static inline void later_start(struct later_slot *s, unsigned lane)
{
	s->running = s->queued;
	s->running_wq = s->wq;
	s->queued = 0;
	s->lane = (uint8_t)lane;
}

/** later_own() - the slot of what @lane runs, or NULL */
static inline struct later_slot *later_own(struct later *l, unsigned lane)
{
	for (unsigned i = 0; i < l->slots_nr; i++)
		if (l->slot[i].item && l->slot[i].running && l->slot[i].lane == lane)
			return &l->slot[i];
	return NULL;
}

/** later_last() - the number of the last instance of an item, 0: it is neither queued nor running
 */
static inline uint64_t later_last(const struct later_slot *s)
{
	if (!s)
		return 0;
	return s->queued && !s->timed ? s->queued : s->running;
}

/** later_is_open() - is an instance with a number up to @until still to run, or running? */
static inline bool later_is_open(const struct later_slot *s, uint64_t until)
{
	return (s->queued && !s->timed && s->queued <= until) ||
	       (s->running && s->running <= until);
}

/** later_is_busy() - the same for an item, for all of a queue, or (both NULL) for everything */
static inline bool later_is_busy(const struct later *l, const void *item, const void *wq,
				 uint64_t until)
{
	for (unsigned i = 0; i < l->slots_nr; i++) {
		const struct later_slot *s = &l->slot[i];

		if (!s->item || (item && s->item != item))
			continue;
		if (wq && s->wq != wq && s->running_wq != wq)
			continue;
		if (later_is_open(s, until))
			return true;
	}
	return false;
}

#endif
