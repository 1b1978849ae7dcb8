/*
 * task.h - references on a task. Of a thread of the kernel only: other tasks are there as long as the run.
 */
#ifndef LINUX_SCHED_TASK_H
#define LINUX_SCHED_TASK_H

#include <linux/sched.h>

struct task_struct *kapi_task_get(struct task_struct *task, struct site *site);
void kapi_task_put(struct task_struct *task, struct site *site);

#define get_task_struct(task)                                                                      \
	kapi_task_get(task, KAPI_SITE("get_task_struct", "get_task_struct(" #task ")"))
#define put_task_struct(task)                                                                      \
	kapi_task_put(task, KAPI_SITE("put_task_struct", "put_task_struct(" #task ")"))

#endif
