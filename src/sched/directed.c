/*
 * directed.c - steer towards pairs of actions that were not seen to follow each other.
 *
 * Wolff, Shi, Duck, Mathur, Roychoudhury, "Greybox Fuzzing for Concurrency Testing", ASPLOS 2024
 * (RFF): a schedule is abstracted to its reads-from pairs, and a run is biased towards pairs that
 * are wanted: a read that waits for its writer is held back until that one has written, and then
 * other writers are held back until it has read.
 *
 * Where we differ: the pairs of RFF come from mutating those of earlier runs of the campaign. Here a
 * run is to be a function of program and seed alone, so it draws one to TARGETS_MAX pairs, of the
 * actions that the profile knows, that the profile's runs have not seen. Locks, counts and grace
 * periods make pairs as words do. Who goes on of those that are not held back is the decision of
 * another strategy, drawn per run.
 *
 * Most pairs that were never seen cannot be: the profile is good enough to know nearly all that can.
 * What they do is to hold a thread at one place until nobody else can go on, often within a lock,
 * and that finds what the other strategy alone hardly finds. So they are not left out, but where few
 * are left unseen a run often has none, since a draw tries TRIES times only.
 *
 * Nobody is held back for more than PATIENCE operations, nor when all others are blocked: then the
 * pair is given up.
 */
#include "sched/strategy.h"

#define TARGETS_MAX 3
#define TRIES 2
#define PATIENCE 256
#define NEVER 0xff

/* The reader is to find what the writer left. */
struct target {
	uint32_t writer, reader; /* keys of actions */
	uint32_t object;
	uint8_t writer_lane, reader_lane;
	bool written; /* and nobody wrote since */
	bool given_up;
	uint16_t waited; /* operations since somebody was held back for it */
};

struct directed {
	struct target target[TARGETS_MAX];
	uint32_t targets_nr;
	bool hurries; /* whose turn it is to make a pair goes first */
	const struct strategy_methods *base;
};
STRATEGY_STATE_ABOVE_IS(struct directed)

static const struct strategy_methods *const bases[] = {
	&strategy_sticky_methods,
	&strategy_pct_methods,
	&strategy_stretch_methods,
};
#define BASES (sizeof(bases) / sizeof(bases[0]))

static bool is_seen(const struct profile *p, unsigned writer, unsigned reader)
{
	return p->seen[writer][reader / 8] >> reader % 8 & 1;
}

/* One of the actions of other lanes that write @reader's object and were not seen before it. */
static unsigned draw_writer(const struct profile *p, struct rng *r, unsigned reader)
{
	unsigned nr = 0, writer = NEVER;

	for (unsigned i = 0; i < p->actions_nr; i++) {
		const struct profile_action *a = &p->action[i];

		if (a->object != p->action[reader].object || !a->writes ||
		    a->lane == p->action[reader].lane || is_seen(p, i, reader))
			continue;
		if (!rng_below(r, ++nr))
			writer = i;
	}
	return writer;
}

static void draw_target(struct directed *s, const struct profile *p, struct rng *r)
{
	for (unsigned tries = 0; tries < TRIES; tries++) {
		unsigned reader = rng_below(r, p->actions_nr);
		unsigned writer = draw_writer(p, r, reader);

		if (writer == NEVER)
			continue;
		s->target[s->targets_nr++] = (struct target){
			.writer = p->action[writer].key,
			.reader = p->action[reader].key,
			.object = p->action[reader].object,
			.writer_lane = p->action[writer].lane,
			.reader_lane = p->action[reader].lane,
		};
		return;
	}
}

static void directed_begin(struct choice *c)
{
	struct directed *s = state(c);
	unsigned nr = 1 + rng_below(&c->rng, TARGETS_MAX);

	s->targets_nr = 0;
	s->hurries = rng_chance(&c->rng, 2);
	s->base = bases[rng_below(&c->rng, BASES)];
	s->base->begin(c);
	while (c->profile->actions_nr && nr--)
		draw_target(s, c->profile, &c->rng);
}

/* Would @e spoil it: the reader too early, or another writer in between? */
static bool spoils(const struct target *t, const struct trace_event *e)
{
	if (e->object != t->object || !e->site || !kind_in(e, KINDS_SHARED))
		return false;
	if (!t->written)
		return e->lane == t->reader_lane && action_key(e) == t->reader;
	return e->lane != t->reader_lane && !kind_in(e, KINDS_READ);
}

/* The lanes of @runnable that are held back for @t; gives it up when it has had its time. */
static uint32_t held_back(const struct choice *c, struct target *t, uint32_t runnable)
{
	uint32_t held = 0;

	if (t->given_up)
		return 0;
	for (uint32_t rest = runnable; rest; rest &= rest - 1)
		if (spoils(t, &c->next[lane_first(rest)]))
			held |= LANE_BIT(lane_first(rest));
	t->waited = (uint16_t)(held ? t->waited + 1 : t->waited);
	t->given_up = t->waited > PATIENCE || held == runnable;
	return t->given_up ? 0 : held;
}

/* Those whose turn it is to make a pair. */
static uint32_t wanted(const struct directed *s)
{
	uint32_t lanes = 0;

	for (unsigned i = 0; i < s->targets_nr; i++) {
		const struct target *t = &s->target[i];

		if (t->waited && !t->given_up)
			lanes |= LANE_BIT(t->written ? t->reader_lane : t->writer_lane);
	}
	return lanes;
}

static unsigned directed_pick(struct choice *c, uint32_t runnable)
{
	struct directed *s = state(c);
	uint32_t free = runnable;

	for (unsigned i = 0; i < s->targets_nr; i++) {
		uint32_t held = held_back(c, &s->target[i], runnable);

		if (free & ~held)
			free &= ~held;
		else
			s->target[i].given_up = true;
	}
	if (s->hurries && free & wanted(s))
		free &= wanted(s);
	return s->base->pick(c, free);
}

static void follow(struct directed *s, const struct trace_event *e)
{
	for (unsigned i = 0; i < s->targets_nr; i++) {
		struct target *t = &s->target[i];

		if (t->given_up || e->object != t->object)
			continue;
		if (t->written && e->lane == t->reader_lane && action_key(e) == t->reader)
			t->given_up = true; /* done */
		else if (!kind_in(e, KINDS_READ))
			t->written = action_key(e) == t->writer;
	}
}

static void directed_ran(struct choice *c, unsigned lane)
{
	const struct trace_event *e = &c->next[lane];
	struct directed *s = state(c);

	if (s->base->ran)
		s->base->ran(c, lane);
	if (e->site && kind_in(e, KINDS_SHARED))
		follow(s, e);
}

const struct strategy_methods strategy_directed_methods = {
	.begin = directed_begin,
	.pick = directed_pick,
	.ran = directed_ran,
};
