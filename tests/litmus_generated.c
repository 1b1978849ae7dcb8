/*
 * litmus_generated.c - draws litmus tests, and prints them in the kernel's dialect.
 *
 * A thread is a few accesses, maybe inside of a section of a lock, RCU or SRCU, or around a grace period.
 * Two threads share two words and are longer, three share three.
 */
#include "litmus_generated.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void put_op(struct text *t, const struct op *op, unsigned number)
{
	static const char *const words[] = {
		[FULL_BARRIER] = "\tsmp_mb();\n",	 [READ_BARRIER] = "\tsmp_rmb();\n",
		[WRITE_BARRIER] = "\tsmp_wmb();\n",	 [LOCK] = "\tspin_lock(l);\n",
		[UNLOCK] = "\tspin_unlock(l);\n",	 [READER] = "\trcu_read_lock();\n",
		[READER_END] = "\trcu_read_unlock();\n", [GRACE] = "\tsynchronize_rcu();\n",
		[SGRACE] = "\tsynchronize_srcu(d);\n",
	};
	char word = (char)('x' + op->word);

	switch (op->kind) {
	case LOAD:
		text_putf(t, "\tr%u = READ_ONCE(*%c);\n", number, word);
		break;
	case ACQUIRE:
		text_putf(t, "\tr%u = smp_load_acquire(%c);\n", number, word);
		break;
	case STORE:
		text_putf(t, "\tWRITE_ONCE(*%c, %u);\n", word, op->value);
		break;
	case RELEASE:
		text_putf(t, "\tsmp_store_release(%c, %u);\n", word, op->value);
		break;
	case ADD:
		text_putf(t, "\tr%u = atomic_fetch_add(%u, %c);\n", number, op->value, word);
		break;
	case SREADER:
		text_putf(t, "\ts%u = srcu_read_lock(d);\n", op->value);
		break;
	case SREADER_END:
		text_putf(t, "\tsrcu_read_unlock(d, s%u);\n", op->value);
		break;
	default:
		text_puts(t, words[op->kind]);
	}
}

static void put_test(struct text *t, const struct generated *g)
{
	text_puts(t, "C generated\n{}\n");
	for (unsigned i = 0; i < g->threads; i++) {
		text_putf(t,
			  "P%u(int *x, int *y, int *z, spinlock_t *l, struct srcu_struct *d)\n{\n"
			  "\tint r0; int r1; int r2; int r3; int r4; int r5; int s0; int s1;\n",
			  i);
		for (unsigned n = 0; n < g->thread[i].nr; n++)
			put_op(t, &g->thread[i].op[n], n);
		text_puts(t, "}\n");
	}
	text_puts(t, "locations [x; y; z;");
	for (unsigned i = 0; i < g->threads; i++)
		for (unsigned n = 0; n < OPS; n++)
			text_putf(t, " %u:r%u;", i, n);
	text_puts(t, "]\nexists (x=1)\n");
}

static void add(struct thread *t, enum kind kind, unsigned word, unsigned value)
{
	if (t->nr < OPS)
		t->op[t->nr++] = (struct op){kind, (uint8_t)word, (uint8_t)value};
}

static void add_access(struct thread *t, struct rng *r, unsigned words)
{
	static const enum kind kinds[] = {LOAD,	 LOAD,	       LOAD,	     STORE,
					  STORE, STORE,	       ACQUIRE,	     RELEASE,
					  ADD,	 FULL_BARRIER, READ_BARRIER, WRITE_BARRIER};

	add(t, kinds[rng_below(r, 12)], rng_below(r, words), 1 + rng_below(r, 2));
}

/* Two sections of SRCU that overlap: both together are none. */
static void draw_overlap(struct thread *t, struct rng *r, unsigned words)
{
	t->nr = 0;
	add(t, SREADER, 0, 0);
	add_access(t, r, words);
	add(t, SREADER, 0, 1);
	add(t, SREADER_END, 0, 0);
	add_access(t, r, words);
	add(t, SREADER_END, 0, 1);
}

/* Half of message passing: two stores or two loads, and what may order them. */
static void draw_half(struct thread *t, struct rng *r)
{
	static const enum kind between[] = {READ_BARRIER, WRITE_BARRIER, FULL_BARRIER};
	bool stores = rng_below(r, 2);
	unsigned word = !stores, how = rng_below(r, 6);

	t->nr = 0;
	add(t, stores ? STORE : how == 0 ? ACQUIRE : LOAD, word, 1);
	if (how > 1)
		add(t, between[how == 5 ? 2 : how & 1], 0, 0);
	add(t, !stores ? LOAD : how == 0 ? RELEASE : STORE, !word, 1);
}

/* Accesses, maybe inside of a section or around a grace period. */
static void draw_thread(struct thread *t, struct rng *r, unsigned words)
{
	static const enum kind opens[] = {LOCK, READER, SREADER};
	static const enum kind closes[] = {UNLOCK, READER_END, SREADER_END};
	unsigned shape = rng_below(r, 6), length = 1 + rng_below(r, words == 2 ? 3 : 2);

	t->nr = 0;
	if (shape < 3)
		add(t, opens[shape], 0, 0);
	for (unsigned i = 0; i < length; i++)
		add_access(t, r, words);
	if (shape == 3 || shape == 4)
		add(t, shape == 3 ? GRACE : SGRACE, 0, 0);
	add_access(t, r, words);
	if (shape < 3)
		add(t, closes[shape], 0, 0);
}

void generated_parse(const char *source, struct litmus_test *ret)
{
	struct litmus_error error;

	if (!litmus_parse(source, strlen(source), ret, &error))
		fail_msg("%u:%u: %s\n%s", error.line, error.column, error.message, source);
}

void generated_read(struct generated *g, struct litmus_test *ret)
{
	struct text t = text_init(g->text, sizeof(g->text));

	put_test(&t, g);
	assert_false(t.full);
	generated_parse(g->text, ret);
}

void generated_draw(struct generated *g, struct rng *r, unsigned threads, struct litmus_test *ret)
{
	g->threads = threads;
	for (unsigned i = 0; i < threads; i++) {
		unsigned shape = threads == 2 ? rng_below(r, 6) : OPS;

		if (shape == 0)
			draw_overlap(&g->thread[i], r, threads);
		else if (shape <= 2)
			draw_half(&g->thread[i], r);
		else
			draw_thread(&g->thread[i], r, threads);
	}
	generated_read(g, ret);
}

void generated_search(const struct litmus_test *test, bool weak, struct litmus_outcome *ret)
{
	const struct litmus_search s = {
		.test = test, .strength = {.weak = weak}, .runs_max = 1000000};

	litmus_search(&s, ret);
	if (!ret->complete || ret->faulted)
		fail_msg("%s: %s, %llu runs ended by a verdict", test->name,
			 ret->complete ? "complete" : "not complete",
			 (unsigned long long)ret->faulted);
}

bool generated_is(const struct generated *g, const struct final *f, const struct litmus_state *s)
{
	for (unsigned i = 0; i < WORDS; i++)
		if (f->word[i] != s->shown[i])
			return false;
	for (unsigned t = 0; t < g->threads; t++)
		for (unsigned n = 0; n < OPS; n++)
			if (f->read[t][n] != s->shown[WORDS + t * OPS + n])
				return false;
	return true;
}

unsigned generated_nr(unsigned day)
{
	return getenv("BONDFUZZ_WHOLE") ? 2000 : day;
}

void finals_add(struct final *set, unsigned *nr, unsigned max, const struct final *f)
{
	for (unsigned i = 0; i < *nr; i++)
		if (memcmp(&set[i], f, sizeof(*f)) == 0)
			return;
	assert_true(*nr < max);
	set[(*nr)++] = *f;
}
