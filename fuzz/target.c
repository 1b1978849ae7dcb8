/*
 * target.c - one input: its program, under its own schedule, then under a burst of seeds after it.
 *
 * A run depends on its input alone: the profile is learnt anew for each, from the same few runs, and
 * nothing is carried over but what the engine was told.
 */
#include "fuzz/target.h"

#include <stdlib.h>

#include "base/panic.h"
#include "guide/input.h"

#define BURST 24

static struct exec exec;
static struct exec_how how;

static const struct subject *subject_of(const char *name)
{
	static const struct subject *subject;

	if (!subject)
		subject = subject_find(name);
	must(subject);
	return subject;
}

static void begin(void)
{
	static bool begun;

	if (!begun) {
		exec_init(&exec);
		finding_init(&how);
		begun = true;
	}
	finding_refresh();
}

static void run(const struct program *p, const struct strategy *strategy, uint64_t seed)
{
	exec_run(&exec, &how, strategy, seed);
	counters_take(&exec.trace);
	finding_look(&exec, &how, p, strategy, seed);
}

static void learn(const struct program *p)
{
	sim_forget_race_points();
	for (unsigned i = 0; i < PROFILE_FEW; i++) {
		run(p, exec_teacher(i), exec_teacher_seed(i));
		exec_learn_race();
		profile_learn(&exec.profile, &exec.trace);
	}
}

static void run_program(const struct subject *subject, const struct program *p)
{
	const char *own = program_name(p, p->strategy);
	const struct strategy *strategy = strategy_find(own[0] ? own : "portfolio");

	exec_prepare(&exec, p, subject, NULL);
	learn(p);
	run(p, NULL, 0);
	for (unsigned i = 1; i < BURST; i++)
		run(p, strategy, p->seed + i);
	counters_flush();
}

int target_run(const char *name, const uint8_t *data, size_t size)
{
	static struct program program;
	const struct subject *subject = subject_of(name);

	begin();
	if (!input_parse(subject, data, size, &program)) {
		counters_flush();
		return -1;
	}
	run_program(subject, &program);
	return 0;
}

int target_run_bytes(const char *name, const uint8_t *data, size_t size)
{
	static struct program program;
	const struct subject *subject = subject_of(name);

	begin();
	input_draw(subject, data, size, &program);
	run_program(subject, &program);
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
