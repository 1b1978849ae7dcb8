/*
 * sched.h - who runs. Of a task there is its address space: current->mm is what the op that plays
 * the process has put there, and NULL where no process runs (workers, callbacks, unloading).
 */
#ifndef LINUX_SCHED_H
#define LINUX_SCHED_H

#include <linux/kernel.h>

#define current kapi_current()

/* A strategy says so: the task must return to user space, whatever it waits for. */
#define signal_pending(task)                                                                       \
	((void)(task),                                                                             \
	 kapi_should_fail(NULL, KAPI_SITE("signal_pending", "signal_pending(" #task ")")))

/* A place where others may go on, as anywhere. */
#define cond_resched() (kapi_might_sleep(KAPI_SITE("cond_resched", "cond_resched()")), 0)
#define cpu_relax() ((void)0)

#endif
