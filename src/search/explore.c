/*
 * explore.c - runs the schedules that an explorer asks for, and keeps one example of each verdict.
 *
 * A verdict that is new is written down at once: the run is repeated, which the tree allows, and its
 * decisions are recorded. With survive, what a run can survive ends it only the first time; that run
 * is then repeated, to see what lies behind.
 *
 * What fails does so at its place, whatever the schedule: each set of failures has a tree of its own.
 */
#include "search/explore.h"

#include <stdio.h>
#include <string.h>

#include "base/panic.h"
#include "search/failures.h"
#include "search/minimize.h"

static struct explore *exploring;

static struct explore_finding *known(struct explore *p, const struct verdict *v)
{
	char signature[SIGNATURE_MAX];

	verdict_signature(v, signature, sizeof(signature));
	for (unsigned i = 0; i < p->findings_nr; i++)
		if (strcmp(p->finding[i].signature, signature) == 0)
			return &p->finding[i];
	return NULL;
}

static bool is_known(const struct verdict *v)
{
	return known(exploring, v) != NULL;
}

void explore_once(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		  uint64_t seed)
{
	struct exec_how longer;

	exec_run(x, how, strategy, seed);
	explorer_ended(how->explorer, &x->choice, x->trace.verdict.rule != RULE_NONE);
	if (!exec_may_be_slow(x, how, &longer))
		return;
	explorer_repeat(how->explorer);
	exec_run(x, &longer, strategy, seed);
	explorer_ended(how->explorer, &x->choice, x->trace.verdict.rule != RULE_NONE);
	x->slow += x->trace.verdict.rule != RULE_hang;
}

static void run(struct exec *x, const struct explore *p)
{
	explore_once(x, &p->how, p->strategy, 0);
}

/* A small program whose schedule shows @f and nothing before it that could end the run. */
static bool record(struct exec *x, const struct explore *p, const struct explore_finding *f,
		   struct program *ret)
{
	struct exec_how how = p->how;
	char signature[SIGNATURE_MAX], wanted[SIGNATURE_MAX];
	bool whole;

	verdict_symptom(&f->verdict, wanted, sizeof(wanted));
	how.until = wanted;
	how.is_known = NULL;
	explorer_repeat(p->explorer);
	whole = exec_record(x, &how, p->strategy, 0, ret);
	verdict_signature(&x->trace.verdict, signature, sizeof(signature));
	if (!whole || strcmp(signature, f->signature) != 0)
		return false;
	exec_minimize(x, &how, ret, MINIMIZE_REPLAYS);
	return true;
}

/* Its objects may have other names than those of the program that it was made from. */
static bool replay(struct exec *x, const struct explore *p, const struct program *small,
		   struct explore_finding *f)
{
	char signature[SIGNATURE_MAX], wanted[SIGNATURE_MAX];
	struct exec_how how = {.strength = p->how.strength, .until = wanted};

	verdict_symptom(&f->verdict, wanted, sizeof(wanted));
	exec_prepare(x, small, x->subject, NULL);
	exec_run(x, &how, NULL, 0);
	verdict_signature(&x->trace.verdict, signature, sizeof(signature));
	f->verdict = x->trace.verdict;
	return strcmp(signature, f->signature) == 0;
}

/* The tree counts these runs no second time. The last one is that which showed @f, again. */
static void write_down(struct exec *x, struct explore *p, const struct explore_finding *f)
{
	static struct program readable;
	const struct program *program = x->program;
	struct explore_finding told = *f;
	bool whole;

	whole = record(x, p, f, &readable) && replay(x, p, &readable, &told);
	if (!whole)
		told = *f;
	p->found(p->arg, &told, &readable, whole);
	exec_prepare(x, program, x->subject, NULL);
	run(x, p);
}

/* Returns: is it a verdict that was not known? */
static bool note_verdict(struct exec *x, struct explore *p)
{
	const struct verdict *v = &x->trace.verdict;
	struct explore_finding *f = known(p, v);

	if (f) {
		f->times++;
		return false;
	}
	if (p->findings_nr == EXPLORE_FINDINGS_MAX) {
		p->findings_full = true;
		return false;
	}
	f = &p->finding[p->findings_nr++];
	*f = (struct explore_finding){.verdict = *v,
				      .executions = p->counts.executions +
						    explorer_counts(p->explorer)->executions,
				      .times = 1};
	verdict_signature(v, f->signature, sizeof(f->signature));
	return true;
}

static bool is_wanted(const struct explore *p, const struct explore_finding *f)
{
	return p->found && (!p->is_new || p->is_new(p->arg, f));
}

static void run_once(struct exec *x, struct explore *p)
{
	run(x, p);
	if (p->each)
		p->each(p->arg, x, p->explorer);
	while (x->trace.verdict.rule && note_verdict(x, p)) {
		const struct explore_finding *f = &p->finding[p->findings_nr - 1];

		if (is_wanted(p, f))
			write_down(x, p, f);
		if (!p->survive)
			break;
		explorer_repeat(p->explorer);
		run(x, p);
	}
}

static bool goes_on(const struct explore *p)
{
	const struct explore_counts *n = explorer_counts(p->explorer);

	if (p->stop && p->stop(p->arg))
		return false;
	return !p->runs_max ||
	       p->counts.executions + p->counts.blocked + n->executions + n->blocked < p->runs_max;
}

static void add_counts(struct explore *p, const struct explore_counts *n)
{
	p->counts.executions += n->executions;
	p->counts.blocked += n->blocked;
	if (p->counts.depth < n->depth)
		p->counts.depth = n->depth;
}

static void tell_failures(const struct exec *x, struct failures *f)
{
	for (unsigned i = 0; i < x->can_fail_nr && i < CAN_FAIL_MAX; i++)
		failures_met(f, &x->can_fail[i]);
	if (x->can_fail_nr > CAN_FAIL_MAX)
		failures_miss(f);
}

/* The tree of @x->program. Returns: was it gone through? */
static bool explore_tree(struct exec *x, struct explore *p, struct failures *f)
{
	bool more = true, complete;

	p->explorer = explorer_new(p->strategy, p->preemptions_max);
	if (p->drawn && p->strategy == &strategy_dpor)
		explorer_draw(p->explorer, p->seed, EXPLORE_WALKS);
	p->how.explorer = p->explorer;
	while (more && goes_on(p)) {
		run_once(x, p);
		if (f)
			tell_failures(x, f);
		more = explorer_advance(p->explorer);
	}
	complete = !more && explorer_complete(p->explorer);
	add_counts(p, explorer_counts(p->explorer));
	explorer_free(p->explorer);
	p->explorer = NULL;
	p->trees++;
	return complete;
}

static bool explore_failures(struct exec *x, struct explore *p)
{
	const struct program *whole = x->program, *failing;
	struct failures *f = failures_new(whole, p->failures_max);
	bool complete = true, all;

	p->how.own_failures = true;
	p->how.keep_failures = true;
	while (complete && (failing = failures_next(f))) {
		exec_prepare(x, failing, x->subject, NULL);
		complete = explore_tree(x, p, f);
	}
	failures_sets(f, &all);
	failures_free(f);
	exec_prepare(x, whole, x->subject, NULL);
	return complete && all;
}

void exec_explore(struct exec *x, const struct exec_how *how, struct explore *p)
{
	must(!exploring);
	exploring = p;
	p->counts = (struct explore_counts){0};
	p->findings_nr = p->trees = 0;
	p->findings_full = false;
	p->how = *how;
	p->how.is_known = p->survive ? is_known : NULL;
	p->how.no_failures = true;
	p->complete = p->failures_max ? explore_failures(x, p) : explore_tree(x, p, NULL);
	exploring = NULL;
}
