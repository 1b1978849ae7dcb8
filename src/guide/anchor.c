/*
 * anchor.c - deviations at places that a program's own run has shown.
 *
 * The run is that of the program's own schedule, strategy and deviations: a deviation added to it
 * leaves all that came before as it was, since the strategy's draws do not shift. So a program that
 * got far is varied at its end as well as at its beginning. Operations on what two lanes touched
 * are preferred, and among them the later half: that is where nobody has been.
 */
#include "guide/anchor.h"

#include <string.h>

#define TRIES 16 /* for one that two lanes share */
#define PLACES 8 /* at the end of a run nobody else is left to go on */

static bool is_place(const struct trace_event *e)
{
	return e->site && e->op && e->lane != LANE_MAIN && e->lane < LANES &&
	       event_is_visible(e->kind) && e->kind != EV_lane_end;
}

/* Does another lane use its object, too? */
static bool is_shared(const struct trace *t, const struct trace_event *e)
{
	for (uint32_t i = 0; e->object && i < t->events_nr; i++)
		if (t->event[i].object == e->object && t->event[i].lane != e->lane &&
		    t->event[i].lane != LANE_MAIN && event_is_visible(t->event[i].kind))
			return true;
	return false;
}

/* Returns: NULL when chance does not hit one. */
static const struct trace_event *pick_place(const struct trace *t, struct rng *rng)
{
	const struct trace_event *e = NULL;
	uint32_t first = rng_chance(rng, 2) ? t->events_nr / 2 : 0;

	for (unsigned tries = 0; tries < TRIES; tries++) {
		const struct trace_event *at =
			&t->event[first + rng_below(rng, t->events_nr - first)];

		if (!is_place(at))
			continue;
		e = at;
		if (is_shared(t, e))
			break;
	}
	return e;
}

/* Who had something to do yet in that run, besides its own lane and main; LANE_NONE: nobody. */
static unsigned pick_target(const struct trace *t, const struct trace_event *anchor,
			    struct rng *rng)
{
	uint32_t lanes = 0, skip;

	for (const struct trace_event *e = anchor; e < t->event + t->events_nr; e++)
		if (e->lane < LANES && event_is_visible(e->kind))
			lanes |= 1u << e->lane;
	lanes &= ~(1u << LANE_MAIN | 1u << anchor->lane);
	if (!lanes)
		return LANE_NONE;
	for (skip = rng_below(rng, (uint32_t)__builtin_popcount(lanes)); skip; skip--)
		lanes &= lanes - 1;
	return (unsigned)__builtin_ctz(lanes);
}

/* A place where somebody else can go on. */
static bool draw(const struct trace *t, struct program *p, struct rng *rng,
		 struct program_deviation *ret)
{
	for (unsigned tries = 0; tries < PLACES; tries++) {
		const struct trace_event *e = pick_place(t, rng);
		unsigned target = e ? pick_target(t, e, rng) : LANE_NONE;
		struct place at;

		if (target == LANE_NONE)
			continue;
		at = place_of(t, e, e);
		return place_write(p, &at, target, ret);
	}
	return false;
}

bool anchor_add(struct exec *x, const struct exec_how *how, struct program *p, struct rng *rng)
{
	if (p->deviations_nr >= ANCHORS_ADDED_MAX)
		return false;
	exec_prepare(x, p, x->subject, NULL);
	for (unsigned i = 0; i < PROFILE_FEW; i++)
		exec_learn(x, how, i);
	exec_run(x, how, NULL, 0);
	if (!x->trace.events_nr || !draw(&x->trace, p, rng, &p->deviations[p->deviations_nr]))
		return false;
	p->scheduled = true;
	p->deviations_nr++;
	if (!program_validate(p))
		return true;
	p->deviations_nr--;
	return false;
}
