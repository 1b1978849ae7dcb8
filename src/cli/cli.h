/*
 * cli.h - what the commands share. One command is one file and one row of command.def; its options
 * are a table in that file (options.h).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/quit.h"
#include "campaign/program_file.h"
#include "exec/exec.h"
#include "exec/platform.h"
#include "explain/explain.h"
#include "format/json.h"
#include "search/repair.h"
#include "letter/letter.h"

struct cli_words {
	char **word;
	int nr;
};

struct command {
	const char *name;
	const char *help;
	int (*run)(int argc, char **argv);
};

/* ---- command line ---- */

/** cli_number() - a decimal number of an option, from @min to @max, or a usage message and exit 2 */
uint64_t cli_number(const char *option, const char *text, uint64_t min, uint64_t max);

/** cli_version() - bondfuzz --version [--json]; @native: programs can run on real threads */
int cli_version(int argc, char **argv, bool native);

struct cli_spread {
	double mean;
	double bound; /* the upper end of the mean's 95 % interval */
	uint64_t median, max;
};

/** cli_spread() - sort @nr counts in place; mean, median and largest of them, all 0 of none */
struct cli_spread cli_spread(uint64_t *count, size_t nr);

/** cli_defect() - switch the defect @name on, NULL: none; exit 2 when this build does not have it */
void cli_defect(const char *name);

/** cli_known_defect() - the same question of it, and none is on afterwards */
void cli_known_defect(const char *name);

/* ---- programs ---- */

struct file_list {
	char **path;
	size_t nr;
};

/**
 * cli_files() - the program files that arguments name
 *
 * A folder stands for every *.bond below it, sorted. Exit 2 when something does not exist or a folder
 * has none. The list is the caller's until the process ends.
 */
struct file_list cli_files(struct cli_words words);

/** cli_files_ending() - the same of files whose names end in @ending (".litmus") */
struct file_list cli_files_ending(struct cli_words words, const char *ending);

/**
 * cli_each_file() - @one of each of them, until Ctrl-C
 *
 * Returns: the worst of its exit statuses; EXIT_INTERRUPTED, and a message, when that was clean so far.
 */
int cli_each_file(struct file_list files, int (*one)(const void *options, const char *file),
		  const void *options);

/**
 * cli_each_file_at_once() - the same in @jobs processes, a process a file
 *
 * What they print to stdout comes in the order of the files. @one gets copies of what this process has.
 */
int cli_each_file_at_once(struct file_list files, int (*one)(const void *options, const char *file),
			  const void *options, unsigned jobs);

/** cli_files_status() - @worst, or when that is clean and it was interrupted: that, and a message */
int cli_files_status(int worst);

/**
 * cli_subject_of() - what a program is run on: @asked, or if that is NULL its own subject
 *
 * Returns: NULL with a message when @asked has other ops.
 */
const struct subject *cli_subject_of(const char *file, const struct program *p,
				     const struct subject *asked);

/** cli_load_program() - read a program file; EXIT_CLEAN, or prints what is wrong. Returns: the exit status */
int cli_load_program(const char *path, struct program *ret);

/** cli_write_program() - program_file_write(), with a message. Returns: EXIT_CLEAN or the exit status */
int cli_write_program(const char *path, const struct program *p, bool replace);

/** cli_write_text() - a file that was asked for, "-": standard output; exit 2 when it cannot be */
void cli_write_text(const char *path, const char *text);

/**
 * cli_repair() - exec_repair() a file's program, and write the file anew when that helped
 * @p: as cli_load_program() read it from @path
 * @dry: leave the file as it is
 * @ret_status: EXIT_CLEAN, or that of a file that could not be written: a message was printed
 */
enum expect_outcome cli_repair(const char *path, struct program *p, struct repair *r, bool dry,
			       int *ret_status);

/**
 * cli_expected() - the verdict that a program's expect lines name for a subject or defect
 *
 * Returns: "RULE" or "RULE:OBJECT", good until the next call; NULL when they say clean or nothing.
 * It is what a search of that program looks for: other verdicts that a run survives are passed over.
 */
const char *cli_expected(const struct program *p, const char *on);

/** cli_subject() - the subject of that name, or exit 2 with the list of names */
const struct subject *cli_subject(const char *name);

/** cli_strategy() - the strategy of that name, or exit 2 with the list of names */
const struct strategy *cli_strategy(const char *name);

/** cli_wanted() - @verdict, if it names a rule or is "any"; else exit 2: nothing would ever match */
const char *cli_wanted(const char *verdict);

#endif
