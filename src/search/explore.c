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

/* A small program whose schedule shows @f and nothing before it that could end the run. */
static bool record(struct exec *x, struct explore *p, const struct explore_finding *f,
		   struct program *ret)
{
	struct exec_how how = p->how;
	char signature[SIGNATURE_MAX], wanted[SIGNATURE_MAX];
	bool whole;

	verdict_symptom(&f->verdict, wanted, sizeof(wanted));
	how.until = wanted;
	how.is_known = NULL;
	whole = trees_record(x, &how, &p->trees, ret);
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
	trees_again(x, &p->how, &p->trees);
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
		.verdict = *v, .executions = trees_counts(&p->trees).executions, .times = 1};
	verdict_signature(v, f->signature, sizeof(f->signature));
	return true;
}

static bool is_wanted(const struct explore *p, const struct explore_finding *f)
{
	return p->found && (!p->is_new || p->is_new(p->arg, f));
}

static void run_once(struct exec *x, struct explore *p)
{
	trees_run(x, &p->how, &p->trees);
	if (p->each)
		p->each(p->arg, x);
	while (x->trace.verdict.rule && note_verdict(x, p)) {
		const struct explore_finding *f = &p->finding[p->findings_nr - 1];

		if (is_wanted(p, f))
			write_down(x, p, f);
		if (!p->survive)
			break;
		trees_again(x, &p->how, &p->trees);
	}
}

static bool goes_on(const struct explore *p)
{
	struct explore_counts n = trees_counts(&p->trees);

	if (p->stop && p->stop(p->arg))
		return false;
	return !p->runs_max || n.executions + n.blocked < p->runs_max;
}

void exec_explore(struct exec *x, const struct exec_how *how, struct explore *p)
{
	must(!exploring);
	exploring = p;
	p->findings_nr = 0;
	p->findings_full = false;
	p->how = *how;
	p->how.is_known = p->survive ? is_known : NULL;
	while (trees_next(&p->trees, x->program) && goes_on(p))
		run_once(x, p);
	trees_end(&p->trees);
	exploring = NULL;
}
