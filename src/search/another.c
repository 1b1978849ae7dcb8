/*
 * another.c - see another.h.
 *
 * Of a program that lacks an op most trees of executions are small: where they are over there is nothing left to
 * search, with one failure or none. The others have every second of the runs.
 */
#include "search/another.h"

#include <string.h>
#include <xxhash.h>

#include "search/names.h"
#include "search/search.h"

#define SEARCH_RUNS 200

/* ---- what was asked ---- */

static uint64_t question_of(const struct program *sorted, const struct exec_how *how,
			    const char *symptom)
{
	uint64_t hash = XXH3_64bits_withSeed(symptom, strlen(symptom), program_hash(sorted));

	return how->until ? XXH3_64bits_withSeed(how->until, strlen(how->until), hash) : hash;
}

static bool is_refused(const struct another *a, uint64_t question)
{
	for (unsigned i = 0; i < REFUSALS_MAX; i++)
		if (a->refused[i] == question)
			return true;
	return false;
}

/* ---- searching ---- */

static bool write_down(struct exec *x, const struct exec_how *how, struct search *s,
		       struct program *ret)
{
	if (search_explored(s))
		return trees_record(x, how, &s->trees, ret);
	return exec_record(x, how, s->by, s->by_seed, ret);
}

static bool search(struct exec *x, const struct exec_how *how, const char *symptom,
		   struct program *ret)
{
	struct search s = {
		.strategy = &strategy_search, .seed = 1, .small = true, .failures_max = 1};
	bool found = false;

	while (!found && s.runs < SEARCH_RUNS && search_next(x, how, &s))
		found = verdict_has_symptom(&x->trace.verdict, symptom);
	found = found && write_down(x, how, &s, ret) &&
		verdict_has_symptom(&x->trace.verdict, symptom);
	search_end(&s);
	return found;
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
	exec_prepare(x, &sorted, x->subject, NULL);
	sim_forget_race_points();
	for (unsigned i = 0; i < PROFILE_FEW; i++)
		exec_learn(x, how, i);
	if (search(x, how, symptom, &written)) {
		*p = written;
		return true;
	}
	a->refused[a->refused_nr++ % REFUSALS_MAX] = question;
	return false;
}
