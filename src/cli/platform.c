/*
 * platform.c - the options of the platform (exec/platform.def) for argp, as a child of a command's own;
 * beside them those about a kernel tree, which change no schedule.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "exec/platform.h"
#include "cli/options.h"

#define PLATFORM_MAX 16
#define KEY_FIRST 512

enum { KEY_STUB = KEY_FIRST + PLATFORM_MAX, KEY_NO_SOURCE };

static const struct argp_option tree_options[] = {
	{"stub", KEY_STUB, "NAME=VALUE", 0,
	 "of a kernel tree: the function NAME, which is not modelled, returns VALUE; may be given "
	 "again",
	 0},
	{"no-source", KEY_NO_SOURCE, NULL, 0, "of a kernel tree: letters without its source lines",
	 0}};
#define TREE_OPTIONS (sizeof(tree_options) / sizeof(tree_options[0]))

static struct argp_option options[PLATFORM_MAX + TREE_OPTIONS + 1];

static void answer_stub(const char *word)
{
	const char *equals = strchr(word, '=');
	char name[128], all[PLATFORM_TEXT / 2], *end;
	struct text t = text_init(all, sizeof(all));
	struct sim_strength none = {0};
	long value;

	if (!equals || equals == word || (size_t)(equals - word) >= sizeof(name))
		quit_usage("--stub is NAME=VALUE, not '%.80s'", word);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - word), word);
	errno = 0;
	value = strtol(equals + 1, &end, 0);
	if (end == equals + 1 || *end || errno)
		quit_usage("--stub %.80s: VALUE is a number", word);
	if (!sim_stub_answer(name, value))
		quit_usage("--stub %.80s: this program has no stub of that name", word);
	platform_put(&t, &none);
	if (t.full)
		quit_usage("--stub %.80s: too many of them; put them into the table of stubs of "
			   "the project",
			   word);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	const struct platform_option *o =
		key < KEY_FIRST ? NULL : platform_at((unsigned)key - KEY_FIRST);

	if (key == KEY_STUB || key == KEY_NO_SOURCE) {
		key == KEY_STUB ? answer_stub(arg) : site_hide_source();
		return 0;
	}
	if (!o)
		return ARGP_ERR_UNKNOWN;
	if (!platform_set(state->input, o, arg))
		quit_usage("--%s is one of: %s; not '%.40s'", o->name, o->words, arg);
	return 0;
}

/* Is @name a word of @list? */
static bool is_listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at += n)
		if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

const struct argp *cli_platform(const char *only)
{
	static const struct argp argp = {options, parse_option, NULL, NULL, NULL, NULL, NULL};
	const struct platform_option *o;
	unsigned nr = 0;

	for (unsigned i = 0; (o = platform_at(i)); i++) {
		if (only && !is_listed(only, o->name))
			continue;
		must(nr < PLATFORM_MAX);
		options[nr++] = (struct argp_option){
			o->name, KEY_FIRST + (int)i, o->value[0] ? o->value : NULL, 0, o->help, 0};
	}
	for (unsigned i = 0; !only && i < TREE_OPTIONS; i++)
		options[nr++] = tree_options[i];
	options[nr] = (struct argp_option){0};
	return &argp;
}
