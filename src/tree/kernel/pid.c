/*
 * pid.c - tasks and their numbers. A lane's task lives as long as the run, so references to it and to
 * its pid are counted in the kernel's own words and free nothing; kernel threads: kthread.c.
 */
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>

#include "tree/kernel/glue.h"

/* A pid stands for its task: nothing of it is looked into but the count. */
struct bond_pid {
	struct task_struct *task;
	struct site *site; /* of the last get */
	struct pid pid;
};

static struct bond_pid pids[32];

void bond_pid_end(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(pids); i++)
		if (pids[i].pid.count.refs.counter)
			bond_verdict("leak", NULL, "a reference to a pid", pids[i].site);
}

struct pid *get_task_pid(struct task_struct *task, enum pid_type type)
{
	struct bond_pid *p = &pids[(unsigned int)task->pid % ARRAY_SIZE(pids)];

	p->task = task;
	p->site = BOND_SITE;
	p->pid.count.refs.counter++;
	return &p->pid;
}

struct task_struct *get_pid_task(struct pid *pid, enum pid_type type)
{
	struct task_struct *task = pid ? container_of(pid, struct bond_pid, pid)->task : NULL;

	if (task)
		task->usage.refs.counter++;
	return task;
}

void put_pid(struct pid *pid)
{
	if (pid)
		pid->count.refs.counter--;
}

void __put_task_struct(struct task_struct *task)
{
	bond_kthread_put(task, BOND_SITE);
}

/* Its mm, while it has users. */
struct mm_struct *get_task_mm(struct task_struct *task)
{
	struct site *site = BOND_SITE;
	struct mm_struct *mm = task->mm;

	if (!mm || task->flags & PF_KTHREAD)
		return NULL;
	return kapi_atomic_inc_not_zero(&mm->mm_users.counter, site) ? mm : NULL;
}
