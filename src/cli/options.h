/*
 * options.h - the command line of a command as a table: an option is one row, with the field that it
 * goes to.
 *
 *	static const struct cli_option options[] = {
 *		{"runs", 0, "N", "the most runs", CLI_NUMBER(check_options, runs, 1, UINT64_MAX)},
 *		{"json", 0, NULL, "one object a file", CLI_FLAG(check_options, json)},
 *		{0}};
 *
 * The macros refuse a field of another type. What is none of the kinds below has a function of its
 * command's own, CLI_OWN(function), that is handed all the options.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stddef.h>

#include "cli/cli.h"

struct cli_option {
	const char *name;  /* NULL: the end of the table */
	int letter;	   /* 0: it has none */
	const char *value; /* what it takes, for --help; NULL: nothing */
	const char *help;
	void (*take)(const struct cli_option *option, void *field, const char *word);
	size_t at;	   /* of the field */
	uint64_t min, max; /* of a number */
	int flags;	   /* argp's */
};

/* Kinds of options: what is done to the field. @word is NULL where an option takes none. */
void cli_take_flag(const struct cli_option *option, void *field, const char *word);
void cli_take_word(const struct cli_option *option, void *field, const char *word);
void cli_take_number(const struct cli_option *option, void *field, const char *word);
void cli_take_subject(const struct cli_option *option, void *field, const char *word);
void cli_take_strategy(const struct cli_option *option, void *field, const char *word);
void cli_take_verdict(const struct cli_option *option, void *field, const char *word);

#define CLI_FIELD(options, field, type)                                                            \
	(offsetof(struct options, field) + _Generic(((struct options *)0)->field, type : 0u))
#define CLI_FLAG(options, field) cli_take_flag, CLI_FIELD(options, field, bool), 0, 0, 0
#define CLI_HIDDEN_FLAG(options, field)                                                            \
	cli_take_flag, CLI_FIELD(options, field, bool), 0, 0, OPTION_HIDDEN
#define CLI_WORD(options, field) cli_take_word, CLI_FIELD(options, field, const char *), 0, 0, 0
#define CLI_NUMBER(options, field, min, max)                                                       \
	cli_take_number, CLI_FIELD(options, field, uint64_t), min, max, 0
#define CLI_SUBJECT(options, field)                                                                \
	cli_take_subject, CLI_FIELD(options, field, const struct subject *), 0, 0, 0
#define CLI_STRATEGY(options, field)                                                               \
	cli_take_strategy, CLI_FIELD(options, field, const struct strategy *), 0, 0, 0
#define CLI_VERDICT(options, field)                                                                \
	cli_take_verdict, CLI_FIELD(options, field, const char *), 0, 0, 0
#define CLI_OWN(function) function, 0, 0, 0, 0
#define CLI_OWN_OPTIONAL(function) function, 0, 0, 0, OPTION_ARG_OPTIONAL /* word may be NULL */

/* A whole row: an option that means the same wherever it is taken. */
#define CLI_DEFECT(options, field)                                                                 \
	{                                                                                          \
		"defect", 'd', "NAME", "switch this defect on (zoo builds)",                       \
			CLI_WORD(options, field)                                                   \
	}
struct cli_syntax {
	const char *name; /* "bondfuzz run" */
	const struct cli_option *options;
	const char *words; /* "FILE-OR-FOLDER...", for --help */
	const char *help;
	const char *too_many; /* said of the first word behind @words_max; NULL: any number */
	int words_max;
	const char *platform;	   /* over the options of the platform; NULL: among the others */
	const char *platform_only; /* those that the command takes, parted by blanks; NULL: all */
};

/**
 * cli_platform() - a child parser for the options of the platform, or of @only those of a list
 *
 * Its input is the struct sim_strength that it fills. Good until the next call.
 */
const struct argp *cli_platform(const char *only);

/**
 * cli_parse() - fill @options from the command line; exit 2 and a message when it cannot be
 *
 * Returns: the words that are no options, good as long as @argv is.
 */
struct cli_words cli_parse(const struct cli_syntax *syntax, int argc, char **argv, void *options);

/** cli_parse_platform() - the same; the options of the platform are taken, too, and go to @strength */
struct cli_words cli_parse_platform(const struct cli_syntax *syntax, int argc, char **argv,
				    void *options, struct sim_strength *strength);

#endif
