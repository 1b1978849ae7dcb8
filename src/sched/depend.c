/*
 * depend.c - which steps do not commute.
 *
 * Where unsure they depend: that costs executions, and loses nothing. Two steps depend when
 *   they announce operations on one object, and not both only read;
 *   one frees a block that the other announces, reads, writes or needs to be there;
 *   one writes memory that the other reads or writes, seen by the compiler's access hooks;
 *   both are about works and timers, of which there is one table; or one waits and the other could
 *   be what it waits for;
 *   both tell the rules something, since these remember, and know who belongs to whom;
 *   both use one file, and one of them opens or closes it;
 *   both are about one domain of grace periods, and one can change what the other waits for: a
 *   synchronize or a call waits for readers that began before it, a callback and the end of a wait for
 *   readers that ended; a barrier waits for callbacks, not for readers;
 *   one ends its thread, and the other is a worker's.
 *
 * What does not: allocations (numbers of blocks differ then, nothing else), and steps that share
 * nothing. Left out: a timeout that comes because nobody else can go
 * on is not taken for an effect of those who cannot.
 */
#include "sched/tree.h"

#define KINDS_WORD (KINDS_REF | KIND(load) | KIND(store))
#define KINDS_WAITING (KIND(wait) | KIND(callback) | KIND(work) | KIND(timer))

static inline bool kind_of(const struct explore_step *s, uint64_t kinds)
{
	return kinds >> s->kind & 1;
}

#define KINDS_DOMAIN                                                                               \
	(KIND(reader_begin) | KIND(reader_end) | KIND(synchronize) | KIND(barrier) | KIND(wait))

static bool frees(const struct explore_step *a, uint32_t object)
{
	return a->kind == EV_free && OBJECT_BLOCK(a->object) &&
	       OBJECT_BLOCK(a->object) == OBJECT_BLOCK(object);
}

/*
 * Two operations on one domain. Two that only take the time, synchronize and barrier, commute. A reader's end
 * and a synchronize do not: without a reader there is no wait, which is a step.
 */
static bool grace_depends(const struct explore_step *a, const struct explore_step *b)
{
	switch (a->kind) {
	case EV_reader_begin:
		return b->kind == EV_synchronize;
	case EV_reader_end:
		return b->kind == EV_synchronize || b->kind == EV_wait;
	case EV_synchronize:
		return kind_of(b, KIND(reader_begin) | KIND(reader_end));
	case EV_wait:
		return kind_of(b, KIND(reader_end) | KIND(wait));
	default:
		return false;
	}
}

static bool announced(const struct explore_step *a, const struct explore_step *b)
{
	const uint64_t later = KINDS_LATER | KIND(wait);

	if (a->object && a->object == b->object && kind_of(a, KINDS_DOMAIN) &&
	    kind_of(b, KINDS_DOMAIN))
		return grace_depends(a, b);
	if (a->object && a->object == b->object && kind_of(a, KINDS_SHARED) &&
	    kind_of(b, KINDS_SHARED))
		return !kind_of(a, KINDS_READ) || !kind_of(b, KINDS_READ);
	if (kind_of(a, later) && kind_of(b, later))
		return kind_of(a, KINDS_LATER) || kind_of(b, KINDS_LATER);
	return frees(a, b->object) || frees(b, a->object);
}

/* Does @a depend on what @b did to the callbacks of a domain: it queued one, began to run one or ended one? */
static bool meets_callback(const struct explore_step *a, const struct explore_step *b)
{
	switch (a->kind) {
	case EV_reader_begin:
		return b->kind == EV_call;
	case EV_reader_end:
		return b->kind == EV_callback;
	case EV_synchronize:
		return false;
	case EV_wait: /* what is queued later it does not wait for */
		return b->kind != EV_call || LANE_IS_WORKER(b->lane);
	default:
		return true;
	}
}

/* Does what @a announced depend on touch @t of @b, on its way? */
static bool meets(const struct explore_step *a, const struct explore_step *b,
		  const struct choice_touch *t)
{
	switch (t->space) {
	case TOUCH_MEMORY:
		if (kind_of(a, KINDS_WORD) && a->object == t->object)
			return t->write || !kind_of(a, KINDS_READ);
		return frees(a, t->object);
	case TOUCH_ALIVE:
		return frees(a, t->object);
	case TOUCH_PLATFORM:
		if (t->object == TOUCH_LATER)
			return kind_of(a, KINDS_LATER | KIND(wait));
		return a->object == t->object && meets_callback(a, b);
	default:
		return false;
	}
}

static inline bool overlap(const struct choice_touch *a, const struct choice_touch *b)
{
	return a->space == b->space && (a->write || b->write) &&
	       a->object - b->object + a->size - 1u < a->size + b->size - 1u;
}

static bool touched(const struct explore_step *a, const struct explore_step *b)
{
	for (uint32_t i = 0; i < a->touches_nr; i++)
		for (uint32_t j = 0; j < b->touches_nr; j++)
			if (overlap(&a->touch[i], &b->touch[j]))
				return true;
	return false;
}

static bool meets_any(const struct explore_step *a, const struct explore_step *b)
{
	for (uint32_t i = 0; i < b->touches_nr; i++)
		if (meets(a, b, &b->touch[i]))
			return true;
	return false;
}

/* When the last thread has ended workers have no choice any more: closing begins. */
static bool ends_before(const struct explore_step *a, const struct explore_step *b)
{
	return (a->ends && LANE_IS_WORKER(b->lane)) || (b->ends && LANE_IS_WORKER(a->lane));
}

/* ---- most pairs of steps have nothing in common: two words tell ---- */

#define ABOUT_LATER 2ull
#define ABOUT_PLACE 16 /* bytes of memory that have one bit */

static uint64_t about(uint32_t thing)
{
	return 1ull << (thing * 2654435761u >> 26);
}

uint64_t step_announced(unsigned kind, unsigned lane, uint32_t object)
{
	const uint64_t later = KINDS_LATER | KIND(wait);

	if (kind == EV_free) /* a whole block, of any size */
		return ~0ull;
	return about(object / ABOUT_PLACE) | (later >> kind & 1 ? ABOUT_LATER : 0) |
	       (LANE_IS_WORKER(lane) ? STEP_WORKERS : 0);
}

uint64_t step_touched(const struct choice_touch *t)
{
	if (t->space == TOUCH_PLATFORM && t->object == TOUCH_LATER)
		return ABOUT_LATER;
	if (t->space == TOUCH_NOTE || t->space == TOUCH_FILE || t->space == TOUCH_ORDER)
		return about(~(t->object * 8 + t->space));
	if (t->size - 1u >= ABOUT_PLACE)
		return ~0ull;
	return about(t->object / ABOUT_PLACE) | about((t->object + t->size - 1u) / ABOUT_PLACE);
}

bool step_clash(const struct explore_step *a, const struct explore_step *b)
{
	return a->wild || b->wild || ends_before(a, b) || announced(a, b) || meets_any(a, b) ||
	       meets_any(b, a) || touched(a, b);
}

bool step_enables(const struct explore_step *a, const struct explore_step *b)
{
	(void)a;
	return kind_of(b, KINDS_WAITING);
}
