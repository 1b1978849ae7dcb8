/*
 * kthread.c - threads of the kernel: made, stopped, parked (linux/kthread.h).
 *
 * The threads are those of kapi/kthread.h, which world tree has, too. Here are the task and its sleep. A task
 * that sleeps in no wait queue sleeps in that of its own word. A wake-up there finds it anywhere.
 *
 * Left out: signals, kthread_exit(), workers (kthread_work), and who may run on which CPU.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/workqueue.h>

/* A task that is gone was a verdict already; where that is known a run goes on, and looks at it. */
#define THREAD_QUIET __attribute__((no_sanitize("address", "thread", "coverage")))
#define THREAD_WAIT(completion) kapi_done(completion)
#define THREAD_QUEUE_NAME "word" /* of kapi_word_queue() */
#define THREAD_CLASS(name) KAPI_CLASS(name)
#define thread_queue() (&kapi_system_unbound_wq)
#define thread_task_uses(task) (&(task)->uses)
#define thread_become(task) kapi_become(task)
#define thread_work_init(work, run)                                                                \
	kapi_work_init(work, run, KAPI_CLASS("kthread"), KAPI_SITE("kthread", "a kernel thread"))

THREAD_QUIET static void thread_task_init(struct task_struct *task, unsigned int nr)
{
	task->flags = PF_KTHREAD;
	task->state = TASK_UNINTERRUPTIBLE;
	task->uses = 1;
	kapi_name(task, "task", nr);
}

THREAD_QUIET static void thread_rouse(struct task_struct *task, struct site *site)
{
	task->state = TASK_RUNNING;
	kapi_queue_wake(kapi_word_queue(task), KAPI_INLINE_INIT, THREAD_QUEUE_NAME, site);
}

#include "kapi/kthread.h"

struct task_struct *kapi_kthread_create(int (*func)(void *data), void *data, struct site *site)
{
	struct task_struct *task;

	kapi_might_sleep(site);
	task = thread_new(func, data, site);
	return task ? task : ERR_PTR(-ENOMEM);
}

THREAD_QUIET int kapi_wake_up_process(struct task_struct *task, struct site *site)
{
	bool slept;

	kapi_load(task, site);
	slept = task->state != TASK_RUNNING;
	if (thread_begin(task, site)) {
		task->state = TASK_RUNNING;
		return 1;
	}
	thread_rouse(task, site);
	return slept;
}

int kapi_kthread_stop(struct task_struct *task, struct site *site, struct site *wait)
{
	kapi_might_sleep(site);
	return thread_stop(task, site, wait);
}

bool kapi_kthread_should_stop(struct site *site)
{
	return thread_shall(current, THREAD_STOP, site);
}

bool kapi_kthread_should_park(struct site *site)
{
	return thread_shall(current, THREAD_PARK, site);
}

int kapi_kthread_park(struct task_struct *task, struct site *site, struct site *wait)
{
	kapi_might_sleep(site);
	return thread_park(task, site, wait);
}

void kapi_kthread_unpark(struct task_struct *task, struct site *site)
{
	thread_unpark(task, site);
}

void kapi_kthread_parkme(struct site *site, struct site *tail)
{
	thread_parkme(current, kapi_word_queue(current), site, tail);
}

THREAD_QUIET struct task_struct *kapi_task_get(struct task_struct *task, struct site *site)
{
	kapi_load(task, site);
	task->uses++;
	return task;
}

void kapi_task_put(struct task_struct *task, struct site *site)
{
	kapi_load(task, site);
	thread_put(task, site);
}
