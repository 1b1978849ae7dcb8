/*
 * platform.c - the options of run and fuzz that say what of the code under test is looked at, and
 * what is told of a race.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "exec/race.h"

#define CONFIRM_RUNS 2000

enum { KEY_RACES = 512, KEY_GRANULARITY, KEY_MEMORY };

static const struct argp_option options[] = {
	{"races", KEY_RACES, NULL, 0,
	 "look for data races; accesses known to race become scheduling points", 0},
	{"granularity", KEY_GRANULARITY, "WHAT", 0,
	 "scheduling points: primitive (default), racy: and accesses known to race (default with "
	 "--races), access: and all accesses to shared memory",
	 0},
	{"memory", KEY_MEMORY, "HOW", 0,
	 "strong (default), or weak: others may see stores late and out of order", 0},
	{0}};

static enum sim_granularity granularity(const char *text)
{
	static const char *const names[] = {"primitive", "racy", "access"};

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum sim_granularity)i;
	cli_usage("--granularity is primitive, racy or access, not '%.40s'", text);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct sim_strength *s = state->input;

	switch (key) {
	case KEY_RACES:
		s->races = true;
		if (s->granularity == SIM_PRIMITIVES)
			s->granularity = SIM_RACY;
		break;
	case KEY_GRANULARITY:
		s->granularity = granularity(arg);
		break;
	case KEY_MEMORY:
		if (strcmp(arg, "strong") && strcmp(arg, "weak"))
			cli_usage("--memory is strong or weak, not '%.40s'", arg);
		s->weak = strcmp(arg, "weak") == 0;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp cli_platform_options = {options, parse_option, NULL, NULL, NULL, NULL, NULL};

void cli_put_platform(struct text *t, const struct sim_strength *s)
{
	static const char *const names[] = {"primitive", "racy", "access"};

	if (s->weak)
		text_puts(t, " --memory weak");
	if (s->races)
		text_puts(t, " --races");
	if (s->granularity != (s->races ? SIM_RACY : SIM_PRIMITIVES))
		text_putf(t, " --granularity %s", names[s->granularity]);
}

/* ---- a race ---- */

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

void cli_race(struct text *t, struct exec *x, const struct cli_letter *how)
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
