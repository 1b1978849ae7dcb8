/*
 * explain_run.c - see explain_run.h.
 */
#include "search/explain_run.h"

#include "exec/tell.h"
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
}
