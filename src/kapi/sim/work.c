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

#define DEFINE_WQ(name_)                                                                           \
	static struct kapi_class name_##_class = {.name = #name_};                                 \
	struct workqueue_struct kapi_##name_ = {.class = &name_##_class, .magic = KAPI_LATER_MAGIC}

DEFINE_WQ(system_wq);
DEFINE_WQ(system_unbound_wq);
DEFINE_WQ(system_long_wq);

static void check_work(struct work_struct *work, struct site *site)
{
	sim_touch(work, site);
	if (work->magic != KAPI_LATER_MAGIC)
		sim_fail(RULE_lock_misuse, work, -1, "the work was never initialised");
}

static void check_wq(struct workqueue_struct *wq, struct site *site)
{
	sim_touch(wq, site);
	if (wq->magic != KAPI_LATER_MAGIC)
		sim_fail(RULE_lock_misuse, wq, -1, "this is no workqueue");
	sim_class(wq->class);
}

void kapi_work_init(struct work_struct *work, void (*func)(struct work_struct *work),
		    struct kapi_class *class, struct site *site)
{
	const struct later_slot *s = later_find(&sim_works, work);

	sim_touch_slow(work);
	if (s && s->queued)
		sim_fail(RULE_lock_misuse, work, s->event, "initialised while it is queued");
	sim_class(class);
	site_ids(site);
	*work = (struct work_struct){
		.func = func, .class = class, .site = site, .magic = KAPI_LATER_MAGIC};
}

/* ---- one work ---- */

static void announce(unsigned kind, struct work_struct *work, struct site *site)
{
	sim_class(work->class);
	sim_announce(kind, sim_object(work, work->class->id), work->class->id, site, 0);
	sim_touch_slow(work);
}

static struct later_slot *slot_for(struct work_struct *work)
{
	struct later_slot *s = later_take(&sim_works, work);

	if (!s)
		sim_fail(RULE_memory_limit, work, -1, "more works than may be queued at a time");
	s->site = work->site;
	s->object = sim_object(work, work->class->id);
	s->class = work->class->id;
	return s;
}

static void enqueue(struct workqueue_struct *wq, struct later_slot *s, bool timed)
{
	s->wq = wq;
	s->timed = timed;
	s->queued = ++sim_works.clock;
	sim_later_offer();
}

static bool is_queued(const struct work_struct *work)
{
	const struct later_slot *s = later_find(&sim_works, work);

	return s && (s->queued || s->canceling);
}

/* Also one that is queued already sees what was written before it was queued again. */
bool kapi_work_queue(struct workqueue_struct *wq, struct work_struct *work, struct site *site)
{
	struct later_slot *s;

	check_wq(wq, site);
	check_work(work, site);
	announce(EV_work_queue, work, site);
	sim_touch_slow(wq);
	san_release(work);
	if (is_queued(work)) {
		sim_effect(0);
		return false;
	}
	s = slot_for(work);
	s->event = sim_event_next();
	sim_effect(1);
	enqueue(wq, s, false);
	return true;
}

bool kapi_work_is_pending(struct work_struct *work, struct site *site)
{
	check_work(work, site);
	announce(EV_load, work, site);
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

bool kapi_work_flush(struct work_struct *work, struct site *site, struct site *wait)
{
	uint64_t last;

	check_work(work, site);
	kapi_might_sleep(site);
	check_own(work);
	announce(EV_flush, work, site);
	last = later_last(later_find(&sim_works, work));
	sim_effect(last != 0);
	if (last)
		sim_later_wait(&sim_works, work, NULL, last, wait);
	san_acquire((const char *)work + 1);
	return last != 0;
}

/* Until the instance that runs has ended nobody can queue it; then the work is touched again. */
static void wait_canceling(struct later_slot *s, struct work_struct *work, struct site *wait)
{
	s->canceling++;
	sim_later_wait(&sim_works, work, NULL, s->running, wait);
	s->canceling--;
	later_settle(s);
	sim_later_offer();
	sim_touch(work, wait);
	san_acquire((const char *)work + 1);
}

static bool cancel(struct work_struct *work, struct site *wait)
{
	struct later_slot *s = later_find(&sim_works, work);
	bool queued = s && s->queued;

	sim_effect(queued);
	later_unqueue(s);
	sim_later_progress(&sim_works);
	if (wait && s && s->item == work && s->running)
		wait_canceling(s, work, wait);
	if (wait) /* also after a run that has ended before */
		san_acquire((const char *)work + 1);
	return queued;
}

bool kapi_work_cancel(struct work_struct *work, struct site *site, struct site *wait)
{
	check_work(work, site);
	if (wait) {
		kapi_might_sleep(site);
		check_own(work);
	}
	announce(EV_cancel, work, site);
	return cancel(work, wait);
}

/* ---- delayed works ---- */

static struct site timer_site = {"worker", "timer", "the timer of a delayed work", 0, 0, NULL, 0};

static void queue_delayed(struct timer_list *timer)
{
	struct delayed_work *work =
		(struct delayed_work *)((char *)timer - offsetof(struct delayed_work, timer));
	struct later_slot *s = later_find(&sim_works, &work->work);

	sim_touch(work->wq, &timer_site);
	san_release(&work->work);
	if (s && s->timed)
		enqueue(work->wq, s, false);
}

void kapi_delayed_init(struct delayed_work *work, void (*func)(struct work_struct *work),
		       struct kapi_class *class, struct site *site)
{
	kapi_work_init(&work->work, func, class, site);
	kapi_timer_init(&work->timer, queue_delayed, class, &timer_site);
	work->wq = NULL;
}

bool kapi_delayed_queue(struct workqueue_struct *wq, struct delayed_work *work, unsigned long delay,
			bool again, struct site *site)
{
	struct later_slot *s;
	bool queued;

	check_wq(wq, site);
	check_work(&work->work, site);
	announce(EV_work_queue, &work->work, site);
	sim_touch_slow(wq);
	san_release(&work->work);
	s = later_find(&sim_works, &work->work);
	queued = s && s->queued;
	if ((queued && !again) || (s && s->canceling)) {
		sim_effect(0);
		return false;
	}
	sim_timer_disarm(&work->timer);
	work->wq = wq;
	s = slot_for(&work->work);
	s->event = sim_event_next();
	sim_effect(1);
	enqueue(wq, s, delay != 0);
	if (delay)
		sim_timer_arm(&work->timer, delay);
	return again ? queued : true;
}

/* One that still waits for its timer does not wait any longer. */
static void expire(struct delayed_work *work)
{
	struct later_slot *s = later_find(&sim_works, &work->work);

	if (!s || !s->timed)
		return;
	sim_timer_disarm(&work->timer);
	enqueue(work->wq, s, false);
}

bool kapi_delayed_flush(struct delayed_work *work, struct site *site, struct site *wait)
{
	check_work(&work->work, site);
	announce(EV_timer_arm, &work->work, site);
	sim_effect(0);
	expire(work);
	return kapi_work_flush(&work->work, site, wait);
}

bool kapi_delayed_cancel(struct delayed_work *work, struct site *site, struct site *wait)
{
	check_work(&work->work, site);
	if (wait) {
		kapi_might_sleep(site);
		check_own(&work->work);
	}
	announce(EV_cancel, &work->work, site);
	sim_timer_disarm(&work->timer);
	return cancel(&work->work, wait);
}

/* ---- workqueues ---- */

struct workqueue_struct *kapi_wq_alloc(bool ordered, struct kapi_class *class, struct site *site)
{
	struct workqueue_struct *wq = kapi_alloc(sizeof(*wq), true, class, site);

	if (wq)
		*wq = (struct workqueue_struct){
			.class = class, .magic = KAPI_LATER_MAGIC, .ordered = ordered};
	return wq;
}

static void check_own_wq(const struct workqueue_struct *wq)
{
	const struct later_slot *own = later_own(&sim_works, sim.current);

	if (own && own->running_wq == wq)
		sim_fail(RULE_deadlock, wq, -1, "a work waits for the end of its own queue");
}

void kapi_wq_flush(struct workqueue_struct *wq, bool drain, struct site *site, struct site *wait)
{
	check_wq(wq, site);
	kapi_might_sleep(site);
	check_own_wq(wq);
	sim_announce(EV_flush, sim_object(wq, wq->class->id), wq->class->id, site, 0);
	sim_touch_slow(wq);
	sim_effect(0);
	sim_later_wait(&sim_works, NULL, wq, drain ? LATER_ALL : sim_works.clock, wait);
	sim_touch(wq, wait);
	san_acquire((const char *)wq + 1);
}

void kapi_wq_destroy(struct workqueue_struct *wq, struct site *site, struct site *wait,
		     struct site *free)
{
	kapi_wq_flush(wq, true, site, wait);
	kapi_free(wq, free);
}
