/*
 * bench.c - bondfuzz bench: what a visible step, a run, a switch and an input cost.
 *
 * All figures come from one process, interleaved: the measurements take turns, ROUNDS times, and the
 * median of each is told. The slope over programs of two lengths separates the price of a step from
 * the price of a run: a program with no thread costs a run and few steps. What an option costs is the
 * median of the rounds' ratios, with it and without.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/panic.h"
#include "cli/options.h"

#define ROUNDS 9
#define SWITCHES 200000

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one)(const uint8_t *data, size_t size));

struct bench_options {
	uint64_t seconds;
	bool json;
	struct sim_strength strength; /* what is compared with the default */
	bool compare;
};

static const struct cli_option options[] = {
	{"time", 0, "SECONDS", "time limit of all measurements together (default 20)",
	 CLI_NUMBER(bench_options, seconds, 1, 100000)},
	{"json", 0, NULL, "print one object per measurement", CLI_FLAG(bench_options, json)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz bench",
	.options = options,
	.words = "FILE-OR-FOLDER...",
	.help = "Measure portfolio search over programs, the same through libFuzzer, an empty "
		"libFuzzer target, and a bare context switch.",
	.platform = "Also measure the slowdown of a run with:"};

/* What one slice of plain search over one program gave. */
struct slice {
	double seconds;
	double runs;
	double steps;
};

static struct slice search_slice(struct exec *x, const struct exec_how *how,
				 const struct program *p, double seconds)
{
	const struct strategy *portfolio = strategy_find("portfolio");
	struct slice s = {0};
	double start = clock_seconds();
	uint64_t seed = 1;

	exec_prepare(x, p, subject_find(p->descriptor->name), how);
	x->runs = x->steps = 0;
	start = clock_seconds();
	do
		for (unsigned i = 0; i < 64; i++)
			exec_run(x, how, portfolio, seed++);
	while (clock_seconds() - start < seconds);
	s.seconds = clock_seconds() - start;
	s.runs = (double)x->runs;
	s.steps = (double)x->steps;
	return s;
}

/* ---- through libFuzzer, in a child: its driver does not return ---- */

static struct exec *target_exec;
static uint64_t *target_runs;

static int target_input(const uint8_t *data, size_t size)
{
	uint64_t seed = 0;

	for (size_t i = 0; i < size && i < 8; i++)
		seed = seed << 8 | data[i];
	exec_run(target_exec, &exec_default, strategy_find("portfolio"), seed);
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
	double start = clock_seconds();
	pid_t child;

	*target_runs = 0;
	snprintf(argument, sizeof(argument), "-max_total_time=%u", seconds);
	fflush(NULL);
	child = fork();
	must(child >= 0);
	if (!child)
		drive(one, argument);
	waitpid(child, NULL, 0);
	if (clock_seconds() - start < seconds / 2.0)
		fputs("bondfuzz: the libFuzzer target ended early\n", stderr);
	return (double)*target_runs / (clock_seconds() - start);
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
	double start = clock_seconds();

	sim_switch_probe(SWITCHES);
	return (clock_seconds() - start) / (2.0 * SWITCHES) * 1e9;
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
	json_object_set_new(row, "name", json_text(name));
	for (unsigned i = 0; i < nr; i++)
		json_object_set_new(row, key[i], json_real(isfinite(value[i]) ? value[i] : 0));
	json_print(row);
}

/* The shortest program of a subject: one op that makes an mm. What a run costs without steps. */
static bool empty_program(const struct descriptor *d, struct program *ret)
{
	char data[160];
	struct text t = text_init(data, sizeof(data));
	struct program_names names = {.subjects = exec_subjects(),
				      .strategies = strategy_names(),
				      .absent = subject_absent};
	struct program_error error;

	text_putf(&t, "bondfuzz 1\nsubject %s\nmm0 = mm_create\n", d->name);
	return program_parse(t.data, t.len, &names, ret, &error);
}

struct figures {
	double run_ns[ROUNDS];
	double slowdown[ROUNDS];
	double runs, steps, seconds; /* of all rounds, without options */
};

struct bench {
	struct bench_options o;
	struct file_list files;
	struct program *program; /* of each file; then the shortest */
	struct figures *figures; /* the same */
	double switch_ns[ROUNDS];
};

static double run_ns(const struct slice *s)
{
	return s->seconds / s->runs * 1e9;
}

static void measure(struct bench *b, size_t i, unsigned round, double seconds)
{
	struct exec *x = exec_process();
	struct exec_how how = exec_default;
	struct figures *f = &b->figures[i];
	struct slice s = search_slice(x, &how, &b->program[i], seconds);

	f->run_ns[round] = run_ns(&s);
	f->runs += s.runs;
	f->steps += s.steps;
	f->seconds += s.seconds;
	if (!b->o.compare)
		return;
	how.strength = b->o.strength;
	s = search_slice(x, &how, &b->program[i], seconds);
	f->slowdown[round] = run_ns(&s) / f->run_ns[round];
}

static void measure_all(struct bench *b)
{
	double slice = (double)b->o.seconds * 0.6 / (double)(ROUNDS * (b->files.nr + 1));

	if (b->o.compare)
		slice /= 2;
	for (unsigned round = 0; round < ROUNDS; round++) {
		b->switch_ns[round] = switch_ns();
		for (size_t i = 0; i <= b->files.nr; i++)
			measure(b, i, round, slice);
	}
}

static void load(struct bench *b)
{
	b->program = calloc(b->files.nr + 1, sizeof(*b->program));
	b->figures = calloc(b->files.nr + 1, sizeof(*b->figures));
	must(b->program && b->figures);
	for (size_t i = 0; i < b->files.nr; i++) {
		int status = cli_load_program(b->files.path[i], &b->program[i]);

		if (status)
			exit(status);
	}
	if (!empty_program(b->program[0].descriptor, &b->program[b->files.nr]))
		panic(__FILE__, __LINE__, "the shortest program does not parse");
	target_runs = mmap(NULL, sizeof(*target_runs), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(target_runs != MAP_FAILED);
}

/* A program a row. */
static void tell_files(struct bench *b)
{
	static const char *keys[] = {"runs_per_second", "steps_per_run", "run_ns", "slowdown"};

	for (size_t i = 0; i < b->files.nr; i++) {
		struct figures *f = &b->figures[i];
		double ns = median(f->run_ns, ROUNDS);
		double value[] = {1e9 / ns, f->steps / f->runs, ns, median(f->slowdown, ROUNDS)};

		put(&b->o, b->files.path[i], keys, value, b->o.compare ? 4 : 3);
	}
}

/* What a run costs without its steps, and a step. */
static void tell_total(struct bench *b)
{
	static const char *keys[] = {"runs_per_second",
				     "steps_per_run",
				     "step_ns",
				     "run_overhead_ns",
				     "switch_ns",
				     "fuzz_runs_per_second",
				     "empty_target_runs_per_second",
				     "slowdown"};
	struct figures *base = &b->figures[b->files.nr], all = {0};
	double base_ns = median(base->run_ns, ROUNDS), base_steps = base->steps / base->runs;
	double ns = 0, steps = 0, slowdown = 0, files_nr = (double)b->files.nr;
	unsigned seconds = b->o.seconds < 5 ? 1 : (unsigned)(b->o.seconds / 5);

	for (size_t i = 0; i < b->files.nr; i++) {
		struct figures *f = &b->figures[i];

		ns += median(f->run_ns, ROUNDS);
		steps += f->steps / f->runs;
		slowdown += log(median(f->slowdown, ROUNDS));
		all.runs += f->runs;
		all.steps += f->steps;
		all.seconds += f->seconds;
	}
	double step_ns = (ns - base_ns * files_nr) / (steps - base_steps * files_nr);

	target_exec = exec_process();
	exec_prepare(target_exec, &b->program[0], subject_find(b->program[0].descriptor->name),
		     &exec_default);
	double total[] = {all.runs / all.seconds,
			  all.steps / all.runs,
			  step_ns,
			  base_ns - base_steps * step_ns,
			  median(b->switch_ns, ROUNDS),
			  libfuzzer_rate(target_input, seconds),
			  libfuzzer_rate(empty_input, seconds),
			  exp(slowdown / files_nr)};

	put(&b->o, "total", keys, total, b->o.compare ? 8 : 7);
}

int command_bench(int argc, char **argv)
{
	static struct bench b = {.o = {.seconds = 20}};
	static const struct sim_strength none;

	b.files = cli_files(cli_parse_platform(&syntax, argc, argv, &b.o, &b.o.strength));
	b.o.compare = memcmp(&b.o.strength, &none, sizeof(none)) != 0;
	load(&b);
	measure_all(&b);
	tell_files(&b);
	tell_total(&b);
	return EXIT_CLEAN;
}
