/*
 * explain_run.c - see explain_run.h.
 */
#include "search/explain_run.h"

#include <string.h>

#include "exec/follow.h"
#include "exec/tell.h"
#include "kapi/sim/sim.h"
#include "search/blame.h"

#define RACE_LINES 5

static const char *program_text(const struct program *p)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	program_print(p, &t);
	return t.data;
}

/* Beneath a race stand both stacks and what confirms it. */
static unsigned lines_of(const struct exec *x, const struct explain_run *how)
{
	unsigned lines = how->lines ? how->lines : LETTER_LINES;

	return how->all ? 0 : lines - (x->trace.verdict.rule == RULE_data_race ? RACE_LINES : 0);
}

/*
 * Where in the trace both accesses of a race are: the earlier one is known only to a run that expects it.
 * The last run stays as it was.
 */
static void find_race(struct exec *x, const struct explain_run *how, struct letter *ret)
{
	static struct trace original;
	uint64_t runs = x->runs, steps = x->steps;
	struct sim_race race, again;

	if (x->trace.verdict.rule != RULE_data_race || !sim_race(&race) ||
	    how->strategy == follow_strategy())
		return;
	memcpy(&original, &x->trace, sizeof(original));
	sim_race_only(&race);
	exec_run(x, how->how, how->strategy, how->seed);
	sim_race_only(NULL);
	if (sim_race(&again) && again.event[0])
		for (unsigned i = 0; i < 2; i++)
			ret->race[i] = (struct letter_access){again.event[i], again.lane[i],
							      again.write[i],
							      sim_function_at(again.pc[i])};
	exec_run(x, how->how, how->strategy, how->seed);
	memcpy(&x->trace, &original, sizeof(original));
	x->runs = runs;
	x->steps = steps;
}

void explain_letter(struct exec *x, const struct explain_run *how, struct letter *ret)
{
	const struct rule_row *rule = rule_row(x->trace.verdict.rule);

	*ret = (struct letter){.trace = &x->trace,
			       .sentence = rule ? rule->sentence : "",
			       .replay = how->replay,
			       .program = program_text(x->program),
			       .width = LETTER_WIDTH,
			       .lines_max = lines_of(x, how),
			       .pivot = exec_pivot(x, how->how, how->strategy, how->seed),
			       .continuations = BLAME_CONTINUATIONS,
			       .op_text = exec_op_text,
			       .role = exec_role,
			       .describe = sim_describe,
			       .arg = x};
	find_race(x, how, ret);
}
