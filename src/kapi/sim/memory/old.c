/*
 * old.c - loads that return an older value (load-load reordering), for interpreted code.
 *
 * Each watched word keeps its committed values with the stamps of their commits. A load is made at
 * some moment between its lane's view and now, and returns what the word held then; never older than
 * what the lane has read from that word or stored to it. What is known of a load afterwards is the
 * earliest such moment: an acquire raises the view to it, smp_rmb() to that of all loads so far, and
 * an address that was computed from it carries it into the next load. A full barrier, a lock, and
 * whatever else acquires (san_acquire()) raise the view to now. A reader's first view is the start of the
 * newest grace period of its domain that has begun.
 *
 * Nothing is watched when compiled code runs. Where the values of a word are too many the oldest is
 * forgotten, and so are domains beyond DOMAINS: then less is shown.
 */
#include "kapi/sim/old.h"

#include "kapi/sim/internal.h"

#define WORDS 32
#define VERSIONS 32
#define DOMAINS 16

struct version {
	int value;
	uint32_t from;
};

struct word {
	const int *at;
	unsigned nr;
	struct version version[VERSIONS];
	uint32_t seen[LANES]; /* stamp of the newest value that the lane knows */
};

static struct {
	unsigned words_nr, domains_nr;
	uint32_t now;
	struct word word[WORDS];
	uint32_t view[LANES];
	uint32_t latest[LANES]; /* of the loads so far */
	struct {
		const void *domain;
		uint32_t begun;
	} grace[DOMAINS];
} old;

void old_begin(void)
{
	old.words_nr = old.domains_nr = 0;
	old.now = 0;
	for (unsigned lane = 0; lane < LANES; lane++)
		old.view[lane] = old.latest[lane] = 0;
}

bool old_watch(const int *word)
{
	if (old.words_nr == WORDS)
		return false;
	old.word[old.words_nr++] =
		(struct word){.at = word, .nr = 1, .version = {{.value = *word}}};
	return true;
}

uint32_t old_now(void)
{
	return old.now;
}

static struct word *word_at(const volatile void *at)
{
	for (unsigned i = 0; i < old.words_nr; i++)
		if (old.word[i].at == at)
			return &old.word[i];
	return NULL;
}

void old_committed(const volatile void *at, int value, unsigned lane)
{
	struct word *w = old.words_nr ? word_at(at) : NULL;

	if (!w)
		return;
	if (w->nr == VERSIONS) {
		w->nr--;
		for (unsigned i = 0; i < w->nr; i++)
			w->version[i] = w->version[i + 1];
	}
	w->version[w->nr++] = (struct version){value, ++old.now};
	w->seen[lane] = old.now;
}

static uint32_t later(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* The index of the oldest value that a load after @since can return. */
static unsigned oldest(const struct word *w, uint32_t since)
{
	unsigned i = w->nr - 1;

	while (i && w->version[i].from > since)
		i--;
	return i;
}

int old_load(const int *word, uint32_t *when)
{
	struct word *w = word_at(word);
	unsigned me = sim.current, first, chosen;
	uint32_t since = later(old.view[me], *when);

	if (!w)
		return *word;
	first = oldest(w, later(since, w->seen[me]));
	chosen = w->nr - 1 - choice_decide(sim.choice, w->nr - first, 2);
	w->seen[me] = w->version[chosen].from;
	*when = later(since, w->version[chosen].from);
	old_loaded(*when);
	return w->version[chosen].value;
}

void old_loaded(uint32_t when)
{
	old.latest[sim.current] = later(old.latest[sim.current], when);
}

void old_acquire(uint32_t when)
{
	old.view[sim.current] = later(old.view[sim.current], when);
}

void old_barrier(void)
{
	old_acquire(old.latest[sim.current]);
}

void old_grace_begin(const void *domain)
{
	unsigned i = 0;

	while (i < old.domains_nr && old.grace[i].domain != domain)
		i++;
	if (i == DOMAINS)
		return;
	if (i == old.domains_nr)
		old.grace[old.domains_nr++].domain = domain;
	old.grace[i].begun = old.now;
}

void old_reader_begin(const void *domain)
{
	for (unsigned i = 0; i < old.domains_nr; i++)
		if (old.grace[i].domain == domain)
			old_acquire(old.grace[i].begun);
	if (old.domains_nr == DOMAINS)
		old_acquire(old.now);
}

uint32_t old_view(unsigned lane)
{
	return old.view[lane];
}

/* ---- the state: only what can still matter ---- */

#define LANES_END (LANE_A + THREADS_MAX)

static uint32_t known(const struct word *w, unsigned lane)
{
	return later(w->seen[lane], old.view[lane]);
}

static uint32_t known_by_all(const struct word *w)
{
	uint32_t least = UINT32_MAX;

	for (unsigned lane = LANE_A; lane < LANES_END; lane++)
		if (sim.threads & sim_bit(lane) && known(w, lane) < least)
			least = known(w, lane);
	return least;
}

void old_each_stamp(void (*note)(uint32_t when))
{
	note(old.now);
	for (unsigned i = 0; i < old.words_nr; i++) {
		const struct word *w = &old.word[i];

		for (unsigned v = oldest(w, known_by_all(w)); v < w->nr; v++)
			note(w->version[v].from);
		for (unsigned lane = LANE_A; lane < LANES_END; lane++)
			note(known(w, lane));
	}
	for (unsigned lane = LANE_A; lane < LANES_END; lane++) {
		note(old.view[lane]);
		note(later(old.latest[lane], old.view[lane]));
	}
	for (unsigned i = 0; i < old.domains_nr; i++)
		note(old.grace[i].begun);
}

static uint64_t word_hash(const struct word *w, uint32_t (*stamp)(uint32_t when))
{
	uint64_t hash = 0;

	for (unsigned v = oldest(w, known_by_all(w)); v < w->nr; v++)
		hash = rng_mix(hash * 31 + (uint32_t)w->version[v].value +
			       ((uint64_t)stamp(w->version[v].from) << 32));
	for (unsigned lane = LANE_A; lane < LANES_END; lane++)
		hash = rng_mix(hash * 31 +
			       (sim.threads & sim_bit(lane) ? stamp(known(w, lane)) : 0));
	return hash;
}

uint64_t old_hash(uint32_t (*stamp)(uint32_t when))
{
	uint64_t hash = stamp(old.now);

	for (unsigned i = 0; i < old.words_nr; i++)
		hash = rng_mix(hash * 31 + word_hash(&old.word[i], stamp));
	for (unsigned lane = LANE_A; lane < LANES_END; lane++) {
		if (!(sim.threads & sim_bit(lane)))
			continue;
		hash = rng_mix(hash * 31 + stamp(old.view[lane]));
		hash = rng_mix(hash * 31 + stamp(later(old.latest[lane], old.view[lane])));
	}
	for (unsigned i = 0; i < old.domains_nr; i++)
		hash = rng_mix(hash * 31 + stamp(old.grace[i].begun));
	return hash;
}
