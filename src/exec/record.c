/*
 * record.c - from a seed to a schedule that a person can read and keep.
 *
 * The run is repeated, and every decision that leaves the plain default is written down with its
 * anchor. An anchor's occurrence is counted in the trace so far: every earlier announcement of the
 * lane has taken effect by then.
 */
#include "exec/exec.h"

#include <string.h>

static unsigned occurrences(const struct trace *t, const struct trace_event *anchor, uint32_t before)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < before; i++) {
		const struct trace_event *e = &t->event[i];

		n += e->lane == anchor->lane && e->op == anchor->op && event_is_visible(e->kind) &&
		     strcmp(e->site->func, anchor->site->func) == 0 &&
		     strcmp(e->site->prim, anchor->site->prim) == 0;
	}
	return n;
}

static void add(struct exec *x, const struct trace_event *anchor, unsigned occurrence,
		unsigned action, unsigned target)
{
	struct program *p = x->recording;
	int function = program_intern(p, anchor->site->func, strlen(anchor->site->func));
	int primitive = program_intern(p, anchor->site->prim, strlen(anchor->site->prim));

	if (p->deviations_nr == DEVIATIONS_MAX || function < 0 || primitive < 0) {
		x->record_full = true;
		return;
	}
	p->deviations[p->deviations_nr++] = (struct program_deviation){
		.lane = anchor->lane,
		.op = anchor->op,
		.action = (uint8_t)action,
		.target = (uint8_t)target,
		.function = (uint16_t)function,
		.primitive = (uint16_t)primitive,
		.occurrence = (uint16_t)occurrence,
	};
}

static void on_decision(void *arg, const struct trace_event *anchor, unsigned target)
{
	struct exec *x = arg;

	if (anchor->lane != LANE_MAIN)
		add(x, anchor, occurrences(&x->trace, anchor, x->trace.events_nr) + 1,
		    target == LANE_NONE ? DEVIATION_FAILS : DEVIATION_GOTO, target);
}

bool exec_record(struct exec *x, const struct strategy *strategy, uint64_t seed, struct program *ret)
{
	char wanted[160], got[160];

	*ret = *x->program;
	ret->scheduled = true;
	ret->strategy = 0;
	ret->seed = 0;
	ret->deviations_nr = 0;
	x->recording = ret;
	x->record_full = false;
	x->choice.record = on_decision;
	x->choice.record_arg = x;
	exec_run(x, strategy, seed);
	x->choice.record = NULL;
	verdict_signature(&x->trace.verdict, wanted, sizeof(wanted));
	if (!x->record_full) {
		const struct program *original = x->program;

		x->program = ret;
		exec_run(x, NULL, 0);
		x->program = original;
		verdict_signature(&x->trace.verdict, got, sizeof(got));
		if (strcmp(wanted, got) == 0)
			return true;
	}
	*ret = *x->program;
	if (strategy) {
		ret->scheduled = true;
		ret->strategy = (uint16_t)program_intern(ret, strategy->name, strlen(strategy->name));
		ret->seed = seed;
	}
	return false;
}

struct keeper {
	struct exec *x;
	char signature[160];
};

static bool keeps(const struct program *p, void *arg)
{
	struct keeper *k = arg;
	char got[160];

	exec_prepare(k->x, p, k->x->subject, false);
	exec_run(k->x, NULL, 0);
	verdict_signature(&k->x->trace.verdict, got, sizeof(got));
	return strcmp(got, k->signature) == 0 && !exec_stale(k->x);
}

void exec_minimize(struct exec *x, struct program *p, unsigned budget)
{
	struct keeper k = {.x = x};

	exec_prepare(x, p, x->subject, false);
	exec_run(x, NULL, 0);
	verdict_signature(&x->trace.verdict, k.signature, sizeof(k.signature));
	program_minimize(p, keeps, &k, budget);
	exec_prepare(x, p, x->subject, false);
	exec_run(x, NULL, 0);
}
