/*
 * work.c - works, delayed works, workqueues and timers, by the addresses of the kernel's objects.
 *
 * INIT_WORK() and timer_setup() are inline, so the function is read off the object when it is queued.
 * work_pending() and timer_pending() are inline, too: bond_mirror_work() and bond_mirror_timer() keep
 * what they look at. A workqueue is one of the platform's; its queues per CPU do not exist.
 */
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "tree/kernel/glue.h"

#define HOW KAPI_INLINE_INIT

void bond_mirror_work(void *at, _Bool pending)
{
	struct work_struct *work = at;
	long bit = 1l << WORK_STRUCT_PENDING_BIT;

	if (pending)
		work->data.counter |= bit;
	else
		work->data.counter &= ~bit;
}

void bond_mirror_timer(void *at, _Bool pending)
{
	struct timer_list *timer = at;

	timer->entry.pprev = pending ? &timer->entry.next : NULL;
}

/* ---- the system's queues: none is looked into ---- */

#define SYSTEM_WQ(name)                                                                            \
	static char name##_at __section("bf_kept");                                                \
	struct workqueue_struct *name __section("bf_kept") = (void *)&name##_at

SYSTEM_WQ(system_wq);
SYSTEM_WQ(system_highpri_wq);
SYSTEM_WQ(system_long_wq);
SYSTEM_WQ(system_unbound_wq);
SYSTEM_WQ(system_freezable_wq);
SYSTEM_WQ(system_power_efficient_wq);
SYSTEM_WQ(system_percpu_wq);
SYSTEM_WQ(system_dfl_wq);

/* ---- works ---- */

bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	struct site *site = BOND_SITE;

	bond_touch(work, site);
	return kapi_work_queue(wq, work, work->func, HOW, bond_name(site), site);
}

bool flush_work(struct work_struct *work)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	return kapi_work_flush(work, HOW, bond_name(site), site, bond_site_wait(site));
}

bool cancel_work(struct work_struct *work)
{
	struct site *site = BOND_SITE;

	return kapi_work_cancel(work, HOW, bond_name(site), site, NULL);
}

bool cancel_work_sync(struct work_struct *work)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	return kapi_work_cancel(work, HOW, bond_name(site), site, bond_site_wait(site));
}

/* ---- delayed works ---- */

static bool delayed_queue(struct workqueue_struct *wq, struct delayed_work *work,
			  unsigned long delay, bool again, struct site *site)
{
	bond_touch(work, site);
	return kapi_delayed_queue(wq, &work->work, &work->timer, delay, again, work->work.func, HOW,
				  bond_name(site), site);
}

bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *work,
			   unsigned long delay)
{
	return delayed_queue(wq, work, delay, false, BOND_SITE);
}

bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *work,
			 unsigned long delay)
{
	return delayed_queue(wq, work, delay, true, BOND_SITE);
}

bool flush_delayed_work(struct delayed_work *work)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	return kapi_delayed_flush(&work->work, &work->timer, HOW, bond_name(site), site,
				  bond_site_wait(site));
}

static bool delayed_cancel(struct delayed_work *work, struct site *site, struct site *wait)
{
	return kapi_delayed_cancel(&work->work, &work->timer, HOW, bond_name(site), site, wait);
}

bool cancel_delayed_work(struct delayed_work *work)
{
	return delayed_cancel(work, BOND_SITE, NULL);
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	return delayed_cancel(work, site, bond_site_wait(site));
}

/* The timer of a delayed work is the platform's: its own function is never called. */
void delayed_work_timer_fn(struct timer_list *timer)
{
}

/* ---- queues ---- */

#undef alloc_workqueue
struct workqueue_struct *alloc_workqueue(const char *format, unsigned int flags, int max_active,
					 ...)
{
	struct site *site = BOND_SITE;
	bool ordered = flags & __WQ_ORDERED || (flags & WQ_UNBOUND && max_active == 1);

	bond_sleepable(site);
	return kapi_wq_alloc(ordered, kapi_class_of(NULL, "workqueue_struct"), site);
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	kapi_wq_destroy(wq, site, bond_site_wait(site), site);
}

void __flush_workqueue(struct workqueue_struct *wq)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	kapi_wq_flush(wq, 0, site, bond_site_wait(site));
}

void drain_workqueue(struct workqueue_struct *wq)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	kapi_wq_flush(wq, 1, site, bond_site_wait(site));
}

void __warn_flushing_systemwide_wq(void)
{
}

/* ---- timers ---- */

void init_timer_key(struct timer_list *timer, void (*func)(struct timer_list *), unsigned int flags,
		    const char *name, struct lock_class_key *key)
{
	timer->function = func;
	timer->entry.pprev = NULL;
	timer->flags = flags;
	/* Without lockdep the tree gives no name. */
	kapi_timer_init(timer, func, kapi_class_of(NULL, name ? name : bond_name(BOND_SITE)), NULL);
}

static bool timer_arm(struct timer_list *timer, unsigned long expires, struct site *site)
{
	bond_touch(timer, site);
	timer->expires = expires;
	return kapi_timer_mod(timer, expires, timer->function, HOW, bond_name(site), site);
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	return timer_arm(timer, expires, BOND_SITE);
}

void add_timer(struct timer_list *timer)
{
	timer_arm(timer, timer->expires, BOND_SITE);
}

static int timer_disarm(struct timer_list *timer, bool shutdown, struct site *site,
			struct site *wait)
{
	return kapi_timer_delete(timer, shutdown, HOW, bond_name(site), site, wait);
}

int timer_delete(struct timer_list *timer)
{
	return timer_disarm(timer, false, BOND_SITE, NULL);
}

int timer_delete_sync(struct timer_list *timer)
{
	struct site *site = BOND_SITE;

	return timer_disarm(timer, false, site, bond_site_wait(site));
}

int timer_shutdown(struct timer_list *timer)
{
	return timer_disarm(timer, true, BOND_SITE, NULL);
}

int timer_shutdown_sync(struct timer_list *timer)
{
	struct site *site = BOND_SITE;

	return timer_disarm(timer, true, site, bond_site_wait(site));
}

#if BOND_KERNEL < 60100 /* the older names */
int del_timer(struct timer_list *timer)
{
	return timer_disarm(timer, false, BOND_SITE, NULL);
}

int del_timer_sync(struct timer_list *timer)
{
	struct site *site = BOND_SITE;

	return timer_disarm(timer, false, site, bond_site_wait(site));
}
#endif

unsigned long volatile jiffies;
