/*
 * target.c - inputs of other engines, and how those hear of a finding: the process ends, with the letter
 * on stderr.
 *
 * A run depends on its input alone: nothing is carried over except what the engine was told. A finding is
 * recorded and minimised first, so that what is printed can be read and kept, whatever the input was. Then it
 * is repeated with dead memory left to the sanitizer: its report, where it has one, ends the process with
 * the stacks by which engines tell one bug from another. Else abort() does.
 */
#include "pipeline/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"
#include "guide/input.h"
#include "pipeline/burst.h"
#include "pipeline/known.h"
#include "pipeline/take.h"
#include "search/explain_run.h"
#include "zoo/defect.h"

#define LETTER_MAX (256 * 1024)

static struct exec exec;
static struct burst burst;

/* ---- a finding ---- */

static void print_letter(struct exec *x, const struct taken *t)
{
	static char data[LETTER_MAX];
	struct text text = text_init(data, sizeof(data));
	struct explain_run run = {.replay = "bondfuzz run FILE, with the program above in it",
				  .how = &t->how,
				  .strategy = t->strategy,
				  .seed = t->seed};
	struct letter letter;

	explain_letter(x, &run, &letter);
	letter_print(&text, &letter);
	fputs(data, stderr);
}

static void print_program(const struct program *p)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	program_print(p, &t);
	fprintf(stderr, "\n----- program -----\n%s----- end -----\n\n", data);
}

/* What the run is called stays as it was found: a smaller one may meet it elsewhere. */
static void on_finding(void *arg, const struct program *p, const struct strategy *strategy,
		       uint64_t seed)
{
	static struct taken t;
	char signature[SIGNATURE_MAX];

	(void)arg;
	verdict_signature(&exec.trace.verdict, signature, sizeof(signature));
	if (!known_file_add(&exec.trace.verdict))
		fprintf(stderr, "bondfuzz: %s: cannot be written\n", getenv("BONDFUZZ_KNOWN"));
	fprintf(stderr, "\nfinding: %s\n", signature);
	take_record(&exec, &burst.how, p, strategy, seed, &t);
	take_minimize(&exec, &t);
	print_program(&t.minimal);
	print_letter(&exec, &t);
	fflush(stderr);
	t.how.strength.witness = sim_sanitizer() != NULL;
	if (t.how.strength.witness)
		exec_run(&exec, &t.how, t.strategy, t.seed);
	abort();
}

/* ---- the environment ---- */

static _Noreturn void usage(const char *variable, const char *value)
{
	fprintf(stderr, "bondfuzz: %s=%s is not valid\n", variable, value);
	_exit(2); /* libFuzzer takes exit() for a crash */
}

static void read_environment(struct exec_how *how)
{
	const char *until = getenv("BONDFUZZ_UNTIL"), *defect = getenv("BONDFUZZ_DEFECT");
	const char *known = getenv("BONDFUZZ_KNOWN");

	if (until && strcmp(until, "any") != 0 && !rule_of(until))
		usage("BONDFUZZ_UNTIL", until);
	if (defect && !defect_enable(defect))
		usage("BONDFUZZ_DEFECT", defect);
	known_file_open(known);
	how->until = until;
	how->is_known = known ? known_file_has : NULL;
}

/* ---- inputs ---- */

static const struct subject *subject_of(const char *name)
{
	static const struct subject *subject;

	if (!subject)
		subject = subject_find(name);
	must(subject);
	return subject;
}

static void begin(const struct subject *subject)
{
	if (!burst.x) {
		exec_init(&exec);
		exec.subject = subject;
		burst = (struct burst){.x = &exec,
				       .feedback = counters_feedback(),
				       .alone = true,
				       .found = on_finding};
		read_environment(&burst.how);
		burst_begin(&burst);
	}
	known_file_refresh();
}

int target_run(const char *name, const uint8_t *data, size_t size)
{
	static struct program program;
	bool is_program = input_parse(subject_of(name), data, size, &program);

	begin(subject_of(name));
	if (is_program)
		burst_input(&burst, &program);
	counters_flush();
	return is_program ? 0 : -1;
}

int target_run_bytes(const char *name, const uint8_t *data, size_t size)
{
	static struct program program;

	begin(subject_of(name));
	input_draw(subject_of(name), data, size, &program);
	burst_input(&burst, &program);
	counters_flush();
	return 0;
}

size_t target_mutate(const char *name, uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return input_mutate(subject_of(name), data, size, max, seed, NULL, NULL);
}

size_t target_cross(const char *name, const uint8_t *a, size_t a_size, const uint8_t *b,
		    size_t b_size, uint8_t *out, size_t max, unsigned seed)
{
	return input_crossover(subject_of(name), a, a_size, b, b_size, out, max, seed);
}
