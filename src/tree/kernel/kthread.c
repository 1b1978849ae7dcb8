/*
 * kthread.c - threads of the kernel: made, stopped, parked.
 *
 * A thread runs on one of the lanes for works, as a work that ends when its function returns: who stops it
 * waits for that. It begins with the first wake-up of its task. The task is a block of the run and counted:
 * the thread has a reference until it ends, so a task that has ended by itself is gone for who holds none.
 * A thread that nobody stops is a leak.
 *
 * No signal comes to it. kthread_exit() leaves the function from within, and is not modelled.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/workqueue.h>

#include "base/lane.h"
#include "tree/kernel/glue.h"

#define HOW KAPI_INLINE_INIT
#define THREADS 16 /* made in a run */

static struct thread {
	struct task_struct *task;
	struct work_struct work;
	struct completion parked;
	int (*func)(void *data);
	void *data;
	int result;
	bool begun, stop, park;
} threads[THREADS];

static char queue; /* the works' */

static struct thread *thread_of(const struct task_struct *task)
{
	for (unsigned int i = 0; i < THREADS && threads[i].task; i++)
		if (threads[i].task == task)
			return &threads[i];
	return NULL;
}

static void put(struct task_struct *task, struct site *site)
{
	if (!--task->usage.refs.counter)
		bond_kthread_put(task, site);
}

void bond_kthread_put(struct task_struct *task, struct site *site)
{
	if (thread_of(task))
		kapi_free(task, site);
}

/* ---- its life ---- */

static void run(struct work_struct *work)
{
	struct thread *thread = container_of(work, struct thread, work);

	bond_task_become(thread->task);
	thread->result = thread->stop ? -EINTR : thread->func(thread->data);
	bond_task_become(NULL);
	put(thread->task, BOND_SITE);
}

struct task_struct *kthread_create_on_node(int (*func)(void *data), void *data, int node,
					   const char name[], ...)
{
	struct site *site = BOND_SITE;
	struct thread *thread = threads;
	struct task_struct *task;

	bond_sleepable(site);
	task = kapi_alloc(sizeof(*task), true, kapi_class_of(NULL, "task_struct"), site);
	if (!task)
		return ERR_PTR(-ENOMEM);
	while (thread < threads + THREADS && thread->task)
		thread++;
	if (thread == threads + THREADS) {
		bond_verdict("memory_limit", NULL, "more threads of the kernel than a run may have",
			     site);
		return ERR_PTR(-EAGAIN);
	}
	thread->task = task;
	bond_task_reset(task, LANES + (unsigned int)(thread - threads), true);
	task->usage.refs.counter = 1;
	task->__state = TASK_UNINTERRUPTIBLE;
	thread->func = func;
	thread->data = data;
	thread->work.func = run;
	kapi_wait_init(&thread->parked, &thread->parked.done, kapi_class_of(NULL, "parked"));
	return task;
}

_Bool bond_kthread_wake(struct task_struct *task, struct site *site)
{
	struct thread *thread = thread_of(task);

	if (!thread || thread->begun)
		return false;
	thread->begun = true;
	task->__state = TASK_RUNNING;
	kapi_work_queue(&queue, &thread->work, run, HOW, "kthread", site);
	return true;
}

/* A verdict where @task is gone, or none of a thread. */
static struct thread *alive(struct task_struct *task, struct site *site)
{
	struct thread *thread = thread_of(task);

	kapi_load(task, site);
	if (!thread)
		bond_verdict("bug", task, "this task is no thread of the kernel", site);
	return thread;
}

static void set(struct thread *thread, bool *flag, bool value, struct site *site)
{
	kapi_store(flag, site);
	*flag = value;
	bond_task_wake(thread->task, TASK_NORMAL, site);
}

int kthread_stop(struct task_struct *task)
{
	struct site *site = BOND_SITE;
	struct thread *thread = alive(task, site);
	int result;

	bond_sleepable(site);
	task->usage.refs.counter++;
	thread->park = false;
	set(thread, &thread->stop, true, site);
	kapi_work_flush(&thread->work, HOW, "kthread", site, bond_site_wait(site));
	result = thread->result;
	put(task, site);
	return result;
}

int kthread_stop_put(struct task_struct *task)
{
	int result = kthread_stop(task);

	put(task, BOND_SITE);
	return result;
}

static bool own(size_t flag, struct site *site)
{
	struct thread *thread = thread_of(current);
	const bool *at = (const bool *)((const char *)thread + flag);

	if (!thread)
		return false;
	kapi_load(at, site);
	return *at;
}

bool kthread_should_stop(void)
{
	return own(offsetof(struct thread, stop), BOND_SITE);
}

/* ---- parking ---- */

bool kthread_should_park(void)
{
	return own(offsetof(struct thread, park), BOND_SITE);
}

bool kthread_should_stop_or_park(void)
{
	struct site *site = BOND_SITE;

	return own(offsetof(struct thread, stop), site) || own(offsetof(struct thread, park), site);
}

int kthread_park(struct task_struct *task)
{
	struct site *site = BOND_SITE;
	struct thread *thread = alive(task, site);

	bond_sleepable(site);
	if (thread->park)
		return -EBUSY;
	set(thread, &thread->park, true, site);
	if (task != current)
		kapi_wait_for(&thread->parked, &thread->parked.done, KAPI_WAIT | HOW, "parked",
			      bond_site_wait(site));
	return 0;
}

void kthread_unpark(struct task_struct *task)
{
	struct site *site = BOND_SITE;
	struct thread *thread = alive(task, site);

	if (thread->park)
		set(thread, &thread->park, false, site);
}

/* Told once for each time that it was parked: a wake-up for nothing says nothing. */
void kthread_parkme(void)
{
	struct site *site = BOND_SITE;
	struct thread *thread = thread_of(current);

	if (!thread || !own(offsetof(struct thread, park), site))
		return;
	kapi_wait_complete(&thread->parked, &thread->parked.done, false, HOW, "parked", site);
	kapi_queue_begin(current, HOW, "task", site);
	while (thread->park)
		kapi_queue_sleep(current, KAPI_WAIT | HOW, "task", site);
	kapi_queue_end(current, "task", bond_site_tail(site));
}

/* ---- what else is asked ---- */

void *kthread_data(struct task_struct *task)
{
	return alive(task, BOND_SITE)->data;
}

void *kthread_func(struct task_struct *task)
{
	return alive(task, BOND_SITE)->func;
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
