/*
 * timer.c - timers: armed ones run any time later, on a lane that may not sleep.
 *
 * jiffies stands still, so among armed timers the one that expires first runs first, and of two
 * that expire together the one that was armed first. Whether it runs before anything else is the
 * choice of its lane. A timer may arm itself again, and may free itself.
 */
#include "kapi/sim/internal.h"

static struct site delayed_site = {"worker", "timer", "the timer of a delayed work", 0, 0, NULL, 0};

static struct prim *timer_of(void *timer, void (*function)(struct timer_list *timer), int how,
			     const char *name, struct site *site)
{
	struct prim *p;

	sim_touch(timer, site);
	sim_witness(timer);
	p = prim_get(timer, PRIM_TIMER, how, name);
	if (!p)
		sim_fail(RULE_lock_misuse, timer, -1, "the timer was never initialised");
	if (!p->func && !p->shut)
		p->func = (void (*)(void))function;
	return p;
}

void kapi_timer_init(void *timer, void (*function)(struct timer_list *timer),
		     struct kapi_class *class, struct site *run)
{
	const struct later_slot *s = later_find(&sim_timers, timer);
	struct prim *p;

	sim_touch_slow(timer);
	if (s && s->queued)
		sim_fail(RULE_lock_misuse, timer, s->event, "initialised while it is armed");
	p = prim_init(timer, PRIM_TIMER, class);
	p->func = (void (*)(void))function;
	p->run = run;
	if (run)
		site_ids(run);
}

/* ---- inside other primitives ---- */

bool sim_timer_arm(struct prim *timer, unsigned long expires)
{
	struct later_slot *s = later_take(&sim_timers, (const void *)(uintptr_t)timer->at);
	bool armed = s && s->queued;

	if (!s)
		sim_fail(RULE_memory_limit, timer->at, -1,
			 "more timers than may be armed at a time");
	s->site = timer->run ? timer->run : &delayed_site;
	s->object = sim_object(timer->at, timer->class->id);
	s->class = timer->class->id;
	s->event = sim_event_next() ? sim_event_next() - 1 : -1; /* what arms it took effect */
	s->expires = expires;
	s->queued = ++sim_timers.clock;
	san_release(timer->at);
	sim_mirror_later(timer, true);
	sim_later_offer();
	return armed;
}

bool sim_timer_disarm(struct prim *timer)
{
	bool armed = later_unqueue(later_find(&sim_timers, (const void *)(uintptr_t)timer->at));

	if (!armed)
		return false;
	sim_mirror_later(timer, false);
	sim_later_progress(&sim_timers);
	return true;
}

/* ---- the primitives ---- */

/* The object may be freed before it takes effect, and its entry with it. */
static void announce(unsigned kind, const struct prim *p, struct site *site)
{
	const volatile void *at = p->at;

	sim_announce(kind, sim_object(at, p->class->id), p->class->id, site, 0);
	sim_touch_slow(at);
	sim_witness(at);
}

bool kapi_timer_mod(void *timer, unsigned long expires, void (*function)(struct timer_list *timer),
		    int how, const char *name, struct site *site)
{
	struct prim *p = timer_of(timer, function, how, name, site);

	if (!p->func && !p->shut)
		sim_fail(RULE_lock_misuse, timer, -1, "the timer was never initialised");
	announce(EV_timer_arm, p, site);
	sim_effect(0);
	return !p->shut && sim_timer_arm(p, expires);
}

bool kapi_timer_is_pending(void *timer, int how, const char *name, struct site *site)
{
	const struct later_slot *s;

	announce(EV_load, timer_of(timer, NULL, how, name, site), site);
	s = later_find(&sim_timers, timer);
	sim_effect(s && s->queued);
	return s && s->queued;
}

/* While one instance is waited for the timer may be armed again, and run again. */
static bool disarm_for_good(struct prim *p, struct site *wait)
{
	void *timer = (void *)(uintptr_t)p->at;
	struct later_slot *s;
	bool armed = false;

	while ((s = later_find(&sim_timers, timer))) {
		if (s->running && s->lane == sim.current)
			sim_fail(RULE_deadlock, timer, -1, "a timer waits for its own end");
		armed |= s->queued != 0;
		if (!s->running) {
			sim_timer_disarm(p);
			break;
		}
		if (later_unqueue(s))
			sim_mirror_later(p, false);
		sim_later_wait(&sim_timers, timer, NULL, s->running, wait);
		sim_touch(timer, wait);
		sim_witness(timer);
	}
	san_acquire((const char *)timer + 1);
	return armed;
}

bool kapi_timer_delete(void *timer, bool shutdown, int how, const char *name, struct site *site,
		       struct site *wait)
{
	struct prim *p = timer_of(timer, NULL, how, name, site);

	announce(EV_cancel, p, site);
	sim_effect(0);
	if (shutdown)
		p->shut = true;
	return wait ? disarm_for_good(p, wait) : sim_timer_disarm(p);
}
