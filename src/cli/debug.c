/*
 * debug.c - bondfuzz debug: a failing program under gdb, stopped where it matters.
 *
 * The program is run once here, to know the verdict and the step; then this process becomes gdb, with
 * itself, told to do that one run, as what is debugged. gdb gets a small script (debug_gdb.py, which
 * lies in this binary) that shows the fibers as threads: gdb itself sees one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/options.h"
#include "search/blame.h"
#include "zoo/defect.h"

#define COMMANDS_MAX 32
#define ARGUMENTS_MAX (2 * COMMANDS_MAX + 64)

/* The bytes of a file, as the linker finds them. */
__asm__(".section .rodata\n"
	".global debug_script, debug_script_end\n"
	"debug_script:\n"
	".incbin \"" DEBUG_SCRIPT "\"\n"
	"debug_script_end:\n"
	".previous\n");
extern const char debug_script[], debug_script_end[];

struct debug_options {
	const char *file, *defect, *gdb;
	const struct subject *subject;
	uint64_t stop_at; /* 0: where it matters */
	bool batch, inside;
	const char *command[COMMANDS_MAX];
	unsigned commands_nr;
};

static void add_command(const struct cli_option *option, void *options, const char *command)
{
	struct debug_options *o = options;

	if (o->commands_nr == COMMANDS_MAX)
		quit_usage("more than %d gdb commands: put them into a file, and use gdb's source "
			   "command",
			   COMMANDS_MAX);
	o->command[o->commands_nr++] = command;
}

static const struct cli_option options[] = {
	{"stop-at", 0, "STEP",
	 "the step to stop at (default: the one that made the verdict inevitable, or the last one "
	 "before the verdict)",
	 CLI_NUMBER(debug_options, stop_at, 1, STEPS_MAX)},
	{"subject", 's', "NAME",
	 "run on this subject (default: the one on which the file expects a failure)",
	 CLI_SUBJECT(debug_options, subject)},
	CLI_DEFECT(debug_options, defect),
	{"command", 'c', "COMMAND", "run a gdb command after the stop; may be repeated",
	 CLI_OWN(add_command)},
	{"batch", 0, NULL, "exit gdb after the last command", CLI_FLAG(debug_options, batch)},
	{"gdb", 0, "PROGRAM", "the gdb program to use (default gdb)", CLI_WORD(debug_options, gdb)},
	{"inside", 0, NULL, "what gdb runs", CLI_HIDDEN_FLAG(debug_options, inside)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz debug",
	.options = options,
	.words = "FILE",
	.help = "Run a program with its own schedule under gdb, and stop shortly before the "
		"verdict. Additional gdb commands: bond threads, bond bt LANE, bond objects, bond "
		"go (continue to the verdict).",
	.too_many = "one program at a time",
	.words_max = 1};

/* Is it about the place that was asked for? Without a question every place is. */
static bool is_asked(const struct debug_options *o, const struct expectation *e)
{
	const char *asked = o->defect	 ? o->defect
			    : o->subject ? o->subject->descriptor->name
					 : e->on;

	return strcmp(asked, e->on) == 0;
}

/* Where it is run, and for which verdict: by the first line of the file that fits, else any. */
static struct expectation place(const struct debug_options *o, const struct program *p)
{
	struct expectation e, own = {.subject = subject_find(p->descriptor->name)};

	for (unsigned i = 0; i < p->expects_nr; i++)
		if (expect_read(p, &p->expects[i], &e) == EXPECT_HOLDS && !e.clean &&
		    is_asked(o, &e))
			return e;
	if (o->subject)
		own.subject = o->subject;
	own.on = o->defect ? o->defect : own.subject->descriptor->name;
	own.defect = o->defect;
	strcpy(own.wanted, "any");
	return own;
}

static void run_once(struct exec *x, struct exec_how *how, const struct program *p,
		     const struct expectation *e, uint32_t stop_at)
{
	expect_begin(x, p, e, how, p->strategy != 0);
	if (stop_at)
		sim_stop_at(stop_at);
	exec_run(x, how, NULL, 0);
}

/* Returns: event number @step of the last run's visible operations, or NULL. */
static const struct trace_event *event_of(const struct trace *t, uint32_t step)
{
	for (uint32_t i = 0; i < t->events_nr; i++)
		if (event_is_visible(t->event[i].kind) && !--step)
			return &t->event[i];
	return NULL;
}

/* The step that made it inevitable, or where that is not known the last one. */
static uint32_t where_it_matters(struct exec *x, const struct exec_how *how)
{
	uint32_t pivot = x->trace.verdict.rule ? exec_pivot(x, how, NULL, 0) : 0;

	return pivot ? pivot : x->trace.steps;
}

static void announce(const struct debug_options *o, const struct exec *x, const char *on,
		     uint32_t stop)
{
	const struct verdict *v = &x->trace.verdict;
	const struct trace_event *e = event_of(&x->trace, stop);

	printf("%s: %s%s%s on %s, %u steps", o->file, v->rule ? rule_name(v->rule) : "clean",
	       v->object[0] && v->rule ? " " : "", v->rule ? v->object : "", on, x->trace.steps);
	if (e && e->site)
		printf("; step %u is %s in %s, by %s", stop, site_words(e->site), e->site->func,
		       lane_name(e->lane));
	printf("\n");
	if (exec_stale(x))
		printf("  its schedule is stale; try bondfuzz repair\n");
	fflush(stdout);
}

/* The script as a file that has no name, for gdb to read; it stays open over exec. */
static int open_script(void)
{
	size_t size = (size_t)(debug_script_end - debug_script);
	int fd = memfd_create("debug_gdb.py", 0);

	if (fd >= 0 && write(fd, debug_script, size) == (ssize_t)size)
		return fd;
	quit_file("memory for gdb's script", "");
}

static void put(char **argument, unsigned *nr, const char *word)
{
	if (*nr + 1 == ARGUMENTS_MAX)
		quit_usage("too many arguments");
	argument[(*nr)++] = (char *)word;
}

static _Noreturn void become_gdb(const struct debug_options *o, int argc, char **argv,
				 uint32_t stop)
{
	static char self[4096], source[128], step[32];
	char *argument[ARGUMENTS_MAX] = {NULL};
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *gdb = o->gdb ? o->gdb : "gdb";
	unsigned nr = 0;

	if (n < 0)
		quit_file("/proc/self/exe", "");
	snprintf(source, sizeof(source), "python exec(open('/proc/self/fd/%d').read())",
		 open_script());
	snprintf(step, sizeof(step), "--stop-at=%u", stop);
	put(argument, &nr, gdb);
	put(argument, &nr, "-q");
	if (o->batch)
		put(argument, &nr, "-batch");
	put(argument, &nr, "-iex");
	put(argument, &nr, "set debuginfod enabled off");
	put(argument, &nr, "-ex");
	put(argument, &nr, source);
	put(argument, &nr, "-ex");
	put(argument, &nr, "bond start");
	for (unsigned i = 0; i < o->commands_nr; i++) {
		put(argument, &nr, "-ex");
		put(argument, &nr, o->command[i]);
	}
	put(argument, &nr, "--args");
	put(argument, &nr, self);
	put(argument, &nr, "debug");
	put(argument, &nr, "--inside");
	put(argument, &nr, step); /* what the user gave comes behind it, and is the same or wins */
	for (int i = 1; i < argc; i++)
		put(argument, &nr, argv[i]);
	execvp(gdb, argument);
	quit_usage("%.200s: %s; install gdb", gdb, strerror(errno));
}

int command_debug(int argc, char **argv)
{
	static struct program program;
	struct debug_options o = {0};
	struct exec_how how = exec_default;
	struct exec *x = exec_process();
	struct cli_words words;
	struct expectation e;
	uint32_t stop;
	int status;

	words = cli_parse_platform(&syntax, argc, argv, &o, &how.strength);
	if (!words.nr)
		quit_usage("no file given: name a program (*.bond)");
	o.file = words.word[0];
	if ((status = cli_load_program(o.file, &program)))
		return status;
	cli_known_defect(o.defect);
	e = place(&o, &program);
	if (!cli_subject_of(o.file, &program, e.subject))
		return EXIT_USAGE;
	run_once(x, &how, &program, &e, o.inside ? (uint32_t)o.stop_at : 0);
	if (o.inside)
		return x->trace.verdict.rule ? EXIT_FINDING : EXIT_CLEAN;
	stop = o.stop_at ? (uint32_t)o.stop_at : where_it_matters(x, &how);
	if (stop > x->trace.steps)
		quit_usage("%.200s: the run has %u steps; there is no step %u", o.file,
			   x->trace.steps, stop);
	announce(&o, x, e.on, stop);
	become_gdb(&o, argc, argv, stop);
}
