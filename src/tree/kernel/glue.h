/*
 * glue.h - what the files of this folder share. They are compiled with the tree's headers, and not
 * instrumented: what they do between two primitives is one step.
 */
#ifndef TREE_KERNEL_GLUE_H
#define TREE_KERNEL_GLUE_H

#include "tree/bond.h"

struct task_struct;

/* ---- task.c ---- */

extern const struct kapi_mirror bond_mirror;

/** bond_sleepable() - a verdict where the running thread may not sleep; @site is the primitive */
void bond_sleepable(struct site *site);
/** bond_allocates() - an allocation with @flags is about to be made: it may sleep, and reclaim */
void bond_allocates(gfp_t flags, struct site *site);
/** bond_sleep_how() - KAPI_WAIT_SIGNAL or KAPI_WAIT, by the task's @state */
int bond_sleep_how(unsigned int state);
/** bond_task_wake() - wake_up_state() at @site */
_Bool bond_task_wake(struct task_struct *task, unsigned int state, struct site *site);
/** bond_task_become() - the running lane is @task from here on; NULL: its own again */
void bond_task_become(struct task_struct *task);
/** bond_task_reset() - a task as it begins, @nr of all */
void bond_task_reset(struct task_struct *task, unsigned int nr, _Bool kernel);
/** bond_task_begin() - a run begins */
void bond_task_begin(void);
/** bond_task_lane() - @lane goes on: its task is current */
void bond_task_lane(unsigned int lane);

/** bond_signal_comes() - is there a signal for the running thread? To a thread of the kernel none comes. */
_Bool bond_signal_comes(struct site *site);
/** bond_task_signal() - the running thread looks for a signal: one may be there now */
void bond_task_signal(struct site *site);

/* ---- kthread.c ---- */

/** bond_kthread_wake() - @task is woken. Returns: it was a thread that had not begun, and begins now */
_Bool bond_kthread_wake(struct task_struct *task, struct site *site);
/** bond_kthread_put() - the last reference to @task is gone */
void bond_kthread_put(struct task_struct *task, struct site *site);

/* ---- wait.c: the queue in which the running thread stands ---- */

_Bool bond_queue_stands(void);
struct wait_queue_head;
struct wait_queue_entry;
/** bond_queue_begin() - the running thread stands in @queue from here on, if it does not yet */
void bond_queue_begin(struct wait_queue_head *queue, struct wait_queue_entry *entry,
		      struct site *site);
/** bond_queue_end() - and no longer, also where a signal has ended its sleep */
void bond_queue_end(struct wait_queue_head *queue, struct wait_queue_entry *entry,
		    struct site *site);
/** bond_queue_sleep() - Returns: 0, or KAPI_WAIT_SIGNAL or KAPI_WAIT_TIMEOUT came instead of a wake-up. */
int bond_queue_sleep(int how, struct site *site);

/* ---- page.c ---- */

/** bond_pid_end() - a run is over: RULE_leak where a pid has a reference */
void bond_pid_end(void);
/** bond_page_begin() - a run begins */
void bond_page_begin(void);

/* ---- slab.c ---- */

/** bond_slab_begin() - a run begins */
void bond_slab_begin(void);

/* ---- lock.c, work.c: a word of the kernel's follows the platform's state ---- */

void bond_mirror_lock(void *lock, int kind, _Bool written, unsigned int readers);
void bond_mirror_work(void *work, _Bool pending);
void bond_mirror_timer(void *timer, _Bool pending);

#endif
