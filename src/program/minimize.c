/*
 * minimize.c - make a failing program small.
 *
 * Passes over everything that can be taken out, biggest cuts first - threads, objects that can be
 * another one, ops, deviations - and then over numbers and words that can be the first of their kind,
 * until a whole pass takes nothing: then the next minimisation of the result asks the same questions and gets the same
 * answers, which is why it is idempotent. What has been refused is remembered by a hash of the
 * candidate, so that no question is asked twice; a collision costs one cut that is not tried.
 */
#include "program/program.h"

#include <string.h>

#include "program/draft.h"

#define REFUSED_NR 512 /* a power of two */

struct search {
	struct program *best;
	struct program candidate;
	bool (*keeps)(const struct program *p, void *arg);
	void *arg;
	unsigned calls;
	unsigned budget;
	bool cut; /* this pass has taken something */
	uint64_t refused[REFUSED_NR];
};

static uint64_t hash_word(uint64_t h, uint64_t word)
{
	return rng_mix(h ^ word) + 0x9e3779b97f4a7c15ull;
}

/* All that a candidate can differ in: header, names and expectations are never touched. */
static uint64_t hash_program(const struct program *p)
{
	uint64_t h = hash_word(p->ops_nr, p->deviations_nr);

	for (unsigned i = 0; i < p->ops_nr; i++) {
		const struct program_op *op = &p->ops[i];

		h = hash_word(h, op->lane | (uint64_t)op->verb << 8 | (uint64_t)op->result << 16);
		for (unsigned j = 0; j < p->descriptor->ops[op->verb].operands_nr; j++)
			h = hash_word(h, op->operand[j]);
	}
	for (unsigned i = 0; i < p->deviations_nr; i++) {
		const struct program_deviation *v = &p->deviations[i];

		h = hash_word(h, v->lane | (uint64_t)v->op << 8 | (uint64_t)v->action << 16 |
					 (uint64_t)v->target << 24 | (uint64_t)v->occurrence << 32);
		h = hash_word(h, v->function | (uint64_t)v->primitive << 16);
	}
	return h | 1; /* an empty slot is 0 */
}

/* Asks about the candidate; it becomes the best program if the property is kept. */
static bool try_candidate(struct search *s)
{
	uint64_t hash = hash_program(&s->candidate);
	uint64_t *slot = &s->refused[hash / 2 % REFUSED_NR];

	if (*slot == hash || s->calls == s->budget)
		return false;
	s->calls++;
	if (!s->keeps(&s->candidate, s->arg)) {
		*slot = hash;
		return false;
	}
	*s->best = s->candidate;
	s->cut = true;
	return true;
}

/* Takes a set of ops out of the candidate, a bit per index, with what cannot stand without them. */
static bool try_candidate_without(struct search *s, uint32_t ops)
{
	struct draft d;

	draft_take(&d, &s->candidate);
	for (unsigned i = d.nr; i-- > 0;)
		if (ops >> i & 1)
			draft_remove(&d, i);
	draft_settle(&d, &s->candidate, NULL);
	return try_candidate(s);
}

static bool try_without_ops(struct search *s, uint32_t ops)
{
	if (!ops)
		return false;
	s->candidate = *s->best;
	return try_candidate_without(s, ops);
}

/* A thread may be there only to be passed through: whoever went to it goes to @other at once. */
static bool try_without_detour(struct search *s, unsigned lane, unsigned other, uint32_t ops)
{
	s->candidate = *s->best;
	for (unsigned i = s->candidate.deviations_nr; i-- > 0;) {
		struct program_deviation *v = &s->candidate.deviations[i];

		if (v->action != DEVIATION_GOTO || v->target != lane)
			continue;
		v->target = (uint8_t)other;
		if (v->lane == other)
			program_drop_deviation(&s->candidate, i);
	}
	return try_candidate_without(s, ops);
}

_Static_assert(OPS_MAX <= 32, "a set of ops is 32 bits");

static bool try_without_deviations(struct search *s, unsigned from, unsigned nr)
{
	if (!nr)
		return false;
	s->candidate = *s->best;
	for (unsigned i = 0; i < nr; i++)
		program_drop_deviation(&s->candidate, from);
	return try_candidate(s);
}

static uint32_t ops_of(const struct program *p, unsigned lane)
{
	uint32_t ops = 0;

	for (unsigned i = 0; i < p->ops_nr; i++)
		if (p->ops[i].lane == lane)
			ops |= 1u << i;
	return ops;
}

static void cut_thread(struct search *s, unsigned lane)
{
	uint32_t ops = ops_of(s->best, lane);

	if (!ops || try_without_ops(s, ops))
		return;
	for (unsigned other = LANE_A; other < LANE_A + THREADS_MAX; other++)
		if (other != lane && ops_of(s->best, other) &&
		    try_without_detour(s, lane, other, ops))
			return;
}

static void cut_threads(struct search *s)
{
	for (unsigned lane = LANE_A; lane < LANE_A + THREADS_MAX; lane++)
		cut_thread(s, lane);
}

/* From the end: later ops need earlier ones, so fewer cuts drag others along. */
static void cut_op_chunks(struct search *s, unsigned size)
{
	unsigned end = s->best->ops_nr;

	while (end) {
		unsigned from = end > size ? end - size : 0;

		try_without_ops(s, (uint32_t)((1ull << end) - (1ull << from)));
		end = from < s->best->ops_nr ? from : s->best->ops_nr;
	}
}

static void cut_deviation_chunks(struct search *s, unsigned size)
{
	unsigned end = s->best->deviations_nr;

	while (end) {
		unsigned from = end > size ? end - size : 0;

		try_without_deviations(s, from, end - from);
		end = from < s->best->deviations_nr ? from : s->best->deviations_nr;
	}
}

/* ---- objects and operands ---- */

static int binder_of(const struct program *p, unsigned kind, unsigned number)
{
	for (unsigned i = 0; i < p->ops_nr; i++)
		if (p->descriptor->ops[p->ops[i].verb].gives == (int)kind &&
		    p->ops[i].result == number)
			return (int)i;
	return -1;
}

static bool is_operand(const struct program *p, const struct program_op *op, unsigned i,
		       enum operand_kind kind)
{
	const struct op_type *type = &p->descriptor->ops[op->verb];

	return i < type->operands_nr && type->operands[i].kind == kind;
}

/* Whoever used object @from uses @to; nobody makes @from. */
static bool try_as_one(struct search *s, unsigned kind, unsigned from, unsigned to)
{
	struct program *p = &s->candidate;
	int binder = binder_of(s->best, kind, from);

	if (binder < 0 || binder_of(s->best, kind, to) < 0)
		return false;
	*p = *s->best;
	for (unsigned i = 0; i < p->ops_nr; i++)
		for (unsigned j = 0; j < OPERANDS_MAX; j++)
			if (is_operand(p, &p->ops[i], j, OPERAND_OBJECT) &&
			    p->descriptor->ops[p->ops[i].verb].operands[j].object_kind == kind &&
			    p->ops[i].operand[j] == from)
				p->ops[i].operand[j] = to;
	return try_candidate_without(s, 1u << binder);
}

static void join_objects(struct search *s)
{
	for (unsigned kind = 0; kind < s->best->descriptor->objects_nr; kind++)
		for (unsigned from = OBJECTS_MAX; from-- > 0;)
			for (unsigned to = 0; to < OBJECTS_MAX; to++)
				if (to != from && try_as_one(s, kind, from, to))
					break;
}

/* Another number or word in the place of this one, in this op alone or wherever it stands. */
static bool try_value(struct search *s, unsigned index, unsigned i, enum operand_kind kind,
		      bool everywhere, uint32_t value)
{
	struct program *p = &s->candidate;
	uint32_t was = s->best->ops[index].operand[i];

	if (!is_operand(s->best, &s->best->ops[index], i, kind) || was <= value)
		return false;
	*p = *s->best;
	p->ops[index].operand[i] = value;
	for (unsigned o = 0; everywhere && o < p->ops_nr; o++)
		for (unsigned j = 0; j < OPERANDS_MAX; j++)
			if (is_operand(p, &p->ops[o], j, kind) && p->ops[o].operand[j] == was)
				p->ops[o].operand[j] = value;
	return try_candidate(s);
}

/* The smallest of few that will do; not all of a large range. */
static void shrink_number(struct search *s, unsigned index, unsigned i)
{
	static const uint32_t small[] = {0, 1, 2, 3};
	uint32_t was = s->best->ops[index].operand[i];

	for (unsigned n = 0; n < sizeof(small) / sizeof(small[0]); n++)
		if (try_value(s, index, i, OPERAND_NUMBER, true, small[n]) ||
		    try_value(s, index, i, OPERAND_NUMBER, false, small[n]))
			return;
	try_value(s, index, i, OPERAND_NUMBER, true, was / 2);
}

static void shrink_operands(struct search *s)
{
	for (unsigned index = 0; index < s->best->ops_nr; index++)
		for (unsigned i = 0; i < OPERANDS_MAX; i++) {
			shrink_number(s, index, i);
			try_value(s, index, i, OPERAND_WORD, false, 0);
		}
}

static void pass(struct search *s)
{
	cut_threads(s);
	join_objects(s);
	for (unsigned size = (s->best->ops_nr + 1u) / 2; size; size /= 2)
		cut_op_chunks(s, size);
	for (unsigned size = s->best->deviations_nr; size; size /= 2)
		cut_deviation_chunks(s, size);
	shrink_operands(s);
}

unsigned program_minimize(struct program *p, bool (*keeps)(const struct program *, void *),
			  void *arg, unsigned budget)
{
	struct search s = {.best = p, .keeps = keeps, .arg = arg, .budget = budget};

	do {
		s.cut = false;
		pass(&s);
	} while (s.cut && s.calls < s.budget);
	return s.calls;
}
