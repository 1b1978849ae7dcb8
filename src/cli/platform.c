/*
 * platform.c - the options of run and fuzz that say what of the code under test is looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

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
	quit_usage("--granularity is primitive, racy or access, not '%.40s'", text);
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
			quit_usage("--memory is strong or weak, not '%.40s'", arg);
		s->weak = strcmp(arg, "weak") == 0;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp cli_platform_options = {options, parse_option, NULL, NULL, NULL, NULL, NULL};
