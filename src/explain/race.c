/*
 * race.c - what is printed of a race beside its letter: both stacks, and whether runs show the other
 * order, too.
 */
#include <string.h>

#include "exec/race.h"
#include "explain/explain.h"

#define CONFIRM_RUNS 2000
#define STACK_FOLDED 3 /* functions of a stack that are printed, unless all are wanted */

/* In one line, unless all is wanted: the innermost functions say where it is. */
static void put_stack(struct text *t, const struct sim_race *race, unsigned i, bool all)
{
	text_putf(t, "  %s %s by %s:%s", i ? "later  " : "earlier",
		  race->write[i] ? "write" : "read ", lane_name(race->lane[i]), all ? "\n" : "");
	for (unsigned n = 0; n < (all ? RACE_DEPTH : STACK_FOLDED) && race->stack[i][n]; n++) {
		const char *name = sim_function_at(race->stack[i][n]);

		if (all)
			text_putf(t, "  |   #%u %s\n", n, name);
		else
			text_putf(t, "%s %s", n ? " <-" : "", name);
		if (strcmp(name, "run_op") == 0)
			break;
	}
	text_puts(t, all ? "" : "\n");
}

void explain_race(struct text *t, struct exec *x, const struct explain_run *how)
{
	static const char *const words[] = {
		[RACE_REVERSED] = "shows them in the other order",
		[RACE_USED_FREED] = "frees first, and then uses what was freed",
		[RACE_LATE] = "shows the later access before the earlier store is seen"};
	struct sim_race race;
	uint64_t seed;
	enum race_order order;

	if (x->trace.verdict.rule != RULE_data_race || !sim_race(&race))
		return;
	order = race_confirm(x, how->how, &race, CONFIRM_RUNS, &seed);
	text_puts(t, "\n");
	put_stack(t, &race, 0, how->all);
	put_stack(t, &race, 1, how->all);
	if (order)
		text_putf(t, "  confirmed: pos seed %llu%s %s\n", (unsigned long long)seed,
			  order == RACE_LATE ? ", with --memory weak," : "", words[order]);
	else
		text_putf(t,
			  "  no other order was seen in %u runs, nor in as many with late "
			  "stores\n",
			  CONFIRM_RUNS);
}
