/*
 * focus.c - which objects a run looks at.
 *
 * Nobody knows beforehand which objects a bug is about, so each run draws: all that are shared, all
 * that one pair of lanes shares, or a few. The fewer, the more likely is one order of the
 * operations on them, and the more certainly is a bug missed that needs another object.
 */
#include "sched/focus.h"

#define FEW_MAX 3
#define STEPS_UNKNOWN 64

static void add_key(struct focus *f, uint32_t key)
{
	uint32_t at = focus_bit(key);

	f->bits[at / 64] |= 1ull << at % 64;
}

static void add(struct focus *f, const struct profile_object *o)
{
	add_key(f, o->key);
	if (OBJECT_BLOCK(o->key))
		add_key(f, OBJECT_OF_BLOCK(OBJECT_BLOCK(o->key), 0)); /* its free */
	for (unsigned lane = 0; lane < LANES; lane++)
		f->steps += o->count[lane];
}

static bool uses(const struct profile_object *o, uint32_t lanes)
{
	for (; lanes; lanes &= lanes - 1)
		if (!o->count[lane_first(lanes)])
			return false;
	return true;
}

/* All objects that every lane of @lanes uses. */
static void add_shared(struct focus *f, const struct profile *p, uint32_t lanes)
{
	for (unsigned i = 0; i < p->objects_nr; i++)
		if (!p->object[i].is_class && uses(&p->object[i], lanes))
			add(f, &p->object[i]);
}

static const struct profile_object *draw_object(const struct profile *p, struct rng *r, unsigned nr)
{
	const struct profile_object *o = p->object;

	for (unsigned skip = rng_below(r, nr); o->is_class || skip--;)
		o++;
	return o;
}

/* Pairs that share much are drawn more often. */
static uint32_t draw_pair(const struct profile *p, struct rng *r, unsigned nr)
{
	const struct profile_object *o = draw_object(p, r, nr);
	uint32_t lanes = 0, a;

	for (unsigned lane = 0; lane < LANES; lane++)
		lanes |= o->count[lane] ? LANE_BIT(lane) : 0;
	a = LANE_BIT(lane_uniform(r, lanes));
	return a | LANE_BIT(lane_uniform(r, lanes & ~a));
}

static void add_few(struct focus *f, const struct profile *p, struct rng *r, unsigned nr)
{
	for (unsigned i = 1 + rng_below(r, FEW_MAX); i; i--)
		add(f, draw_object(p, r, nr));
}

/* What nobody knows has to stay possible: plain accesses are no operations, and lie between any. */
static void draw_everything(struct focus *f, const struct profile *p)
{
	f->everything = true;
	f->steps = p->steps_max ? p->steps_max : STEPS_UNKNOWN;
}

void focus_draw(struct focus *f, const struct profile *p, const struct focus_weights *w,
		struct rng *r)
{
	uint32_t at = rng_below(r, w->everything + w->shared + w->pair + w->few);
	unsigned nr = 0;

	*f = (struct focus){0};
	for (unsigned i = 0; i < p->objects_nr; i++)
		nr += !p->object[i].is_class;
	if (!nr || at < w->everything)
		draw_everything(f, p);
	else if (at < w->everything + w->shared)
		add_shared(f, p, 0);
	else if (at < w->everything + w->shared + w->pair)
		add_shared(f, p, draw_pair(p, r, nr));
	else
		add_few(f, p, r, nr);
	if (!f->steps)
		f->steps = 1;
}
