/*
 * blame.c - repeats a failing run up to a choice, and lets others decide from there on.
 *
 * The run is followed (follow.h). What fails (allocations, device calls, waits) fails in the
 * repeated part as it did, by the deviations or by the same stream of chance, and behind it no more.
 *
 * Continuations: first each lane in turn is preferred to all others until it blocks, then chance
 * decides, in half of them with a lane that tends to go on. Inevitable is monotone: a continuation
 * of a longer prefix is one of a shorter prefix, too. So the pivot is found by bisection.
 */
#include "search/blame.h"

#include <string.h>

#include "base/panic.h"
#include "exec/follow.h"

#define STICKY_ONE_IN 5

/* ---- one run ---- */

static struct {
	uint32_t number;
	struct rng rng;
} continuation;

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

static unsigned pick(struct choice *c, uint32_t runnable)
{
	bool current = c->current < LANES && runnable >> c->current & 1;

	if (continuation.number < LANES) {
		if (runnable >> continuation.number & 1)
			return continuation.number;
		return current ? c->current : first_of(runnable);
	}
	if (continuation.number % 2 && current && !rng_chance(&continuation.rng, STICKY_ONE_IN))
		return c->current;
	return any_of(&continuation.rng, runnable);
}

static const struct strategy_methods continuation_methods = {.pick = pick};
static const struct strategy continues = {.name = "continue",
					  .source = "",
					  .help = "a continuation of a prefix",
					  .methods = &continuation_methods};

/* ---- many runs ---- */

struct inquiry {
	struct exec *x;
	struct exec_how how;
	const struct strategy *strategy; /* of the run, and its seed */
	uint64_t seed, runs, steps;
	struct follow follow;
};

static struct trace original;

/* The same thing went wrong with the same object. */
static bool is_same(const struct verdict *v)
{
	return v->rule == original.verdict.rule && !strcmp(v->object, original.verdict.object);
}

static bool fails(struct inquiry *q, uint32_t prefix, uint32_t number)
{
	q->follow.prefix = prefix;
	continuation.number = number;
	continuation.rng = rng_init((uint64_t)prefix << 32 | number);
	return is_same(follow_run(q->x, &q->how, &q->follow));
}

static struct {
	uint32_t lanes_nr; /* choices of the run */
	uint8_t lane[BLAME_POINTS_MAX];
	uint32_t steps[BLAME_POINTS_MAX]; /* that had taken effect before each */
} choices;

static void keep_choices(struct inquiry *q)
{
	choices.lanes_nr = follow_lanes(q->x, choices.lane, BLAME_POINTS_MAX);
	for (uint32_t i = 0; i < choices.lanes_nr; i++)
		choices.steps[i] = q->x->choice.made[i].step;
	q->follow = follow_of(q->x, q->strategy, q->seed);
	q->follow.lane = choices.lane;
	q->follow.nothing_fails = true;
	q->follow.then = &continues;
}

/* Returns: false when the run does not come out as it was. */
static bool begin_inquiry(struct inquiry *q, struct exec *x, const struct exec_how *how,
			  const struct strategy *strategy, uint64_t seed)
{
	*q = (struct inquiry){.x = x,
			      .how = *how,
			      .strategy = strategy,
			      .seed = seed,
			      .runs = x->runs,
			      .steps = x->steps};
	q->how.watch_op = NULL;
	memcpy(&original, &x->trace, sizeof(original));
	if (strategy == follow_strategy())
		return false; /* it follows one run at a time */
	exec_run(x, &q->how, strategy, seed);
	keep_choices(q);
	return choices.lanes_nr < BLAME_POINTS_MAX && is_same(&x->trace.verdict) &&
	       x->trace.events_nr == original.events_nr;
}

/* The platform's memory of objects is that of the last run: so that is made again. */
static void end_inquiry(struct inquiry *q)
{
	exec_run(q->x, &q->how, q->strategy, q->seed);
	memcpy(&q->x->trace, &original, sizeof(original));
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
	return prefix ? choices.steps[prefix - 1] + 1 : 0;
}

static uint32_t find_pivot(struct inquiry *q)
{
	uint32_t low = 0, high = choices.lanes_nr;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (always_fails(q, middle))
			high = middle;
		else
			low = middle + 1;
	}
	return step_of(low);
}

uint32_t exec_pivot(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		    uint64_t seed)
{
	struct inquiry q;
	uint32_t pivot = 0;

	if (x->trace.verdict.rule == RULE_hang)
		return 0; /* each continuation would hang as long */
	if (begin_inquiry(&q, x, how, strategy, seed))
		pivot = find_pivot(&q);
	end_inquiry(&q);
	return pivot;
}

static void draw_curve(struct inquiry *q, struct blame *ret)
{
	uint32_t most = 0;

	for (uint32_t prefix = 0; prefix <= choices.lanes_nr; prefix++) {
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

void exec_blame(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		uint64_t seed, struct blame *ret)
{
	struct inquiry q;

	memset(ret, 0, offsetof(struct blame, point));
	if (begin_inquiry(&q, x, how, strategy, seed)) {
		ret->pivot = find_pivot(&q);
		draw_curve(&q, ret);
	}
	end_inquiry(&q);
}
