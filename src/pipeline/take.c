/*
 * take.c - a finding of a fuzzer is recorded with the profile that it was found with, and minimised.
 */
#include "pipeline/take.h"

#include <stdio.h>
#include <string.h>

#include "search/minimize.h"

#define ANOTHER_RUNS 5000

/*
 * A run too long to be written down stays a seed, and depends on a profile that nobody else has. Another
 * run of the program that shows the same, with the profile that `bondfuzz run` learns, does better.
 */
static bool record_another(struct exec *x, const struct exec_how *how, const struct program *p,
			   struct program *ret)
{
	struct search s = {
		.strategy = strategy_find("portfolio"), .seed = 1, .runs_max = ANOTHER_RUNS};

	exec_prepare(x, p, x->subject, how);
	exec_search(x, how, &s);
	return s.first && exec_record(x, how, s.strategy, s.found_seed, ret);
}

static void want(struct taken *t, const struct exec_how *how, const struct verdict *v)
{
	snprintf(t->until, sizeof(t->until), strcmp(v->type, "none") ? "%s:%s" : "%s",
		 rule_name(v->rule), v->type);
	t->how = *how;
	t->how.is_known = NULL;
	t->how.until = t->until;
}

void take_record(struct exec *x, const struct exec_how *how, const struct program *p,
		 const struct strategy *strategy, uint64_t seed, struct taken *ret)
{
	ret->first = x->trace.verdict;
	want(ret, how, &ret->first);
	ret->strategy = NULL; /* its own schedule */
	ret->seed = 0;
	ret->whole = exec_record(x, &ret->how, strategy, seed, &ret->found) ||
		     record_another(x, &ret->how, p, &ret->found);
	ret->minimal = ret->found;
	if (ret->whole)
		return;
	exec_run(x, &ret->how, strategy, seed);
	ret->strategy = strategy;
	ret->seed = seed;
}

void take_minimize(struct exec *x, struct taken *t)
{
	if (t->whole)
		exec_minimize(x, &t->how, &t->minimal, MINIMIZE_REPLAYS);
}
