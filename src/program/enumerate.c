/*
 * enumerate.c - every small program over some verbs.
 *
 * First the shape (how many ops each thread has, longer threads first), then the verbs, slot by slot:
 * with them it is known which objects there are. Then the operands. What is complete is taken if it
 * is the least of all that a renaming makes of it: so each is seen once, and nothing is remembered.
 */
#include "program/enumerate.h"

#include <string.h>

struct slot {
	uint8_t thread, verb, result;
	uint32_t operand[OPERANDS_MAX];
};

struct enumeration {
	const struct program_scope *scope;
	bool (*each)(void *arg, const struct program *p);
	void *arg;
	bool over;
	bool alike[OBJECT_KINDS_MAX]; /* objects of the set-up may be renamed */
	unsigned nr;		      /* slots */
	unsigned threads;
	unsigned length[THREADS_MAX];
	struct slot slot[ENUMERATE_OPS_MAX];
	struct program setup;
	struct program program;
};

static const struct op_type *type_of(const struct enumeration *e, const struct slot *s)
{
	return &e->scope->descriptor->ops[s->verb];
}

/* ---- set-up ---- */

static const char *add_setup(struct enumeration *e, unsigned kind, unsigned number)
{
	const struct descriptor *d = e->scope->descriptor;
	struct program_op op = {.lane = LANE_MAIN, .result = (uint8_t)number};

	while (op.verb < d->ops_nr &&
	       (d->ops[op.verb].gives != (int)kind || d->ops[op.verb].place == PLACE_THREAD))
		op.verb++;
	if (op.verb == d->ops_nr)
		return "no op of a set-up gives such an object";
	for (unsigned i = 0; i < d->ops[op.verb].operands_nr; i++) {
		const struct operand_type *t = &d->ops[op.verb].operands[i];
		unsigned there = t->kind == OPERAND_OBJECT ? e->scope->objects[t->object_kind] : 1;

		if (!there)
			return "the set-up needs an object of a kind of which there is none";
		if (t->kind != OPERAND_OBJECT)
			continue;
		op.operand[i] = number < there ? number : there - 1;
		e->alike[t->object_kind] = false;
	}
	if (e->setup.ops_nr == OPS_MAX - ENUMERATE_OPS_MAX)
		return "too many objects";
	e->setup.ops[e->setup.ops_nr++] = op;
	return NULL;
}

/* In whatever order the kinds need each other. */
static const char *make_setup(struct enumeration *e)
{
	const char *wrong = NULL;

	program_init(&e->setup, e->scope->descriptor);
	for (unsigned k = 0; k < OBJECT_KINDS_MAX; k++)
		e->alike[k] = true;
	for (unsigned k = 0; k < e->scope->descriptor->objects_nr && !wrong; k++)
		for (unsigned n = 0; n < e->scope->objects[k] && !wrong; n++)
			wrong = n < OBJECTS_MAX ? add_setup(e, k, n) : "too many objects";
	for (unsigned left = e->setup.ops_nr; !wrong && left && program_validate(&e->setup);
	     left--) {
		struct program_op first = e->setup.ops[0];

		memmove(e->setup.ops, e->setup.ops + 1,
			(e->setup.ops_nr - 1u) * sizeof(e->setup.ops[0]));
		e->setup.ops[e->setup.ops_nr - 1] = first;
	}
	return wrong ? wrong : program_validate(&e->setup);
}

/* ---- renaming ---- */

struct renaming {
	uint8_t thread[THREADS_MAX];		       /* the new place of each thread */
	uint8_t object[OBJECT_KINDS_MAX][OBJECTS_MAX]; /* the new number of those of the set-up */
};

static void number_results(const struct enumeration *e, struct slot *slot)
{
	uint8_t next[OBJECT_KINDS_MAX];

	memcpy(next, e->scope->objects, sizeof(next));
	for (unsigned i = 0; i < e->nr; i++)
		if (type_of(e, &slot[i])->gives >= 0)
			slot[i].result = next[type_of(e, &slot[i])->gives]++;
}

static uint32_t renamed(const struct enumeration *e, const struct renaming *r, unsigned kind,
			uint32_t number, const struct slot *moved, const uint8_t *place)
{
	if (number < e->scope->objects[kind])
		return r->object[kind][number];
	for (unsigned i = 0; i < e->nr; i++)
		if (type_of(e, &e->slot[i])->gives == (int)kind && e->slot[i].result == number)
			return moved[place[i]].result;
	return number;
}

static void rename_all(const struct enumeration *e, const struct renaming *r, struct slot *ret)
{
	uint8_t place[ENUMERATE_OPS_MAX];
	unsigned nr = 0;

	for (unsigned t = 0; t < e->threads; t++)
		for (unsigned i = 0; i < e->nr; i++) {
			if (r->thread[e->slot[i].thread] != t)
				continue;
			place[i] = (uint8_t)nr;
			ret[nr] = e->slot[i];
			ret[nr++].thread = (uint8_t)t;
		}
	number_results(e, ret);
	for (unsigned i = 0; i < e->nr; i++) {
		const struct op_type *type = type_of(e, &e->slot[i]);

		for (unsigned o = 0; o < type->operands_nr; o++)
			if (type->operands[o].kind == OPERAND_OBJECT)
				ret[place[i]].operand[o] =
					renamed(e, r, type->operands[o].object_kind,
						e->slot[i].operand[o], ret, place);
	}
}

static int compare(const struct enumeration *e, const struct slot *a, const struct slot *b)
{
	for (unsigned i = 0; i < e->nr; i++) {
		if (a[i].verb != b[i].verb)
			return a[i].verb < b[i].verb ? -1 : 1;
		for (unsigned o = 0; o < OPERANDS_MAX; o++)
			if (a[i].operand[o] != b[i].operand[o])
				return a[i].operand[o] < b[i].operand[o] ? -1 : 1;
	}
	return 0;
}

/* The next order of @nr numbers; false, and the first one again, after the last. */
static bool next_order(uint8_t *number, unsigned nr)
{
	unsigned i = nr - 1, j = nr - 1;
	bool more;

	if (nr < 2)
		return false;
	while (i && number[i - 1] > number[i])
		i--;
	more = i != 0;
	if (more) {
		uint8_t swap = number[i - 1];

		while (number[j] < swap)
			j--;
		number[i - 1] = number[j];
		number[j] = swap;
	}
	for (j = nr - 1; i < j; i++, j--) {
		uint8_t swap = number[i];

		number[i] = number[j];
		number[j] = swap;
	}
	return more;
}

static bool next_objects(const struct enumeration *e, struct renaming *r)
{
	for (unsigned k = 0; k < OBJECT_KINDS_MAX; k++)
		if (e->alike[k] && next_order(r->object[k], e->scope->objects[k]))
			return true;
	return false;
}

static bool keeps_lengths(const struct enumeration *e, const struct renaming *r)
{
	for (unsigned t = 0; t < e->threads; t++)
		if (e->length[r->thread[t]] != e->length[t])
			return false;
	return true;
}

static bool is_least(const struct enumeration *e)
{
	struct slot other[ENUMERATE_OPS_MAX];
	struct renaming r;

	for (unsigned t = 0; t < THREADS_MAX; t++)
		r.thread[t] = (uint8_t)t;
	for (unsigned k = 0; k < OBJECT_KINDS_MAX; k++)
		for (unsigned n = 0; n < OBJECTS_MAX; n++)
			r.object[k][n] = (uint8_t)n;
	do {
		do {
			if (!keeps_lengths(e, &r))
				continue;
			rename_all(e, &r, other);
			if (compare(e, other, e->slot) < 0)
				return false;
		} while (next_objects(e, &r));
	} while (next_order(r.thread, e->threads));
	return true;
}

/* ---- programs ---- */

/* Is every object that the slot uses bound by the text so far? */
static bool is_bound(const struct enumeration *e, const struct slot *s, const bool *written)
{
	const struct op_type *type = type_of(e, s);

	for (unsigned o = 0; o < type->operands_nr; o++)
		for (unsigned i = 0; i < e->nr; i++)
			if (type->operands[o].kind == OPERAND_OBJECT && !written[i] &&
			    type_of(e, &e->slot[i])->gives == (int)type->operands[o].object_kind &&
			    e->slot[i].result == s->operand[o])
				return false;
	return true;
}

static bool is_next(const struct enumeration *e, unsigned i, const bool *written)
{
	return !written[i] &&
	       (!i || e->slot[i - 1].thread != e->slot[i].thread || written[i - 1]) &&
	       is_bound(e, &e->slot[i], written);
}

/* The order of the text is free but for names. Returns: false when there is none. */
static bool write_ops(struct enumeration *e)
{
	bool written[ENUMERATE_OPS_MAX] = {false};

	e->program = e->setup;
	for (unsigned nr = 0, i; nr < e->nr; nr++) {
		for (i = 0; i < e->nr && !is_next(e, i, written);)
			i++;
		if (i == e->nr)
			return false;
		written[i] = true;
		e->program.ops[e->program.ops_nr] =
			(struct program_op){.lane = (uint8_t)(LANE_A + e->slot[i].thread),
					    .verb = e->slot[i].verb,
					    .result = e->slot[i].result};
		memcpy(e->program.ops[e->program.ops_nr++].operand, e->slot[i].operand,
		       sizeof(e->slot[i].operand));
	}
	return !program_validate(&e->program);
}

static void take(struct enumeration *e)
{
	if (is_least(e) && write_ops(e) && !e->each(e->arg, &e->program))
		e->over = true;
}

/* May slot @at use what slot @i binds? */
static bool may_use(const struct enumeration *e, unsigned at, unsigned i)
{
	return i != at && (e->slot[i].thread != e->slot[at].thread || i < at);
}

static void operands(struct enumeration *e, unsigned at, unsigned o);

static void with_operand(struct enumeration *e, unsigned at, unsigned o, uint32_t value)
{
	e->slot[at].operand[o] = value;
	operands(e, at, o + 1);
	e->slot[at].operand[o] = 0;
}

static void objects(struct enumeration *e, unsigned at, unsigned o, unsigned kind)
{
	for (uint32_t n = 0; n < e->scope->objects[kind] && !e->over; n++)
		with_operand(e, at, o, n);
	for (unsigned i = 0; i < e->nr && !e->over; i++)
		if (type_of(e, &e->slot[i])->gives == (int)kind && may_use(e, at, i))
			with_operand(e, at, o, e->slot[i].result);
}

static void operands(struct enumeration *e, unsigned at, unsigned o)
{
	const struct op_type *type = type_of(e, &e->slot[at]);

	if (at == e->nr) {
		take(e);
		return;
	}
	if (o == type->operands_nr) {
		operands(e, at + 1, 0);
		return;
	}
	switch (type->operands[o].kind) {
	case OPERAND_OBJECT:
		objects(e, at, o, type->operands[o].object_kind);
		break;
	case OPERAND_WORD:
		for (uint32_t w = 0; type->operands[o].words[w] && !e->over; w++)
			with_operand(e, at, o, w);
		break;
	case OPERAND_NUMBER:
		with_operand(e, at, o, 0);
		break;
	}
}

static bool results_fit(const struct enumeration *e)
{
	for (unsigned i = 0; i < e->nr; i++)
		if (type_of(e, &e->slot[i])->gives >= 0 && e->slot[i].result >= OBJECTS_MAX)
			return false;
	return true;
}

static void verbs(struct enumeration *e, unsigned at)
{
	if (at == e->nr) {
		number_results(e, e->slot);
		if (results_fit(e))
			operands(e, 0, 0);
		return;
	}
	for (unsigned v = 0; v < e->scope->verbs_nr && !e->over; v++) {
		e->slot[at].verb = e->scope->verbs[v];
		verbs(e, at + 1);
	}
}

static void shapes(struct enumeration *e, unsigned left)
{
	unsigned longest = e->threads ? e->length[e->threads - 1] : left;

	if (!left) {
		verbs(e, 0);
		return;
	}
	if (e->threads == e->scope->threads)
		return;
	for (unsigned n = left < longest ? left : longest; n && !e->over; n--) {
		for (unsigned i = 0; i < n; i++)
			e->slot[e->nr++].thread = (uint8_t)e->threads;
		e->length[e->threads++] = n;
		shapes(e, left - n);
		e->threads--;
		e->nr -= n;
	}
}

const char *program_enumerate(const struct program_scope *scope,
			      bool (*each)(void *arg, const struct program *p), void *arg)
{
	struct enumeration e = {.scope = scope, .each = each, .arg = arg};
	const char *wrong;

	if (scope->length > ENUMERATE_OPS_MAX || scope->threads > THREADS_MAX)
		return "too long, or too many threads";
	wrong = make_setup(&e);
	for (unsigned n = 1; !wrong && n <= scope->length && !e.over; n++)
		shapes(&e, n);
	return wrong;
}
