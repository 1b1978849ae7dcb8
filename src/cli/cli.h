/*
 * cli.h - what the commands share. One command is one file and one row of command.def; its options
 * are a table in that file (options.h).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "exec/exec.h"
#include "exec/repair.h"
#include "trace/letter.h"

/* Exit statuses; the same for every command. */
enum cli_exit {
	EXIT_CLEAN = 0,
	EXIT_FINDING = 1,
	EXIT_USAGE = 2,
	EXIT_HARNESS = 3,
	EXIT_INTERRUPTED = 130
};

#define TRIAL_SEEDS 1000000000ull /* between the first seeds of two trials of a search */

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

/** cli_usage() - say what is wrong and exit 2 */
_Noreturn void cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** cli_version() - bondfuzz --version [--json]; @native: programs can run on real threads */
int cli_version(int argc, char **argv, bool native);

/** cli_unlock() - "contract", "queued" or "atomic", or exit 2 */
enum sim_unlock cli_unlock(const char *text);

/**
 * cli_platform_options - what both run and fuzz take: which accesses are looked at, and how
 *
 * A child parser: its input is the struct sim_strength that it fills.
 */
extern const struct argp cli_platform_options;

/** cli_put_platform() - those options as they are to be given again */
void cli_put_platform(struct text *t, const struct sim_strength *s);

/** cli_put_word() - a word as the shell reads it back */
void cli_put_word(struct text *t, const char *word);

/** cli_colour() - is @f a terminal, and NO_COLOR not set? */
bool cli_colour(FILE *f);

/** cli_stop() - was Ctrl-C pressed? cli_catch_interrupt() makes it so; a second one kills. */
bool cli_stop(void);
void cli_catch_interrupt(void);

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

/** cli_target() - switch a defect on, and take --unlock into @strength; either may be NULL */
void cli_target(const char *defect, const char *unlock, struct sim_strength *strength);

/** cli_seconds() - a monotonic clock */
double cli_seconds(void);

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
 * cli_subject_of() - what a program is run on: @asked, or if that is NULL its own subject
 *
 * Returns: NULL with a message when @asked has other ops.
 */
const struct subject *cli_subject_of(const char *file, const struct program *p,
				     const struct subject *asked);

/** cli_load() - read and parse; a message "file:line:column: ..." on stderr and false otherwise */
bool cli_load(const char *path, struct program *ret);

/**
 * cli_write_program() - a program file, whole or not at all: written beside it, then renamed
 * @replace: what is there already may go
 *
 * Returns: true, or false with a message, and what was there before still is.
 */
bool cli_write_program(const char *path, const struct program *p, bool replace);

/** cli_write_text() - a file that was asked for, "-": standard output; exit 2 when it cannot be */
void cli_write_text(const char *path, const char *text);

/**
 * cli_repair() - exec_repair() a file's program, and write the file anew when that helped
 * @p: as cli_load() read it from @path
 * @dry: leave the file as it is
 * @ret_written: false: it could not be written, a message was printed
 */
enum expect_outcome cli_repair(const char *path, struct program *p, struct repair *r, bool dry,
			       bool *ret_written);

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

/* ---- findings ---- */

#define STACK_FOLDED 3 /* functions of a stack that are told, unless all are wanted */

/* How the last run, a failing one, is to be told. */
struct cli_letter {
	const char *replay;		 /* the line to paste, or NULL */
	const struct exec_how *how;	 /* what exec_run() was called with */
	const struct strategy *strategy; /* the same; NULL: own schedule */
	uint64_t seed;
	unsigned lines; /* of the letter; 0: LETTER_LINES */
	bool all;	/* every event, and stacks as long as they are */
};

/**
 * cli_letter() - the letter of the last run of @x, to be printed by a function of trace/letter.h
 *
 * Finds the pivot, so it runs @x some hundred times; its last run is as before. The letter is good
 * until the next run.
 */
void cli_letter(struct exec *x, const struct cli_letter *how, struct letter *ret);

enum cli_format { FORMAT_TEXT, FORMAT_MD, FORMAT_HTML };

/**
 * cli_tell() - all that is to be said of the last run: the letter, the blame curve if it is wanted,
 * what the sanitizer or the race detector says
 *
 * As text it is as wide as the terminal; html is a page of its own. The verdict in x->trace stays.
 */
void cli_tell(FILE *f, struct exec *x, const struct cli_letter *how, enum cli_format format,
	      bool blame);

/** cli_letter_json() - its keys pivot and events: of the letter, or of the whole run */
void cli_letter_json(json_t *row, struct exec *x, const struct cli_letter *how);

/** cli_blame() - the blame curve of the last run */
void cli_blame(struct text *t, struct exec *x, const struct cli_letter *how);

/** cli_blame_json() - the same as key blame */
void cli_blame_json(json_t *row, struct exec *x, const struct cli_letter *how);

/** cli_witness() - the sanitizer's report of that run, repeated in a child process, if any */
void cli_witness(struct text *t, struct exec *x, const struct cli_letter *how);

/**
 * cli_race() - of a race that our own detector found: both stacks, and whether runs show the other
 * order, too
 */
void cli_race(struct text *t, struct exec *x, const struct cli_letter *how);

/** cli_verdict_json() - keys verdict, object, signature, trace_hash, steps of the last run */
void cli_verdict_json(json_t *row, const struct exec *x);

/** cli_json_text() - a string from outside; bytes that are no UTF-8 become "?" */
json_t *cli_json_text(const char *text);

/** cli_put_json() - one object, one line; takes the reference */
void cli_put_json(json_t *row);

/** cli_finding_slug() - the name of a finding without an ending: rule, type, hash of the signature */
void cli_finding_slug(const struct verdict *v, char *ret, size_t cap);

/**
 * cli_describe() - a comment that says what a failing program shows, and the expect lines of it
 * @how: the platform that it was found on
 */
void cli_describe(struct program *p, const struct subject *subject, const char *defect,
		  const struct exec_how *how, const struct verdict *v);

/**
 * cli_save_finding() - write a failing program into a folder, under the name of its signature
 * @p: gets a comment and the expect lines that say what it shows
 * @defect: that was on, or NULL
 * @ret_path: where it lies now
 *
 * Returns: true, or false with a message when it cannot be written.
 */
bool cli_save_finding(const char *dir, struct program *p, const struct subject *subject,
		      const char *defect, const struct exec_how *how, const struct verdict *v,
		      char *ret_path, size_t cap);

/** cli_make_folder() - a folder and its parents; true when it is there */
bool cli_make_folder(const char *path);

/** cli_exec() - the one struct exec of this process, initialised */
struct exec *cli_exec(void);

#endif
