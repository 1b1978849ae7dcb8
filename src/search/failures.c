/*
 * failures.c - see failures.h. A set is kept as the deviations of a schedule, in the order of their bytes.
 */
#include "search/failures.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

#define SETS_MAX 100000 /* that are remembered */

struct failure_set {
	unsigned nr;
	struct program_deviation at[FAILURES_MAX];
};

/* Compared by bytes: none is padding. */
static_assert(sizeof(struct failure_set) ==
		      sizeof(unsigned) +
			      FAILURES_MAX * (4 * sizeof(uint8_t) + 3 * sizeof(uint16_t)),
	      "no padding");

struct failures {
	struct program base; /* with the names of all places */
	struct program current;
	unsigned max;
	struct failure_set **set; /* each once, in the order in which they are tried */
	unsigned sets_nr, next;
	void *known; /* the same, as a tree (tsearch) */
	bool missing;
};

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct failure_set));
}

static int by_place(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct program_deviation));
}

static void add(struct failures *f, const struct failure_set *s)
{
	struct failure_set *mine;

	if (tfind(s, &f->known, by_bytes))
		return;
	if (f->sets_nr == SETS_MAX) {
		f->missing = true;
		return;
	}
	mine = malloc(sizeof(*mine));
	must(mine);
	*mine = *s;
	must(tsearch(mine, &f->known, by_bytes));
	if (!(f->sets_nr & (f->sets_nr - 1))) {
		size_t room = f->sets_nr ? 2 * (size_t)f->sets_nr : 1;

		f->set = realloc(f->set, room * sizeof(*f->set));
		must(f->set);
	}
	f->set[f->sets_nr++] = mine;
}

struct failures *failures_new(const struct program *p, unsigned max)
{
	static const struct failure_set none;
	struct failures *f = calloc(1, sizeof(*f));

	must(f && max <= FAILURES_MAX);
	f->base = *p;
	f->base.deviations_nr = 0;
	f->base.strategy = 0;
	f->max = max;
	add(f, &none);
	return f;
}

const struct program *failures_next(struct failures *f)
{
	const struct failure_set *s;

	if (f->next == f->sets_nr)
		return NULL;
	s = f->set[f->next++];
	f->current = f->base;
	memcpy(f->current.deviations, s->at, s->nr * sizeof(s->at[0]));
	f->current.deviations_nr = (uint8_t)s->nr;
	f->current.scheduled = true;
	return &f->current;
}

void failures_met(struct failures *f, const struct place *at)
{
	struct failure_set s = *f->set[f->next - 1];
	struct program_deviation d;

	if (s.nr == f->max)
		return;
	memset(&d, 0, sizeof(d));
	if (!place_write(&f->base, at, LANE_NONE, &d)) {
		f->missing = true;
		return;
	}
	for (unsigned i = 0; i < s.nr; i++)
		if (!by_place(&s.at[i], &d))
			return;
	s.at[s.nr++] = d;
	qsort(s.at, s.nr, sizeof(s.at[0]), by_place);
	add(f, &s);
}

void failures_miss(struct failures *f)
{
	f->missing = true;
}

unsigned failures_sets(const struct failures *f, bool *whole)
{
	*whole = !f->missing;
	return f->next;
}

void failures_free(struct failures *f)
{
	tdestroy(f->known, free);
	free(f->set);
	free(f);
}
