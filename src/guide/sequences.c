/*
 * sequences.c - see sequences.h: a tree of sequences, of which only those that did something are kept.
 *
 * An op that was refused (it returned an error) left things as they were, or its error path is wrong:
 * that shows in the same run, when everything is closed. So nothing is put behind it, unless the run
 * showed something new. Objects are all that there are, of numbers those that were used and the first
 * one that was not.
 *
 * What comes next is what is likeliest: an op costs as many bits as it takes to draw it.
 */
#include "guide/sequences.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define NEWS_BITS 3.0f	 /* at most so much sooner comes what grows from something new */
#define PASS_BITS 3.0f	 /* how much later a pair comes again */
#define FAILED_MAX 4	 /* times that one place is made to fail */
#define SEQUENCE_PARTS 4 /* of the runs are those of sequences, */
#define PAIR_PARTS 5	 /* and so many those of pairs */
#define NUMBERS_MAX 8
#define NEVER INFINITY

/* ---- what can stand behind a sequence ---- */

/* What there is behind some ops. */
struct scope {
	uint8_t objects[OBJECT_KINDS_MAX];
	uint8_t fresh[OBJECT_KINDS_MAX]; /* from there on no thread has used them: all are alike */
	uint32_t number[NUMBERS_MAX];	 /* that stand in them, in this order */
	unsigned numbers_nr;
};

static bool is_used(const struct scope *scope, uint32_t number)
{
	for (unsigned i = 0; i < scope->numbers_nr; i++)
		if (scope->number[i] == number)
			return true;
	return false;
}

static void use_number(struct scope *scope, uint32_t number)
{
	if (!is_used(scope, number) && scope->numbers_nr < NUMBERS_MAX)
		scope->number[scope->numbers_nr++] = number;
}

/* Objects are used in the order of their numbers. */
static void use(struct scope *scope, const struct op_type *type, const struct program_op *op)
{
	for (unsigned o = 0; o < type->operands_nr; o++) {
		uint8_t *fresh = &scope->fresh[type->operands[o].object_kind];

		if (type->operands[o].kind == OPERAND_NUMBER)
			use_number(scope, op->operand[o]);
		else if (type->operands[o].kind == OPERAND_OBJECT && op->operand[o] >= *fresh)
			*fresh = (uint8_t)(op->operand[o] + 1);
	}
	if (type->gives >= 0)
		scope->fresh[type->gives] = scope->objects[type->gives];
}

static struct scope scope_of(const struct descriptor *d, const struct program_op *op, unsigned nr)
{
	struct scope scope = {.numbers_nr = 0};
	uint32_t unused = 0;

	for (unsigned i = 0; i < nr; i++) {
		const struct op_type *type = &d->ops[op[i].verb];

		if (type->gives >= 0)
			scope.objects[type->gives]++;
		if (op[i].lane != LANE_MAIN)
			use(&scope, type, &op[i]);
	}
	while (is_used(&scope, unused))
		unused++;
	use_number(&scope, unused);
	return scope;
}

/* Value number @which that an operand can have there. Returns: false when there is none. */
static bool value_at(const struct scope *scope, const struct operand_type *t, unsigned which,
		     uint32_t *ret)
{
	*ret = which;
	if (t->kind == OPERAND_OBJECT)
		return which < scope->objects[t->object_kind] &&
		       which <= scope->fresh[t->object_kind];
	if (t->kind == OPERAND_WORD)
		return t->words[which] != NULL;
	for (unsigned i = 0; i < scope->numbers_nr; i++)
		if (scope->number[i] <= t->max && !which--) {
			*ret = scope->number[i];
			return true;
		}
	return false;
}

static unsigned values(const struct scope *scope, const struct operand_type *t)
{
	unsigned nr = 0;
	uint32_t value;

	while (value_at(scope, t, nr, &value))
		nr++;
	return nr;
}

static bool may_stand(const struct scope *scope, const struct op_type *type)
{
	return type->gives < 0 || scope->objects[type->gives] < OBJECTS_MAX;
}

static uint32_t ways(const struct scope *scope, const struct op_type *type)
{
	uint32_t nr = may_stand(scope, type);

	for (unsigned o = 0; o < type->operands_nr; o++)
		nr *= values(scope, &type->operands[o]);
	return nr;
}

/*
 * Op number @which of all that can stand behind some ops.
 *
 * Returns: how many bits it costs, NEVER when there is none.
 */
static float op_at(const struct sequences *s, const struct scope *scope, uint32_t which,
		   struct program_op *ret)
{
	for (unsigned v = 0; v < s->verbs_nr; v++) {
		const struct op_type *type = &s->descriptor->ops[s->verb[v]];
		uint32_t nr = ways(scope, type);
		float bits;

		if (which >= nr) {
			which -= nr;
			continue;
		}
		bits = log2f((float)s->weights / type->weight * (float)nr);
		*ret = (struct program_op){.lane = LANE_A, .verb = s->verb[v]};
		for (unsigned o = 0; o < type->operands_nr; o++) {
			nr = values(scope, &type->operands[o]);
			value_at(scope, &type->operands[o], which % nr, &ret->operand[o]);
			which /= nr;
		}
		if (type->gives >= 0)
			ret->result = scope->objects[type->gives];
		return bits;
	}
	return NEVER;
}

/* What it costs to put the next op behind a sequence. */
static float price(const struct sequences *s, const struct sequence *n)
{
	struct scope scope = scope_of(s->descriptor, n->op, n->ops_nr);
	struct program_op op;

	return n->length < SEQUENCE_OPS ? n->bits + op_at(s, &scope, n->next, &op) : NEVER;
}

/* ---- set-ups ---- */

static bool is_wanted(const struct descriptor *d, unsigned kind)
{
	for (unsigned v = 0; v < d->ops_nr; v++)
		for (unsigned o = 0; d->ops[v].weight && o < d->ops[v].operands_nr; o++)
			if (d->ops[v].operands[o].kind == OPERAND_OBJECT &&
			    d->ops[v].operands[o].object_kind == kind)
				return true;
	return false;
}

/*
 * Can the op be the next line of a set-up that has these objects? There are up to @roots of those that
 * need no other, and up to @more of those that do.
 */
static bool can_give(const struct op_type *type, const uint8_t *objects, unsigned roots,
		     unsigned more)
{
	unsigned most = roots;

	for (unsigned o = 0; o < type->operands_nr; o++) {
		if (type->operands[o].kind != OPERAND_OBJECT)
			continue;
		if (!objects[type->operands[o].object_kind] ||
		    (int)type->operands[o].object_kind == type->gives)
			return false;
		most = more;
	}
	return type->place != PLACE_THREAD && type->gives >= 0 && objects[type->gives] < most;
}

static void add_setup(struct sequences *s, unsigned roots, unsigned more)
{
	const struct descriptor *d = s->descriptor;
	struct sequence *n = &s->node[s->nodes_nr];
	uint8_t objects[OBJECT_KINDS_MAX] = {0};

	*n = (struct sequence){.pair_bits = NEVER, .bits = (float)s->nodes_nr};
	for (unsigned v = 0; v < d->ops_nr && n->ops_nr < SEQUENCE_SETUP; v++) {
		if (!can_give(&d->ops[v], objects, roots, more) ||
		    !is_wanted(d, (unsigned)d->ops[v].gives))
			continue;
		n->op[n->ops_nr++] = (struct program_op){.lane = LANE_MAIN,
							 .verb = (uint8_t)v,
							 .result = objects[d->ops[v].gives]++};
		v = UINT_MAX; /* from the start: others may be possible now */
	}
	if (!n->ops_nr || (s->nodes_nr && n->ops_nr == n[-1].ops_nr))
		return; /* the same as the one before it */
	n->next_bits = price(s, n);
	s->nodes_nr++;
}

/* Likely ones first; in the order of the table where two are as likely. */
static void sort_verbs(struct sequences *s)
{
	for (unsigned weight = UINT8_MAX; weight; weight--)
		for (unsigned v = 0; v < s->descriptor->ops_nr; v++) {
			if (s->descriptor->ops[v].weight != weight ||
			    s->descriptor->ops[v].place == PLACE_SETUP)
				continue;
			s->verb[s->verbs_nr++] = (uint8_t)v;
			s->weights += weight;
		}
}

void sequences_begin(struct sequences *s, const struct descriptor *d)
{
	memset(s, 0, sizeof(*s));
	s->descriptor = d;
	sort_verbs(s);
	add_setup(s, 1, 1);
	add_setup(s, 1, 2);
	add_setup(s, 1, 0);
}

/* ---- programs ---- */

static bool can_be_setup(const struct descriptor *d, const struct sequence *n)
{
	for (unsigned i = 0; i < n->ops_nr; i++)
		if (d->ops[n->op[i].verb].place == PLACE_THREAD)
			return false;
	return true;
}

static void write_sequence(const struct sequences *s, const struct sequence *n, bool as_setup,
			   struct program *ret)
{
	program_init(ret, s->descriptor);
	for (unsigned i = 0; i < n->ops_nr; i++) {
		ret->ops[ret->ops_nr] = n->op[i];
		if (as_setup)
			ret->ops[ret->ops_nr].lane = LANE_MAIN;
		ret->ops_nr++;
	}
}

/* Pair number @which: each op with those before it and with itself. */
static void pair_at(unsigned which, unsigned ret[2])
{
	for (ret[1] = 0; which > ret[1]; ret[1]++)
		which -= ret[1] + 1;
	ret[0] = which;
}

/* All pairs come once before the first comes again, for more runs. */
static float pair_price(struct sequence *n)
{
	unsigned which[2];

	pair_at(n->pair, which);
	if (which[1] >= n->good_nr && n->good_nr && n->next_bits == NEVER &&
	    n->pass + 1 < SEQUENCE_PASSES) {
		n->pass++;
		n->pair = which[0] = which[1] = 0;
	}
	if (which[1] >= n->good_nr)
		return NEVER; /* for now */
	/* Two different ops may be drawn either way round. */
	return n->bits + n->good[which[0]].bits + n->good[which[1]].bits +
	       PASS_BITS * (float)n->pass - (which[0] != which[1]);
}

static bool grow(struct sequences *s, struct program *ret)
{
	struct sequence *n = &s->node[s->at];
	struct scope scope = scope_of(s->descriptor, n->op, n->ops_nr);

	s->added_bits = op_at(s, &scope, n->next++, &s->added);
	n->next_bits = price(s, n);
	n->pair_bits = pair_price(n);
	write_sequence(s, n, false, ret);
	ret->ops[ret->ops_nr++] = s->added;
	return !program_validate(ret);
}

static bool pair(struct sequences *s, struct program *ret)
{
	struct sequence *n = &s->node[s->at];
	const struct op_type *type[2];
	unsigned which[2];

	s->pass = n->pass;
	pair_at(n->pair++, which);
	n->pair_bits = pair_price(n);
	write_sequence(s, n, can_be_setup(s->descriptor, n), ret);
	for (unsigned i = 0; i < 2; i++) {
		struct program_op *op = &ret->ops[ret->ops_nr++];

		*op = n->good[which[i]].op;
		op->lane = (uint8_t)(LANE_A + i);
		type[i] = &s->descriptor->ops[op->verb];
		if (i && type[1]->gives >= 0 && type[0]->gives == type[1]->gives)
			op->result++;
	}
	return !program_validate(ret);
}

/* ---- which is next ---- */

static bool pick(struct sequences *s, bool pairs, struct program *ret)
{
	if (pairs && s->no_pairs)
		return false;
	for (;;) {
		float best = NEVER;

		for (unsigned i = 0; i < s->nodes_nr; i++) {
			const struct sequence *n = &s->node[i];
			float bits = pairs ? n->pair_bits : n->next_bits;

			if (bits >= best)
				continue;
			best = bits;
			s->at = i;
		}
		if (best == NEVER)
			return false;
		if (pairs ? pair(s, ret) : grow(s, ret))
			return true;
	}
}

static bool next_failure(struct sequences *s, struct program *ret)
{
	if (!s->failures_nr)
		return false;
	*ret = s->failing;
	ret->deviations[ret->deviations_nr++] = s->failure[--s->failures_nr];
	ret->scheduled = true;
	return true;
}

bool sequences_next(struct sequences *s, struct program *ret)
{
	bool pairs_first = s->runs[1] * SEQUENCE_PARTS < s->runs[0] * PAIR_PARTS;

	s->kind = SEQUENCE_FAILS;
	if (next_failure(s, ret))
		return true;
	for (unsigned i = 0; i < 2; i++) {
		bool pairs = pairs_first != (i != 0);

		s->kind = pairs ? SEQUENCE_PAIR : SEQUENCE_GROWN;
		if (!pick(s, pairs, ret))
			continue;
		if (!pairs)
			s->failing = *ret;
		return true;
	}
	s->over = true;
	return false;
}

/* ---- what it showed ---- */

static float bonus(unsigned news)
{
	return fminf(NEWS_BITS, log2f(1 + (float)news));
}

static void keep(struct sequences *s, unsigned news)
{
	struct sequence *n = &s->node[s->nodes_nr], *from = &s->node[s->at];

	if (s->nodes_nr == SEQUENCE_NODES)
		return;
	*n = (struct sequence){.length = (uint8_t)(from->length + 1),
			       .bits = from->bits + s->added_bits - bonus(news),
			       .pair_bits = NEVER,
			       .ops_nr = s->failing.ops_nr};
	memcpy(n->op, s->failing.ops, n->ops_nr * sizeof(n->op[0]));
	n->next_bits = price(s, n);
	s->nodes_nr++;
}

static void keep_good(struct sequences *s)
{
	struct sequence *from = &s->node[s->at];

	if (from->good_nr == SEQUENCE_GOOD)
		return;
	from->good[from->good_nr].op = s->added;
	from->good[from->good_nr++].bits = s->added_bits;
	from->pair_bits = pair_price(from);
}

static uint8_t *times_failed(struct sequences *s, const struct place *at)
{
	uint32_t hash = at->site->func_id * 31 + at->site->prim_id;

	hash = (hash * 31 + at->occurrence) * 31 + s->added.verb;
	return &s->failed[hash * 0x9e3779b1u % SEQUENCE_PLACES];
}

/* Only those of the last op: the others were tried with a shorter sequence. */
static void keep_failures(struct sequences *s, const struct sequence_shown *shown)
{
	unsigned last = program_op_number(&s->failing, s->failing.ops_nr - 1u);

	for (unsigned i = 0; i < shown->can_fail_nr && s->failures_nr < SEQUENCE_FAILURES; i++) {
		const struct place *at = &shown->can_fail[i];

		if (at->lane != LANE_A || at->op != last || *times_failed(s, at) == FAILED_MAX)
			continue;
		++*times_failed(s, at);
		if (place_write(&s->failing, at, LANE_NONE, &s->failure[s->failures_nr]))
			s->failures_nr++;
	}
}

void sequences_ran(struct sequences *s, const struct sequence_shown *shown)
{
	s->runs[s->kind == SEQUENCE_PAIR] += shown->runs;
	if (s->kind != SEQUENCE_GROWN)
		return;
	if (shown->returned >= 0 || shown->news)
		keep(s, shown->news);
	if (shown->returned >= 0 || shown->waited)
		keep_good(s);
	if (shown->returned >= 0)
		keep_failures(s, shown);
}
