/*
 * take.c - a finding of a fuzzer is recorded with the profile that it was found with, and minimised.
 *
 * What people get is a text, so a text is what is tested: printed, parsed, run as `bondfuzz run` does.
 */
#include "pipeline/take.h"
#include "search/search.h"

#include <string.h>

#include "base/panic.h"
#include "exec/follow.h"
#include "search/expect.h"
#include "search/minimize.h"

#define ANOTHER_RUNS 5000
#define FIRST_RUNS 400

/* ---- recording ---- */

/*
 * Which accesses race was learnt in many runs of other programs. So the run is repeated with all
 * accesses as scheduling points, which no replay has to learn.
 */
static bool record_wide(struct exec *x, struct exec_how *how, const struct strategy *strategy,
			uint64_t seed, struct program *ret)
{
	static uint8_t lane[CHOICES_MAX];
	struct exec_how wide = *how;
	struct follow f;

	exec_run(x, how, strategy, seed);
	f = follow_of(x, strategy, seed);
	f.lane = lane;
	f.prefix = follow_lanes(x, lane, CHOICES_MAX);
	f.then = strategy_find("plain");
	f.wide = true;
	wide.strength.granularity = SIM_ACCESSES;
	follow_run(x, &wide, &f);
	if (!exec_record(x, &wide, follow_strategy(), f.run_seed, ret))
		return false;
	*how = wide;
	return true;
}

static bool record(struct exec *x, struct exec_how *how, const struct strategy *strategy,
		   uint64_t seed, struct program *ret)
{
	if (exec_record(x, how, strategy, seed, ret))
		return true;
	return x->record_local && how->strength.granularity == SIM_RACY &&
	       record_wide(x, how, strategy, seed, ret);
}

/*
 * A run too long to be written down stays a seed, and depends on a profile that nobody else has. Another
 * run of the program that shows the same, with the profile that `bondfuzz run` learns, does better: as
 * a schedule, or else as a seed.
 */
static bool record_another(struct exec *x, struct taken *t, const struct program *p)
{
	struct search s = {.strategy = &strategy_search, .seed = 1, .runs_max = ANOTHER_RUNS};

	exec_prepare(x, p, x->subject, &t->how);
	search_run(x, &t->how, &s);
	if (!s.first)
		return false;
	t->strategy = s.by;
	t->seed = s.by_seed;
	return record(x, &t->how, s.by, s.by_seed, &t->found);
}

static void want(struct taken *t, const struct exec_how *how, const struct verdict *v)
{
	verdict_symptom(v, t->until, sizeof(t->until));
	t->how = *how;
	t->how.is_known = NULL;
	t->how.until = t->until;
}

void take_record(struct exec *x, const struct exec_how *how, const struct program *p,
		 const struct strategy *strategy, uint64_t seed, struct taken *ret)
{
	must(x->trace.verdict.rule);
	ret->first = x->trace.verdict;
	want(ret, how, &ret->first);
	ret->strategy = strategy;
	ret->seed = seed;
	ret->whole = record(x, &ret->how, strategy, seed, &ret->found) || record_another(x, ret, p);
	ret->minimal = ret->found;
	if (!ret->whole) {
		exec_run(x, &ret->how, ret->strategy, ret->seed);
		return;
	}
	ret->strategy = NULL; /* its own schedule */
	ret->seed = 0;
}

void take_found(struct taken *t)
{
	t->minimal = t->found;
	verdict_symptom(&t->first, t->until, sizeof(t->until));
}

void take_minimize(struct exec *x, struct taken *t)
{
	struct minimize m = {.replays_max = MINIMIZE_REPLAYS,
			     .schedules_max = MINIMIZE_SCHEDULES,
			     .anywhere = true};

	if (!t->whole)
		return;
	exec_minimize_with(x, &t->how, &t->minimal, &m);
	if (!x->trace.verdict.rule) { /* of TSan: it does not see the same race each time */
		take_found(t);
		return;
	}
	verdict_symptom(&x->trace.verdict, t->until, sizeof(t->until));
}

/* ---- reading back ---- */

/* What `bondfuzz run` wants of it: the last of its lines that wants a verdict. */
static const char *expected(const struct program *p)
{
	static char wanted[SIGNATURE_MAX];

	for (unsigned i = p->expects_nr; i-- > 0;)
		if (strcmp(program_name(p, p->expects[i].verdict), "clean") != 0) {
			expect_wanted(p, &p->expects[i], wanted, sizeof(wanted));
			return wanted;
		}
	return NULL;
}

static bool read_back(const struct program *p, struct program *ret)
{
	static char data[PROGRAM_TEXT_MAX];
	struct program_names names = {.subjects = exec_subjects(), .strategies = strategy_names()};
	struct text text = text_init(data, sizeof(data));
	struct program_error error;

	program_print(p, &text);
	return !text.full && program_parse(data, text.len, &names, ret, &error);
}

static bool shows_it(const struct exec *x, const struct taken *t)
{
	return verdict_has_symptom(&x->trace.verdict, t->until);
}

/* The run of a text; all verdicts end it, or those alone that it expects. */
static bool run_again(struct exec *x, const struct taken *t, const struct program *p, bool any)
{
	static struct program again;
	struct exec_how how = t->how;

	if (!read_back(p, &again))
		return false;
	how.until = any ? NULL : expected(&again);
	sim_forget_race_points();
	exec_prepare(x, &again, x->subject, again.strategy ? &how : NULL);
	exec_run(x, &how, NULL, 0);
	return shows_it(x, t) && !exec_stale(x);
}

bool take_replays(struct exec *x, const struct taken *t, const struct program *p)
{
	return run_again(x, t, p, false);
}

bool take_comes_first(struct exec *x, const struct taken *t, const struct program *p)
{
	return run_again(x, t, p, true);
}

bool take_record_first(struct exec *x, struct taken *t, const struct program *p)
{
	const struct strategy *portfolio = strategy_find("portfolio");
	struct exec_how any = t->how;

	any.until = NULL;
	exec_prepare(x, p, x->subject, &any);
	for (uint64_t seed = 1; seed <= FIRST_RUNS; seed++) {
		static struct program found;

		exec_run(x, &any, portfolio, seed);
		if (!shows_it(x, t) || !exec_record(x, &any, portfolio, seed, &found))
			continue;
		t->found = t->minimal = found;
		t->whole = true;
		return true;
	}
	return false;
}
