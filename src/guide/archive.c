/*
 * archive.c - runs that got somewhere, by the marks that they showed.
 *
 * Each mark counts the runs that showed it, those that were returned to included: so one that was
 * explored much is no longer rare, and its turn passes. A rare mark is kept with one run, the one
 * that came there in the fewest choices (it has decided least that was not needed); several marks
 * share a run. Where there is no room, the run
 * whose rarest mark is the commonest makes it. Nothing here depends on time, or on anything but the
 * runs.
 */
#include "guide/archive.h"

#define KEEP_HITS 64 /* a mark that so many runs showed is found again without help */
#define WEIGHT_ONE (1u << 20)
#define EXACT_ONE_IN 4 /* followed runs that repeat all that led to the mark */

/* ---- keeping ---- */

/* Choices that were made until event @event had taken effect. */
static uint32_t prefix_of(const struct choice *c, uint32_t event)
{
	uint32_t low = 0, high = c->made_nr;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (c->made[middle].event <= event)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void leave(struct archive *a, struct archive_mark *m)
{
	if (m->run)
		a->marks_nr[m->run - 1]--;
	m->run = 0;
}

/* The run whose rarest mark is the commonest. */
static unsigned commonest(const struct archive *a)
{
	uint32_t rarest[ARCHIVE_RUNS];
	unsigned best = 0;

	for (unsigned i = 0; i < ARCHIVE_RUNS; i++)
		rarest[i] = UINT32_MAX;
	for (uint32_t i = 0; i < a->known_nr; i++) {
		const struct archive_mark *m = &a->mark[a->known[i]];

		if (m->run && m->hits < rarest[m->run - 1])
			rarest[m->run - 1] = m->hits;
	}
	for (unsigned i = 1; i < ARCHIVE_RUNS; i++)
		if (rarest[i] > rarest[best])
			best = i;
	return best;
}

static unsigned make_room(struct archive *a)
{
	unsigned run = 0;

	while (run < ARCHIVE_RUNS && a->marks_nr[run])
		run++;
	if (run < ARCHIVE_RUNS)
		return run;
	run = commonest(a);
	for (uint32_t i = 0; i < a->known_nr; i++)
		if (a->mark[a->known[i]].run == run + 1)
			leave(a, &a->mark[a->known[i]]);
	return run;
}

/* Behind the last choice there is nothing to explore. */
static bool is_better(const struct archive_mark *m, uint32_t prefix, const struct exec *x)
{
	if (m->hits > KEEP_HITS || !prefix || prefix >= x->choice.made_nr)
		return false;
	return !m->run || prefix < m->prefix;
}

static void keep(struct archive *a, struct archive_mark *m, uint32_t prefix, unsigned run)
{
	leave(a, m);
	m->run = (uint16_t)(run + 1);
	m->prefix = (uint16_t)prefix;
	a->marks_nr[run]++;
}

static void keep_run(struct archive_run *r, const struct exec *x, const struct strategy *strategy,
		     uint64_t seed)
{
	r->program = *x->program;
	r->follow = follow_of(x, strategy, seed);
	r->follow.lane = r->lane;
	follow_lanes(x, r->lane, CHOICES_MAX);
}

void archive_take(struct archive *a, const struct feedback *f, const struct exec *x,
		  const struct strategy *strategy, uint64_t seed)
{
	unsigned run = ARCHIVE_RUNS;

	for (unsigned i = 0; i < f->seen_nr; i++) {
		struct archive_mark *m = &a->mark[f->seen[i].mark];
		uint32_t prefix;

		if (!m->hits++)
			a->known[a->known_nr++] = f->seen[i].mark;
		if (m->hits > KEEP_HITS)
			continue;
		prefix = prefix_of(&x->choice, f->seen[i].event);
		if (!is_better(m, prefix, x))
			continue;
		if (run == ARCHIVE_RUNS) {
			run = make_room(a);
			keep_run(&a->run[run], x, strategy, seed);
		}
		keep(a, m, prefix, run);
	}
}

/* ---- drawing ---- */

static uint64_t weight(const struct archive_mark *m)
{
	return m->run ? WEIGHT_ONE / (1 + m->hits) : 0;
}

static const struct archive_mark *draw_mark(const struct archive *a, struct rng *rng)
{
	uint64_t total = 0, at;
	uint32_t i = 0;

	for (uint32_t k = 0; k < a->known_nr; k++)
		total += weight(&a->mark[a->known[k]]);
	if (!total)
		return NULL;
	at = rng_next(rng) % total;
	for (; at >= weight(&a->mark[a->known[i]]); i++)
		at -= weight(&a->mark[a->known[i]]);
	return &a->mark[a->known[i]];
}

const struct program *archive_draw(const struct archive *a, struct rng *rng, struct follow *ret)
{
	const struct archive_mark *m = draw_mark(a, rng);

	if (!m)
		return NULL;
	*ret = a->run[m->run - 1].follow;
	ret->prefix = m->prefix;
	return &a->run[m->run - 1].program;
}

uint32_t archive_cut(const struct follow *f, struct rng *rng)
{
	return rng_chance(rng, EXACT_ONE_IN) ? f->prefix : 1 + rng_below(rng, f->prefix);
}
