/*
 * timer.c - timers: armed ones run any time later, on a lane that may not sleep.
 *
 * jiffies stands still, so among armed timers the one that expires first runs first, and of two
 * that expire together the one that was armed first. Whether it runs before anything else is the
 * choice of its lane. A timer may arm itself again, and may free itself.
 */
#include "kapi/sim/internal.h"

static void check_timer(struct timer_list *timer, struct site *site)
{
	sim_touch(timer, site);
	if (timer->magic != KAPI_LATER_MAGIC)
		sim_fail(RULE_lock_misuse, timer, -1, "the timer was never initialised");
}

void kapi_timer_init(struct timer_list *timer, void (*function)(struct timer_list *timer),
		     struct kapi_class *class, struct site *site)
{
	const struct later_slot *s = later_find(&sim_timers, timer);

	sim_touch_slow(timer);
	if (s && s->queued)
		sim_fail(RULE_lock_misuse, timer, s->event, "initialised while it is armed");
	sim_class(class);
	site_ids(site);
	*timer = (struct timer_list){
		.function = function, .class = class, .site = site, .magic = KAPI_LATER_MAGIC};
}

/* ---- inside other primitives ---- */

bool sim_timer_arm(struct timer_list *timer, unsigned long expires)
{
	struct later_slot *s = later_take(&sim_timers, timer);
	bool armed = s && s->queued;

	if (!s)
		sim_fail(RULE_memory_limit, timer, -1, "more timers than may be armed at a time");
	sim_class(timer->class);
	s->site = timer->site;
	s->object = sim_object(timer, timer->class->id);
	s->class = timer->class->id;
	s->event = sim_event_next() ? sim_event_next() - 1 : -1; /* what arms it took effect */
	s->expires = timer->expires = expires;
	s->queued = ++sim_timers.clock;
	san_release(timer);
	sim_later_offer();
	return armed;
}

bool sim_timer_disarm(struct timer_list *timer)
{
	bool armed = later_unqueue(later_find(&sim_timers, timer));

	if (armed)
		sim_later_progress(&sim_timers);
	return armed;
}

void sim_timer_call(struct timer_list *timer)
{
	timer->function(timer);
}

/* ---- the primitives ---- */

static void announce(unsigned kind, struct timer_list *timer, struct site *site)
{
	check_timer(timer, site);
	sim_class(timer->class);
	sim_announce(kind, sim_object(timer, timer->class->id), timer->class->id, site, 0);
	sim_touch_slow(timer);
}

bool kapi_timer_mod(struct timer_list *timer, unsigned long expires, struct site *site)
{
	announce(EV_timer_arm, timer, site);
	sim_effect(0);
	return timer->function && sim_timer_arm(timer, expires);
}

bool kapi_timer_is_pending(struct timer_list *timer, struct site *site)
{
	const struct later_slot *s;

	announce(EV_load, timer, site);
	s = later_find(&sim_timers, timer);
	sim_effect(s && s->queued);
	return s && s->queued;
}

/* While one instance is waited for the timer may be armed again, and run again. */
static bool disarm_for_good(struct timer_list *timer, struct site *wait)
{
	struct later_slot *s;
	bool armed = false;

	while ((s = later_find(&sim_timers, timer))) {
		if (s->running && s->lane == sim.current)
			sim_fail(RULE_deadlock, timer, -1, "a timer waits for its own end");
		armed |= s->queued != 0;
		if (!s->running) {
			sim_timer_disarm(timer);
			break;
		}
		later_unqueue(s);
		sim_later_wait(&sim_timers, timer, NULL, s->running, wait);
		sim_touch(timer, wait);
	}
	san_acquire((const char *)timer + 1);
	return armed;
}

bool kapi_timer_delete(struct timer_list *timer, bool shutdown, struct site *site,
		       struct site *wait)
{
	announce(EV_cancel, timer, site);
	sim_effect(0);
	if (shutdown)
		timer->function = NULL;
	return wait ? disarm_for_good(timer, wait) : sim_timer_disarm(timer);
}
