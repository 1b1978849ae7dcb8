/*
 * surw.c - selectively uniform random walk: uniform over the interleavings of a few operations.
 *
 * Zhao, Wolff, Mathur, Roychoudhury, "Selectively Uniform Concurrency Testing", ASPLOS 2025. Of all
 * operations only an interesting set counts. An intended thread is drawn in proportion to the
 * interesting operations that each has left; every other thread that is about to do an interesting
 * one is held back, and among the rest anyone goes on. So the next interesting operation is the
 * intended thread's, however many others lie between: the order of the interesting ones is drawn
 * uniformly, and the rest is noise that costs nothing.
 *
 * Where we differ:
 * - The set is drawn per run from the profile, not given: see the weights below.
 * - Counts are the most that earlier runs have shown. What a thread had left when it ended is
 *   forgotten, and one that is about to do more than was expected has one left.
 * - If nobody is left who is not held back (the intended thread is blocked, or is a worker without
 *   work), the intended thread is drawn again, among those that can go on. The same after PATIENCE
 *   operations, since the intended thread may spin until one that is held back has gone on.
 *
 * The free of a block is an operation on all that lies in it: that is the order which a lifetime
 * bug is about. The tail of an unlock is an operation on the lock as much as the unlock itself.
 */
#include "sched/strategy.h"

/*
 * What a run looks at, by weight. A lifetime bug mostly hides in the order in which threads pass each
 * other (the 2015 device race: four ordered operations on two locks), whatever others do meanwhile.
 * So most runs take all locks, or those that two threads share: pairs do better where the bug
 * is of two threads, all where it is of more or of the workers. Some take one lock, and first of all
 * one whose block was seen to be freed and whose unlock touches it after it is free; then one count
 * or word, and whole classes, where the same lock of several objects is meant. All counts together
 * is nearly everything, so rarely.
 */
enum group {
	PAIR_LOCKS,
	MORTAL_LOCK,
	LOCK_OBJECT,
	OTHER_OBJECT,
	CLASS,
	ALL_LOCKS,
	ALL_REFS,
	GROUPS
};
static const uint16_t group_weight[GROUPS] = {
	[PAIR_LOCKS] = 8, [MORTAL_LOCK] = 2, [LOCK_OBJECT] = 2, [OTHER_OBJECT] = 3,
	[CLASS] = 1,	  [ALL_LOCKS] = 16,  [ALL_REFS] = 1,
};

/*
 * More operations than a run needs between two interesting ones (a dense exit path has about 8),
 * and few enough that STEPS_MAX, the bound that means livelock, is not reached by holding back.
 */
#define PATIENCE 256
#define CHOSEN_MAX 16 /* locks that two lanes share */

struct surw {
	uint64_t kinds; /* interesting kinds; 0: no set, be random */
	uint32_t object, object_mask;
	uint32_t class, class_mask;
	uint32_t block;	 /* its free is interesting too; 0: none */
	uint64_t chosen; /* PAIR_LOCKS: a bit for each object, by hash; 0: not asked */
	uint32_t chosen_key[CHOSEN_MAX]; /* the objects themselves */
	uint32_t intended;		 /* bit of the intended lane; 0: none */
	uint32_t waited;		 /* operations since it was drawn */
	uint32_t seen;			 /* threads that could go on at the last pick and did not */
	uint32_t about; /* lanes of the last pick that are about to do something interesting */
	uint16_t left[LANES];
};
STRATEGY_STATE_IS(struct surw)

static inline unsigned object_bit(uint32_t object)
{
	return object * 0x9e3779b1u >> 26;
}

/* Most objects fail at the bit. One that shares it with another is not taken for it. */
static inline bool is_chosen(const struct surw *s, uint32_t object)
{
	if (!(s->chosen >> object_bit(object) & 1))
		return false;
	for (unsigned i = 0; i < CHOSEN_MAX; i++)
		if (s->chosen_key[i] == object)
			return true;
	return false;
}

static inline bool is_interesting(const struct surw *s, const struct trace_event *e)
{
	if (s->chosen && !is_chosen(s, e->object))
		return false;
	if (kind_in(e, s->kinds) && (e->object & s->object_mask) == s->object &&
	    (e->class & s->class_mask) == s->class)
		return true;
	return s->block && e->kind == EV_free && OBJECT_BLOCK(e->object) == s->block;
}

static void intend(struct choice *c, struct surw *s, uint32_t among)
{
	s->waited = 0;
	s->intended = LANE_BIT(lane_weighted(&c->rng, among, s->left));
}

#define LANES_ALL (LANE_BIT(LANES) - 1)

static enum group group_of(const struct profile_object *o)
{
	if (o->is_class)
		return CLASS;
	if (!o->is_lock)
		return OTHER_OBJECT;
	return object_is_mortal_lock(o) ? MORTAL_LOCK : LOCK_OBJECT;
}

static void count_groups(const struct profile *p, uint16_t ret_nr[GROUPS])
{
	for (unsigned group = 0; group < GROUPS; group++)
		ret_nr[group] = 0;
	for (unsigned i = 0; i < p->objects_nr; i++)
		ret_nr[group_of(&p->object[i])]++;
	ret_nr[PAIR_LOCKS] = ret_nr[MORTAL_LOCK] + ret_nr[LOCK_OBJECT];
	ret_nr[ALL_LOCKS] = lanes_counted(p->locks) >= 2;
	ret_nr[ALL_REFS] = lanes_counted(p->refs) >= 2;
}

/* A group that has members, by weight; GROUPS if none has. */
static enum group draw_group(struct rng *r, const uint16_t nr[GROUPS])
{
	uint32_t total = 0, at;

	for (unsigned group = 0; group < GROUPS; group++)
		total += nr[group] ? group_weight[group] : 0;
	at = rng_below(r, total);
	for (unsigned group = 0; group < GROUPS; group++) {
		uint32_t weight = nr[group] ? group_weight[group] : 0;

		if (at < weight)
			return group;
		at -= weight;
	}
	return GROUPS;
}

static const struct profile_object *member(const struct profile *p, enum group group, unsigned skip)
{
	const struct profile_object *o = p->object;

	while (group_of(o) != group || skip--)
		o++;
	return o;
}

static void set_kinds(struct surw *s, uint64_t kinds, const uint16_t count[LANES])
{
	s->kinds = kinds;
	for (unsigned lane = 0; lane < LANES; lane++)
		s->left[lane] = count[lane];
}

static void set_object(struct surw *s, const struct profile_object *o)
{
	set_kinds(s, KINDS_SHARED, o->count);
	if (o->is_class) {
		s->class = o->key;
		s->class_mask = ~0u;
	} else {
		s->object = o->key;
		s->object_mask = ~0u;
		s->block = OBJECT_BLOCK(o->key);
	}
}

static bool shares(const struct profile_object *o, unsigned a, unsigned b)
{
	return o->is_lock && !o->is_class && o->count[a] && o->count[b];
}

/* All locks that two lanes share: the order in which these two pass each other. */
static void set_pair(struct surw *s, const struct profile *p, unsigned a, unsigned b)
{
	uint16_t count[LANES] = {0};
	unsigned chosen_nr = 0;

	for (unsigned i = 0; i < p->objects_nr && chosen_nr < CHOSEN_MAX; i++) {
		const struct profile_object *o = &p->object[i];

		if (!shares(o, a, b))
			continue;
		s->chosen |= 1ull << object_bit(o->key);
		s->chosen_key[chosen_nr++] = o->key;
		for (unsigned lane = 0; lane < LANES; lane++)
			count[lane] += o->count[lane];
	}
	set_kinds(s, KINDS_LOCK, count);
}

/* A random lock, then two of the lanes that use it: pairs that share much are drawn more often. */
static void draw_pair(struct rng *r, struct surw *s, const struct profile *p, unsigned locks_nr)
{
	const struct profile_object *o = p->object;
	uint32_t lanes = 0;
	unsigned a, b;

	for (unsigned skip = rng_below(r, locks_nr); o->is_class || !o->is_lock || skip--;)
		o++;
	for (unsigned lane = 0; lane < LANES; lane++)
		lanes |= o->count[lane] ? LANE_BIT(lane) : 0;
	a = lane_uniform(r, lanes);
	b = lane_uniform(r, lanes & ~LANE_BIT(a));
	set_pair(s, p, a, b);
}

static void surw_begin(struct choice *c)
{
	const struct profile *p = c->profile;
	struct surw *s = state(c);
	uint16_t nr[GROUPS];
	enum group group;

	*s = (struct surw){0};
	if (!p->runs)
		return;
	count_groups(p, nr);
	group = draw_group(&c->rng, nr);
	if (group == GROUPS)
		return;
	if (group == PAIR_LOCKS)
		draw_pair(&c->rng, s, p, nr[PAIR_LOCKS]);
	else if (group == ALL_LOCKS)
		set_kinds(s, KINDS_LOCK, p->locks);
	else if (group == ALL_REFS)
		set_kinds(s, KINDS_REF, p->refs);
	else
		set_object(s, member(p, group, rng_below(&c->rng, nr[group])));
	intend(c, s, LANES_ALL);
}

/*
 * The lanes of @runnable that are about to do something interesting. Only those are looked at that
 * may be about to do something else than at the last pick: one that ran, one that could not go on,
 * and the workers, since another worker may take an idle one's callback.
 */
static inline uint32_t look(const struct choice *c, struct surw *s, uint32_t runnable)
{
	uint32_t about = s->about & s->seen & runnable;

	for (uint32_t rest = runnable & ~s->seen; rest; rest &= rest - 1) {
		unsigned lane = lane_first(rest);

		about |= (uint32_t)is_interesting(s, &c->next[lane]) << lane;
	}
	s->seen = runnable & LANES_THREAD;
	s->about = about;
	return about;
}

/* A worker that has nothing to do ends, too, but it may come back. */
static void forget_ended(struct choice *c, struct surw *s)
{
	if (c->next[c->current].kind != EV_lane_end)
		return;
	if (LANE_IS_THREAD(c->current))
		s->left[c->current] = 0;
	if (s->intended & LANE_BIT(c->current))
		intend(c, s, LANES_ALL & ~LANE_BIT(c->current));
}

/* Nobody but those in @about can be meant, and each of them has at least this one left. */
static void intend_again(struct choice *c, struct surw *s, uint32_t about)
{
	for (uint32_t rest = about; rest; rest &= rest - 1)
		if (!s->left[lane_first(rest)])
			s->left[lane_first(rest)] = 1;
	intend(c, s, about);
}

static unsigned surw_pick(struct choice *c, uint32_t runnable)
{
	struct surw *s = state(c);
	uint32_t about;

	if (!s->kinds)
		return lane_uniform(&c->rng, runnable);
	forget_ended(c, s);
	about = look(c, s, runnable);
	if (about == runnable ? !(about & s->intended) : about && s->waited >= PATIENCE)
		intend_again(c, s, about);
	return lane_uniform(&c->rng, runnable & ~(about & ~s->intended));
}

static void surw_ran(struct choice *c, unsigned lane)
{
	struct surw *s = state(c);

	s->waited++;
	s->seen &= ~LANE_BIT(lane);
	if (!(s->about & LANE_BIT(lane)))
		return;
	if (s->left[lane])
		s->left[lane]--;
	intend(c, s, LANES_ALL);
}

const struct strategy_methods strategy_surw_methods = {
	.begin = surw_begin,
	.pick = surw_pick,
	.ran = surw_ran,
};
