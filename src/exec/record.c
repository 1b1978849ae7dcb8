/*
 * record.c - from a seed to a schedule that a person can read and keep.
 *
 * The run is repeated, and every decision that leaves the plain default is written down with its
 * anchor. An anchor's occurrence is counted in the trace so far: every earlier announcement of the
 * lane has taken effect by then. With weak memory the seed stays: it says which stores come late.
 * What is tied to a plain access is written down only where all of these are scheduling points: so
 * the places do not depend on which accesses were known to race. They are good in this build alone,
 * since where plain accesses are is the compiler's choice.
 */
#include "exec/exec.h"
#include "exec/place.h"

#include <string.h>

/* On the fiber: no libc function, TSan would take its accesses for the code under test's. */
static void on_decision(void *arg, const struct trace_event *anchor, unsigned target)
{
	struct exec *x = arg;
	struct exec_decision *d = &x->decision[x->decisions_nr];

	if (anchor->lane == LANE_MAIN)
		return;
	x->record_local |= (anchor->flags & EVENT_PLAIN) != 0;
	if (x->decisions_nr == DEVIATIONS_MAX) {
		x->record_full = true;
		return;
	}
	d->at = place_of(&x->trace, anchor, x->trace.event + x->trace.events_nr);
	d->target = (uint8_t)target;
	x->decisions_nr++;
}

static bool write_schedule(const struct exec *x, bool local, struct program *p)
{
	for (unsigned i = 0; i < x->decisions_nr; i++)
		if (!place_write(p, &x->decision[i].at, x->decision[i].target,
				 &p->deviations[p->deviations_nr++]))
			return false;
	return !x->record_full && (local || !x->record_local) && !program_validate(p);
}

/*
 * A run that cannot be written down stays a strategy and a seed; the plain default has neither. A
 * strategy that is no row of strategy.def has no name that a program may say: who replays it searches.
 */
static void keep_seed(struct program *p, const struct strategy *strategy, uint64_t seed)
{
	bool plain = strategy == strategy_find("plain");

	if (strategy_find(strategy->name) != strategy)
		strategy = strategy_find("portfolio");
	p->scheduled = true;
	p->deviations_nr = 0;
	p->strategy =
		plain ? 0 : (uint16_t)program_intern(p, strategy->name, strlen(strategy->name));
	p->seed = plain ? 0 : seed;
}

bool exec_record(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		 uint64_t seed, struct program *ret)
{
	bool plain = how->strength.granularity == SIM_ACCESSES || place_is_plain(x->program);
	char wanted[SIGNATURE_MAX], got[SIGNATURE_MAX];

	*ret = *x->program;
	ret->scheduled = true;
	ret->strategy = 0;
	ret->seed = 0;
	if (how->strength.weak) {
		ret->strategy = (uint16_t)program_intern(ret, "late", 4);
		ret->seed = strategy ? seed : x->program->seed;
	}
	ret->deviations_nr = 0;
	x->decisions_nr = 0;
	x->record_full = x->record_local = false;
	x->choice.record = on_decision;
	x->choice.record_arg = x;
	exec_run(x, how, strategy, seed);
	x->choice.record = NULL;
	verdict_signature(&x->trace.verdict, wanted, sizeof(wanted));
	/* What TSan said once it need not say again: then there is nothing to write down. */
	if (wanted[0] && write_schedule(x, plain, ret)) {
		const struct program *original = x->program;

		x->program = ret;
		exec_run(x, how, NULL, 0);
		x->program = original;
		verdict_signature(&x->trace.verdict, got, sizeof(got));
		if (strcmp(wanted, got) == 0)
			return true;
	}
	*ret = *x->program;
	if (strategy)
		keep_seed(ret, strategy, seed);
	return false;
}
