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
#define FAILED_MAX 4	 /* times that one place is made to fail */
#define SEQUENCE_PARTS 4 /* of the runs are those of sequences, */
#define PAIR_PARTS 5	 /* and so many those of pairs */

/* ---- what an op does behind a sequence ---- */

static uint32_t behind(uint32_t hash, const struct program_op *op)
{
	hash = (hash ^ op->verb) * 0x9e3779b1u;
	for (unsigned o = 0; o < OPERANDS_MAX; o++)
		hash = (hash ^ hash >> 15 ^ op->operand[o]) * 0x85ebca6bu;
	return hash ? hash : 1;
}

static unsigned known_at(const struct sequences *s, uint32_t key)
{
	unsigned at = key * 0xc2b2ae35u % SEQUENCE_KNOWN;

	while (s->known[at].key && s->known[at].key != key)
		at = (at + 1) % SEQUENCE_KNOWN;
	return at;
}

static void learn(struct sequences *s, uint32_t key, uint32_t behaviour)
{
	unsigned at = known_at(s, key);

	if (!s->known[at].key && s->known_nr == SEQUENCE_KNOWN / 4 * 3)
		return;
	s->known_nr += !s->known[at].key;
	s->known[at].key = key;
	s->known[at].behaviour = behaviour;
}

/* Returns: 0: not known. */
static uint32_t behaviour(const struct sequences *s, uint32_t key)
{
	return s->known[known_at(s, key)].behaviour;
}

/* Is it known that @op does behind the sequence the same with and without @first before it? */
static bool is_same(const struct sequences *s, uint32_t hash, const struct program_op *first,
		    const struct program_op *op)
{
	uint32_t with = behaviour(s, behind(behind(hash, first), op));

	return with && with == behaviour(s, behind(hash, op));
}

static bool are_strangers(const struct sequences *s, uint32_t hash, const struct program_op *a,
			  const struct program_op *b)
{
	return is_same(s, hash, a, b) && is_same(s, hash, b, a);
}

static const struct program_op *last_op(const struct sequence *n)
{
	return &n->op[n->ops_nr - 1];
}

static void find_next(struct sequences *s, unsigned at, const struct likely *last)
{
	struct sequence *n = &s->node[at];

	n->next = likely_next(s->descriptor, n->op, n->ops_nr, last);
	s->cost[SEQUENCE_GROWN][at] =
		n->length < SEQUENCE_OPS ? n->bits + n->next.bits : LIKELY_NEVER;
}

static void begin_node(struct sequences *s)
{
	s->cost[SEQUENCE_PAIR][s->nodes_nr] = LIKELY_NEVER;
	find_next(s, s->nodes_nr++, NULL);
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

	*n = (struct sequence){.hash = s->nodes_nr, .bits = (float)s->nodes_nr};
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
	begin_node(s);
}

void sequences_begin(struct sequences *s, const struct descriptor *d)
{
	memset(s, 0, sizeof(*s));
	s->descriptor = d;
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

/*
 * Pairs come again, for more runs, and the sooner the more of the two ops notice what the last op of the
 * sequence did: pairs of which none does were there without it.
 */
static const struct cursor {
	uint8_t notice; /* so many of the two */
	uint8_t pass;	/* how often they have been there */
	float bits;	/* how much later they come */
} cursors[SEQUENCE_CURSORS] = {
	{2, 0, -2}, {2, 1, 1}, {2, 2, 4}, {1, 0, 0}, {1, 1, 3}, {1, 2, 6}, {0, 0, 3}, {0, 1, 6},
};

static bool notices(const struct sequences *s, const struct sequence *n,
		    const struct program_op *op)
{
	return !is_same(s, s->node[n->from].hash, last_op(n), op);
}

static unsigned notice(const struct sequences *s, const struct sequence *n, const unsigned which[2])
{
	return n->length
		       ? notices(s, n, &n->good[which[0]].op) + notices(s, n, &n->good[which[1]].op)
		       : 1;
}

static float cursor_price(const struct sequences *s, struct sequence *n, unsigned i)
{
	unsigned which[2];

	for (;; n->pair[i]++) {
		pair_at(n->pair[i], which);
		if (which[1] >= n->good_nr)
			return LIKELY_NEVER; /* for now */
		if (notice(s, n, which) == cursors[i].notice)
			break;
	}
	/* Two different ops may be drawn either way round. */
	return n->bits + n->good[which[0]].bits + n->good[which[1]].bits + cursors[i].bits -
	       (which[0] != which[1]);
}

static void price_pair(struct sequences *s, unsigned at)
{
	struct sequence *n = &s->node[at];
	float *cost = &s->cost[SEQUENCE_PAIR][at];

	*cost = LIKELY_NEVER;
	for (unsigned i = 0; i < SEQUENCE_CURSORS; i++) {
		float bits = cursor_price(s, n, i);

		if (bits >= *cost)
			continue;
		*cost = bits;
		n->cursor = (uint8_t)i;
	}
}

static bool gives_same(const struct sequences *s, const struct program_op *a,
		       const struct program_op *b)
{
	return s->descriptor->ops[a->verb].gives >= 0 &&
	       s->descriptor->ops[a->verb].gives == s->descriptor->ops[b->verb].gives;
}

static bool grow(struct sequences *s, struct program *ret)
{
	struct sequence *n = &s->node[s->at];

	s->added = n->next;
	find_next(s, s->at, &s->added);
	price_pair(s, s->at);
	write_sequence(s, n, false, ret);
	ret->ops[ret->ops_nr++] = s->added.op;
	return !program_validate(ret);
}

static bool pair(struct sequences *s, struct program *ret)
{
	struct sequence *n = &s->node[s->at];
	unsigned which[2];

	s->pass = cursors[n->cursor].pass;
	pair_at(n->pair[n->cursor]++, which);
	price_pair(s, s->at);
	write_sequence(s, n, can_be_setup(s->descriptor, n), ret);
	for (unsigned i = 0; i < 2; i++) {
		struct program_op *op = &ret->ops[ret->ops_nr++];

		*op = n->good[which[i]].op;
		op->lane = (uint8_t)(LANE_A + i);
		if (i)
			op->result += gives_same(s, op, op - 1);
	}
	return !program_validate(ret);
}

/* ---- which is next ---- */

static bool pick(struct sequences *s, enum sequence_kind kind, struct program *ret)
{
	if (kind == SEQUENCE_PAIR && s->no_pairs)
		return false;
	s->kind = kind;
	for (;;) {
		float best = LIKELY_NEVER;

		for (unsigned i = 0; i < s->nodes_nr; i++) {
			if (s->cost[kind][i] >= best)
				continue;
			best = s->cost[kind][i];
			s->at = i;
		}
		if (best == LIKELY_NEVER)
			return false;
		if (kind == SEQUENCE_PAIR ? pair(s, ret) : grow(s, ret))
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

		if (!pick(s, pairs ? SEQUENCE_PAIR : SEQUENCE_GROWN, ret))
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

static bool is_alike(const struct sequence *a, const struct sequence *b)
{
	bool ret = a->ops_nr == b->ops_nr;

	for (unsigned i = 0; ret && i < a->ops_nr; i++)
		ret = a->op[i].verb == b->op[i].verb;
	return ret;
}

/* What the same ops showed first, with other operands, is no news any more: it counts all the same. */
static float bonus_alike(const struct sequences *s, const struct sequence *n, float most)
{
	for (unsigned i = 0; i < s->nodes_nr; i++)
		if (s->node[i].bonus > most && is_alike(&s->node[i], n))
			most = s->node[i].bonus;
	return most;
}

static void keep(struct sequences *s, unsigned news)
{
	struct sequence *n = &s->node[s->nodes_nr], *from = &s->node[s->at];

	if (s->nodes_nr == SEQUENCE_NODES)
		return;
	*n = (struct sequence){.length = (uint8_t)(from->length + 1),
			       .from = (uint16_t)s->at,
			       .hash = behind(from->hash, &s->added.op),
			       .ops_nr = s->failing.ops_nr};
	memcpy(n->op, s->failing.ops, n->ops_nr * sizeof(n->op[0]));
	n->bonus = bonus_alike(s, n, bonus(news));
	n->bits = from->bits + s->added.bits - n->bonus;
	begin_node(s);
}

static void keep_good(struct sequences *s)
{
	struct sequence *from = &s->node[s->at];

	if (from->good_nr == SEQUENCE_GOOD)
		return;
	from->good[from->good_nr++] = s->added;
	price_pair(s, s->at);
}

/* Was it there in another order, and neither of the last two ops notices which of them is first? */
static bool is_again(const struct sequences *s)
{
	const struct sequence *n = &s->node[s->at];

	return n->length && are_strangers(s, s->node[n->from].hash, last_op(n), &s->added.op);
}

static uint8_t *times_failed(struct sequences *s, const struct place *at)
{
	uint32_t hash = at->site->func_id * 31 + at->site->prim_id;

	hash = (hash * 31 + at->occurrence) * 31 + s->added.op.verb;
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
	if (shown->behaviour)
		learn(s, behind(s->node[s->at].hash, &s->added.op), shown->behaviour);
	if ((shown->returned >= 0 || shown->news) && !is_again(s))
		keep(s, shown->news);
	if (shown->returned >= 0 || shown->waited)
		keep_good(s);
	if (shown->returned >= 0)
		keep_failures(s, shown);
}
