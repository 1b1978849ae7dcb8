/*
 * earliest.c - see earliest.h. The program is run without one of its failures, which tells what else
 * could have failed up to there; those are tried in the order of that run.
 */
#include "search/earliest.h"

#include <string.h>

struct shown {
	char signature[SIGNATURE_MAX];
	unsigned switches;
};

static struct shown run(struct exec *x, const struct exec_how *how, const struct program *p)
{
	struct shown s;

	exec_prepare(x, p, x->subject, NULL);
	exec_run(x, how, NULL, 0);
	verdict_signature(&x->trace.verdict, s.signature, sizeof(s.signature));
	s.switches = x->choice.switches;
	return s;
}

/* What can fail where deviation @index is left out. Returns: how many, the first first. */
static unsigned find_others(struct exec *x, const struct exec_how *how, const struct program *p,
			    unsigned index, struct place ret[CAN_FAIL_MAX])
{
	static struct program without;
	struct exec_how telling = *how;
	unsigned nr;

	without = *p;
	without.deviations_nr--;
	memmove(&without.deviations[index], &without.deviations[index + 1],
		(without.deviations_nr - index) * sizeof(without.deviations[0]));
	telling.keep_failures = true;
	run(x, &telling, &without);
	nr = x->can_fail_nr < CAN_FAIL_MAX ? x->can_fail_nr : CAN_FAIL_MAX;
	memcpy(ret, x->can_fail, nr * sizeof(ret[0]));
	return nr;
}

static void move_one(struct exec *x, const struct exec_how *how, struct program *p, unsigned index,
		     const struct shown *wanted)
{
	static struct place other[CAN_FAIL_MAX];
	static struct program candidate;
	unsigned nr = find_others(x, how, p, index, other);

	for (unsigned i = 0; i < nr; i++) {
		struct program_deviation *d = &candidate.deviations[index];
		struct shown got;

		candidate = *p;
		memset(d, 0, sizeof(*d));
		if (!place_write(&candidate, &other[i], LANE_NONE, d) ||
		    !memcmp(d, &p->deviations[index], sizeof(*d)))
			return; /* it is the first, or there is no room for names */
		got = run(x, how, &candidate);
		if (strcmp(got.signature, wanted->signature) != 0 ||
		    got.switches > wanted->switches)
			continue;
		*p = candidate;
		return;
	}
}

void exec_fail_earliest(struct exec *x, const struct exec_how *how, struct program *p)
{
	struct shown wanted = {.switches = 0};
	bool is_run = false;

	for (unsigned i = 0; i < p->deviations_nr; i++) {
		if (p->deviations[i].action != DEVIATION_FAILS)
			continue;
		if (!is_run)
			wanted = run(x, how, p);
		is_run = true;
		if (!wanted.signature[0])
			return;
		move_one(x, how, p, i, &wanted);
	}
}
