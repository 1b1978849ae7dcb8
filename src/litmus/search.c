/*
 * search.c - depth-first over the choices of a litmus test, one run for each path.
 *
 * Stateless replay with state matching: a run follows the prefix of choices that is wanted, then takes
 * the first alternative everywhere. Where it comes to a state that an earlier run was in (a hash,
 * machine_state()) nothing new can follow; the rest of the run makes no choice that is kept. The
 * table of states has a bound: once it is full, states are matched with those that are in it.
 *
 * Where that does not end within the allowed runs, the same number of runs with random choices
 * follow, and the outcome says that it is not complete.
 */
#include "litmus/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "sched/choice.h"

#define DEPTH_MAX 1024
#define SEEN_FIRST (8u * DEPTH_MAX)
#define SEEN_MAX (4u << 20) /* states; 64 MiB */

struct decision {
	uint32_t left; /* alternatives that are still to be tried */
	uint8_t chosen;
};

static struct {
	struct decision at[DEPTH_MAX];
	uint32_t prefix; /* decisions that are fixed */
	uint32_t nr;
	bool known; /* the run came to a state that was seen */
	bool full;  /* the run had more decisions than fit */
	uint64_t *seen;
	uint32_t seen_nr, seen_size; /* a power of two, more than twice as many */
} tree;

/* ---- states that were seen ---- */

static void clear_seen(uint32_t size)
{
	free(tree.seen);
	tree.seen = calloc(size, sizeof(*tree.seen));
	must(tree.seen);
	tree.seen_size = size;
	tree.seen_nr = 0;
}

/* Returns: was it there already? */
static bool see(uint64_t hash)
{
	uint32_t i = (uint32_t)(hash >> 32);

	hash |= 1;
	for (;; i++) {
		uint64_t *s = &tree.seen[i % tree.seen_size];

		if (*s == hash)
			return true;
		if (*s)
			continue;
		if (tree.seen_nr < SEEN_MAX) {
			*s = hash;
			tree.seen_nr++;
		}
		return false;
	}
}

/* Between runs: half of the table is free, and a run has at most DEPTH_MAX states. */
static void make_room(void)
{
	uint64_t *before = tree.seen;
	uint32_t size = tree.seen_size;

	if (tree.seen_nr < size / 2 || tree.seen_nr == SEEN_MAX)
		return;
	tree.seen = NULL;
	clear_seen(size * 2);
	for (uint32_t i = 0; i < size; i++)
		if (before[i])
			see(before[i]);
	free(before);
}

/* ---- choices of a run ---- */

static unsigned first_of(uint32_t options)
{
	return (unsigned)__builtin_ctz(options);
}

/* @state: of the run, and which question this is. */
static unsigned decide(uint32_t options, uint64_t state)
{
	struct decision *d = &tree.at[tree.nr];

	if (tree.known || !(options & (options - 1)))
		return first_of(options);
	if (tree.nr < tree.prefix) {
		tree.nr++;
		return d->chosen;
	}
	if (tree.nr == DEPTH_MAX || see(state)) {
		tree.full |= tree.nr == DEPTH_MAX;
		tree.known = true;
		return first_of(options);
	}
	tree.nr++;
	d->chosen = (uint8_t)first_of(options);
	d->left = options & (options - 1);
	return d->chosen;
}

static void begin(struct choice *c)
{
	tree.nr = 0;
	tree.known = false;
}

static unsigned pick(struct choice *c, uint32_t runnable)
{
	if (tree.known)
		return choice_default(c->current, runnable);
	return decide(runnable, rng_mix(machine_state()));
}

static unsigned answer(struct choice *c, unsigned options, uint64_t question)
{
	return decide((uint32_t)((1ull << options) - 1), rng_mix(machine_state() + question));
}

static const struct strategy_methods methods = {.begin = begin, .pick = pick, .decide = answer};
static const struct strategy exhaustive = {.name = "litmus",
					   .source = "",
					   .help = "every choice of a litmus test",
					   .methods = &methods};

/* To the next path. Returns: false when there is none. */
static bool advance(void)
{
	while (tree.nr) {
		struct decision *d = &tree.at[tree.nr - 1];

		if (d->left) {
			d->chosen = (uint8_t)first_of(d->left);
			d->left &= d->left - 1;
			tree.prefix = tree.nr;
			return true;
		}
		tree.nr--;
	}
	return false;
}

/* ---- what the runs end in ---- */

static struct litmus_state *state_of(const struct litmus_search *s, const struct litmus_run *run,
				     struct litmus_outcome *o)
{
	size_t size = s->test->shown_nr * sizeof(run->shown[0]);

	for (unsigned i = 0; i < o->states_nr; i++)
		if (memcmp(o->state[i].shown, run->shown, size) == 0)
			return &o->state[i];
	if (o->states_nr == LITMUS_STATES_MAX) {
		o->too_many = true;
		return NULL;
	}
	memset(&o->state[o->states_nr], 0, sizeof(o->state[0]));
	memcpy(o->state[o->states_nr].shown, run->shown, size);
	return &o->state[o->states_nr++];
}

static void note_state(const struct litmus_search *s, const struct litmus_run *run,
		       struct litmus_outcome *o)
{
	struct litmus_state *state;

	if (s->test->filter && !litmus_holds(s->test, s->test->filter, run)) {
		o->filtered++;
		return;
	}
	o->races |= run->races;
	state = state_of(s, run, o);
	if (!state)
		return;
	state->runs++;
	state->meets = litmus_holds(s->test, s->test->condition, run);
	o->meets |= state->meets;
	o->fails |= !state->meets;
}

static void run_once(const struct litmus_search *s, struct choice *c, struct litmus_outcome *o)
{
	static struct litmus_run run;

	machine_run(s->test, c, &s->strength, &run);
	o->runs++;
	if (run.end == LITMUS_ENDED)
		note_state(s, &run, o);
	else if (run.end == LITMUS_STUCK)
		o->stuck++;
	else if (!o->faulted++)
		o->verdict = *run.verdict;
}

static bool stopped(const struct litmus_search *s)
{
	return s->stop && s->stop();
}

static void run_all(const struct litmus_search *s, struct choice *c, struct litmus_outcome *o)
{
	c->strategy = &exhaustive;
	clear_seen(SEEN_FIRST);
	tree.prefix = 0;
	tree.full = false;
	while (o->runs < s->runs_max && !stopped(s)) {
		choice_begin(c, 0);
		run_once(s, c, o);
		make_room();
		if (advance())
			continue;
		o->complete = !tree.full && !o->too_many;
		return;
	}
}

static void run_by_chance(const struct litmus_search *s, struct choice *c, struct litmus_outcome *o)
{
	c->strategy = strategy_find("random");
	for (uint64_t seed = 0; seed < s->runs_max && !stopped(s); seed++) {
		choice_begin(c, seed);
		run_once(s, c, o);
	}
}

static int by_values(const void *a, const void *b)
{
	const struct litmus_state *x = a, *y = b;

	for (unsigned i = 0; i < LITMUS_SHOWN_MAX; i++)
		if (x->shown[i] != y->shown[i])
			return x->shown[i] < y->shown[i] ? -1 : 1;
	return 0;
}

void litmus_search(const struct litmus_search *s, struct litmus_outcome *ret)
{
	static const struct profile nothing;
	static struct choice choice;
	uint64_t steps = machine_steps();

	memset(ret, 0, offsetof(struct litmus_outcome, state));
	choice.profile = &nothing;
	if (!s->by_chance)
		run_all(s, &choice, ret);
	if (!ret->complete)
		run_by_chance(s, &choice, ret);
	ret->steps = machine_steps() - steps;
	qsort(ret->state, ret->states_nr, sizeof(ret->state[0]), by_values);
}
