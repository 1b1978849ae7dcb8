/*
 * platform.c - the options of the platform (exec/platform.def) for argp, as a child of a command's own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "cli/options.h"

#define PLATFORM_MAX 16
#define KEY_FIRST 512

static struct argp_option options[PLATFORM_MAX + 1];

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	const struct platform_option *o =
		key < KEY_FIRST ? NULL : platform_at((unsigned)key - KEY_FIRST);

	if (!o)
		return ARGP_ERR_UNKNOWN;
	if (!platform_set(state->input, o, arg))
		quit_usage("--%s is one of: %s; not '%.40s'", o->name, o->words, arg);
	return 0;
}

const struct argp *cli_platform(const char *only)
{
	static const struct argp argp = {options, parse_option, NULL, NULL, NULL, NULL, NULL};
	const struct platform_option *o;
	unsigned nr = 0;

	for (unsigned i = 0; (o = platform_at(i)); i++) {
		if (only && strcmp(only, o->name) != 0)
			continue;
		must(nr < PLATFORM_MAX);
		options[nr++] = (struct argp_option){
			o->name, KEY_FIRST + (int)i, o->value[0] ? o->value : NULL, 0, o->help, 0};
	}
	options[nr] = (struct argp_option){0};
	return &argp;
}
