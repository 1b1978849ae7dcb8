/*
 * kapi_litmus_timer.c - timers.
 */
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "litmus.h"

struct clock {
	struct timer_list timer;
	spinlock_t lock;
	struct mutex mutex;
	int ticks;
};

static struct clock *ticker;

/* ---- what timers do ---- */

static void tick(struct timer_list *t)
{
	struct clock *c = from_timer(c, t, timer);

	WRITE_ONCE(c->ticks, READ_ONCE(c->ticks) + 1);
}

static void tick_again(struct timer_list *t)
{
	struct clock *c = from_timer(c, t, timer);

	WRITE_ONCE(c->ticks, READ_ONCE(c->ticks) + 1);
	if (READ_ONCE(c->ticks) < 20)
		mod_timer(&c->timer, jiffies + 1);
}

static void sleep_in_timer(struct timer_list *t)
{
	struct clock *c = from_timer(c, t, timer);

	mutex_lock(&c->mutex);
	mutex_unlock(&c->mutex);
}

static void spin_in_timer(struct timer_list *t)
{
	struct clock *c = from_timer(c, t, timer);

	spin_lock(&c->lock);
	spin_unlock(&c->lock);
}

static void delete_self(struct timer_list *t)
{
	del_timer_sync(t);
}

static void free_own_clock(struct timer_list *t)
{
	struct clock *c = from_timer(c, t, timer);

	kfree(c);
}

static void free_and_tick(struct timer_list *t)
{
	free_own_clock(t);
	tick(t);
}

static void make_with(void (*function)(struct timer_list *))
{
	ticker = kzalloc(sizeof(*ticker), GFP_KERNEL);
	spin_lock_init(&ticker->lock);
	mutex_init(&ticker->mutex);
	timer_setup(&ticker->timer, function, 0);
}

#define MAKE(func)                                                                                 \
	static void make_##func(void)                                                              \
	{                                                                                          \
		make_with(func);                                                                   \
	}

MAKE(tick)
MAKE(tick_again)
MAKE(sleep_in_timer)
MAKE(spin_in_timer)
MAKE(delete_self)
MAKE(free_own_clock)
MAKE(free_and_tick)

static void make_raw(void)
{
	ticker = kzalloc(sizeof(*ticker), GFP_KERNEL);
}

/* ---- threads ---- */

static void arm(void)
{
	mod_timer(&ticker->timer, jiffies + 10);
}

/* It may run meanwhile. */
static void arm_and_linger(void)
{
	arm();
	for (unsigned i = 0; i < 4; i++)
		look_at(READ_ONCE(ticker->ticks));
}

static void arm_and_free(void)
{
	arm();
	kfree(ticker);
}

static void arm_delete_and_free(void)
{
	arm();
	del_timer(&ticker->timer);
	kfree(ticker);
}

static void arm_delete_sync_and_free(void)
{
	arm();
	del_timer_sync(&ticker->timer);
	kfree(ticker);
}

static void arm_and_look(void)
{
	arm();
	BUG_ON(READ_ONCE(ticker->ticks));
}

static void arm_twice_and_count(void)
{
	arm();
	arm();
	del_timer_sync(&ticker->timer);
	BUG_ON(READ_ONCE(ticker->ticks) > 2);
}

static void delete_holding_lock(void)
{
	arm();
	spin_lock(&ticker->lock);
	del_timer_sync(&ticker->timer);
	spin_unlock(&ticker->lock);
}

static void delete_after_lock(void)
{
	arm();
	spin_lock(&ticker->lock);
	spin_unlock(&ticker->lock);
	del_timer_sync(&ticker->timer);
}

/* Others may arm it until it is shut down. */
static void arm_if_there(void)
{
	spin_lock(&ticker->lock);
	mod_timer(&ticker->timer, jiffies + 1);
	spin_unlock(&ticker->lock);
}

static void delete_and_close(void)
{
	del_timer_sync(&ticker->timer);
	BUG_ON(timer_pending(&ticker->timer));
}

static void shut_down_and_close(void)
{
	timer_shutdown_sync(&ticker->timer);
	BUG_ON(timer_pending(&ticker->timer));
}

static void close_clock(void)
{
	del_timer_sync(&ticker->timer);
	kfree(ticker);
}

#define WITH(func, ...)                                                                            \
	{                                                                                          \
		.begin = make_##func, .thread = {__VA_ARGS__}, .end = close_clock                  \
	}
#define FREED(func, ...)                                                                           \
	{                                                                                          \
		.begin = make_##func, .thread = { __VA_ARGS__ }                                    \
	}

const struct litmus_case kapi_litmus_timer[] = {
	{"a_timer_runs_any_time_later", "bug:none@arm_and_look", NULL,
	 .good = WITH(tick, arm_twice_and_count), .bad = WITH(tick, arm_and_look)},
	{"an_armed_timer_is_not_freed", "pending_freed:ticker@arm_and_free dead_use:ticker",
	 "a timer in it is armed", .good = FREED(tick, arm_delete_sync_and_free),
	 .bad = FREED(tick, arm_and_free)},
	{"deleting_does_not_wait_for_one_that_runs", "dead_use:ticker@tick", NULL,
	 .good = FREED(tick, arm_delete_sync_and_free), .bad = FREED(tick, arm_delete_and_free)},
	{"deleting_in_sync_stops_one_that_arms_itself",
	 "pending_freed:ticker@arm_delete_and_free dead_use:ticker@tick_again", NULL,
	 .good = FREED(tick_again, arm_delete_sync_and_free),
	 .bad = FREED(tick_again, arm_delete_and_free)},
	{"a_timer_does_not_sleep", "sleep_in_atomic:none@sleep_in_timer", "in a timer",
	 .good = WITH(spin_in_timer, arm_and_linger), .bad = WITH(sleep_in_timer, arm_and_linger)},
	{"a_timer_does_not_wait_for_itself", "deadlock:ticker@delete_self", "its own end",
	 .good = WITH(tick, arm_and_linger), .bad = WITH(delete_self, arm_and_linger)},
	{"who_deletes_does_not_hold_what_the_timer_takes",
	 "deadlock:ticker@delete_holding_lock+spin_in_timer",
	 "A waits in del_timer_sync(&ticker->timer) for timer",
	 .good = WITH(spin_in_timer, delete_after_lock),
	 .bad = WITH(spin_in_timer, delete_holding_lock)},
	{"one_that_is_shut_down_is_not_armed_again", "bug:none@delete_and_close", NULL,
	 .good = WITH(tick, arm_if_there, shut_down_and_close),
	 .bad = WITH(tick, arm_if_there, delete_and_close)},
	{"a_timer_may_free_itself", "dead_use:ticker@tick", NULL,
	 .good = FREED(free_own_clock, arm), .bad = FREED(free_and_tick, arm)},
	{"a_timer_is_initialised", "lock_misuse:ticker@arm", "never initialised",
	 .good = WITH(tick, arm), .bad = FREED(raw, arm)},
	{0},
};
