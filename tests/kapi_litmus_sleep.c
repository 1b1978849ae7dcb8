/*
 * kapi_litmus_sleep.c - wait queues, and waits that end early.
 */
#include <linux/completion.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "litmus.h"

#include <linux/sched/signal.h>

struct bond {
	wait_queue_head_t wq;
	struct completion done;
	int ready;
	int looks;
};

static struct bond *bond;

static void make_bond(void)
{
	bond = kzalloc(sizeof(*bond), GFP_KERNEL);
	init_waitqueue_head(&bond->wq);
	init_completion(&bond->done);
}

static void make_raw(void)
{
	bond = kzalloc(sizeof(*bond), GFP_KERNEL);
}

static void free_bond(void)
{
	kfree(bond);
}

/* ---- who wakes ---- */

static void set_and_wake(void)
{
	WRITE_ONCE(bond->ready, 1);
	wake_up(&bond->wq);
}

static void wake_and_set(void)
{
	wake_up(&bond->wq);
	WRITE_ONCE(bond->ready, 1);
}

static void set_only(void)
{
	WRITE_ONCE(bond->ready, 1);
}

static void set_wake_and_free(void)
{
	WRITE_ONCE(bond->ready, 1);
	wake_up(&bond->wq);
	kfree(bond);
}

static void set_wake_and_complete(void)
{
	WRITE_ONCE(bond->ready, 1);
	wake_up(&bond->wq);
	complete(&bond->done);
}

static void wake_if_active(void)
{
	WRITE_ONCE(bond->ready, 1);
	if (waitqueue_active(&bond->wq))
		wake_up_all(&bond->wq);
}

static void look_then_set(void)
{
	bool active = waitqueue_active(&bond->wq);

	WRITE_ONCE(bond->ready, 1);
	if (active)
		wake_up_all(&bond->wq);
}

static void do_nothing(void)
{
}

/* ---- who waits ---- */

static void wait_ready(void)
{
	wait_event(bond->wq, READ_ONCE(bond->ready));
	BUG_ON(!READ_ONCE(bond->ready));
}

static void wait_and_free(void)
{
	wait_event(bond->wq, READ_ONCE(bond->ready));
	wait_for_completion(&bond->done);
	kfree(bond);
}

static void wait_and_free_at_once(void)
{
	wait_event(bond->wq, READ_ONCE(bond->ready));
	kfree(bond);
}

static void free_under_sleeper(void)
{
	kfree(bond);
}

static bool look_and_count(void)
{
	bond->looks++;
	return READ_ONCE(bond->ready);
}

/* Before it stands in the queue, then once, then once more when woken. */
static void look_three_times(void)
{
	wait_event(bond->wq, look_and_count());
	BUG_ON(bond->looks > 3);
}

static void wait_interruptible(void)
{
	int error = wait_event_interruptible(bond->wq, READ_ONCE(bond->ready));

	BUG_ON(error && error != -ERESTARTSYS);
	BUG_ON(!error && !READ_ONCE(bond->ready));
}

static void trust_interruptible(void)
{
	BUG_ON(wait_event_interruptible(bond->wq, READ_ONCE(bond->ready)));
}

/* Who is killed finds the signal, and sleeps no more. */
static void wait_until_killed(void)
{
	BUG_ON(wait_event_interruptible(bond->wq, READ_ONCE(bond->ready)) != -ERESTARTSYS);
	BUG_ON(!fatal_signal_pending(current));
	BUG_ON(wait_event_killable(bond->wq, READ_ONCE(bond->ready)) != -ERESTARTSYS);
}

static void sleep_by_hand(unsigned state)
{
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait(&bond->wq, &wait, state);
		if (READ_ONCE(bond->ready) || signal_pending(current))
			break;
		schedule();
	}
	finish_wait(&bond->wq, &wait);
}

static void interruptible_by_hand(void)
{
	sleep_by_hand(TASK_INTERRUPTIBLE);
}

static void uninterruptible_by_hand(void)
{
	sleep_by_hand(TASK_UNINTERRUPTIBLE);
}

static void wait_some_time(void)
{
	long left = wait_event_timeout(bond->wq, READ_ONCE(bond->ready), 10);

	BUG_ON(left && !READ_ONCE(bond->ready));
}

static void trust_timeout(void)
{
	BUG_ON(!wait_event_timeout(bond->wq, READ_ONCE(bond->ready), 10));
}

/* All three come, and -ERESTARTSYS is no time that is left. */
static void wait_some_time_or_signal(void)
{
	long left = wait_event_interruptible_timeout(bond->wq, READ_ONCE(bond->ready), 10);

	BUG_ON(left != 10 && left != 0 && left != -ERESTARTSYS);
	BUG_ON(left > 0 && !READ_ONCE(bond->ready));
}

static void take_signal_for_time_left(void)
{
	if (wait_event_interruptible_timeout(bond->wq, READ_ONCE(bond->ready), 10))
		BUG_ON(!READ_ONCE(bond->ready));
}

/* The last look is the one behind the signal or the end of the time. */
static void end_after_three_looks(void)
{
	wait_event_interruptible_timeout(bond->wq, look_and_count(), 10);
	BUG_ON(bond->looks > 3);
}

static void end_after_two_looks(void)
{
	wait_event_interruptible_timeout(bond->wq, look_and_count(), 10);
	BUG_ON(bond->looks > 2);
}

static DEFINE_SPINLOCK(spin);

static void wait_holding_spinlock(void)
{
	spin_lock(&spin);
	wait_event(bond->wq, READ_ONCE(bond->ready));
	spin_unlock(&spin);
}

static bool wait_inside(void)
{
	wait_event(bond->wq, READ_ONCE(bond->ready));
	return true;
}

static bool never_at_first(void)
{
	return bond->looks++ && wait_inside();
}

static void wait_inside_a_condition(void)
{
	wait_event(bond->wq, never_at_first());
}

static DECLARE_WAIT_QUEUE_HEAD(static_wq);
static int static_ready;

static void static_wait(void)
{
	wait_event(static_wq, READ_ONCE(static_ready));
}

static void static_wake(void)
{
	WRITE_ONCE(static_ready, 1);
	wake_up_all(&static_wq);
}

/* ---- completions that come or not ---- */

static void complete_it(void)
{
	bond->ready = 1;
	complete(&bond->done);
}

static void complete_in_time(void)
{
	if (wait_for_completion_timeout(&bond->done, 10))
		BUG_ON(bond->ready != 1);
}

static void trust_completion_timeout(void)
{
	BUG_ON(!wait_for_completion_timeout(&bond->done, 10));
}

static void completion_or_signal(void)
{
	if (!wait_for_completion_interruptible(&bond->done))
		BUG_ON(bond->ready != 1);
}

static void trust_completion_signal(void)
{
	BUG_ON(wait_for_completion_interruptible(&bond->done));
}

static void completion_in_time_or_signal(void)
{
	long left = wait_for_completion_interruptible_timeout(&bond->done, 10);

	BUG_ON(left != 10 && left != 0 && left != -ERESTARTSYS);
	BUG_ON(left > 0 && bond->ready != 1);
}

static void take_signal_for_completion(void)
{
	if (wait_for_completion_interruptible_timeout(&bond->done, 10))
		BUG_ON(READ_ONCE(bond->ready) != 1);
}

/* What is complete is taken, whatever signals there are. */
static void signal_behind_completion(void)
{
	complete(&bond->done);
	BUG_ON(wait_for_completion_interruptible_timeout(&bond->done, 10) != 10);
}

static void signal_before_completion(void)
{
	BUG_ON(wait_for_completion_interruptible_timeout(&bond->done, 10) < 0);
	complete(&bond->done);
}

static void try_completion(void)
{
	if (try_wait_for_completion(&bond->done)) {
		BUG_ON(bond->ready != 1);
		BUG_ON(completion_done(&bond->done));
	}
}

static void trust_try(void)
{
	BUG_ON(!try_wait_for_completion(&bond->done));
}

#define ON_BOND(...)                                                                               \
	{                                                                                          \
		.begin = make_bond, .thread = {__VA_ARGS__}, .end = free_bond                      \
	}
#define FAILING(...)                                                                               \
	{                                                                                          \
		.begin = make_bond, .thread = {__VA_ARGS__}, .end = free_bond, .fail_one_in = 3    \
	}
#define FREED(...)                                                                                 \
	{                                                                                          \
		.begin = make_bond, .thread = { __VA_ARGS__ }                                      \
	}

const struct litmus_case kapi_litmus_sleep[] = {
	{"a_missed_wake_up_is_a_deadlock", "deadlock:none@wait_ready",
	 "A waits in wait_event(bond->wq, READ_ONCE(bond->ready))",
	 .good = ON_BOND(wait_ready, set_and_wake), .bad = ON_BOND(wait_ready, set_only)},
	{"the_condition_changes_before_the_wake_up", "deadlock:none@wait_ready", NULL,
	 .good = ON_BOND(wait_ready, set_and_wake, wait_ready),
	 .bad = ON_BOND(wait_ready, wake_and_set, wait_ready)},
	{"who_looks_for_waiters_has_changed_the_condition", "deadlock:none@wait_ready", NULL,
	 .good = ON_BOND(wait_ready, wake_if_active), .bad = ON_BOND(wait_ready, look_then_set)},
	{"leaving_a_wait_touches_its_queue", "dead_use:bond@wait_ready",
	 "although the condition is true", .good = FREED(wait_and_free, set_wake_and_complete),
	 .bad = FREED(wait_ready, set_wake_and_free)},
	{"waking_touches_the_queue_too", "dead_use:bond@set_and_wake", NULL,
	 .good = FREED(wait_and_free, set_wake_and_complete),
	 .bad = FREED(wait_and_free_at_once, set_and_wake)},
	{"a_wait_queue_that_is_slept_on_may_not_be_freed",
	 "lock_freed:bond@free_under_sleeper dead_use:bond@wait_ready", "a wait queue in it",
	 .good = ON_BOND(wait_ready, set_and_wake), .bad = FREED(wait_ready, free_under_sleeper)},
	{"a_waiter_may_be_woken_for_nothing", "bug:none@look_three_times", NULL,
	 .good = ON_BOND(look_three_times, set_and_wake),
	 .bad = FAILING(look_three_times, set_and_wake)},
	{"a_signal_ends_a_wait", "bug:none@trust_interruptible", NULL,
	 .good = FAILING(wait_interruptible, set_and_wake),
	 .bad = FAILING(trust_interruptible, set_and_wake)},
	{"who_may_be_killed_is_in_no_deadlock", "deadlock:none@wait_ready", NULL,
	 .good = ON_BOND(wait_until_killed, wait_until_killed),
	 .bad = ON_BOND(wait_until_killed, wait_ready)},
	{"nor_by_hand", "deadlock:none@sleep_by_hand", NULL,
	 .good = ON_BOND(interruptible_by_hand, do_nothing),
	 .bad = ON_BOND(uninterruptible_by_hand, do_nothing)},
	{"unless_its_wake_up_was_missed", "deadlock:none@wait_interruptible", "nobody woke it",
	 .good = ON_BOND(wait_interruptible, set_and_wake),
	 .bad = ON_BOND(wait_interruptible, wake_and_set)},
	{"a_timeout_ends_a_wait_when_nobody_can_go_on", "bug:none@trust_timeout", NULL,
	 .good = ON_BOND(wait_some_time, do_nothing), .bad = ON_BOND(trust_timeout, do_nothing)},
	{"and_earlier_when_the_schedule_says_so", "bug:none@trust_timeout", NULL,
	 .good = FAILING(wait_some_time, set_and_wake),
	 .bad = FAILING(trust_timeout, set_and_wake)},
	{"a_signal_is_no_time_left", "bug:none@take_signal_for_time_left", NULL,
	 .good = FAILING(wait_some_time_or_signal, set_and_wake),
	 .bad = FAILING(take_signal_for_time_left, set_and_wake)},
	{"a_wait_that_ends_early_looks_once_more", "bug:none@end_after_two_looks", NULL,
	 .good = FAILING(end_after_three_looks, do_nothing),
	 .bad = FAILING(end_after_two_looks, do_nothing)},
	{"a_wait_sleeps", "sleep_in_atomic:none@wait_holding_spinlock", "spinlock",
	 .good = ON_BOND(wait_ready, set_and_wake),
	 .bad = ON_BOND(wait_holding_spinlock, set_and_wake)},
	{"a_condition_does_not_wait", "sleep_in_atomic:bond@wait_inside", "condition",
	 .good = ON_BOND(wait_ready, set_and_wake),
	 .bad = ON_BOND(wait_inside_a_condition, set_and_wake)},
	{"a_wait_queue_must_be_initialised",
	 "lock_misuse:bond@set_and_wake lock_misuse:bond@wait_ready", "never initialised",
	 .good = ON_BOND(wait_ready, set_and_wake),
	 .bad = {.begin = make_raw, .thread = {wait_ready, set_and_wake}, .end = free_bond}},
	{"a_static_wait_queue_needs_no_call", "deadlock:none@static_wait", NULL,
	 .good = {.thread = {static_wait, static_wait, static_wake}},
	 .bad = {.thread = {static_wait, do_nothing}}},
	{"a_completion_may_come_too_late", "bug:none@trust_completion_timeout", NULL,
	 .good = FAILING(complete_in_time, complete_it),
	 .bad = FAILING(trust_completion_timeout, complete_it)},
	{"or_a_signal_before_it", "bug:none@trust_completion_signal", NULL,
	 .good = FAILING(completion_or_signal, complete_it),
	 .bad = FAILING(trust_completion_signal, complete_it)},
	{"and_a_signal_is_no_completion", "bug:none@take_signal_for_completion", NULL,
	 .good = FAILING(completion_in_time_or_signal, complete_it),
	 .bad = FAILING(take_signal_for_completion, complete_it)},
	{"what_is_complete_is_taken_before_a_signal", "bug:none@signal_before_completion", NULL,
	 .good = FAILING(signal_behind_completion), .bad = FAILING(signal_before_completion)},
	{"or_not_be_there_yet", "bug:none@trust_try", NULL,
	 .good = ON_BOND(try_completion, complete_it), .bad = ON_BOND(trust_try, complete_it)},
	{0},
};
