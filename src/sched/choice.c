/*
 * choice.c - one decision: the strategy proposes, an anchored deviation wins, the rest is counted.
 *
 * The strategy is asked first and always, also when a deviation will overrule it: so its draws do
 * not shift, and a deviation that is added or dropped changes as little of the rest of the run as
 * it can. Then methods->ran() tells it who really goes on.
 *
 * Deviations stand in one small array that is walked only when there are any; one that has fired is
 * passed over. Several at one anchor: the first that can fire does, the others count the occurrence
 * and go stale.
 */
#include "sched/choice.h"

#include <string.h>

#include "base/panic.h"
#include "sched/strategy.h"

#define FAIL_STREAM 0x6661696c73ull    /* "fails": keeps the streams of a seed apart */
#define DELAY_STREAM 0x64656c617973ull /* "delays" */

static const struct strategy strategies[STRATEGIES] = {
#define STRATEGY(name, weight, drawn, fails, source, help)                                         \
	{#name, source, help, &strategy_##name##_methods, weight, drawn, fails},
#include "sched/strategy.def"
#undef STRATEGY
};

static const char *const names[STRATEGIES + 1] = {
#define STRATEGY(name, weight, drawn, fails, source, help) #name,
#include "sched/strategy.def"
#undef STRATEGY
	NULL,
};

const struct strategy *strategy_find(const char *name)
{
	for (unsigned i = 0; i < STRATEGIES; i++)
		if (!strcmp(names[i], name))
			return &strategies[i];
	return NULL;
}

const char *const *strategy_names(void)
{
	return names;
}

const char *const *strategy_drawn_names(void)
{
	static const char *drawn[STRATEGIES + 1];
	unsigned nr = 0;

	for (unsigned i = 0; i < STRATEGIES; i++)
		if (strategies[i].drawn)
			drawn[nr++] = names[i];
	return drawn;
}

const struct strategy *strategy_at(unsigned index)
{
	return index < STRATEGIES ? &strategies[index] : NULL;
}

void choice_begin(struct choice *c, uint64_t seed)
{
	must(c->strategy && c->profile && c->deviations_nr <= DEVIATIONS_MAX);
	c->seed = seed;
	c->rng = rng_init(seed);
	c->fail_rng = rng_init(seed ^ FAIL_STREAM);
	c->delay_rng = rng_init(seed ^ DELAY_STREAM);
	c->current = LANE_MAIN;
	c->active = 0;
	c->told = false;
	c->picks = c->switches = c->made_nr = 0;
	for (unsigned i = 0; i < c->deviations_nr; i++) {
		c->deviation[i].seen = 0;
		c->deviation[i].fired = false;
	}
	c->drawn = c->strategy;
	if (c->strategy->methods->begin)
		c->strategy->methods->begin(c);
}

unsigned choice_default(unsigned current, uint32_t runnable)
{
	if (current < LANES && runnable & LANE_BIT(current))
		return current;
	return lane_first(runnable);
}

static bool is_anchor(const struct choice_deviation *d, const struct trace_event *e)
{
	if (d->lane != e->lane || d->op != e->op || !e->site)
		return false;
	site_ids(e->site);
	return d->prim_id == e->site->prim_id && (!d->func_id || d->func_id == e->site->func_id);
}

/* Counts an occurrence of @e; true when it is the one that @d waits for. */
static bool is_due(struct choice_deviation *d, const struct trace_event *e)
{
	return !d->fired && is_anchor(d, e) && ++d->seen == d->occurrence;
}

/* The target of the deviation that fires at the announcement of @e, or @otherwise. */
static __attribute__((noinline)) unsigned deviate(struct choice *c, const struct trace_event *e,
						  uint32_t runnable, unsigned otherwise)
{
	bool decided = false;

	for (unsigned i = 0; i < c->deviations_nr; i++) {
		struct choice_deviation *d = &c->deviation[i];

		if (d->target >= LANES || !is_due(d, e))
			continue;
		if (decided || !(runnable & LANE_BIT(d->target)))
			continue;
		d->fired = decided = true;
		otherwise = d->target;
	}
	return otherwise;
}

static inline void write_down(struct choice *c, unsigned lane)
{
	if (!c->trace || c->made_nr == CHOICES_MAX)
		return;
	c->made[c->made_nr++] = (struct choice_made){
		.event = (uint16_t)c->trace->events_nr,
		.step = (uint16_t)c->trace->steps,
		.lane = (uint8_t)lane,
	};
}

static __attribute__((noinline)) void record(struct choice *c, unsigned announcer, unsigned lane,
					     uint32_t runnable)
{
	if (lane != choice_default(announcer, runnable) || (c->record_all && lane != announcer))
		c->record(c->record_arg, &c->next[announcer], lane);
}

unsigned choice_next(struct choice *c, unsigned announcer, uint32_t runnable)
{
	unsigned lane;

	c->current = (uint8_t)announcer;
	if (!c->active)
		return choice_default(announcer, runnable);
	lane = c->drawn->methods->pick(c, runnable);
	must(runnable & LANE_BIT(lane));
	if (__builtin_expect(c->deviations_nr, 0))
		lane = deviate(c, &c->next[announcer], runnable, lane);
	if (c->drawn->methods->ran)
		c->drawn->methods->ran(c, lane);
	write_down(c, lane);
	c->switches += c->picks++ && lane != announcer;
	if (__builtin_expect(c->record != NULL, 0))
		record(c, announcer, lane, runnable);
	return lane;
}

void choice_over(struct choice *c, uint32_t runnable)
{
	if (c->drawn->methods->over)
		c->drawn->methods->over(c, runnable);
	c->active = 0;
	c->told = false;
}

static bool fails_by_deviation(struct choice *c, const struct trace_event *e)
{
	bool fails = false;

	for (unsigned i = 0; i < c->deviations_nr; i++) {
		struct choice_deviation *d = &c->deviation[i];

		if (d->target != LANE_NONE || !is_due(d, e) || fails)
			continue;
		d->fired = fails = true;
	}
	return fails;
}

bool choice_fails(struct choice *c, const struct trace_event *e)
{
	bool fails = c->deviations_nr && fails_by_deviation(c, e);

	if (c->active && c->can_fail)
		c->can_fail(c->can_fail_arg, e);
	/* Drawn also where a deviation decided: later draws do not shift. */
	if (c->active && rng_chance(&c->fail_rng, c->fail_one_in))
		fails = true;
	if (fails && c->record)
		c->record(c->record_arg, e, LANE_NONE);
	return fails;
}

uint64_t choice_delays(struct choice *c)
{
	uint64_t any = rng_next(&c->delay_rng);

	return any & 1 ? rng_next(&c->delay_rng) : 0;
}

unsigned choice_decide(struct choice *c, unsigned options, uint64_t question)
{
	if (options < 2)
		return 0;
	if (choice_explores(c))
		return c->drawn->methods->decide(c, options, question);
	return (unsigned)rng_below(&c->delay_rng, options);
}

unsigned choice_stale(const struct choice *c)
{
	unsigned stale = 0;

	for (unsigned i = 0; i < c->deviations_nr; i++)
		stale += !c->deviation[i].fired;
	return stale;
}
