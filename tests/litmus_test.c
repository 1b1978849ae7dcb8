/*
 * litmus_test.c - the platform against a second implementation of what its primitives promise.
 *
 * Generated tests with loads, stores, updates, a lock, RCU and SRCU run twice: as a litmus test on the
 * platform, and in the enumerator below, which knows the laws of the primitives and shares no code with
 * the platform. In strong memory both must show the same final states. The enumerator is naive: it
 * tries every order of the steps, by recursion over copies of a small state.
 *
 * A grace period is two steps: it begins, and from then on waits for the sections that were open then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/text.h"
#include "litmus/search.h"
#include "sched/explore.h"

#define TESTS 400
#define OPS 6 /* of a thread */
#define THREADS 3
#define WORDS 3
#define STATES 4096

enum kind {
	LOAD,
	STORE,
	ADD,
	FULL_BARRIER,
	LOCK,
	UNLOCK,
	READER, /* of RCU; the next is its end */
	READER_END,
	GRACE,
	GRACE_ENDS, /* second step of GRACE: in no program */
	SREADER,
	SREADER_END,
	SGRACE,
	SGRACE_ENDS,
};

struct op {
	enum kind kind;
	uint8_t word, value; /* SREADER, SREADER_END: value is the section's number */
};

struct thread {
	unsigned nr;
	struct op op[OPS + 1];
};

struct generated {
	unsigned threads;
	struct thread thread[THREADS];
};

/* ---- the enumerator ---- */

struct state {
	uint8_t at[THREADS];
	bool waits[THREADS];	    /* GRACE has begun */
	uint8_t awaited[THREADS];   /* threads whose RCU section it waits for */
	uint16_t sawaited[THREADS]; /* SRCU sections: thread * 4 + number */
	uint8_t nest[THREADS];
	uint16_t sections; /* open SRCU sections */
	uint8_t owner;	   /* of the lock: thread + 1 */
	int8_t word[WORDS];
	int8_t read[THREADS][OPS];
};

struct final {
	int8_t word[WORDS];
	int8_t read[THREADS][OPS];
};

static struct final finals[STATES];
static unsigned finals_nr;

static void note_final(const struct state *s)
{
	struct final f;

	memcpy(f.word, s->word, sizeof(f.word));
	memcpy(f.read, s->read, sizeof(f.read));
	for (unsigned i = 0; i < finals_nr; i++)
		if (memcmp(&finals[i], &f, sizeof(f)) == 0)
			return;
	assert_true(finals_nr < STATES);
	finals[finals_nr++] = f;
}

static void end_section(struct state *s, unsigned thread)
{
	if (--s->nest[thread])
		return;
	for (unsigned t = 0; t < THREADS; t++)
		s->awaited[t] &= (uint8_t) ~(1u << thread);
}

static void end_srcu_section(struct state *s, unsigned section)
{
	s->sections &= (uint16_t) ~(1u << section);
	for (unsigned t = 0; t < THREADS; t++)
		s->sawaited[t] &= (uint16_t) ~(1u << section);
}

/* First step of a grace period. Returns: is the op over with it? */
static bool begin_grace(struct state *s, unsigned thread, bool srcu)
{
	s->awaited[thread] = 0;
	for (unsigned t = 0; !srcu && t < THREADS; t++)
		s->awaited[thread] |= (uint8_t)((s->nest[t] != 0) << t);
	s->sawaited[thread] = srcu ? s->sections : 0;
	s->waits[thread] = true;
	return false;
}

static bool enabled(const struct state *s, unsigned thread, const struct op *op)
{
	if (s->waits[thread])
		return !s->awaited[thread] && !s->sawaited[thread];
	return op->kind != LOCK || !s->owner;
}

static void step(struct state *s, unsigned thread, const struct op *op)
{
	bool over = true;

	switch (op->kind) {
	case LOAD:
		s->read[thread][s->at[thread]] = s->word[op->word];
		break;
	case STORE:
		s->word[op->word] = (int8_t)op->value;
		break;
	case ADD:
		s->read[thread][s->at[thread]] = s->word[op->word];
		s->word[op->word] = (int8_t)(s->word[op->word] + op->value);
		break;
	case LOCK:
		s->owner = (uint8_t)(thread + 1);
		break;
	case UNLOCK:
		s->owner = 0;
		break;
	case READER:
		s->nest[thread]++;
		break;
	case READER_END:
		end_section(s, thread);
		break;
	case SREADER:
		s->sections |= (uint16_t)(1u << (thread * 4 + op->value));
		break;
	case SREADER_END:
		end_srcu_section(s, thread * 4 + op->value);
		break;
	case GRACE:
	case SGRACE:
		over = s->waits[thread] || begin_grace(s, thread, op->kind == SGRACE);
		break;
	default:
		break;
	}
	if (!over)
		return;
	s->waits[thread] = false;
	s->at[thread]++;
}

static void enumerate(const struct generated *g, const struct state *from)
{
	bool any = false;

	for (unsigned t = 0; t < g->threads; t++) {
		const struct op *op = &g->thread[t].op[from->at[t]];
		struct state next = *from;

		if (from->at[t] == g->thread[t].nr)
			continue;
		any = true;
		if (!enabled(from, t, op))
			continue;
		step(&next, t, op);
		enumerate(g, &next);
	}
	if (!any)
		note_final(from);
}

/* ---- programs ---- */

static void put_op(struct text *t, const struct op *op, unsigned number)
{
	char word = (char)('x' + op->word);

	switch (op->kind) {
	case LOAD:
		text_putf(t, "\tr%u = READ_ONCE(*%c);\n", number, word);
		break;
	case STORE:
		text_putf(t, "\tWRITE_ONCE(*%c, %u);\n", word, op->value);
		break;
	case ADD:
		text_putf(t, "\tr%u = atomic_fetch_add(%u, %c);\n", number, op->value, word);
		break;
	case FULL_BARRIER:
		text_puts(t, "\tsmp_mb();\n");
		break;
	case SREADER:
		text_putf(t, "\ts%u = srcu_read_lock(d);\n", op->value);
		break;
	case SREADER_END:
		text_putf(t, "\tsrcu_read_unlock(d, s%u);\n", op->value);
		break;
	default:
		text_puts(t, op->kind == LOCK	      ? "\tspin_lock(l);\n"
			     : op->kind == UNLOCK     ? "\tspin_unlock(l);\n"
			     : op->kind == READER     ? "\trcu_read_lock();\n"
			     : op->kind == READER_END ? "\trcu_read_unlock();\n"
			     : op->kind == GRACE      ? "\tsynchronize_rcu();\n"
						      : "\tsynchronize_srcu(d);\n");
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

static void add_access(struct thread *t, struct rng *r)
{
	static const enum kind kinds[] = {LOAD, LOAD, LOAD, STORE, STORE, ADD, FULL_BARRIER};

	add(t, kinds[rng_below(r, 7)], rng_below(r, WORDS), 1 + rng_below(r, 2));
}

/* Two sections of SRCU that overlap: both together are none. */
static void draw_overlap(struct thread *t, struct rng *r)
{
	t->nr = 0;
	add(t, SREADER, 0, 0);
	add_access(t, r);
	add(t, SREADER, 0, 1);
	add(t, SREADER_END, 0, 0);
	add_access(t, r);
	add(t, SREADER_END, 0, 1);
}

/* Accesses, maybe inside of a section or around a grace period. */
static void draw_thread(struct thread *t, struct rng *r)
{
	static const enum kind opens[] = {LOCK, READER, SREADER};
	static const enum kind closes[] = {UNLOCK, READER_END, SREADER_END};
	unsigned shape = rng_below(r, 6), length = 1 + rng_below(r, 2);

	t->nr = 0;
	if (shape < 3)
		add(t, opens[shape], 0, 0);
	for (unsigned i = 0; i < length; i++)
		add_access(t, r);
	if (shape == 3 || shape == 4)
		add(t, shape == 3 ? GRACE : SGRACE, 0, 0);
	add_access(t, r);
	if (shape < 3)
		add(t, closes[shape], 0, 0);
}

/* ---- both must agree ---- */

static struct litmus_test test;
static struct litmus_outcome outcome, second;
static char text[8192];

static void parse(const char *source)
{
	struct litmus_error error;

	if (!litmus_parse(source, strlen(source), &test, &error))
		fail_msg("%u:%u: %s\n%s", error.line, error.column, error.message, source);
}

static bool is_final(const struct final *f, const struct litmus_state *s, unsigned threads)
{
	for (unsigned i = 0; i < WORDS; i++)
		if (f->word[i] != s->shown[i])
			return false;
	for (unsigned t = 0; t < threads; t++)
		for (unsigned n = 0; n < OPS; n++)
			if (f->read[t][n] != s->shown[WORDS + t * OPS + n])
				return false;
	return true;
}

static void expect_equal(const struct generated *g)
{
	if (outcome.states_nr != finals_nr)
		fail_msg("%u states on the platform, %u by the laws\n%s", outcome.states_nr,
			 finals_nr, text);
	for (unsigned i = 0; i < finals_nr; i++) {
		bool found = false;

		for (unsigned s = 0; s < outcome.states_nr; s++)
			found |= is_final(&finals[i], &outcome.state[s], g->threads);
		if (!found)
			fail_msg("state %u is not shown by the platform\n%s", i, text);
	}
}

static void search(bool weak, struct litmus_outcome *ret)
{
	const struct litmus_search s = {
		.test = &test, .strength = {.weak = weak}, .runs_max = 1000000};

	litmus_search(&s, ret);
	if (!ret->complete || ret->faulted)
		fail_msg("%s, %llu runs ended by a verdict\n%s",
			 ret->complete ? "complete" : "not complete",
			 (unsigned long long)ret->faulted, text);
}

static void draw(struct generated *g, struct rng *r, unsigned threads)
{
	struct text t = text_init(text, sizeof(text));

	g->threads = threads;
	for (unsigned i = 0; i < threads; i++) {
		if (threads == 2 && !rng_below(r, 6))
			draw_overlap(&g->thread[i], r);
		else
			draw_thread(&g->thread[i], r);
	}
	put_test(&t, g);
	assert_false(t.full);
	parse(text);
}

static void strong_memory_shows_what_the_laws_allow_and_nothing_else(void **state)
{
	struct rng r = rng_init(1);
	struct generated g;

	for (unsigned i = 0; i < TESTS; i++) {
		const struct state first = {.owner = 0};

		draw(&g, &r, 2 + i % 2);
		finals_nr = 0;
		enumerate(&g, &first);
		search(false, &outcome);
		expect_equal(&g);
	}
}

static bool shows(const struct litmus_outcome *o, const struct litmus_state *s)
{
	for (unsigned i = 0; i < o->states_nr; i++)
		if (memcmp(o->state[i].shown, s->shown, sizeof(s->shown)) == 0)
			return true;
	return false;
}

static void weak_memory_shows_all_that_strong_memory_shows(void **state)
{
	struct rng r = rng_init(2);
	struct generated g;

	for (unsigned i = 0; i < TESTS / 10; i++) {
		draw(&g, &r, 2);
		search(false, &outcome);
		search(true, &second);
		for (unsigned s = 0; s < outcome.states_nr; s++)
			if (!shows(&second, &outcome.state[s]))
				fail_msg("state %u is lost in weak memory\n%s", s, text);
	}
}

/* ---- explorers: another way through the same choices ---- */

static void explore(const struct strategy *strategy, bool weak, struct litmus_outcome *ret)
{
	static const struct profile nothing;
	static struct choice choice;
	static struct litmus_run run;
	const struct sim_strength strength = {.weak = weak};

	memset(ret, 0, sizeof(*ret));
	choice = (struct choice){.strategy = strategy, .profile = &nothing};
	choice.explorer = explorer_new(strategy, EXPLORE_UNBOUNDED);
	do {
		struct litmus_state *s = &ret->state[ret->states_nr];

		choice_begin(&choice, 0);
		machine_run(&test, &choice, &strength, &run);
		explorer_ended(choice.explorer, &choice, run.end != LITMUS_ENDED);
		assert_int_equal(run.end, LITMUS_ENDED);
		memcpy(s->shown, run.shown, test.shown_nr * sizeof(run.shown[0]));
		if (!shows(ret, s))
			ret->states_nr++;
	} while (explorer_advance(choice.explorer));
	explorer_free(choice.explorer);
}

static void expect_same(const char *what)
{
	if (outcome.states_nr != second.states_nr)
		fail_msg("%s: %u states, with state matching %u\n%s", what, second.states_nr,
			 outcome.states_nr, text);
	for (unsigned i = 0; i < second.states_nr; i++)
		if (!shows(&outcome, &second.state[i]))
			fail_msg("%s: state %u is lost by state matching\n%s", what, i, text);
}

static void state_matching_loses_no_state(void **state)
{
	struct rng r = rng_init(3);
	struct generated g;

	for (unsigned i = 0; i < TESTS / 4; i++) {
		draw(&g, &r, 2);
		search(false, &outcome);
		explore(&strategy_dpor, false, &second);
		expect_same("dpor");
		explore(&strategy_exhaust, false, &second);
		expect_same("exhaust");
	}
}

static void state_matching_loses_no_state_of_weak_memory(void **state)
{
	static const char *const bodies[][2] = {
		{"WRITE_ONCE(*x, 1); r0 = READ_ONCE(*y);",
		 "WRITE_ONCE(*y, 1); r0 = READ_ONCE(*x);"},
		{"WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1);",
		 "r0 = READ_ONCE(*y); r1 = READ_ONCE(*x);"},
		{"WRITE_ONCE(*x, 2); WRITE_ONCE(*y, 1);", "r0 = READ_ONCE(*y); WRITE_ONCE(*x, 1);"},
		{"atomic_inc(x); smp_store_release(y, 1);",
		 "r0 = smp_load_acquire(y); atomic_inc(x);"},
		{"WRITE_ONCE(*x, 5);", "atomic_inc(x); r0 = READ_ONCE(*x);"},
		{"rcu_read_lock(); r0 = READ_ONCE(*y); WRITE_ONCE(*x, 1); rcu_read_unlock();",
		 "WRITE_ONCE(*y, 1); synchronize_rcu(); r0 = READ_ONCE(*x);"},
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct text t = text_init(text, sizeof(text));

		text_puts(&t, "C weak\n{}\n");
		for (unsigned p = 0; p < 2; p++)
			text_putf(&t, "P%u(int *x, int *y) { int r0; int r1; %s }\n", p,
				  bodies[i][p]);
		text_puts(&t, "locations [x; y; 0:r0; 1:r0; 1:r1;]\nexists (x=1)\n");
		parse(text);
		search(true, &outcome);
		explore(&strategy_exhaust, true, &second);
		expect_same("exhaust, weak");
	}
}

/* The alarm: a law that is a little wrong is seen. */
static void a_state_that_the_laws_do_not_have_is_seen(void **state)
{
	struct generated g = {.threads = 2};
	struct text t = text_init(text, sizeof(text));
	const struct state first = {.owner = 0};

	g.thread[0] = (struct thread){2, {{STORE, 0, 1}, {LOAD, 1, 0}}};
	g.thread[1] = (struct thread){2, {{STORE, 1, 1}, {LOAD, 0, 0}}};
	put_test(&t, &g);
	parse(text);
	finals_nr = 0;
	enumerate(&g, &first);
	search(false, &outcome);
	assert_int_equal(finals_nr, 3);
	expect_equal(&g);
	search(true, &outcome);
	assert_int_equal(outcome.states_nr, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strong_memory_shows_what_the_laws_allow_and_nothing_else),
		cmocka_unit_test(weak_memory_shows_all_that_strong_memory_shows),
		cmocka_unit_test(state_matching_loses_no_state),
		cmocka_unit_test(state_matching_loses_no_state_of_weak_memory),
		cmocka_unit_test(a_state_that_the_laws_do_not_have_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
