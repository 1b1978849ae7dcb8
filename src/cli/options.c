/*
 * options.c - see options.h: argp, told by a table.
 *
 * An option's key is its letter, or its place in the table behind all letters. One command line a
 * process is read, so what argp is given lies in statics.
 */
#include "cli/options.h"

#include "base/panic.h"

#define OPTIONS_MAX 32
#define KEY_FIRST 256

struct reading {
	const struct cli_syntax *syntax;
	void *options;
	struct sim_strength *strength; /* NULL: a command without a platform */
	struct cli_words words;
};

void cli_take_flag(const struct cli_option *option, void *field, const char *word)
{
	*(bool *)field = true;
}

void cli_take_word(const struct cli_option *option, void *field, const char *word)
{
	*(const char **)field = word;
}

void cli_take_number(const struct cli_option *option, void *field, const char *word)
{
	char name[64];

	snprintf(name, sizeof(name), "--%s", option->name);
	*(uint64_t *)field = cli_number(name, word, option->min, option->max);
}

void cli_take_subject(const struct cli_option *option, void *field, const char *word)
{
	*(const struct subject **)field = cli_subject(word);
}

void cli_take_strategy(const struct cli_option *option, void *field, const char *word)
{
	*(const struct strategy **)field = cli_strategy(word);
}

void cli_take_verdict(const struct cli_option *option, void *field, const char *word)
{
	*(const char **)field = cli_wanted(word);
}

static int key_of(const struct cli_option *table, const struct cli_option *option)
{
	return option->letter ? option->letter : KEY_FIRST + (int)(option - table);
}

static void take_words(struct reading *r, struct argp_state *state)
{
	const struct cli_syntax *s = r->syntax;

	r->words = (struct cli_words){state->argv + state->next, state->argc - state->next};
	if (s->too_many && r->words.nr > s->words_max)
		argp_error(state, "what is '%s'? %s", r->words.word[s->words_max], s->too_many);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct reading *r = state->input;

	if (key == ARGP_KEY_INIT && r->strength)
		state->child_inputs[0] = r->strength;
	if (key == ARGP_KEY_ARGS) {
		take_words(r, state);
		return 0;
	}
	for (const struct cli_option *o = r->syntax->options; o->name; o++) {
		if (key_of(r->syntax->options, o) != key)
			continue;
		o->take(o, (char *)r->options + o->at, arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

struct cli_words cli_parse_platform(const struct cli_syntax *syntax, int argc, char **argv,
				    void *options, struct sim_strength *strength)
{
	static struct argp_option table[OPTIONS_MAX + 1];
	struct argp_child children[] = {
		{cli_platform(syntax->platform_only), 0, syntax->platform, 0}, {0}};
	struct argp argp = {.options = table,
			    .parser = parse_option,
			    .args_doc = syntax->words,
			    .doc = syntax->help,
			    .children = strength ? children : NULL};
	struct reading r = {.syntax = syntax, .options = options, .strength = strength};

	for (unsigned i = 0; syntax->options[i].name; i++) {
		const struct cli_option *o = &syntax->options[i];

		must(i < OPTIONS_MAX);
		table[i] = (struct argp_option){
			o->name, key_of(syntax->options, o), o->value, o->flags, o->help, 0};
	}
	argv[0] = (char *)syntax->name;
	argp_parse(&argp, argc, argv, 0, NULL, &r);
	return r.words;
}

struct cli_words cli_parse(const struct cli_syntax *syntax, int argc, char **argv, void *options)
{
	return cli_parse_platform(syntax, argc, argv, options, NULL);
}
