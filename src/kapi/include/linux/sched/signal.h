/*
 * signal.h - is there a signal for this task? When the schedule says so, and where it was killed.
 */
#ifndef LINUX_SCHED_SIGNAL_H
#define LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>

#define signal_pending(task)                                                                       \
	((void)(task),                                                                             \
	 kapi_signal_pending(KAPI_SITE("signal_pending", "signal_pending(" #task ")")))
#define fatal_signal_pending(task)                                                                 \
	((void)(task), kapi_signal_pending(KAPI_SITE("fatal_signal_pending",                       \
						     "fatal_signal_pending(" #task ")")))

#endif
