/*
 * trees.c - see trees.h.
 *
 * What fails does so at its place, whatever the schedule: each set of failures has a tree of its own. Its
 * program is the one that is explored, with a schedule that says what fails.
 */
#include "search/trees.h"

#include "search/failures.h"

struct explore_counts trees_counts(const struct trees *t)
{
	struct explore_counts all = t->ended;
	const struct explore_counts *n = t->explorer ? explorer_counts(t->explorer) : NULL;

	if (!n || t->focus)
		return all;
	all.executions += n->executions;
	all.blocked += n->blocked;
	if (all.depth < n->depth)
		all.depth = n->depth;
	return all;
}

static void end_tree(struct trees *t)
{
	if (!t->explorer)
		return;
	t->ended = trees_counts(t);
	explorer_free(t->explorer);
	t->explorer = NULL;
	t->focus = 0;
}

/* Returns: false when there is no other set of failures. */
static bool begin_tree(struct trees *t)
{
	if (t->failures)
		t->program = failures_next(t->failures);
	else if (t->nr)
		t->program = NULL;
	if (!t->program)
		return false;
	t->explorer = explorer_new(t->strategy, t->preemptions_max);
	if (t->walks)
		explorer_draw(t->explorer, t->seed + t->nr, t->walks);
	if (t->focus)
		explorer_focus(t->explorer, t->focus);
	else
		t->nr++;
	return true;
}

static void begin(struct trees *t, const struct program *p)
{
	t->program = p;
	if (t->failures_max)
		t->failures = failures_new(p, t->failures_max);
}

bool trees_next(struct trees *t, const struct program *p)
{
	bool whole = true;

	if (t->over)
		return false;
	if (!t->program)
		begin(t, p);
	else if (explorer_advance(t->explorer))
		return true;
	else
		t->missing |= !t->focus && !explorer_complete(t->explorer);
	end_tree(t);
	if (begin_tree(t))
		return true;
	t->over = true;
	if (t->failures)
		failures_sets(t->failures, &whole);
	t->complete = whole && !t->missing;
	return false;
}

static struct exec_how exploring(const struct exec_how *how, const struct trees *t)
{
	struct exec_how explores = *how;

	explores.explorer = t->explorer;
	explores.no_failures = true;
	if (t->failures)
		explores.own_failures = explores.keep_failures = true;
	return explores;
}

static void meet_failures(const struct exec *x, struct failures *f)
{
	for (unsigned i = 0; i < x->can_fail_nr && i < CAN_FAIL_MAX; i++)
		failures_met(f, &x->can_fail[i]);
	if (x->can_fail_nr > CAN_FAIL_MAX)
		failures_miss(f);
}

/* The execution that was chosen, in the program of its tree: the same ops, so layout and profile stay. */
static bool run_in_tree(struct exec *x, const struct exec_how *how, struct trees *t,
			struct program *ret)
{
	const struct program *p = x->program;
	bool whole = true;

	x->program = t->program;
	if (ret) {
		whole = exec_record(x, how, t->strategy, t->run_seed, ret);
	} else {
		exec_run(x, how, t->strategy, t->run_seed);
		explorer_ended(t->explorer, &x->choice, x->trace.verdict.rule != RULE_NONE);
	}
	x->program = p;
	return whole;
}

void trees_run(struct exec *x, const struct exec_how *how, struct trees *t)
{
	struct exec_how explores = exploring(how, t), longer;

	run_in_tree(x, &explores, t, NULL);
	if (exec_may_be_slow(x, &explores, &longer)) {
		explorer_repeat(t->explorer);
		run_in_tree(x, &longer, t, NULL);
		x->slow += x->trace.verdict.rule != RULE_hang;
	}
	if (t->failures)
		meet_failures(x, t->failures);
}

void trees_again(struct exec *x, const struct exec_how *how, struct trees *t)
{
	explorer_repeat(t->explorer);
	trees_run(x, how, t);
}

bool trees_record(struct exec *x, const struct exec_how *how, struct trees *t, struct program *ret)
{
	struct exec_how explores = exploring(how, t);

	explorer_repeat(t->explorer);
	return run_in_tree(x, &explores, t, ret);
}

void trees_end(struct trees *t)
{
	end_tree(t);
	if (t->failures)
		failures_free(t->failures);
	t->failures = NULL;
}
