/*
 * sched.h - who runs. Of a task there is its address space: current->mm is what the op that plays
 * the process has put there, and NULL where no process runs (workers, callbacks, unloading).
 */
#ifndef LINUX_SCHED_H
#define LINUX_SCHED_H

#include <linux/kernel.h>
#include <linux/wait.h>

#define current kapi_current()

#define __set_current_state(how) ((void)(current->state = (how)))
/* A store that others see, then a full barrier. */
#define set_current_state(how)                                                                     \
	do {                                                                                       \
		kapi_store(&current->state,                                                        \
			   KAPI_SITE("set_current_state", "set_current_state(" #how ")"));         \
		current->state = (how);                                                            \
		kapi_barrier(KAPI_WMB | KAPI_RMB);                                                 \
	} while (0)

int kapi_wake_up_process(struct task_struct *task, struct site *site);
/* Returns: did it sleep? */
#define wake_up_process(task)                                                                      \
	kapi_wake_up_process(task, KAPI_SITE("wake_up_process", "wake_up_process(" #task ")"))

/* A place where others may go on, as anywhere. */
#define cond_resched() (kapi_might_sleep(KAPI_SITE("cond_resched", "cond_resched()")), 0)
#define cpu_relax() ((void)0)

#endif
