/*
 * merge.c - bondfuzz merge: of the inputs in some folders, the fewest and smallest that still show
 * everything that all of them show, copied into another folder.
 *
 * libFuzzer does it, with what guides a campaign as its measure. It starts a process that runs the
 * inputs, and starts it again behind an input that kills it; that process is this command again,
 * with --step and libFuzzer's own arguments. The folders are only read. The new one is complete when
 * this ends with status 0, and worth nothing before: give a new name, and rename it then.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/panic.h"
#include "campaign/fuzz.h"
#include "format/json.h"
#include "cli/options.h"

#define FOLDERS_MAX 64
#define ARGUMENTS_MAX (FOLDERS_MAX + 32) /* libFuzzer's are among them */

struct merge_options {
	struct fuzz_options fuzz;
	const char *into;
	bool step, json;
	char *argument[ARGUMENTS_MAX];
	int arguments_nr;
};

static const struct cli_option options[] = {
	{"subject", 's', "NAME", "the subject of the inputs (see bondfuzz list subjects)",
	 CLI_SUBJECT(merge_options, fuzz.subject)},
	{"into", 'i', "DIR", "the new folder; inputs that it already has are kept",
	 CLI_WORD(merge_options, into)},
	{"json", 0, NULL, "print one object on standard output", CLI_FLAG(merge_options, json)},
	{"step", 0, NULL, "", CLI_HIDDEN_FLAG(merge_options, step)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz merge",
	.options = options,
	.words = "FOLDER...",
	.help = "Copy a minimal set of inputs that has all features of the inputs in these "
		"folders. The folders are not changed. The new folder is complete only if the exit "
		"status is 0."};

static void take_folders(struct merge_options *o, struct cli_words folders)
{
	if (folders.nr > (o->step ? ARGUMENTS_MAX : FOLDERS_MAX))
		quit_usage("more than %d folders", FOLDERS_MAX);
	o->arguments_nr = folders.nr;
	for (int i = 0; i < folders.nr; i++)
		o->argument[i] = folders.word[i];
}

/* A word that a shell takes as it is. */
static void put_quoted(struct text *t, const char *word)
{
	text_puts(t, "'");
	for (; *word; word++)
		text_putf(t, *word == '\'' ? "'\\''" : "%c", *word);
	text_puts(t, "'");
}

/* libFuzzer gives its first argument to a shell, and its own behind it. */
static const char *step_command(const struct merge_options *o)
{
	static char data[2 * PATH_MAX];
	struct text t = text_init(data, sizeof(data));
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	must(n > 0);
	self[n] = '\0';
	put_quoted(&t, self);
	text_putf(&t, " merge --step --subject %s --", o->fuzz.subject->descriptor->name);
	must(!t.full);
	return data;
}

_Noreturn static void run_driver(struct merge_options *o)
{
	char *argv[ARGUMENTS_MAX + 2] = {(char *)step_command(o)};

	memcpy(argv + 1, o->argument, (size_t)o->arguments_nr * sizeof(argv[0]));
	exit(fuzz_merge(&o->fuzz, fuzz_share(1), o->arguments_nr + 1, argv));
}

/* A folder as a word that needs no quoting, while this process lives: libFuzzer does not quote it. */
static char *plain_name(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *name;

	if (fd < 0 || asprintf(&name, "/proc/%d/fd/%d", (int)getpid(), fd) < 0)
		quit_file(folder, "");
	return name;
}

_Noreturn static void run_outer(const struct merge_options *o, FILE *log)
{
	static const char *const flags[] = {"-merge=1", "-timeout=120", "-rss_limit_mb=0",
					    "-detect_leaks=0", "-max_len=1048576"};
	struct merge_options outer = *o;
	int nr = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(fileno(log), STDOUT_FILENO);
	dup2(fileno(log), STDERR_FILENO);
	for (; nr < (int)(sizeof(flags) / sizeof(flags[0])); nr++)
		outer.argument[nr] = (char *)flags[nr];
	outer.argument[nr++] = plain_name(o->into);
	for (int i = 0; i < o->arguments_nr; i++)
		outer.argument[nr++] = plain_name(o->argument[i]);
	outer.arguments_nr = nr;
	run_driver(&outer);
}

/* Returns: how many files there are, or exit 2. */
static unsigned long count_files(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned long nr = 0;

	if (!dir)
		quit_file(folder, "");
	for (struct dirent *e; (e = readdir(dir));)
		nr += e->d_name[0] != '.';
	closedir(dir);
	return nr;
}

/*
 * Did a step come to the end of the inputs? libFuzzer's status does not say; its words do, and they
 * are passed on when it did not.
 */
static bool read_log(FILE *log, int status, unsigned long *ret_features)
{
	unsigned long files;
	char line[512];
	bool complete = false;

	rewind(log);
	while (fgets(line, sizeof(line), log)) {
		complete |= strncmp(line, "MERGE-OUTER: succes", 19) == 0;
		sscanf(line, "MERGE-OUTER: %lu new files with %lu new", &files, ret_features);
	}
	if (complete && status == 0)
		return true;
	rewind(log);
	while (fgets(line, sizeof(line), log))
		fputs(line, stderr);
	return false;
}

static void tell(const struct merge_options *o, unsigned long inputs, unsigned long features)
{
	unsigned long kept = count_files(o->into);
	json_t *row;

	if (!o->json) {
		printf("%s: %lu of %lu inputs kept, with %lu features\n",
		       o->fuzz.subject->descriptor->name, kept, inputs, features);
		return;
	}
	row = json_object();
	json_object_set_new(row, "subject", json_string(o->fuzz.subject->descriptor->name));
	json_put_count(row, "inputs", inputs);
	json_put_count(row, "kept", kept);
	json_put_count(row, "features", features);
	json_print(row);
}

static void check_options(const struct merge_options *o)
{
	if (!o->fuzz.subject)
		quit_usage("no subject given: use --subject (see bondfuzz list subjects)");
	if (!o->step && (!o->into || !o->arguments_nr))
		quit_usage("no folders given: use --into, and name the folders to read");
}

int command_merge(int argc, char **argv)
{
	struct merge_options o = {0};
	unsigned long inputs = 0, features = 0;
	int status = 0;
	pid_t child;
	FILE *log;

	take_folders(&o, cli_parse(&syntax, argc, argv, &o));
	check_options(&o);
	if (o.step)
		run_driver(&o);
	for (int i = 0; i < o.arguments_nr; i++)
		inputs += count_files(o.argument[i]);
	if (!folder_make_path(o.into))
		quit_file(o.into, ": this folder cannot be made");
	log = tmpfile();
	if (!log)
		quit_file("temporary file", "");
	fflush(NULL);
	child = fork();
	must(child >= 0);
	if (!child)
		run_outer(&o, log);
	waitpid(child, &status, 0);
	if (!read_log(log, status, &features))
		quit_usage("libFuzzer could not merge into %s", o.into);
	tell(&o, inputs, features);
	return EXIT_CLEAN;
}
