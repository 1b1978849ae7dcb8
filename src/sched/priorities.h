/*
 * priorities.h - a random priority for each pending operation; the highest goes on.
 *
 * An operation draws when it can first go on, not when it is announced: nobody can tell, since
 * nobody compares it earlier. Private to src/sched/.
 */
#ifndef SCHED_PRIORITIES_H
#define SCHED_PRIORITIES_H

#include "sched/strategy.h"

struct priorities {
	uint32_t fresh; /* lanes whose next operation has no priority yet */
	uint32_t priority[LANES];
};

static inline void priorities_begin(struct priorities *p)
{
	p->fresh = ~0u;
}

static inline unsigned priorities_pick(struct priorities *p, struct rng *rng, uint32_t runnable)
{
	uint32_t fresh = p->fresh & runnable;
	unsigned best = lane_first(runnable);

	p->fresh &= ~fresh;
	for (; fresh; fresh &= fresh - 1)
		p->priority[lane_first(fresh)] = (uint32_t)(rng_next(rng) >> 32);
	while (runnable &= runnable - 1) {
		unsigned lane = lane_first(runnable);

		if (p->priority[lane] > p->priority[best])
			best = lane;
	}
	return best;
}

/* @lane goes on: what conflicts with it draws again, so that one lost race says nothing of the next. */
static inline void priorities_redraw(struct priorities *p, const struct choice *c, unsigned lane)
{
	for (uint32_t old = ~p->fresh & (LANE_BIT(LANES) - 1); old; old &= old - 1) {
		unsigned other = lane_first(old);

		if (events_conflict(&c->next[lane], &c->next[other]))
			p->fresh |= LANE_BIT(other);
	}
}

#endif
