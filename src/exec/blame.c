/*
 * blame.c - repeats a failing run up to a choice, and lets others decide from there on.
 *
 * Two strategies that are no rows of strategy.def, as they need a run to follow. One wraps what the
 * run was made with and writes down every choice; the other repeats the first of them. What fails
 * (allocations, device calls, waits) fails in the repeated part as it did, by the deviations or by
 * the same stream of chance, and behind it no more.
 *
 * Continuations: first each lane in turn is preferred to all others until it blocks, then chance
 * decides, in half of them with a lane that tends to go on. Inevitable is monotone: a continuation
 * of a longer prefix is one of a shorter prefix, too. So the pivot is found by bisection.
 */
#include "exec/blame.h"

#include <string.h>

#include "base/panic.h"

#define STICKY_ONE_IN 5

static struct follower {
	const struct exec *x;
	const struct strategy *base; /* NULL: the program's own schedule */
	const struct strategy *drawn;
	bool writing;
	uint32_t lanes_nr; /* choices of the run */
	uint8_t lane[BLAME_POINTS_MAX];
	uint32_t steps[BLAME_POINTS_MAX]; /* that had taken effect before each */
	uint32_t at, prefix, number;
	struct rng rng;
} follower;

static const struct strategy follow;

/* ---- one run ---- */

static void take_deviations(struct choice *c)
{
	const struct program *p = follower.x->program;

	c->deviations_nr = 0;
	for (unsigned i = 0; !follower.base && i < p->deviations_nr; i++) {
		const struct program_deviation *d = &p->deviations[i];
		const char *function = program_name(p, d->function);

		if (!follower.writing && d->action != DEVIATION_FAILS)
			continue;
		c->deviation[c->deviations_nr++] = (struct choice_deviation){
			.func_id = function[0] ? name_id(function) : 0,
			.prim_id = name_id(program_name(p, d->primitive)),
			.occurrence = d->occurrence,
			.lane = d->lane,
			.op = d->op,
			.target = d->action == DEVIATION_FAILS ? LANE_NONE : d->target,
		};
	}
}

static const struct strategy *own_strategy(void)
{
	const struct program *p = follower.x->program;
	const char *name = program_name(p, p->strategy);

	return follower.base ? follower.base : strategy_find(name[0] ? name : "plain");
}

/* The wrapped strategy draws as it did; what it draws from the choice is its own, not ours. */
static void begin(struct choice *c)
{
	follower.at = 0;
	take_deviations(c);
	if (!follower.writing)
		return;
	c->drawn = own_strategy();
	if (c->drawn->methods->begin)
		c->drawn->methods->begin(c);
	follower.drawn = c->drawn;
	c->drawn = &follow;
}

static unsigned first_of(uint32_t set)
{
	return (unsigned)__builtin_ctz(set);
}

static unsigned any_of(struct rng *rng, uint32_t set)
{
	for (uint32_t skip = rng_below(rng, (uint32_t)__builtin_popcount(set)); skip; skip--)
		set &= set - 1;
	return first_of(set);
}

/* Continuation @number of a prefix. */
static unsigned go_on(const struct choice *c, uint32_t runnable)
{
	bool current = c->current < LANES && runnable >> c->current & 1;

	if (follower.number < LANES) {
		if (runnable >> follower.number & 1)
			return follower.number;
		return current ? c->current : first_of(runnable);
	}
	if (follower.number % 2 && current && !rng_chance(&follower.rng, STICKY_ONE_IN))
		return c->current;
	return any_of(&follower.rng, runnable);
}

static unsigned pick(struct choice *c, uint32_t runnable)
{
	if (follower.writing)
		return follower.drawn->methods->pick(c, runnable);
	if (follower.at < follower.prefix && runnable >> follower.lane[follower.at] & 1)
		return follower.lane[follower.at];
	if (follower.at == follower.prefix) {
		c->deviations_nr = 0; /* nothing fails from here on */
		c->fail_one_in = 0;
	}
	return go_on(c, runnable);
}

static void ran(struct choice *c, unsigned lane)
{
	if (!follower.writing) {
		follower.at++;
		return;
	}
	if (follower.drawn->methods->ran)
		follower.drawn->methods->ran(c, lane);
	if (follower.lanes_nr == BLAME_POINTS_MAX)
		return;
	follower.lane[follower.lanes_nr] = (uint8_t)lane;
	follower.steps[follower.lanes_nr++] = follower.x->trace.steps;
}

static void over(struct choice *c, uint32_t runnable)
{
	if (follower.writing && follower.drawn->methods->over)
		follower.drawn->methods->over(c, runnable);
}

static const struct strategy_methods follow_methods = {
	.begin = begin, .pick = pick, .ran = ran, .over = over};
static const struct strategy follow = {"follow", "", "repeats a run up to a choice",
				       &follow_methods};

/* ---- many runs ---- */

struct inquiry {
	struct exec *x;
	const struct strategy *strategy; /* of the run, and its seed */
	uint64_t seed, runs, steps;
	uint64_t run_seed; /* what the run was made from in the end */
	bool failures;
	void (*watch_op)(const struct exec *x, unsigned index);
};

static struct trace original;

/* The same thing went wrong with the same object. */
static bool is_same(const struct verdict *v)
{
	return !strcmp(v->rule, original.verdict.rule) &&
	       !strcmp(v->object, original.verdict.object);
}

static void run(struct inquiry *q)
{
	exec_run(q->x, &follow, q->run_seed);
}

static bool fails(struct inquiry *q, uint32_t prefix, uint32_t number)
{
	follower.prefix = prefix;
	follower.number = number;
	follower.rng = rng_init((uint64_t)prefix << 32 | number);
	run(q);
	return is_same(&q->x->trace.verdict);
}

/* As exec_run() does: the plain default has no chance in it, and "late" only which stores are. */
static bool chance_fails(const struct strategy *s)
{
	return strcmp(s->name, "plain") != 0 && strcmp(s->name, "late") != 0;
}

/* Returns: false when the run does not come out as it was. */
static bool begin_inquiry(struct inquiry *q, struct exec *x, const struct strategy *strategy,
			  uint64_t seed)
{
	const struct strategy *own;

	*q = (struct inquiry){.x = x,
			      .strategy = strategy,
			      .seed = seed,
			      .runs = x->runs,
			      .steps = x->steps,
			      .run_seed = strategy ? seed : x->program->seed,
			      .failures = x->failures,
			      .watch_op = x->watch_op};
	memcpy(&original, &x->trace, sizeof(original));
	x->watch_op = NULL;
	follower.x = x;
	follower.base = strategy;
	own = own_strategy();
	x->failures = q->failures && (strategy || chance_fails(own));
	follower.lanes_nr = 0;
	follower.writing = true;
	run(q);
	follower.writing = false;
	return follower.lanes_nr < BLAME_POINTS_MAX && is_same(&x->trace.verdict) &&
	       x->trace.events_nr == original.events_nr;
}

/* The platform's memory of objects is that of the last run: so that is made again. */
static void end_inquiry(struct inquiry *q)
{
	q->x->failures = q->failures;
	exec_run(q->x, q->strategy, q->seed);
	memcpy(&q->x->trace, &original, sizeof(original));
	q->x->watch_op = q->watch_op;
	q->x->runs = q->runs;
	q->x->steps = q->steps;
}

static bool always_fails(struct inquiry *q, uint32_t prefix)
{
	for (uint32_t i = BLAME_CONTINUATIONS; i-- > 0;)
		if (!fails(q, prefix, i))
			return false;
	return true;
}

/* The step that choice number @prefix, from 1, let take effect. */
static uint32_t step_of(uint32_t prefix)
{
	return prefix ? follower.steps[prefix - 1] + 1 : 0;
}

static uint32_t find_pivot(struct inquiry *q)
{
	uint32_t low = 0, high = follower.lanes_nr;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (always_fails(q, middle))
			high = middle;
		else
			low = middle + 1;
	}
	return step_of(low);
}

uint32_t exec_pivot(struct exec *x, const struct strategy *strategy, uint64_t seed)
{
	struct inquiry q;
	uint32_t pivot = 0;

	if (begin_inquiry(&q, x, strategy, seed))
		pivot = find_pivot(&q);
	end_inquiry(&q);
	return pivot;
}

static void draw_curve(struct inquiry *q, struct blame *ret)
{
	uint32_t most = 0;

	for (uint32_t prefix = 0; prefix <= follower.lanes_nr; prefix++) {
		struct blame_point *p = &ret->point[ret->points_nr++];

		*p = (struct blame_point){.step = step_of(prefix)};
		for (uint32_t i = 0; i < BLAME_CONTINUATIONS; i++)
			p->fails += fails(q, prefix, i);
		if (prefix && p->fails > p[-1].fails + most) {
			most = p->fails - p[-1].fails;
			ret->steepest = p->step;
		}
	}
}

void exec_blame(struct exec *x, const struct strategy *strategy, uint64_t seed, struct blame *ret)
{
	struct inquiry q;

	memset(ret, 0, offsetof(struct blame, point));
	if (begin_inquiry(&q, x, strategy, seed)) {
		ret->pivot = find_pivot(&q);
		draw_curve(&q, ret);
	}
	end_inquiry(&q);
}
