/*
 * kapi_litmus_kthread.c - threads of the kernel: begun, stopped, parked, and woken.
 */
#include "litmus.h"

#include <linux/bug.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static int turns;

static int turn_until_stopped(void *data)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		WRITE_ONCE(turns, READ_ONCE(turns) + 1);
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop() && !kthread_should_park())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 3;
}

static void run_and_stop(void)
{
	struct task_struct *task = kthread_run(turn_until_stopped, NULL, "turns");
	int result;

	if (IS_ERR(task))
		return;
	result = kthread_stop(task);
	WARN_ON(result != 3 && result != -EINTR);
}

static void run_and_forget(void)
{
	kthread_run(turn_until_stopped, NULL, "turns");
}

/* ---- its end ---- */

static int end_at_once(void *data)
{
	WARN_ON(!(current->flags & PF_KTHREAD));
	return 5;
}

static void stop_with_reference(void)
{
	struct task_struct *task = kthread_create(end_at_once, NULL, "ends");

	if (IS_ERR(task))
		return;
	get_task_struct(task);
	wake_up_process(task);
	kthread_stop(task);
	put_task_struct(task);
}

static void stop_without_reference(void)
{
	struct task_struct *task = kthread_run(end_at_once, NULL, "ends");

	if (!IS_ERR(task))
		kthread_stop(task);
}

/* ---- its sleep ---- */

static int sleep_until_stopped(void *early)
{
	bool stop = false;

	while (!stop) {
		if (early)
			stop = kthread_should_stop();
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!early)
			stop = kthread_should_stop();
		if (!stop)
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static void stop_sleeper(void *early)
{
	struct task_struct *task = kthread_run(sleep_until_stopped, early, "sleeps");

	if (!IS_ERR(task))
		kthread_stop(task);
}

static void stop_right_sleeper(void)
{
	stop_sleeper(NULL);
}

static void stop_early_sleeper(void)
{
	stop_sleeper(&turns);
}

/* ---- beside works ---- */

static struct work_struct work;

static void turn_once(struct work_struct *unused)
{
	WRITE_ONCE(turns, READ_ONCE(turns) + 1);
}

static void run_three(bool beside_work)
{
	struct task_struct *task[3];

	for (unsigned i = 0; i < 3; i++)
		task[i] = kthread_run(turn_until_stopped, NULL, "turns");
	INIT_WORK(&work, turn_once);
	if (beside_work)
		schedule_work(&work);
	flush_work(&work);
	for (unsigned i = 0; i < 3; i++)
		if (!IS_ERR(task[i]))
			kthread_stop(task[i]);
}

static void run_three_threads(void)
{
	run_three(false);
}

static void run_three_threads_and_a_work(void)
{
	run_three(true);
}

/* ---- in a wait ---- */

static wait_queue_head_t wq;
static int things_nr;

static int wait_until_stopped(void *data)
{
	while (!kthread_should_stop())
		wait_event_interruptible(wq, READ_ONCE(things_nr) || kthread_should_stop());
	return 0;
}

/* No signal comes to it, and nothing but a stop. */
static int wait_for_things(void *data)
{
	while (!kthread_should_stop())
		wait_event_interruptible(wq, READ_ONCE(things_nr));
	return 0;
}

static void stop_waiting(int (*func)(void *data))
{
	struct task_struct *task;

	init_waitqueue_head(&wq);
	task = kthread_run(func, NULL, "waits");
	if (!IS_ERR(task))
		kthread_stop(task);
}

static void stop_one_that_looks(void)
{
	stop_waiting(wait_until_stopped);
}

static void stop_one_that_does_not(void)
{
	stop_waiting(wait_for_things);
}

/* ---- parking ---- */

static void look_at_turns(bool park)
{
	struct task_struct *task = kthread_run(turn_until_stopped, NULL, "turns");
	int before;

	if (IS_ERR(task))
		return;
	if (park)
		kthread_park(task);
	before = READ_ONCE(turns);
	WARN_ON(READ_ONCE(turns) != before);
	if (park)
		kthread_unpark(task);
	kthread_stop(task);
}

static void look_at_parked(void)
{
	look_at_turns(true);
}

static void look_at_running(void)
{
	look_at_turns(false);
}

const struct litmus_case kapi_litmus_kthread[] = {
	{"who_makes_a_thread_stops_it", "deadlock:none@turn_until_stopped", "left for wq0",
	 .good = {.thread = {run_and_stop, run_and_stop}}, .bad = {.thread = {run_and_forget}}},
	{"a_thread_that_ends_takes_its_task_along",
	 "dead_use:task@stop_without_reference double_free:task", NULL,
	 .good = {.thread = {stop_with_reference}}, .bad = {.thread = {stop_without_reference}}},
	{"a_stop_before_the_state_is_set_is_missed", "deadlock:none@sleep_until_stopped", NULL,
	 .good = {.thread = {stop_right_sleeper}}, .bad = {.thread = {stop_early_sleeper}}},
	{"three_threads_leave_no_lane_for_a_work",
	 "not_modelled:none@turn_until_stopped not_modelled:none@run_three", NULL,
	 .good = {.thread = {run_three_threads}},
	 .bad = {.thread = {run_three_threads_and_a_work}}},
	{"a_stop_wakes_a_thread_in_any_queue", "deadlock:none@wait_for_things", NULL,
	 .good = {.thread = {stop_one_that_looks}}, .bad = {.thread = {stop_one_that_does_not}}},
	{"a_parked_thread_does_nothing", "warn:none@look_at_turns", NULL,
	 .good = {.thread = {look_at_parked}}, .bad = {.thread = {look_at_running}}},
	{0},
};
