/*
 * note.c - what each thread says that happened, with stamps, and all of it put together at the end.
 *
 * A thread writes into a buffer of its own, so a note orders nothing between threads. The stamps are
 * of CLOCK_MONOTONIC, which is one clock for all processors. A note is written somewhere in its
 * step: from the moment a primitive begins to take effect until the next one begins. So two notes
 * are in a certain order if their steps do not overlap, and one is otherwise as good as the other.
 *
 * Left out: primitives themselves. The rules over notes need none, and the letter of a finding is
 * the simulator's.
 */
#include "kapi/native/internal.h"

#include <stdlib.h>
#include <time.h>

#define NOTES_MAX 4096 /* of one thread */
#define WRITERS (LANES + DOMAINS)

struct lane_notes {
	unsigned nr;
	unsigned settled; /* those below have their end */
	bool full;
	struct native_note note[NOTES_MAX];
};

static struct lane_notes notes[WRITERS];

uint64_t native_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void native_notes_reset(void)
{
	for (unsigned i = 0; i < WRITERS; i++)
		notes[i].nr = notes[i].settled = notes[i].full = 0;
}

void native_notes_settle(uint64_t now)
{
	struct lane_notes *own = &notes[native_self.writer];

	for (; own->settled < own->nr; own->settled++)
		own->note[own->settled].end = now;
}

static void note(enum event_kind kind, const volatile void *at, int arg, struct site *site)
{
	struct lane_notes *own = &notes[native_self.writer];

	if (kind == EV_list)
		return;
	if (own->nr == NOTES_MAX) {
		own->full = true;
		return;
	}
	own->note[own->nr++] = (struct native_note){.begin = native_self.begin,
						    .written = native_now(),
						    .event = {.site = site,
							      .object = at ? native_object(at) : 0,
							      .kind = (uint8_t)kind,
							      .lane = native_self.lane,
							      .op = native_self.op,
							      .arg = arg}};
}

/* The notes by name (kapi.h). */
#define EVENT_VISIBLE(kind)
#define EVENT_NOTE(kind)                                                                           \
	void kapi_note_##kind(const volatile void *at, int arg, struct site *site)                 \
	{                                                                                          \
		note(EV_##kind, at, arg, site);                                                    \
	}
#define EVENT(kind, class, text) EVENT_##class(kind)
#include "trace/event.def"
#undef EVENT
#undef EVENT_NOTE
#undef EVENT_VISIBLE

static int by_written(const void *a, const void *b)
{
	const struct native_note *x = a, *y = b;

	if (x->written != y->written)
		return x->written < y->written ? -1 : 1;
	return (x > y) - (x < y); /* in one lane: as they stand */
}

/* Lanes one after the other, so that equal stamps of one lane keep their order. */
int native_notes(struct native_note *ret, unsigned cap)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < WRITERS; i++) {
		if (notes[i].full || notes[i].nr > cap - nr)
			return -1;
		for (unsigned n = 0; n < notes[i].nr; n++)
			ret[nr++] = notes[i].note[n];
	}
	qsort(ret, nr, sizeof(*ret), by_written);
	return (int)nr;
}
