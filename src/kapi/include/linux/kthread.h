/*
 * kthread.h - threads of the kernel. Implemented by core/kthread.c.
 *
 * One runs on a lane of works, and keeps it: of a run's threads as many as there are such lanes run at a
 * time. It begins with the first wake-up.
 */
#ifndef LINUX_KTHREAD_H
#define LINUX_KTHREAD_H

#include <linux/err.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/wait.h>

struct task_struct *kapi_kthread_create(int (*func)(void *data), void *data, struct site *site);
int kapi_kthread_stop(struct task_struct *task, struct site *site, struct site *wait);
bool kapi_kthread_should_stop(struct site *site);
bool kapi_kthread_should_park(struct site *site);
int kapi_kthread_park(struct task_struct *task, struct site *site, struct site *wait);
void kapi_kthread_unpark(struct task_struct *task, struct site *site);
void kapi_kthread_parkme(struct site *site, struct site *tail);

/* Returns: a task that sleeps until wake_up_process(), or ERR_PTR(-ENOMEM). */
#define kthread_create(func, data, ...)                                                            \
	kapi_kthread_create(func, data,                                                            \
			    KAPI_SITE("kthread_create", "kthread_create(" #func ", " #data ")"))
#define kthread_run(func, data, ...)                                                               \
	({                                                                                         \
		struct task_struct *made_ = kapi_kthread_create(                                   \
			func, data,                                                                \
			KAPI_SITE("kthread_run", "kthread_run(" #func ", " #data ")"));            \
		if (!IS_ERR(made_))                                                                \
			wake_up_process(made_);                                                    \
		made_;                                                                             \
	})
/* Returns: what its function returned, or -EINTR: it never began. */
#define kthread_stop(task)                                                                         \
	kapi_kthread_stop(task, KAPI_SITE("kthread_stop", "kthread_stop(" #task ")"),              \
			  KAPI_SITE("kthread_stop:wait", "kthread_stop(" #task ")"))
#define kthread_should_stop()                                                                      \
	kapi_kthread_should_stop(KAPI_SITE("kthread_should_stop", "kthread_should_stop()"))
#define kthread_should_park()                                                                      \
	kapi_kthread_should_park(KAPI_SITE("kthread_should_park", "kthread_should_park()"))
/* Returns: 0 when it is parked, or -EBUSY: it was told already. */
#define kthread_park(task)                                                                         \
	kapi_kthread_park(task, KAPI_SITE("kthread_park", "kthread_park(" #task ")"),              \
			  KAPI_SITE("kthread_park:wait", "kthread_park(" #task ")"))
#define kthread_unpark(task)                                                                       \
	kapi_kthread_unpark(task, KAPI_SITE("kthread_unpark", "kthread_unpark(" #task ")"))
#define kthread_parkme()                                                                           \
	kapi_kthread_parkme(KAPI_SITE("kthread_parkme", "kthread_parkme()"),                       \
			    KAPI_SITE("kthread_parkme:tail", "kthread_parkme()"))

#endif
