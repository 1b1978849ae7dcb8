/*
 * afl_mutator.c - our mutator for AFL++: a shared object that afl-fuzz loads.
 *
 *   AFL_CUSTOM_MUTATOR_LIBRARY=.../afl_mutator.so AFL_CUSTOM_MUTATOR_ONLY=1 BONDFUZZ_SUBJECT=NAME
 *
 * An input is a program, so AFL++'s own mutations of bytes would hardly ever leave one. A third of
 * the new inputs are crossed with another one of the queue, the others changed. Nothing is run here:
 * deviations are drawn, not learnt, as in the targets for libFuzzer.
 *
 * One mutator a process, as afl-fuzz has it. Built without a sanitizer, as afl-fuzz is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "base/rng.h"
#include "guide/input.h"

#define CROSS_ONE_IN 3

/* AFL++'s interface for custom mutators. */
void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *mutator, uint8_t *data, size_t size, uint8_t **ret, uint8_t *other,
		       size_t other_size, size_t max);
const char *afl_custom_describe(void *mutator, size_t max);
int32_t afl_custom_init_trim(void *mutator, uint8_t *data, size_t size);
size_t afl_custom_trim(void *mutator, uint8_t **ret);
int32_t afl_custom_post_trim(void *mutator, bool kept);
void afl_custom_deinit(void *mutator);

struct mutator {
	const struct subject *subject;
	struct rng rng;
	uint8_t text[PROGRAM_TEXT_MAX];
};

void *afl_custom_init(void *afl, unsigned seed)
{
	const char *name = getenv("BONDFUZZ_SUBJECT");
	struct mutator *m = calloc(1, sizeof(*m));

	must(m);
	m->rng = rng_init(seed);
	m->subject = name ? subject_find(name) : NULL;
	if (m->subject)
		return m;
	fprintf(stderr, "afl_mutator: BONDFUZZ_SUBJECT names no subject: %s\n", name ? name : "");
	exit(2);
}

size_t afl_custom_fuzz(void *mutator, uint8_t *data, size_t size, uint8_t **ret, uint8_t *other,
		       size_t other_size, size_t max)
{
	struct mutator *m = mutator;
	unsigned seed = (unsigned)(rng_next(&m->rng) >> 32);
	size_t n = 0;

	if (max > sizeof(m->text))
		max = sizeof(m->text);
	*ret = m->text;
	if (other && rng_chance(&m->rng, CROSS_ONE_IN))
		n = input_crossover(m->subject, data, size, other, other_size, m->text, max, seed);
	if (n)
		return n;
	if (size > max)
		size = 0; /* no program: a new one is drawn */
	for (size_t i = 0; i < size; i++)
		m->text[i] = data[i];
	return input_mutate(m->subject, m->text, size, max, seed, NULL, NULL);
}

const char *afl_custom_describe(void *mutator, size_t max)
{
	return "bondfuzz";
}

/* Trimming cuts bytes away, and a program without some is none: there is nothing to try. */
int32_t afl_custom_init_trim(void *mutator, uint8_t *data, size_t size)
{
	return 0;
}

size_t afl_custom_trim(void *mutator, uint8_t **ret)
{
	*ret = NULL;
	return 0;
}

int32_t afl_custom_post_trim(void *mutator, bool kept)
{
	return 0;
}

void afl_custom_deinit(void *mutator)
{
	free(mutator);
}
