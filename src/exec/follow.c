/*
 * follow.c - the strategy that repeats the first choices of a run.
 *
 * What is repeated are lanes, not draws: so a prefix needs neither the profile nor the strategy that
 * it came from, and a followed run may be followed in turn. Deviations of the program that say who
 * goes on are in the lanes already; those that say what fails are taken again, and chance fails what
 * it failed, from the stream of the run's seed.
 *
 * Who goes on behind the prefix begins there: its change points and held threads are all meant for
 * what nobody has decided yet. Where a choice cannot be repeated (there are more scheduling points
 * than there were, since another access was seen to race) the prefix ends early.
 */
#include "exec/follow.h"

static struct follower {
	struct follow f;
	const struct program *program;
	uint32_t at; /* choices repeated so far */
	bool goes_on;
	bool stays;			      /* at a point that the followed run did not have */
	const struct strategy_methods *asked; /* who goes on, once it does */
} follower;

static const struct strategy strategy;

static void take_failures(struct choice *c)
{
	c->deviations_nr = 0;
	if (follower.f.own)
		place_take(c, follower.program, true);
}

static void begin(struct choice *c)
{
	follower.at = 0;
	follower.stays = false;
	follower.goes_on = false;
	c->fail_one_in = follower.f.fail_one_in;
	take_failures(c);
}

static void go_on(struct choice *c)
{
	follower.goes_on = true;
	if (follower.f.nothing_fails) {
		c->deviations_nr = 0;
		c->fail_one_in = 0;
	}
	c->seed = follower.f.seed;
	c->rng = rng_init(follower.f.seed);
	c->drawn = follower.f.then;
	if (c->drawn->methods->begin)
		c->drawn->methods->begin(c);
	follower.asked = c->drawn->methods; /* the portfolio has drawn another */
	c->drawn = &strategy;
}

static bool is_new_point(const struct choice *c, uint32_t runnable)
{
	const struct trace_event *e = &c->next[c->current];

	return runnable >> c->current & 1 && e->flags & EVENT_PLAIN && !sim_is_race_point(e->site);
}

static unsigned pick(struct choice *c, uint32_t runnable)
{
	const struct follow *f = &follower.f;

	follower.stays = f->wide && is_new_point(c, runnable);
	if (follower.stays)
		return c->current;
	if (!follower.goes_on && follower.at < f->prefix && runnable >> f->lane[follower.at] & 1)
		return f->lane[follower.at];
	if (!follower.goes_on)
		go_on(c);
	return follower.asked->pick(c, runnable);
}

static void ran(struct choice *c, unsigned lane)
{
	if (follower.stays)
		return;
	follower.at++;
	if (follower.goes_on && follower.asked->ran)
		follower.asked->ran(c, lane);
}

static void over(struct choice *c, uint32_t runnable)
{
	if (follower.goes_on && follower.asked->over)
		follower.asked->over(c, runnable);
}

static const struct strategy_methods methods = {
	.begin = begin, .pick = pick, .ran = ran, .over = over};
static const struct strategy strategy = {.name = "follow",
					 .source = "",
					 .help = "repeats a run up to a choice",
					 .methods = &methods};

struct follow follow_of(const struct exec *x, const struct strategy *with, uint64_t seed)
{
	return (struct follow){
		.run_seed = with ? seed : x->program->seed,
		.fail_one_in = x->choice.fail_one_in,
		.own = x->own || (with == &strategy && follower.f.own),
	};
}

uint32_t follow_lanes(const struct exec *x, uint8_t *ret, uint32_t nr)
{
	if (nr > x->choice.made_nr)
		nr = x->choice.made_nr;
	for (uint32_t i = 0; i < nr; i++)
		ret[i] = x->choice.made[i].lane;
	return nr;
}

const struct verdict *follow_run(struct exec *x, const struct exec_how *how, const struct follow *f)
{
	follower.f = *f;
	follower.program = x->program;
	return exec_run(x, how, &strategy, f->run_seed);
}

const struct strategy *follow_strategy(void)
{
	return &strategy;
}
