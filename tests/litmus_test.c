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

#include "base/text.h"
#include "litmus_generated.h"
#include "sched/explore.h"

#define TESTS 400
#define STATES 4096

static struct generated g;

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

static struct final finals[STATES];
static unsigned finals_nr;

static void note_final(const struct state *s)
{
	struct final f;

	memcpy(f.word, s->word, sizeof(f.word));
	memcpy(f.read, s->read, sizeof(f.read));
	finals_add(finals, &finals_nr, STATES, &f);
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
	case ACQUIRE:
		s->read[thread][s->at[thread]] = s->word[op->word];
		break;
	case STORE:
	case RELEASE:
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

static void enumerate(const struct state *from)
{
	bool any = false;

	for (unsigned t = 0; t < g.threads; t++) {
		const struct op *op = &g.thread[t].op[from->at[t]];
		struct state next = *from;

		if (from->at[t] == g.thread[t].nr)
			continue;
		any = true;
		if (!enabled(from, t, op))
			continue;
		step(&next, t, op);
		enumerate(&next);
	}
	if (!any)
		note_final(from);
}

/* ---- both must agree ---- */

static struct litmus_test test;
static struct litmus_outcome outcome, second;

static void expect_equal(void)
{
	if (outcome.states_nr != finals_nr)
		fail_msg("%u states on the platform, %u by the laws\n%s", outcome.states_nr,
			 finals_nr, g.text);
	for (unsigned i = 0; i < finals_nr; i++) {
		bool found = false;

		for (unsigned s = 0; s < outcome.states_nr; s++)
			found |= generated_is(&g, &finals[i], &outcome.state[s]);
		if (!found)
			fail_msg("state %u is not shown by the platform\n%s", i, g.text);
	}
}

static void strong_memory_shows_what_the_laws_allow_and_nothing_else(void **state)
{
	struct rng r = rng_init(1);

	for (unsigned i = 0; i < generated_nr(TESTS); i++) {
		const struct state first = {.owner = 0};

		generated_draw(&g, &r, 2 + i % 2, &test);
		finals_nr = 0;
		enumerate(&first);
		generated_search(&test, false, &outcome);
		expect_equal();
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

	for (unsigned i = 0; i < TESTS / 10; i++) {
		generated_draw(&g, &r, 2, &test);
		generated_search(&test, false, &outcome);
		generated_search(&test, true, &second);
		for (unsigned s = 0; s < outcome.states_nr; s++)
			if (!shows(&second, &outcome.state[s]))
				fail_msg("state %u is lost in weak memory\n%s", s, g.text);
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
			 outcome.states_nr, g.text);
	for (unsigned i = 0; i < second.states_nr; i++)
		if (!shows(&outcome, &second.state[i]))
			fail_msg("%s: state %u is lost by state matching\n%s", what, i, g.text);
}

static void state_matching_loses_no_state(void **state)
{
	struct rng r = rng_init(3);

	for (unsigned i = 0; i < TESTS / 4; i++) {
		generated_draw(&g, &r, 2, &test);
		generated_search(&test, false, &outcome);
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
		struct text t = text_init(g.text, sizeof(g.text));

		text_puts(&t, "C weak\n{}\n");
		for (unsigned p = 0; p < 2; p++)
			text_putf(&t, "P%u(int *x, int *y) { int r0; int r1; %s }\n", p,
				  bodies[i][p]);
		text_puts(&t, "locations [x; y; 0:r0; 1:r0; 1:r1;]\nexists (x=1)\n");
		generated_parse(g.text, &test);
		generated_search(&test, true, &outcome);
		explore(&strategy_exhaust, true, &second);
		expect_same("exhaust, weak");
	}
}

/* The alarm: a law that is a little wrong is seen. */
static void a_state_that_the_laws_do_not_have_is_seen(void **state)
{
	const struct state first = {.owner = 0};

	g.threads = 2;
	g.thread[0] = (struct thread){2, {{STORE, 0, 1}, {LOAD, 1, 0}}};
	g.thread[1] = (struct thread){2, {{STORE, 1, 1}, {LOAD, 0, 0}}};
	generated_read(&g, &test);
	finals_nr = 0;
	enumerate(&first);
	generated_search(&test, false, &outcome);
	assert_int_equal(finals_nr, 3);
	expect_equal();
	generated_search(&test, true, &outcome);
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
