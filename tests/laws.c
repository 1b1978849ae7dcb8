/*
 * laws.c - loads and draws programs for the tests over whole runs.
 */
#include "tests/laws.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/about.h"

struct exec_how laws_how;

void laws_load(const char *name, struct program *ret)
{
	struct program_names names = {.subjects = exec_subjects(), .strategies = strategy_names()};
	struct program_error error = {0};
	static char data[PROGRAM_TEXT_MAX];
	char path[512];
	size_t len;
	FILE *f;

	about(ABOUT_PROGRAM, "%s", name);
	snprintf(path, sizeof(path), "%s/%s", CORPUS, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	if (!program_parse(data, len, &names, ret, &error))
		fail_msg("%s:%u:%u: %s", path, error.line, error.column, error.message);
}

void laws_draw(const char *subject, uint64_t seed, struct program *ret)
{
	static const char *const strategies[] = {"portfolio", NULL};
	static const struct program_shape shape = {.threads_min = 2,
						   .threads_max = 4,
						   .ops_min = 4,
						   .ops_max = 14,
						   .strategies = strategies};
	struct rng rng = rng_init(seed);

	about(ABOUT_PROGRAM, "the program of seed %llu on %s", (unsigned long long)seed, subject);
	program_generate(ret, subject_find(subject)->descriptor, &shape, &rng);
}

struct exec *laws_exec(void)
{
	static struct exec exec;
	static bool ready;

	if (!ready)
		exec_init(&exec);
	ready = true;
	return &exec;
}
