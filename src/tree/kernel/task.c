/*
 * task.c - what runs: current, its state and counters, and schedule().
 *
 * Each lane has a real task_struct, of which the fields that inline code looks at are kept: mm, state,
 * signals, and what forbids to sleep. Per-CPU variables are those of one CPU: the base of %gs is 0 in
 * user space, so that the variable itself is what %gs: reaches. What belongs to a task there (current,
 * preempt_count) is set whenever another lane goes on.
 *
 * A task that sleeps stands in a wait queue (wait.c), or else in one of its own, where
 * wake_up_process() finds it.
 */
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "base/lane.h"
#include "tree/kernel/glue.h"

#define KEPT __section("bf_kept")
#define HOW KAPI_INLINE_INIT
#define SIGNAL_FLAGS (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL)

static struct task_struct KEPT tasks[LANES];
static struct task_struct
	*task_of[LANES] KEPT; /* a lane's own one, or that of a kernel thread that it runs */
static struct signal_struct KEPT signal_of_all;
static char KEPT stack_of_all[THREAD_SIZE]; /* its top has the registers of a call from 64 bits */
static int KEPT preempt_counts[LANES];
static unsigned int KEPT running;

const volatile void *bond_signal_word;

/* ---- per CPU ---- */

#if BOND_KERNEL >= 60200
struct pcpu_hot pcpu_hot __aligned(64) = {.preempt_count = (int)PREEMPT_NEED_RESCHED};
asm(".globl const_pcpu_hot\n.set const_pcpu_hot, pcpu_hot"); /* the same, read-only */
#define CURRENT pcpu_hot.current_task
#define COUNT pcpu_hot.preempt_count
#else
struct task_struct *current_task;
int __preempt_count = (int)PREEMPT_NEED_RESCHED;
int cpu_number;
#define CURRENT current_task
#define COUNT __preempt_count
#endif

/* ---- lanes ---- */

void bond_task_reset(struct task_struct *task, unsigned int nr, bool kernel)
{
	task->mm = NULL;
	task->active_mm = NULL;
	task->__state = TASK_RUNNING;
	task->non_block_count = 0;
	task->thread_info.flags = 0;
	task->flags = kernel ? PF_KTHREAD : 0;
	task->pid = task->tgid = (pid_t)nr + 1;
	task->usage.refs.counter = 1;
	task->signal = &signal_of_all;
	task->stack = stack_of_all;
	task->group_leader = task;
	sigemptyset(&task->pending.signal);
	sigaddset(&task->pending.signal, SIGKILL); /* counts only with TIF_SIGPENDING */
}

static void lane_reset(unsigned int lane)
{
	bond_task_reset(&tasks[lane], lane, LANE_IS_WORKER(lane));
	task_of[lane] = &tasks[lane];
	preempt_counts[lane] = (int)PREEMPT_NEED_RESCHED;
}

void bond_task_begin(void)
{
	for (unsigned int lane = 0; lane < LANES; lane++)
		lane_reset(lane);
	running = LANE_MAIN;
	bond_task_lane(LANE_MAIN);
	bond_page_begin();
	bond_slab_begin();
}

void bond_task_lane(unsigned int lane)
{
	preempt_counts[running] = COUNT;
	running = lane;
	CURRENT = task_of[lane];
	COUNT = preempt_counts[lane];
	bond_signal_word = &task_of[lane]->thread_info.flags;
}

void bond_task_become(struct task_struct *task)
{
	task_of[running] = task ? task : &tasks[running];
	CURRENT = task_of[running];
	bond_signal_word = &task_of[running]->thread_info.flags;
}

bool bond_signal_comes(struct site *site)
{
	return !(current->flags & PF_KTHREAD) && kapi_signal_pending(site);
}

void bond_task_signal(struct site *site)
{
	current->thread_info.flags &= ~SIGNAL_FLAGS;
	if (bond_signal_comes(site))
		current->thread_info.flags |= SIGNAL_FLAGS;
}

/* ---- sleeping ---- */

void bond_sleepable(struct site *site)
{
	if (current->non_block_count)
		bond_verdict("sleep_in_atomic", NULL, "in a section that may not block", site);
	if (preempt_count())
		bond_verdict("sleep_in_atomic", NULL, "preemption is off", site);
	kapi_might_sleep(site);
}

void bond_allocates(gfp_t flags, struct site *site)
{
	if (flags & __GFP_DIRECT_RECLAIM)
		bond_sleepable(site);
	if ((flags & (__GFP_DIRECT_RECLAIM | __GFP_NOLOCKDEP)) == __GFP_DIRECT_RECLAIM &&
	    !(current->flags & PF_MEMALLOC))
		kapi_may_reclaim(site);
}

void __might_sleep(const char *file, int line)
{
	bond_sleepable(BOND_SITE);
}

void __might_resched(const char *file, int line, unsigned int offsets)
{
	bond_sleepable(BOND_SITE);
}

int __cond_resched(void)
{
	bond_sleepable(BOND_SITE);
	return 0;
}

void __cant_sleep(const char *file, int line, int preempt_offset)
{
}

int bond_sleep_how(unsigned int state)
{
	return state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL | TASK_NOLOAD) ? KAPI_WAIT_SIGNAL
									  : KAPI_WAIT;
}

/* Returns: 0, or the way of @how that came instead of a wake-up. */
static int sleep_alone(int how, struct site *site)
{
	int end = 0;

	kapi_queue_begin(current, HOW, "task", site);
	if (current->__state != TASK_RUNNING)
		end = kapi_queue_sleep(current, how | HOW, "task", site);
	if (end == KAPI_WAIT_SIGNAL)
		kapi_queue_leave(false, site);
	else
		kapi_queue_end(current, "task", bond_site_tail(site));
	return end;
}

static int sleep_until(int how, struct site *site)
{
	int end = 0;

	bond_sleepable(site);
	if (current->__state != TASK_RUNNING)
		end = bond_queue_stands() ? bond_queue_sleep(how, site) : sleep_alone(how, site);
	current->__state = TASK_RUNNING;
	return end;
}

void schedule(void)
{
	sleep_until(bond_sleep_how(current->__state), BOND_SITE);
}

void io_schedule(void)
{
	sleep_until(bond_sleep_how(current->__state), BOND_SITE);
}

static long timed(long timeout, struct site *site)
{
	int end = sleep_until(bond_sleep_how(current->__state) | KAPI_WAIT_TIMEOUT, site);

	return end == KAPI_WAIT_TIMEOUT ? 0 : max(timeout, 1l);
}

long schedule_timeout(long timeout)
{
	struct site *site = BOND_SITE;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		sleep_until(bond_sleep_how(current->__state), site);
		return timeout;
	}
	return timed(timeout, site);
}

long schedule_timeout_interruptible(long timeout)
{
	current->__state = TASK_INTERRUPTIBLE;
	return timed(timeout, BOND_SITE);
}

long schedule_timeout_uninterruptible(long timeout)
{
	current->__state = TASK_UNINTERRUPTIBLE;
	return timed(timeout, BOND_SITE);
}

/* One that sleeps in a queue of its own, or stands in another one. */
bool bond_task_wake(struct task_struct *task, unsigned int state, struct site *site)
{
	bool slept = task->__state & state;

	if (bond_kthread_wake(task, site))
		return true;
	if (!slept && state != TASK_NORMAL)
		return false;
	task->__state = TASK_RUNNING;
	kapi_queue_wake(task, HOW, "task", site);
	for (unsigned int lane = 0; lane < LANES; lane++)
		if (task_of[lane] == task)
			kapi_queue_rouse(lane);
	return slept;
}

int wake_up_process(struct task_struct *task)
{
	return bond_task_wake(task, TASK_NORMAL, BOND_SITE);
}

int wake_up_state(struct task_struct *task, unsigned int state)
{
	return bond_task_wake(task, state, BOND_SITE);
}

/* Time stands still, and others run anyway. */
void msleep(unsigned int ms)
{
	bond_sleepable(BOND_SITE);
}

void usleep_range_state(unsigned long min, unsigned long max, unsigned int state)
{
	bond_sleepable(BOND_SITE);
}

/* ---- what the platform calls: host/start.c ---- */

const struct kapi_mirror bond_mirror = {
	.lock = bond_mirror_lock,
	.work = bond_mirror_work,
	.timer = bond_mirror_timer,
	.lane = bond_task_lane,
	.begin = bond_task_begin,
	.end = bond_pid_end,
};
