/*
 * kthread.c - threads of the kernel: made, stopped, parked. Those of kapi/kthread.h, in the tree's types.
 *
 * No signal comes to them. kthread_exit() leaves the function from within, and is not modelled.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/workqueue.h>

#include "base/lane.h"
#include "kapi/bench.h"
#include "tree/kernel/glue.h"

#define THREAD_QUIET
#define THREAD_WAIT(completion) (completion), &(completion)->done
#define THREAD_CLASS(name) kapi_class_of(NULL, name)
#define THREAD_QUEUE_NAME "task"
#define thread_queue() ((void *)&queue)
#define thread_task_uses(task) (&(task)->usage.refs.counter)
#define thread_become(task) bond_task_become(task)
#define thread_work_init(work, run) ((work)->func = (run))
#define thread_rouse(task, site) bond_task_wake(task, TASK_NORMAL, site)

static char queue; /* the works' */

static void thread_task_init(struct task_struct *task, unsigned int nr)
{
	bond_task_reset(task, LANES + nr, true);
	task->__state = TASK_UNINTERRUPTIBLE;
}

#include "kapi/kthread.h"

void bond_kthread_put(struct task_struct *task, struct site *site)
{
	thread_free(task, site);
}

_Bool bond_kthread_wake(struct task_struct *task, struct site *site)
{
	bool begins = thread_begin(task, site);

	if (begins)
		task->__state = TASK_RUNNING;
	return begins;
}

struct task_struct *kthread_create_on_node(int (*func)(void *data), void *data, int node,
					   const char name[], ...)
{
	struct site *site = BOND_SITE;
	struct task_struct *task;

	bond_sleepable(site);
	task = thread_new(func, data, site);
	return task ? task : ERR_PTR(-ENOMEM);
}

int kthread_stop(struct task_struct *task)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	return thread_stop(task, site, bond_site_wait(site));
}

int kthread_stop_put(struct task_struct *task)
{
	struct site *site = BOND_SITE;
	int result;

	bond_sleepable(site);
	result = thread_stop(task, site, bond_site_wait(site));
	thread_put(task, site);
	return result;
}

bool kthread_should_stop(void)
{
	return thread_shall(current, THREAD_STOP, BOND_SITE);
}

bool kthread_should_park(void)
{
	return thread_shall(current, THREAD_PARK, BOND_SITE);
}

bool kthread_should_stop_or_park(void)
{
	struct site *site = BOND_SITE;

	return thread_shall(current, THREAD_STOP, site) || thread_shall(current, THREAD_PARK, site);
}

int kthread_park(struct task_struct *task)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	return thread_park(task, site, bond_site_wait(site));
}

void kthread_unpark(struct task_struct *task)
{
	thread_unpark(task, BOND_SITE);
}

void kthread_parkme(void)
{
	struct site *site = BOND_SITE;

	thread_parkme(current, current, site, bond_site_tail(site));
}

/* ---- what else is asked ---- */

void *kthread_data(struct task_struct *task)
{
	return thread_alive(task, BOND_SITE)->data;
}

void *kthread_func(struct task_struct *task)
{
	return thread_alive(task, BOND_SITE)->func;
}

void kthread_bind(struct task_struct *task, unsigned int cpu)
{
}

/* ---- the address space of a process, borrowed: the caller has a user of it ---- */

void kthread_use_mm(struct mm_struct *mm)
{
	WARN_ON_ONCE(current->mm);
	mmgrab(mm);
	current->mm = mm;
}

void kthread_unuse_mm(struct mm_struct *mm)
{
	WARN_ON_ONCE(!current->mm);
	current->mm = NULL;
	mmdrop(mm);
}
