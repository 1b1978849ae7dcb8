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
/** bond_task_begin() - a run begins */
void bond_task_begin(void);
/** bond_task_lane() - @lane goes on: its task is current */
void bond_task_lane(unsigned int lane);

/** bond_task_signal() - the running thread looks for a signal: one may be there now */
void bond_task_signal(struct site *site);

/* ---- wait.c: the queue in which the running thread stands ---- */

_Bool bond_queue_stands(void);
/** bond_queue_sleep() - Returns: false when a signal or timeout came instead of a wake-up. */
_Bool bond_queue_sleep(int how, struct site *site);

/* ---- page.c ---- */

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
