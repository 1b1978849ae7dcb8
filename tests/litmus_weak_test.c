/*
 * litmus_weak_test.c - weak memory shows no state that the laws of ordering forbid.
 *
 * Generated tests run on the platform with weak memory, and in the enumerator below, which shares no
 * code with the platform. Its laws: memory is one, and each access is performed in it at one moment. A
 * thread may perform its accesses in any order but for those that ordered() names; a load whose own
 * store is still to be performed takes the value from there. A section does not reach over a grace period:
 * if an access of it was performed before the period began, none is after it ended.
 *
 * The laws are weaker than the platform, which has no load buffering: each state of the platform must
 * be among theirs, and not the other way round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "litmus_generated.h"

#define TESTS 300
#define FINALS 8192
#define SEEN (1u << 20)

static struct generated g;
static struct litmus_test test;
static struct litmus_outcome outcome;

/* ---- the laws ---- */

static bool reads(enum kind kind)
{
	return kind == LOAD || kind == ACQUIRE || kind == ADD;
}

static bool writes(enum kind kind)
{
	return kind == STORE || kind == RELEASE || kind == ADD;
}

static bool is_grace(enum kind kind)
{
	return kind == GRACE || kind == SGRACE;
}

/* Neither an access nor a step: what it means is in ordered() and in sections_allow(). */
static bool is_mark(enum kind kind)
{
	return !reads(kind) && !writes(kind) && !is_grace(kind) && kind != LOCK && kind != UNLOCK;
}

static bool barrier_between(const struct thread *t, unsigned i, unsigned j)
{
	enum kind a = t->op[i].kind, b = t->op[j].kind;

	for (unsigned k = i + 1; k < j; k++) {
		enum kind kind = t->op[k].kind;

		if (kind == FULL_BARRIER || (kind == READ_BARRIER && reads(a) && reads(b)) ||
		    (kind == WRITE_BARRIER && writes(a) && writes(b)))
			return true;
	}
	return false;
}

/* Is op @i performed before op @j, which is behind it in the thread? */
static bool ordered(const struct thread *t, unsigned i, unsigned j)
{
	const struct op *a = &t->op[i], *b = &t->op[j];

	if (is_grace(a->kind) || is_grace(b->kind) || a->kind == ADD || b->kind == ADD)
		return true;
	if (a->kind == LOCK || b->kind == UNLOCK || a->kind == ACQUIRE || b->kind == RELEASE)
		return true;
	if (b->kind == LOCK || a->kind == UNLOCK)
		return false;
	if (a->word == b->word && !(writes(a->kind) && reads(b->kind)))
		return true;
	return barrier_between(t, i, j);
}

/* ---- states ---- */

struct state {
	uint8_t done[THREADS]; /* ops that were performed */
	uint8_t begun, ended;  /* grace periods, by thread */
	/* Sections of a thread with an access that was performed before the grace period of a thread. */
	uint8_t early[THREADS][THREADS];
	uint8_t owner; /* of the lock: thread + 1 */
	int8_t word[WORDS];
	int8_t read[THREADS][OPS];
};

static struct final finals[FINALS];
static unsigned finals_nr;
static uint64_t seen[SEEN];

static bool see(const struct state *s)
{
	const uint8_t *byte = (const uint8_t *)s;
	uint64_t hash = 1;

	for (size_t i = 0; i < sizeof(*s); i++)
		hash = rng_mix(hash * 31 + byte[i]);
	hash |= 1;
	for (uint32_t i = (uint32_t)(hash >> 32);; i++) {
		uint64_t *at = &seen[i % SEEN];

		if (*at == hash)
			return true;
		if (*at)
			continue;
		*at = hash;
		return false;
	}
}

static void note_final(const struct state *s)
{
	struct final f;

	memcpy(f.word, s->word, sizeof(f.word));
	memcpy(f.read, s->read, sizeof(f.read));
	finals_add(finals, &finals_nr, FINALS, &f);
}

/* ---- steps ---- */

static bool is_section_of(enum kind begin, unsigned waiter)
{
	for (unsigned i = 0; i < g.thread[waiter].nr; i++)
		if (g.thread[waiter].op[i].kind == (begin == READER ? GRACE : SGRACE))
			return true;
	return false;
}

/* Is op @at inside of the section that begins at @from? */
static bool is_inside(const struct thread *t, unsigned from, unsigned at)
{
	const struct op *begin = &t->op[from];
	enum kind end = begin->kind == READER ? READER_END : SREADER_END;

	for (unsigned i = from + 1; i < at; i++)
		if (t->op[i].kind == end && t->op[i].value == begin->value)
			return false;
	return at > from;
}

/* An access of @thread is performed. Returns: may it be, by all grace periods? */
static bool sections_allow(struct state *s, unsigned thread, unsigned at)
{
	const struct thread *t = &g.thread[thread];

	for (unsigned from = 0; from < at; from++) {
		if ((t->op[from].kind != READER && t->op[from].kind != SREADER) ||
		    !is_inside(t, from, at))
			continue;
		for (unsigned u = 0; u < g.threads; u++) {
			if (!is_section_of(t->op[from].kind, u))
				continue;
			if (!(s->begun & 1u << u))
				s->early[thread][u] |= (uint8_t)(1u << from);
			if ((s->ended & 1u << u) && (s->early[thread][u] & 1u << from))
				return false;
		}
	}
	return true;
}

/* What a load finds: the last store of its own that is still to be performed, else memory. */
static int8_t value_for(const struct state *s, unsigned thread, unsigned at)
{
	const struct thread *t = &g.thread[thread];

	for (unsigned i = at; i-- > 0;)
		if (writes(t->op[i].kind) && t->op[i].word == t->op[at].word &&
		    !(s->done[thread] & 1u << i))
			return (int8_t)t->op[i].value;
	return s->word[t->op[at].word];
}

static bool may_step(const struct state *s, unsigned thread, unsigned at)
{
	const struct thread *t = &g.thread[thread];

	if (s->done[thread] & 1u << at)
		return false;
	for (unsigned i = 0; i < at; i++)
		if (!(s->done[thread] & 1u << i) && ordered(t, i, at))
			return false;
	return t->op[at].kind != LOCK || !s->owner;
}

/* Returns: false when the laws do not allow it. */
static bool step(struct state *s, unsigned thread, unsigned at)
{
	const struct op *op = &g.thread[thread].op[at];

	if (is_grace(op->kind) && !(s->begun & 1u << thread)) {
		s->begun |= (uint8_t)(1u << thread);
		return true;
	}
	if (is_grace(op->kind))
		s->ended |= (uint8_t)(1u << thread);
	else if (op->kind == LOCK || op->kind == UNLOCK)
		s->owner = op->kind == LOCK ? (uint8_t)(thread + 1) : 0;
	else if (!sections_allow(s, thread, at))
		return false;
	if (reads(op->kind))
		s->read[thread][at] = value_for(s, thread, at);
	if (writes(op->kind))
		s->word[op->word] = (int8_t)((op->kind == ADD ? s->word[op->word] : 0) + op->value);
	s->done[thread] |= (uint8_t)(1u << at);
	return true;
}

static void enumerate(const struct state *from)
{
	bool all = true;

	for (unsigned t = 0; t < g.threads; t++)
		for (unsigned i = 0; i < g.thread[t].nr; i++) {
			struct state next = *from;

			all &= (from->done[t] & 1u << i) != 0;
			if (may_step(from, t, i) && step(&next, t, i) && !see(&next))
				enumerate(&next);
		}
	if (all)
		note_final(from);
}

static void enumerate_all(void)
{
	struct state first;

	memset(&first, 0, sizeof(first));
	memset(seen, 0, sizeof(seen));
	finals_nr = 0;
	for (unsigned t = 0; t < g.threads; t++)
		for (unsigned i = 0; i < g.thread[t].nr; i++)
			first.done[t] |= (uint8_t)(is_mark(g.thread[t].op[i].kind) << i);
	enumerate(&first);
}

/* ---- the platform is inside of the laws ---- */

static bool is_allowed(const struct litmus_state *s)
{
	for (unsigned i = 0; i < finals_nr; i++)
		if (generated_is(&g, &finals[i], s))
			return true;
	return false;
}

static void weak_memory_shows_nothing_that_the_laws_forbid(void **state)
{
	struct rng r = rng_init(4);
	unsigned shown = 0, allowed = 0;

	for (unsigned i = 0; i < generated_nr(TESTS); i++) {
		generated_draw(&g, &r, 2, &test);
		enumerate_all();
		generated_search(&test, true, &outcome);
		for (unsigned s = 0; s < outcome.states_nr; s++)
			if (!is_allowed(&outcome.state[s]))
				fail_msg("test %u: state %u is not allowed\n%s", i, s, g.text);
		shown += outcome.states_nr;
		allowed += finals_nr;
	}
	print_message("%u states of %u that the laws allow\n", shown, allowed);
	assert_true(shown * 2 > allowed);
}

/* The alarm: laws with one barrier more than the test has forbid what the platform shows. */
static void a_state_that_the_laws_forbid_is_seen(void **state)
{
	bool all = true;

	g.threads = 2;
	g.thread[0] = (struct thread){2, {{STORE, 0, 1}, {STORE, 1, 1}}};
	g.thread[1] = (struct thread){3, {{LOAD, 1, 0}, {READ_BARRIER, 0, 0}, {LOAD, 0, 0}}};
	generated_read(&g, &test);
	generated_search(&test, true, &outcome);
	enumerate_all();
	for (unsigned s = 0; s < outcome.states_nr; s++)
		assert_true(is_allowed(&outcome.state[s]));
	g.thread[0] = (struct thread){2, {{STORE, 0, 1}, {RELEASE, 1, 1}}};
	enumerate_all();
	for (unsigned s = 0; s < outcome.states_nr; s++)
		all &= is_allowed(&outcome.state[s]);
	assert_false(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weak_memory_shows_nothing_that_the_laws_forbid),
		cmocka_unit_test(a_state_that_the_laws_forbid_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
