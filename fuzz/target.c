/*
 * target.c - one input: parse, run the program's own schedule, then a burst of seeds after it.
 */
#include "fuzz/target.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "exec/exec.h"
#include "exec/input.h"

#define BURST 16

static const struct subject *subject_of(const char *name)
{
	static const struct subject *subject;

	if (!subject)
		subject = subject_find(name);
	must(subject);
	return subject;
}

/* Short: the input is the program, and `bondfuzz run INPUT` prints the letter. */
static void stop_at_finding(const struct exec *x, const struct strategy *strategy, uint64_t seed)
{
	char signature[160];

	if (!x->trace.verdict.rule[0])
		return;
	verdict_signature(&x->trace.verdict, signature, sizeof(signature));
	fprintf(stderr, "finding: %s\n", signature);
	if (strategy)
		fprintf(stderr, "see it: bondfuzz run INPUT --strategy %s --seed %llu --runs 1\n",
			strategy->name, (unsigned long long)seed);
	else
		fprintf(stderr, "see it: bondfuzz run INPUT\n");
	abort();
}

int target_run(const char *name, const uint8_t *data, size_t size)
{
	static struct exec exec;
	static struct program program;
	const struct subject *subject = subject_of(name);
	const struct strategy *strategy;

	if (!exec.failures)
		exec_init(&exec);
	if (!input_parse(subject, data, size, &program))
		return -1;
	exec_prepare(&exec, &program, subject, true);
	exec_run(&exec, NULL, 0);
	stop_at_finding(&exec, NULL, 0);
	strategy = strategy_find(program.strategy ? program_name(&program, program.strategy)
						  : "portfolio");
	for (unsigned i = 1; i < BURST; i++) {
		exec_run(&exec, strategy, program.seed + i);
		stop_at_finding(&exec, strategy, program.seed + i);
	}
	return 0;
}

size_t target_mutate(const char *name, uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return input_mutate(subject_of(name), data, size, max, seed, NULL);
}

size_t target_cross(const char *name, const uint8_t *a, size_t a_size, const uint8_t *b,
		    size_t b_size, uint8_t *out, size_t max, unsigned seed)
{
	return input_crossover(subject_of(name), a, a_size, b, b_size, out, max, seed);
}
