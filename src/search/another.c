/*
 * another.c - see another.h.
 */
#include "search/another.h"

#include <string.h>

#include "search/names.h"

#define SEARCH_RUNS 200

static bool shows(const struct exec *x, const char *symptom)
{
	char got[SIGNATURE_MAX];

	verdict_symptom(&x->trace.verdict, got, sizeof(got));
	return strcmp(got, symptom) == 0;
}

/* ---- what was asked ---- */

static uint64_t hash_word(uint64_t hash, const char *word)
{
	for (; *word; word++)
		hash = rng_mix(hash ^ (unsigned char)*word) + 1;
	return hash;
}

static uint64_t question_of(const struct program *sorted, const struct exec_how *how,
			    const char *symptom)
{
	uint64_t hash = hash_word(program_hash(sorted), symptom);

	return how->until ? hash_word(hash, how->until) : hash;
}

static bool is_refused(const struct another *a, uint64_t question)
{
	for (unsigned i = 0; i < REFUSALS_MAX; i++)
		if (a->refused[i] == question)
			return true;
	return false;
}

/* ---- searching ---- */

static bool search(struct exec *x, const struct exec_how *how, const char *symptom,
		   struct program *ret)
{
	const struct strategy *portfolio = strategy_find("portfolio");

	for (uint64_t seed = 1; seed <= SEARCH_RUNS; seed++) {
		exec_run(x, how, portfolio, seed);
		if (shows(x, symptom))
			return exec_record(x, how, portfolio, seed, ret) && shows(x, symptom);
	}
	return false;
}

bool another_find(struct another *a, struct exec *x, const struct exec_how *how,
		  const char *symptom, struct program *p)
{
	static struct program sorted, written;
	uint64_t question;

	names_sort(p, &sorted);
	sorted.deviations_nr = 0;
	question = question_of(&sorted, how, symptom);
	if (is_refused(a, question))
		return false;
	exec_prepare(x, &sorted, x->subject, how);
	if (search(x, how, symptom, &written)) {
		*p = written;
		return true;
	}
	a->refused[a->refused_nr++ % REFUSALS_MAX] = question;
	return false;
}
