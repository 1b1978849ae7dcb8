/*
 * kthread.h - threads of the kernel, as both worlds have them; included by the one file of each.
 *
 * A thread runs on one of the lanes for works, as a work that ends when its function returns: who stops it
 * waits for that. It begins with the first wake-up of its task. The task is a block of the run and counted:
 * the thread has a reference until it ends, so a task that has ended by itself is gone for who holds none.
 * A thread that nobody stops is a leak.
 *
 * The world says, in types of its own, before it includes this:
 *   THREAD_QUIET                  before each function: no access in it is one of code under test
 *   THREAD_WAIT(completion)       two arguments of kapi_wait_for(): the completion, and its counter
 *   THREAD_CLASS(name)
 *   THREAD_QUEUE_NAME             of the queue in which a parked thread sleeps
 *   thread_queue()                the works' queue
 *   thread_task_init(task, nr)    of zeroes, with one use, asleep
 *   thread_task_uses(task)        its counter
 *   thread_work_init(work, run)
 *   thread_become(task)           the task of this lane; NULL: its own again
 *   thread_rouse(task, site)      it sleeps no longer
 */
#ifndef KAPI_KTHREAD_H
#define KAPI_KTHREAD_H

#define THREADS_OF_RUN 16 /* made in a run */

static struct thread {
	struct task_struct *task;
	struct work_struct work;
	struct completion parked;
	int (*func)(void *data);
	void *data;
	int result;
	bool begun, stop, park;
} threads[THREADS_OF_RUN];

THREAD_QUIET static struct thread *thread_of(const struct task_struct *task)
{
	for (unsigned int i = 0; i < THREADS_OF_RUN && threads[i].task; i++)
		if (threads[i].task == task)
			return &threads[i];
	return NULL;
}

/* Its last use is gone. Tasks that are none of a thread are a lane's own. */
THREAD_QUIET static void thread_free(struct task_struct *task, struct site *site)
{
	if (thread_of(task))
		kapi_free(task, site);
}

THREAD_QUIET static void thread_put(struct task_struct *task, struct site *site)
{
	if (!--*thread_task_uses(task))
		thread_free(task, site);
}

/* A verdict where @task is gone, or none of a thread. */
THREAD_QUIET static struct thread *thread_alive(struct task_struct *task, struct site *site)
{
	struct thread *thread = thread_of(task);

	kapi_load(task, site);
	if (!thread)
		kapi_verdict(kapi_rule("bug"), task, "this task is no thread of the kernel", site);
	return thread;
}

/* ---- its life ---- */

THREAD_QUIET static void thread_run(struct work_struct *work)
{
	struct thread *thread = container_of(work, struct thread, work);
	struct site *site = KAPI_SITE("kthread", "the thread ends");

	thread_become(thread->task);
	kapi_lane_is_thread(true);
	thread->result = thread->stop ? -EINTR : thread->func(thread->data);
	kapi_lane_is_thread(false);
	thread_become(NULL);
	thread_put(thread->task, site);
}

/* Returns: NULL without memory. */
THREAD_QUIET static struct task_struct *thread_new(int (*func)(void *data), void *data,
						   struct site *site)
{
	struct task_struct *task;
	struct thread *thread = threads;

	task = kapi_alloc(sizeof(*task), true, THREAD_CLASS("task_struct"), site);
	if (!task)
		return NULL;
	while (thread < threads + THREADS_OF_RUN && thread->task)
		thread++;
	if (thread == threads + THREADS_OF_RUN) {
		kapi_verdict(kapi_rule("memory_limit"), NULL,
			     "more threads of the kernel than a run may have", site);
		return NULL;
	}
	thread->task = task;
	thread_task_init(task, (unsigned int)(thread - threads));
	thread->func = func;
	thread->data = data;
	thread_work_init(&thread->work, thread_run);
	kapi_wait_init(THREAD_WAIT(&thread->parked), THREAD_CLASS("parked"));
	return task;
}

/* Returns: does it begin by this? */
THREAD_QUIET static bool thread_begin(struct task_struct *task, struct site *site)
{
	struct thread *thread = thread_of(task);

	if (!thread || thread->begun)
		return false;
	thread->begun = true;
	kapi_work_queue(thread_queue(), &thread->work, thread_run, KAPI_INLINE_INIT, "kthread",
			site);
	return true;
}

THREAD_QUIET static void thread_set(struct thread *thread, bool *flag, bool value,
				    struct site *site)
{
	kapi_store(flag, site);
	*flag = value;
	if (!thread_begin(thread->task, site))
		thread_rouse(thread->task, site);
}

THREAD_QUIET static int thread_stop(struct task_struct *task, struct site *site, struct site *wait)
{
	struct thread *thread = thread_alive(task, site);
	int result;

	++*thread_task_uses(task);
	thread->park = false;
	thread_set(thread, &thread->stop, true, site);
	kapi_work_flush(&thread->work, KAPI_INLINE_INIT, "kthread", site, wait);
	result = thread->result;
	thread_put(task, site);
	return result;
}

/* What is asked of @task, which runs: offset of stop or park. */
THREAD_QUIET static bool thread_shall(const struct task_struct *task, size_t what,
				      struct site *site)
{
	const struct thread *thread = thread_of(task);
	const bool *at = (const bool *)((const char *)thread + what);

	if (!thread)
		return false;
	kapi_load(at, site);
	return *at;
}
#define THREAD_STOP offsetof(struct thread, stop)
#define THREAD_PARK offsetof(struct thread, park)

/* ---- parking ---- */

THREAD_QUIET static int thread_park(struct task_struct *task, struct site *site, struct site *wait)
{
	struct thread *thread = thread_alive(task, site);

	if (thread->park)
		return -EBUSY;
	thread_set(thread, &thread->park, true, site);
	if (task != current)
		kapi_wait_for(THREAD_WAIT(&thread->parked), KAPI_WAIT | KAPI_INLINE_INIT, "parked",
			      wait);
	return 0;
}

THREAD_QUIET static void thread_unpark(struct task_struct *task, struct site *site)
{
	struct thread *thread = thread_alive(task, site);

	if (thread->park)
		thread_set(thread, &thread->park, false, site);
}

/* Told once for each time that it was parked: a wake-up for nothing says nothing. */
THREAD_QUIET static void thread_parkme(struct task_struct *task, void *queue, struct site *site,
				       struct site *tail)
{
	struct thread *thread = thread_of(task);

	if (!thread || !thread_shall(task, THREAD_PARK, site))
		return;
	kapi_wait_complete(THREAD_WAIT(&thread->parked), false, KAPI_INLINE_INIT, "parked", site);
	kapi_queue_begin(queue, KAPI_INLINE_INIT, THREAD_QUEUE_NAME, site);
	while (thread->park)
		kapi_queue_sleep(queue, KAPI_WAIT | KAPI_INLINE_INIT, THREAD_QUEUE_NAME, site);
	kapi_queue_end(queue, THREAD_QUEUE_NAME, tail);
}

#endif
