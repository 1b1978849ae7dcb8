/*
 * explore.c - runs the schedules that an explorer asks for, and keeps one example of each verdict.
 *
 * A verdict that is new is written down at once: the run is repeated, which the tree allows, and its
 * decisions are recorded. With survive, what a run can survive ends it only the first time; that run
 * is then repeated, to see what lies behind.
 */
#include "search/explore.h"

#include <stdio.h>
#include <string.h>

#include "base/panic.h"
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

static void run(struct exec *x, const struct explore *p)
{
	exec_run(x, &p->how, p->strategy, 0);
	explorer_ended(p->explorer, &x->choice, x->trace.verdict.rule != RULE_NONE);
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

/* The tree counts these runs no second time. The last one is that which showed @f, again. */
static void write_down(struct exec *x, struct explore *p, const struct explore_finding *f)
{
	static struct program readable;
	const struct program *program = x->program;
	bool whole;

	whole = record(x, p, f, &readable);
	p->found(p->arg, f, &readable, whole);
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
	*f = (struct explore_finding){
		.verdict = *v, .executions = explorer_counts(p->explorer)->executions, .times = 1};
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
	if (p->stop && p->stop(p->arg))
		return false;
	return !p->runs_max || p->counts.executions + p->counts.blocked < p->runs_max;
}

void exec_explore(struct exec *x, const struct exec_how *how, struct explore *p)
{
	bool more = true;

	must(!exploring);
	exploring = p;
	p->explorer = explorer_new(p->strategy, p->preemptions_max);
	if (p->drawn && p->strategy == &strategy_dpor)
		explorer_draw(p->explorer, p->seed);
	p->counts = (struct explore_counts){0};
	p->findings_nr = 0;
	p->findings_full = p->complete = false;
	p->how = *how;
	p->how.explorer = p->explorer;
	p->how.is_known = p->survive ? is_known : NULL;
	p->how.no_failures = true;
	while (more && goes_on(p)) {
		run_once(x, p);
		more = explorer_advance(p->explorer);
		p->counts = *explorer_counts(p->explorer);
	}
	p->complete = !more && (!p->drawn || p->strategy != &strategy_dpor ||
				explorer_complete(p->explorer));
	explorer_free(p->explorer);
	p->explorer = NULL;
	exploring = NULL;
}
