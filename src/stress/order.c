/*
 * order.c - the rules of src/model over notes with stamps.
 *
 * On real threads nobody knows in which order two things happened that overlap. A rule may speak
 * where the order is certain, and nowhere else: so it has to be broken in every order that the stamps
 * allow, and one clean order acquits. (Whether a concurrent object behaved is asked in the same way.)
 *
 * The unit is a step: the notes that a lane wrote between two primitives, which in a simulated run
 * nothing comes between. Steps of one lane keep their order; so do steps of two lanes where one
 * ended before the other began. All other orders are tried, the written one first, depth first. What
 * is known to lead nowhere is not entered again: the same steps done, the same state of the model.
 * That makes it cheap, since only few steps overlap at any time.
 *
 * The rules are about one client each, and its address space: so each is looked at with the notes of
 * its own, and what others do meanwhile makes no more orders to try. Left out: that the order which
 * acquits one client may be none that acquits another.
 *
 * A trial is the path from the start: the model is told again, and no states are kept.
 */
#include "stress/order.h"

#include <string.h>
#include <xxhash.h>

#include "base/panic.h"
#include "model/model.h"

#define STEPS_CAP 2048
#define SEEN_BITS 14
#define WORK_MAX 400000 /* notes told to the model, in all trials of one run */

struct step {
	uint64_t begin, end;
	unsigned first; /* of its notes */
	uint8_t lane;
	bool done;
};

static struct order {
	const struct native_note *note;
	struct step step[STEPS_CAP]; /* in the order in which they were written */
	unsigned steps_nr;
	struct native_note view[STEPS_CAP]; /* the notes about one client */
	unsigned path[STEPS_CAP];	    /* steps done, in order */
	unsigned path_nr;
	unsigned work;
	struct model model;
	uint64_t seen[1u << SEEN_BITS]; /* hashes of dead ends; 0: free */
	unsigned seen_nr;
} order;

/* ---- steps ---- */

/* The notes of a step of one lane need not stand together: others write meanwhile. */
static struct step *step_of(struct order *o, const struct native_note *n)
{
	for (unsigned i = o->steps_nr; i-- > 0;)
		if (o->step[i].lane == n->event.lane)
			return o->step[i].begin == n->begin ? &o->step[i] : NULL;
	return NULL;
}

/* A view has no more notes than there is room for steps. */
static void lay_out(struct order *o, unsigned nr)
{
	o->steps_nr = 0;
	for (unsigned i = 0; i < nr; i++) {
		const struct native_note *n = &o->note[i];

		if (step_of(o, n))
			continue;
		o->step[o->steps_nr++] = (struct step){
			.begin = n->begin, .end = n->end, .first = i, .lane = n->event.lane};
	}
}

/* ---- telling the model ---- */

/* Returns: the rule that the step breaks, or a finding with RULE_NONE. */
static struct model_finding tell(struct order *o, const struct step *s, unsigned nr)
{
	struct model_finding f = {RULE_NONE, 0, -1};

	for (unsigned i = s->first; !f.rule && i < nr; i++) {
		const struct native_note *n = &o->note[i];

		if (n->begin > s->end)
			break;
		if (n->event.lane != s->lane || n->begin != s->begin)
			continue;
		f = model_note(&o->model, &n->event, (int)i);
		o->work++;
	}
	return f;
}

static uint64_t state_of(const struct order *o)
{
	size_t size =
		offsetof(struct model, client) + o->model.clients_nr * sizeof(struct model_client);
	uint64_t h = XXH3_64bits(&o->model, size);

	for (unsigned i = 0; i < o->steps_nr; i++)
		if (o->step[i].done)
			h += XXH3_64bits_withSeed(&i, sizeof(i), 1);
	return h ? h : 1;
}

/* Returns: was it there already? A full table forgets nothing and takes nothing. */
static bool remember(struct order *o, uint64_t state)
{
	unsigned at = (unsigned)(state >> (64 - SEEN_BITS));

	for (; o->seen[at]; at = (at + 1) & ((1u << SEEN_BITS) - 1))
		if (o->seen[at] == state)
			return true;
	if (o->seen_nr < (1u << SEEN_BITS) / 2) {
		o->seen[at] = state;
		o->seen_nr++;
	}
	return false;
}

static void start_again(struct order *o)
{
	model_reset(&o->model);
	memset(&o->model, 0, offsetof(struct model, client));
}

/* ---- the search ---- */

/* May @i come now? Nothing that is still to come is certain to come before it. */
static bool may_come(const struct order *o, unsigned i)
{
	for (unsigned j = 0; j < o->steps_nr; j++) {
		const struct step *s = &o->step[j];

		if (s->done || j == i)
			continue;
		if (s->end < o->step[i].begin || (s->lane == o->step[i].lane && j < i))
			return false;
	}
	return !o->step[i].done;
}

static void take_back(struct order *o, unsigned nr)
{
	start_again(o);
	o->step[o->path[--o->path_nr]].done = false;
	for (unsigned i = 0; i < o->path_nr; i++)
		tell(o, &o->step[o->path[i]], nr);
}

/* Returns: could @i be put at the end of the path, to a state that is no dead end? */
static bool put(struct order *o, unsigned i, unsigned nr)
{
	bool broken = tell(o, &o->step[i], nr).rule != RULE_NONE;

	o->step[i].done = true;
	o->path[o->path_nr++] = i;
	if (!broken && !remember(o, state_of(o)))
		return true;
	take_back(o, nr);
	return false;
}

/* From candidate @from on. Returns: did one fit? */
static bool go_on(struct order *o, unsigned from, unsigned nr)
{
	for (unsigned i = from; i < o->steps_nr && o->work < WORK_MAX; i++)
		if (may_come(o, i) && put(o, i, nr))
			return true;
	return false;
}

static enum order_answer search(struct order *o, unsigned nr)
{
	unsigned from = 0;

	while (o->path_nr < o->steps_nr) {
		if (go_on(o, from, nr)) {
			from = 0;
			continue;
		}
		if (o->work >= WORK_MAX)
			return ORDER_UNDECIDED;
		if (!o->path_nr)
			return ORDER_BROKEN;
		from = o->path[o->path_nr - 1] + 1;
		take_back(o, nr);
	}
	return ORDER_REORDERED;
}

/* ---- as it was written ---- */

static bool is_clean_as_written(struct order *o, unsigned nr, struct verdict *ret)
{
	start_again(o);
	for (unsigned i = 0; i < nr; i++) {
		struct model_finding f = model_note(&o->model, &o->note[i].event, (int)i);

		if (!f.rule)
			continue;
		*ret = (struct verdict){.rule = f.rule, .event = {(int32_t)i, f.earlier}};
		native_fill_object(f.object, ret);
		return false;
	}
	return true;
}

/* ---- one client ---- */

struct view {
	unsigned block;	   /* of the client, or of anything else that has notes */
	unsigned other[4]; /* of its address spaces, and of who tells it of changes */
	unsigned others_nr;
};

static void look_at(struct view *v, const struct trace_event *e)
{
	unsigned other = OBJECT_BLOCK((uint32_t)e->arg);

	if (OBJECT_BLOCK(e->object) != v->block ||
	    (e->kind != EV_registered && e->kind != EV_inserted))
		return;
	if (other && v->others_nr < sizeof(v->other) / sizeof(v->other[0]))
		v->other[v->others_nr++] = other;
}

static bool is_in(const struct view *v, const struct trace_event *e)
{
	unsigned block = OBJECT_BLOCK(e->object);

	for (unsigned i = 0; i < v->others_nr; i++)
		if (block == v->other[i])
			return true;
	return block == v->block;
}

/* Returns: how many notes are in the view, or more than STEPS_CAP. */
static unsigned take_view(struct order *o, unsigned block, const struct native_note *note,
			  unsigned nr)
{
	struct view v = {.block = block};
	unsigned n = 0;

	for (unsigned i = 0; i < nr; i++)
		look_at(&v, &note[i].event);
	for (unsigned i = 0; i < nr && n <= STEPS_CAP; i++) {
		if (!is_in(&v, &note[i].event))
			continue;
		if (n < STEPS_CAP)
			o->view[n] = note[i];
		n++;
	}
	return n;
}

static enum order_answer judge_view(struct order *o, unsigned nr, struct verdict *ret)
{
	if (nr > STEPS_CAP)
		return ORDER_UNDECIDED;
	o->note = o->view;
	if (is_clean_as_written(o, nr, ret))
		return ORDER_CLEAN;
	lay_out(o, nr);
	o->path_nr = o->work = o->seen_nr = 0;
	memset(o->seen, 0, sizeof(o->seen));
	start_again(o);
	return search(o, nr);
}

static bool is_first_of(const struct native_note *note, unsigned i)
{
	for (unsigned j = 0; j < i; j++)
		if (OBJECT_BLOCK(note[j].event.object) == OBJECT_BLOCK(note[i].event.object))
			return false;
	return OBJECT_BLOCK(note[i].event.object) != 0;
}

enum order_answer order_judge(const struct native_note *note, unsigned nr, struct verdict *ret)
{
	struct order *o = &order;
	enum order_answer worst = ORDER_REORDERED;

	o->note = note;
	if (is_clean_as_written(o, nr, ret))
		return ORDER_CLEAN;
	for (unsigned i = 0; i < nr && worst != ORDER_BROKEN; i++) {
		enum order_answer answer;

		if (!is_first_of(note, i))
			continue;
		answer = judge_view(o, take_view(o, OBJECT_BLOCK(note[i].event.object), note, nr),
				    ret);
		if (answer > worst)
			worst = answer;
	}
	return worst;
}
