/*
 * input.c - inputs of fuzzers: always whole programs, never bytes.
 */
#include "guide/input.h"

#include <string.h>

#include "guide/anchor.h"

#define FRESH_ONE_IN 12 /* inputs that are drawn new instead of changed */
#define ANCHOR_ONE_IN 6 /* of the others: get a deviation where their parent's run went by */

static struct program_shape shape = {
	.threads_min = 2, .threads_max = 4, .ops_min = 3, .ops_max = 14};

static const struct program_shape *drawn_shape(void)
{
	shape.strategies = strategy_drawn_names();
	return &shape;
}

void input_without_swarm(void)
{
	shape.whole = true;
}

bool input_parse(const struct subject *subject, const uint8_t *data, size_t size,
		 struct program *ret)
{
	const struct descriptor *one[] = {subject->descriptor, NULL};
	struct program_names names = {.subjects = one, .strategies = strategy_names()};
	struct program_error error;

	return program_parse((const char *)data, size, &names, ret, &error);
}

void input_draw(const struct subject *subject, const uint8_t *data, size_t size,
		struct program *ret)
{
	struct rng rng = rng_of_bytes(data, size);

	program_generate(ret, subject->descriptor, drawn_shape(), &rng);
}

static size_t print(const struct program *p, uint8_t *out, size_t max)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	program_print(p, &t);
	if (t.full || t.len > max)
		return 0;
	memcpy(out, t.data, t.len);
	return t.len;
}

static void change(struct program *p, const struct subject *subject, struct rng *rng,
		   struct exec *x, const struct exec_how *how)
{
	if (x && rng_chance(rng, ANCHOR_ONE_IN)) {
		x->subject = subject;
		if (anchor_add(x, how, p, rng))
			return;
	}
	program_mutate(p, drawn_shape(), rng);
}

size_t input_mutate(const struct subject *subject, uint8_t *data, size_t size, size_t max,
		    unsigned seed, struct exec *x, const struct exec_how *how)
{
	static struct program program;
	struct rng rng = rng_init(seed);
	size_t n;

	if (!rng_chance(&rng, FRESH_ONE_IN) && input_parse(subject, data, size, &program))
		change(&program, subject, &rng, x, how);
	else
		program_generate(&program, subject->descriptor, drawn_shape(), &rng);
	n = print(&program, data, max);
	return n ? n : size;
}

size_t input_crossover(const struct subject *subject, const uint8_t *a, size_t a_size,
		       const uint8_t *b, size_t b_size, uint8_t *out, size_t max, unsigned seed)
{
	static struct program one, other, both;
	struct rng rng = rng_init(seed);

	if (!input_parse(subject, a, a_size, &one) || !input_parse(subject, b, b_size, &other))
		return 0;
	program_crossover(&one, &other, &both, &rng);
	return print(&both, out, max);
}
