/*
 * native_scenario.c - the 2015 scenario on real threads: file close against process exit.
 *
 * The set-up, two threads and the closing of corpus/scenario's program, again and again with other
 * delays. On a clean subject no rule may break, no sanitizer may speak, no block may be left.
 *
 *   native_scenario [ITERATIONS [SEED [SUBJECT [DEFECT]]]]
 *
 * Exit status 0: clean; 1: a leak; 2: bad usage. A verdict aborts, a sanitizer exits as it does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lane.h"
#include "kapi/native/native.h"
#include "subject/subject.h"
#include "zoo/defect.h"

struct step {
	unsigned lane;
	const char *op;
	uint32_t operand[OPERANDS_MAX]; /* every object here is number 0 of its kind */
};

static const struct step steps[] = {
	{LANE_MAIN, "hmm_device_register", {0}},
	{LANE_MAIN, "mm_create", {0}},
	{LANE_MAIN, "hmm_mirror_register", {0}},
	{LANE_A, "hmm_mirror_unregister", {0}},
	{LANE_A, "hmm_device_unregister", {0}},
	{LANE_A, "device_free", {0}},
	{LANE_B, "mm_exit", {0}},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static unsigned verb_of(const struct descriptor *d, const char *name)
{
	for (unsigned verb = 0; verb < d->ops_nr; verb++)
		if (strcmp(d->ops[verb].name, name) == 0)
			return verb;
	fprintf(stderr, "native_scenario: %s has no op %s\n", d->name, name);
	exit(2);
}

static void run_steps(void *arg, unsigned lane)
{
	const struct subject *subject = arg;

	for (unsigned i = 0; i < STEPS; i++) {
		const struct subject_call call = {.operand = steps[i].operand,
						  .lane = (uint8_t)lane};

		if (steps[i].lane == lane)
			subject->op(verb_of(subject->descriptor, steps[i].op), &call);
	}
}

/* Returns: how many blocks are left. */
static unsigned run_once(const struct subject *subject, uint64_t seed)
{
	native_begin(seed);
	subject->begin();
	run_steps((void *)subject, LANE_MAIN);
	native_run(2, run_steps, (void *)subject);
	subject->close();
	native_end();
	return native_live_blocks();
}

static int run_all(const struct subject *subject, unsigned long iterations, uint64_t seed)
{
	for (unsigned long i = 0; i < iterations; i++) {
		alarm(60); /* a deadlock ends here */
		if (!run_once(subject, seed + i))
			continue;
		fprintf(stderr, "[verdict] leak in iteration %lu\n", i);
		native_print_blocks();
		return 1;
	}
	printf("clean\n");
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long iterations = argc > 1 ? strtoul(argv[1], NULL, 0) : 200;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	const struct subject *subject = subject_find(argc > 3 ? argv[3] : "hmm");
	const char *defect_name = argc > 4 ? argv[4] : NULL;

	if (!iterations || !subject || !defect_enable(defect_name) || argc > 5) {
		fprintf(stderr, "usage: native_scenario [ITERATIONS [SEED [SUBJECT [DEFECT]]]]\n");
		return 2;
	}
	printf("%s%s%s: %lu iterations from seed %llu\n", subject->descriptor->name,
	       defect_name ? " with " : "", defect_name ? defect_name : "", iterations,
	       (unsigned long long)seed);
	fflush(stdout);
	return run_all(subject, iterations, seed);
}
