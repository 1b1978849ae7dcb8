/*
 * bench.c - bondfuzz bench: what a visible step, a run, a switch and an input cost.
 *
 * All figures come from one process, interleaved: the measurements take turns, ROUNDS times, and the
 * median of each is told. The slope over programs of two lengths separates the price of a step from
 * the price of a run: a program with no thread costs a run and few steps.
 */
#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/panic.h"
#include "cli/cli.h"

#define ROUNDS 9
#define SWITCHES 200000

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one)(const uint8_t *data, size_t size));

struct bench_options {
	double seconds;
	bool json;
	char **file;
	int files_nr;
};

enum { KEY_TIME = 256, KEY_JSON };

static const struct argp_option options[] = {
	{"time", KEY_TIME, "SECONDS", 0, "for all measurements together (default 20)", 0},
	{"json", KEY_JSON, NULL, 0, "one object a measurement", 0},
	{0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct bench_options *o = state->input;

	switch (key) {
	case KEY_TIME:
		o->seconds = (double)cli_number("--time", arg, 1, 100000);
		break;
	case KEY_JSON:
		o->json = true;
		break;
	case ARGP_KEY_ARGS:
		o->file = state->argv + state->next;
		o->files_nr = state->argc - state->next;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {options,
				 parse_option,
				 "FILE-OR-FOLDER...",
				 "Measure plain search (portfolio) over programs, the same through "
				 "libFuzzer, an empty libFuzzer target, and the bare switch.",
				 NULL,
				 NULL,
				 NULL};

/* What one slice of plain search over one program gave. */
struct slice {
	double seconds;
	double runs;
	double steps;
};

static struct slice search_slice(struct exec *x, const struct program *p, double seconds)
{
	const struct strategy *portfolio = strategy_find("portfolio");
	struct slice s = {0};
	double start = cli_seconds();
	uint64_t seed = 1;

	exec_prepare(x, p, subject_find(p->descriptor->name), true);
	x->runs = x->steps = 0;
	start = cli_seconds();
	do
		for (unsigned i = 0; i < 64; i++)
			exec_run(x, portfolio, seed++);
	while (cli_seconds() - start < seconds);
	s.seconds = cli_seconds() - start;
	s.runs = (double)x->runs;
	s.steps = (double)x->steps;
	return s;
}

/* ---- through libFuzzer, in a child: its driver does not return ---- */

static struct exec *target_exec;
static const struct program *target_program;
static uint64_t *target_runs;

static int target_input(const uint8_t *data, size_t size)
{
	uint64_t seed = 0;

	for (size_t i = 0; i < size && i < 8; i++)
		seed = seed << 8 | data[i];
	exec_run(target_exec, strategy_find("portfolio"), seed);
	++*target_runs;
	return 0;
}

/* libFuzzer of clang 14 leaves when the first input shows nothing: this is what it shows. */
__attribute__((section("__libfuzzer_extra_counters"))) static volatile uint8_t bench_counter;

static int empty_input(const uint8_t *data, size_t size)
{
	(void)data, (void)size;
	bench_counter = 1;
	++*target_runs;
	return 0;
}

static _Noreturn void drive(int (*one)(const uint8_t *data, size_t size), const char *seconds)
{
	char *arguments[] = {(char *)"bench",
			     (char *)seconds,
			     (char *)"-verbosity=0",
			     (char *)"-max_len=8",
			     (char *)"-len_control=0",
			     (char *)"-detect_leaks=0",
			     (char *)"-rss_limit_mb=0",
			     (char *)"-exact_artifact_path=/dev/null",
			     NULL};
	int argc = 8;
	char **argv = arguments;

	must(freopen("/dev/null", "w", stderr));
	exit(LLVMFuzzerRunDriver(&argc, &argv, one));
}

/* Runs a second through libFuzzer; the driver counts whole seconds, so its own clock is not asked. */
static double libfuzzer_rate(int (*one)(const uint8_t *data, size_t size), unsigned seconds)
{
	char argument[64];
	double start = cli_seconds();
	pid_t child;

	*target_runs = 0;
	snprintf(argument, sizeof(argument), "-max_total_time=%u", seconds);
	fflush(NULL);
	child = fork();
	must(child >= 0);
	if (!child)
		drive(one, argument);
	waitpid(child, NULL, 0);
	if (cli_seconds() - start < seconds / 2.0)
		fputs("bondfuzz: the libFuzzer target ended early\n", stderr);
	return (double)*target_runs / (cli_seconds() - start);
}

/* ---- figures ---- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *value, unsigned nr)
{
	qsort(value, nr, sizeof(*value), by_size);
	return nr % 2 ? value[nr / 2] : (value[nr / 2 - 1] + value[nr / 2]) / 2;
}

static double switch_ns(void)
{
	double start = cli_seconds();

	sim_switch_probe(SWITCHES);
	return (cli_seconds() - start) / (2.0 * SWITCHES) * 1e9;
}

static void put(const struct bench_options *o, const char *name, const char *key[],
		const double value[], unsigned nr)
{
	json_t *row;

	if (!o->json) {
		printf("%s\n", name);
		for (unsigned i = 0; i < nr; i++)
			printf("  %-32s %14.1f\n", key[i], value[i]);
		return;
	}
	row = json_object();
	json_object_set_new(row, "name", cli_json_text(name));
	for (unsigned i = 0; i < nr; i++)
		json_object_set_new(row, key[i], json_real(isfinite(value[i]) ? value[i] : 0));
	cli_put_json(row);
}

/* The shortest program of a subject: one op that makes an mm. What a run costs without steps. */
static bool empty_program(const struct descriptor *d, struct program *ret)
{
	char data[160];
	struct text t = text_init(data, sizeof(data));
	struct program_names names = {exec_subjects(), strategy_names()};
	struct program_error error;

	text_putf(&t, "bondfuzz 1\nsubject %s\nmm0 = mm_create\n", d->name);
	return program_parse(t.data, t.len, &names, ret, &error);
}

struct file_figures {
	double run_ns[ROUNDS];
	double steps_per_run;
};

int command_bench(int argc, char **argv)
{
	static const char *file_keys[] = {"runs_per_second", "steps_per_run", "run_ns"};
	static const char *total_keys[] = {"runs_per_second",
					   "steps_per_run",
					   "step_ns",
					   "run_overhead_ns",
					   "switch_ns",
					   "fuzz_runs_per_second",
					   "empty_target_runs_per_second"};
	struct bench_options o = {.seconds = 20};
	struct exec *x = cli_exec();
	struct file_list files;
	struct program *programs, shortest;
	struct file_figures *figures, base = {0};
	double switches[ROUNDS], slice, runs = 0, steps = 0, seconds = 0;

	argv[0] = "bondfuzz bench";
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	files = cli_files(o.file, o.files_nr);
	programs = calloc(files.nr, sizeof(*programs));
	figures = calloc(files.nr, sizeof(*figures));
	must(programs && figures);
	for (size_t i = 0; i < files.nr; i++)
		if (!cli_load(files.path[i], &programs[i]))
			return EXIT_USAGE;
	if (!empty_program(programs[0].descriptor, &shortest))
		panic(__FILE__, __LINE__, "the shortest program does not parse");
	target_runs = mmap(NULL, sizeof(*target_runs), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(target_runs != MAP_FAILED);
	slice = o.seconds * 0.6 / (double)(ROUNDS * (files.nr + 1));
	for (unsigned r = 0; r < ROUNDS; r++) {
		struct slice s = search_slice(x, &shortest, slice);

		base.run_ns[r] = s.seconds / s.runs * 1e9;
		base.steps_per_run = s.steps / s.runs;
		switches[r] = switch_ns();
		for (size_t i = 0; i < files.nr; i++) {
			s = search_slice(x, &programs[i], slice);
			figures[i].run_ns[r] = s.seconds / s.runs * 1e9;
			figures[i].steps_per_run = s.steps / s.runs;
			runs += s.runs;
			steps += s.steps;
			seconds += s.seconds;
		}
	}
	double base_ns = median(base.run_ns, ROUNDS), all_ns = 0, all_steps = 0;

	for (size_t i = 0; i < files.nr; i++) {
		double ns = median(figures[i].run_ns, ROUNDS);
		double value[] = {1e9 / ns, figures[i].steps_per_run, ns};

		put(&o, files.path[i], file_keys, value, 3);
		all_ns += ns;
		all_steps += figures[i].steps_per_run;
	}
	double step_ns = (all_ns - base_ns * (double)files.nr) /
			 (all_steps - base.steps_per_run * (double)files.nr);
	unsigned child_seconds = (unsigned)(o.seconds * 0.2) ? (unsigned)(o.seconds * 0.2) : 1;

	target_exec = x;
	target_program = &programs[0];
	exec_prepare(x, target_program, subject_find(target_program->descriptor->name), true);
	double total[] = {runs / seconds,
			  steps / runs,
			  step_ns,
			  base_ns - base.steps_per_run * step_ns,
			  median(switches, ROUNDS),
			  libfuzzer_rate(target_input, child_seconds),
			  libfuzzer_rate(empty_input, child_seconds)};

	put(&o, "total", total_keys, total, 7);
	return EXIT_CLEAN;
}
