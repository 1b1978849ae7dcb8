/*
 * delay.c - delay-bounded scheduling: every place of up to three delays, one seed after the other.
 *
 * Emmi, Qadeer, Rakamaric, "Delay-Bounded Scheduling", POPL 2011. A deterministic scheduler, here
 * round robin without preemption, decides all but a few steps; at those the thread whose turn it is
 * loses it to the next. With d delays a run of k steps has k^d schedules, whatever the number of
 * threads, and most reported bugs need few.
 *
 * Nothing is drawn here: a seed is the number of a schedule. Of four seeds one has one delay, two
 * have two, one has three; of each number of delays, consecutive seeds are spread over the places,
 * and as many of them as there are places visit each once, for each order of the threads (both
 * ways round, from each thread).
 *
 * Where we differ: places are counted at operations in focus only (every second schedule: at all),
 * and their number is what earlier runs have shown, not that of this run. Two delays have no order,
 * so a schedule comes again with its places exchanged. Round robin would wait for ever for whoever
 * is waited for by spinning, so after FAIR_AFTER times the longest run seen the turn passes at each
 * step.
 */
#include "sched/focus.h"

#define DELAYS_MAX 3
#define FAIR_AFTER 4
#define SPREAD 2654435761ull /* a prime over any number of schedules' factors */

static const struct focus_weights shared = {.shared = 1};
static const struct focus_weights everything = {.everything = 1};

struct delay {
	struct focus focus;
	uint32_t step; /* operations in focus, from 1 */
	uint32_t fair; /* operations that are left without passing the turn */
	uint32_t delays_nr;
	uint32_t delay[DELAYS_MAX]; /* the steps */
	uint8_t turn;		    /* the lane whose turn it is */
	bool backwards;
};
STRATEGY_STATE_IS(struct delay)

/* The digits of a number: one after the other, each below its base. */
static uint32_t digit(uint64_t *number, uint32_t base)
{
	uint32_t d = (uint32_t)(*number % base);

	*number /= base;
	return d;
}

/* Number @at of all schedules with that many delays, spread so that neighbours are far apart. */
static void choose(struct delay *s, uint64_t at)
{
	uint64_t all = LANES * 2;

	for (unsigned i = 0; i < s->delays_nr; i++)
		all *= s->focus.steps;
	at = (uint64_t)((unsigned __int128)(at % all) * SPREAD % all);
	for (unsigned i = 0; i < s->delays_nr; i++)
		s->delay[i] = 1 + digit(&at, s->focus.steps);
	s->backwards = digit(&at, 2);
	s->turn = (uint8_t)digit(&at, LANES);
}

static void delay_begin(struct choice *c)
{
	static const uint8_t delays_nr[4] = {1, 2, 2, DELAYS_MAX};
	struct delay *s = state(c);
	uint64_t number = c->seed;
	struct rng unused = rng_init(0);

	s->delays_nr = delays_nr[digit(&number, 4)];
	focus_draw(&s->focus, c->profile, digit(&number, 2) ? &everything : &shared, &unused);
	s->step = 0;
	s->fair = FAIR_AFTER * (c->profile->steps_max ? c->profile->steps_max : s->focus.steps);
	choose(s, number);
}

/* The first runnable lane in the order, from @lane on. */
static unsigned from(const struct delay *s, unsigned lane, uint32_t runnable)
{
	while (!(runnable & LANE_BIT(lane)))
		lane = (lane + (s->backwards ? LANES - 1 : 1)) % LANES;
	return lane;
}

static unsigned after(const struct delay *s, unsigned lane, uint32_t runnable)
{
	return from(s, (lane + (s->backwards ? LANES - 1 : 1)) % LANES, runnable);
}

static unsigned delay_pick(struct choice *c, uint32_t runnable)
{
	struct delay *s = state(c);
	unsigned lane = from(s, s->turn, runnable);

	if (!s->fair)
		return after(s, s->turn, runnable);
	s->fair--;
	if (!focus_has(&s->focus, &c->next[lane]))
		return lane;
	s->step++;
	for (unsigned i = 0; i < s->delays_nr; i++)
		if (s->delay[i] == s->step)
			lane = after(s, lane, runnable);
	return lane;
}

static void delay_ran(struct choice *c, unsigned lane)
{
	state(c)->turn = (uint8_t)lane;
}

const struct strategy_methods strategy_delay_methods = {
	.begin = delay_begin,
	.pick = delay_pick,
	.ran = delay_ran,
};
