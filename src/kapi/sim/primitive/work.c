/*
 * work.c - works and workqueues: who queues, who flushes, who takes back.
 *
 * A work that is queued runs any time later, on any worker, never twice at a time; while it runs it
 * may be queued again. Flushing waits for the instance that was queued last when the flush began;
 * canceling takes a queued one back and, if it is to be in sync, waits for the one that runs and
 * keeps others from queueing it meanwhile. Its last touch of the work comes after that wait; a
 * flush has none.
 *
 * A delayed work is a work and a timer. While the timer is armed the work counts as queued, but
 * nobody flushes it, as in the kernel.
 */
#include "kapi/sim/internal.h"

struct workqueue_struct kapi_system_wq, kapi_system_unbound_wq, kapi_system_long_wq;

static struct site work_site = {"worker", "work", "a work", 0, 0, NULL, 0};
static struct site timer_site = {"worker", "timer", "the timer of a delayed work", 0, 0, NULL, 0};

static struct prim *work_of(void *work, int how, const char *name, struct site *site)
{
	struct prim *p;

	sim_touch(work, site);
	sim_witness(work);
	p = prim_get(work, PRIM_WORK, how, name);
	if (!p)
		sim_fail(RULE_lock_misuse, work, -1, "the work was never initialised");
	return p;
}

/* The same for what queues it, and so has to know its function. */
static struct prim *work_with(void *work, void (*func)(struct work_struct *work), int how,
			      const char *name, struct site *site)
{
	struct prim *p = work_of(work, how, name, site);

	if (!p->func)
		p->func = (void (*)(void))func;
	if (!p->func)
		sim_fail(RULE_lock_misuse, work, -1, "the work was never initialised");
	return p;
}

static const char *wq_name(const void *wq)
{
	if (wq == &kapi_system_unbound_wq)
		return "system_unbound_wq";
	return wq == &kapi_system_long_wq ? "system_long_wq" : "system_wq";
}

static struct prim *wq_of(void *wq, struct site *site)
{
	struct prim *p;

	sim_touch(wq, site);
	sim_witness(wq);
	p = prim_get(wq, PRIM_WQ, 0, wq_name(wq));
	if (!p)
		sim_fail(RULE_lock_misuse, wq, -1, "this is no workqueue");
	return p;
}

static struct prim *init(void *work, void (*func)(struct work_struct *work),
			 struct kapi_class *class, struct site *run)
{
	const struct later_slot *s = later_find(&sim_works, work);
	struct prim *p;

	sim_touch_slow(work);
	if (s && s->queued)
		sim_fail(RULE_lock_misuse, work, s->event, "initialised while it is queued");
	p = prim_init(work, PRIM_WORK, class);
	p->func = (void (*)(void))func;
	p->run = run;
	if (run)
		site_ids(run);
	return p;
}

void kapi_work_init(void *work, void (*func)(struct work_struct *work), struct kapi_class *class,
		    struct site *run)
{
	init(work, func, class, run);
}

/* ---- one work ---- */

/* The object may be freed before it takes effect, and its entry with it. */
static void announce(unsigned kind, const struct prim *p, struct site *site)
{
	const volatile void *at = p->at;

	sim_announce(kind, sim_object(at, p->class->id), p->class->id, site, 0);
	sim_touch_slow(at);
	sim_witness(at);
}

static struct later_slot *slot_for(const struct prim *p)
{
	struct later_slot *s = later_take(&sim_works, (const void *)(uintptr_t)p->at);

	if (!s)
		sim_fail(RULE_memory_limit, p->at, -1, "more works than may be queued at a time");
	s->site = p->run ? p->run : &work_site;
	s->object = sim_object(p->at, p->class->id);
	s->class = p->class->id;
	return s;
}

static void enqueue(const struct prim *wq, const struct prim *work, struct later_slot *s,
		    bool timed)
{
	s->wq = (const void *)(uintptr_t)wq->at;
	s->ordered = wq->ordered;
	s->timed = timed;
	s->queued = ++sim_works.clock;
	sim_mirror_later(work, true);
	sim_later_offer();
}

static bool is_queued(const void *work)
{
	const struct later_slot *s = later_find(&sim_works, work);

	return s && (s->queued || s->canceling);
}

/* Also one that is queued already sees what was written before it was queued again. */
bool kapi_work_queue(void *wq, void *work, void (*func)(struct work_struct *work), int how,
		     const char *name, struct site *site)
{
	struct prim *q = wq_of(wq, site);
	struct prim *p = work_with(work, func, how, name, site);
	struct later_slot *s;

	announce(EV_work_queue, p, site);
	sim_touch_slow(wq);
	san_release(work);
	if (is_queued(work)) {
		sim_effect(0);
		return false;
	}
	s = slot_for(p);
	s->event = sim_event_next();
	sim_effect(1);
	enqueue(q, p, s, false);
	return true;
}

bool kapi_work_is_pending(void *work, int how, const char *name, struct site *site)
{
	announce(EV_load, work_of(work, how, name, site), site);
	sim_effect(is_queued(work));
	return is_queued(work);
}

/* A work that waits for itself never ends. */
static void check_own(const void *item)
{
	const struct later_slot *own = later_own(&sim_works, sim.current);

	if (own && own->item == item)
		sim_fail(RULE_deadlock, item, -1, "a work waits for its own end");
}

bool kapi_work_flush(void *work, int how, const char *name, struct site *site, struct site *wait)
{
	const struct prim *p = work_of(work, how, name, site);
	uint64_t last;

	kapi_might_sleep(site);
	check_own(work);
	announce(EV_flush, p, site);
	last = later_last(later_find(&sim_works, work));
	sim_effect(last != 0);
	if (last)
		sim_later_wait(&sim_works, work, NULL, last, wait);
	san_acquire((const char *)work + 1);
	return last != 0;
}

/* Until the instance that runs has ended nobody can queue it; then the work is touched again. */
static void wait_canceling(struct later_slot *s, void *work, struct site *wait)
{
	s->canceling++;
	sim_later_wait(&sim_works, work, NULL, s->running, wait);
	s->canceling--;
	later_settle(s);
	sim_later_offer();
	sim_touch(work, wait);
	sim_witness(work);
	san_acquire((const char *)work + 1);
}

static bool cancel(const struct prim *p, void *work, struct site *wait)
{
	struct later_slot *s = later_find(&sim_works, work);
	bool queued = s && s->queued;

	sim_effect(queued);
	if (later_unqueue(s))
		sim_mirror_later(p, false);
	sim_later_progress(&sim_works);
	if (wait && s && s->item == work && s->running)
		wait_canceling(s, work, wait);
	if (wait) /* also after a run that has ended before */
		san_acquire((const char *)work + 1);
	return queued;
}

bool kapi_work_cancel(void *work, int how, const char *name, struct site *site, struct site *wait)
{
	const struct prim *p = work_of(work, how, name, site);

	if (wait) {
		kapi_might_sleep(site);
		check_own(work);
	}
	announce(EV_cancel, p, site);
	return cancel(p, work, wait);
}

/* ---- delayed works: the work's entry knows the queue, the timer's knows the work ---- */

void sim_delayed_expire(struct prim *timer)
{
	struct prim *p = prim_find(timer->owner_at, PRIM_WORK);
	struct later_slot *s = later_find(&sim_works, timer->owner_at);

	must(p);
	sim_touch(p->wq, &timer_site);
	san_release(p->at);
	if (s && s->timed)
		enqueue(wq_of((void *)(uintptr_t)p->wq, &timer_site), p, s, false);
}

/* A timer that is armed here for the first time belongs to the work. */
static struct prim *timer_of(struct prim *work, void *timer)
{
	struct prim *p = prim_find(timer, PRIM_TIMER);

	if (!p)
		p = prim_init(timer, PRIM_TIMER, work->class);
	p->owner_at = (const void *)(uintptr_t)work->at;
	return p;
}

void kapi_delayed_init(void *work, void *timer, void (*func)(struct work_struct *work),
		       struct kapi_class *class, struct site *run)
{
	struct prim *p = init(work, func, class, run);

	kapi_timer_init(timer, NULL, class, &timer_site);
	timer_of(p, timer);
}

bool kapi_delayed_queue(void *wq, void *work, void *timer, unsigned long delay, bool again,
			void (*func)(struct work_struct *work), int how, const char *name,
			struct site *site)
{
	struct prim *q = wq_of(wq, site);
	struct prim *p = work_with(work, func, how, name, site);
	struct later_slot *s;
	bool queued;

	announce(EV_work_queue, p, site);
	sim_touch_slow(wq);
	san_release(work);
	s = later_find(&sim_works, work);
	queued = s && s->queued;
	if ((queued && !again) || (s && s->canceling)) {
		sim_effect(0);
		return false;
	}
	sim_timer_disarm(timer_of(p, timer));
	p->wq = wq;
	s = slot_for(p);
	s->event = sim_event_next();
	sim_effect(1);
	enqueue(q, p, s, delay != 0);
	if (delay)
		sim_timer_arm(timer_of(p, timer), delay);
	return again ? queued : true;
}

/* One that still waits for its timer does not wait any longer. */
static void expire(struct prim *p, void *timer)
{
	struct later_slot *s = later_find(&sim_works, (const void *)(uintptr_t)p->at);

	if (!s || !s->timed)
		return;
	sim_timer_disarm(timer_of(p, timer));
	enqueue(wq_of((void *)(uintptr_t)p->wq, &timer_site), p, s, false);
}

bool kapi_delayed_flush(void *work, void *timer, int how, const char *name, struct site *site,
			struct site *wait)
{
	struct prim *p = work_of(work, how, name, site);

	announce(EV_timer_arm, p, site);
	sim_effect(0);
	expire(p, timer);
	return kapi_work_flush(work, how, name, site, wait);
}

bool kapi_delayed_cancel(void *work, void *timer, int how, const char *name, struct site *site,
			 struct site *wait)
{
	struct prim *p = work_of(work, how, name, site);

	if (wait) {
		kapi_might_sleep(site);
		check_own(work);
	}
	announce(EV_cancel, p, site);
	sim_timer_disarm(timer_of(p, timer));
	return cancel(p, work, wait);
}

/* ---- workqueues ---- */

void kapi_wq_init(void *wq, bool ordered, struct kapi_class *class)
{
	prim_init(wq, PRIM_WQ, class)->ordered = ordered;
}

void *kapi_wq_alloc(bool ordered, struct kapi_class *class, struct site *site)
{
	void *wq;

	kapi_might_sleep(site);
	kapi_may_reclaim(site);
	wq = kapi_alloc(sizeof(struct workqueue_struct), true, class, site);

	if (wq)
		kapi_wq_init(wq, ordered, class);
	return wq;
}

static void check_own_wq(const void *wq)
{
	const struct later_slot *own = later_own(&sim_works, sim.current);

	if (own && own->running_wq == wq)
		sim_fail(RULE_deadlock, wq, -1, "a work waits for the end of its own queue");
}

void kapi_wq_flush(void *wq, bool drain, struct site *site, struct site *wait)
{
	const struct prim *p = wq_of(wq, site);

	kapi_might_sleep(site);
	check_own_wq(wq);
	sim_announce(EV_flush, sim_object(wq, p->class->id), p->class->id, site, 0);
	sim_touch_slow(wq);
	sim_effect(0);
	sim_later_wait(&sim_works, NULL, wq, drain ? LATER_ALL : sim_works.clock, wait);
	sim_touch(wq, wait);
	sim_witness(wq);
	san_acquire((const char *)wq + 1);
}

void kapi_wq_destroy(void *wq, struct site *site, struct site *wait, struct site *free)
{
	kapi_wq_flush(wq, true, site, wait);
	kapi_free(wq, free);
}
