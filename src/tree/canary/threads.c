/*
 * threads.c - the alarm's test of src/tree/kernel: threads of the kernel, and waits without a queue of the caller's.
 *
 * What is expected of each op stands in tests/tree/threads.sh.
 */
#define SUBJECT_OPS "tree/canary/threads.def"
#include "subject/kinds.h"

#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

#include "subject/bench/device.h"
#include "subject/bench/mm_ops.h"

#define HELD 3 /* a bit */

#if BOND_KERNEL < 60500 /* it can give the VMAs, too */
#define NO_VMAS , NULL
#else
#define NO_VMAS
#endif

struct word {
	unsigned long bits;
	int variable;
	int roused;
	struct task_struct *sleeper;
	wait_queue_head_t *queue; /* the sleeper's */
	struct page *page;
	int holders; /* of the page's lock */
};

static struct word *word;
static int turns;

static bool is_bad(const struct subject_call *call)
{
	return call->operand[0];
}

/* ---- threads ---- */

static int turn_until_stopped(void *data)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		WRITE_ONCE(turns, READ_ONCE(turns) + 1);
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop() && !kthread_should_park())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 3;
}

static int op_thread(const struct subject_call *call)
{
	struct task_struct *task = kthread_run(turn_until_stopped, NULL, "turns");
	int result;

	if (IS_ERR(task))
		return PTR_ERR(task);
	if (is_bad(call))
		return 0;
	result = kthread_stop(task);
	WARN_ON(result != 3 && result != -EINTR);
	return 0;
}

static int end_at_once(void *data)
{
	WARN_ON(!(current->flags & PF_KTHREAD));
	return 5;
}

static int op_thread_ends(const struct subject_call *call)
{
	struct task_struct *task = kthread_create(end_at_once, NULL, "ends");

	if (IS_ERR(task))
		return PTR_ERR(task);
	if (!is_bad(call))
		get_task_struct(task);
	wake_up_process(task);
	kthread_stop(task);
	if (!is_bad(call))
		put_task_struct(task);
	return 0;
}

static int sleep_until_stopped(void *bad)
{
	bool stop = false;

	while (!stop) {
		if (bad)
			stop = kthread_should_stop();
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!bad)
			stop = kthread_should_stop();
		if (!stop)
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static int op_thread_sleeps(const struct subject_call *call)
{
	struct task_struct *task =
		kthread_run(sleep_until_stopped, is_bad(call) ? &turns : NULL, "sleeps");

	if (!IS_ERR(task))
		kthread_stop(task);
	return 0;
}

static int op_thread_parks(const struct subject_call *call)
{
	struct task_struct *task = kthread_run(turn_until_stopped, NULL, "turns");
	int before;

	if (IS_ERR(task))
		return PTR_ERR(task);
	if (!is_bad(call))
		kthread_park(task);
	before = READ_ONCE(turns);
	WARN_ON(READ_ONCE(turns) != before);
	if (!is_bad(call))
		kthread_unpark(task);
	kthread_stop(task);
	return 0;
}

/* ---- words ---- */

static void word_free(struct word *own)
{
	if (own && own->page)
		put_page(own->page);
	kfree(own);
}

static int op_meet(const struct subject_call *call)
{
	word = kzalloc(sizeof(*word), GFP_KERNEL);
	if (!word)
		return -ENOMEM;
	set_bit(HELD, &word->bits);
	word->page = alloc_page(GFP_KERNEL);
	return 0;
}

static int op_bit_wait(const struct subject_call *call)
{
	struct word *own = word;

	if (!own)
		return -ENOENT;
	wait_on_bit(&own->bits, HELD, TASK_UNINTERRUPTIBLE);
	word = NULL;
	word_free(own);
	return 0;
}

static int op_bit_clear(const struct subject_call *call)
{
	struct word *own = word;

	if (!own)
		return -ENOENT;
	if (is_bad(call))
		clear_bit_unlock(HELD, &own->bits);
	else
		clear_and_wake_up_bit(HELD, &own->bits);
	return 0;
}

static int op_queue_wait(const struct subject_call *call)
{
	wait_queue_head_t *queue = kzalloc(sizeof(*queue), GFP_KERNEL);

	if (!word || !queue) {
		kfree(queue);
		return -ENOENT;
	}
	init_waitqueue_head(queue);
	WRITE_ONCE(word->queue, queue);
	WRITE_ONCE(word->sleeper, current);
	wait_event(*queue, READ_ONCE(word->roused));
	kfree(queue);
	return 0;
}

static int op_queue_rouse(const struct subject_call *call)
{
	if (!word)
		return -ENOENT;
	WRITE_ONCE(word->roused, 1);
	smp_mb(); /* against the one of prepare_to_wait_event() */
	if (!READ_ONCE(word->sleeper))
		return 0;
	if (is_bad(call))
		wake_up(READ_ONCE(word->queue));
	else
		wake_up_process(READ_ONCE(word->sleeper));
	return 0;
}

static int op_variable_wait(const struct subject_call *call)
{
	if (!word)
		return -ENOENT;
	wait_var_event(&word->variable, READ_ONCE(word->variable));
	return 0;
}

static int op_variable_set(const struct subject_call *call)
{
	if (!word)
		return -ENOENT;
	WRITE_ONCE(word->variable, 1);
	if (!is_bad(call))
		smp_mb();
	wake_up_var(&word->variable);
	return 0;
}

/* ---- waits that end early ---- */

static int in_time(const struct subject_call *call, long left)
{
	WARN_ON(is_bad(call) ? left : left > 0);
	return 0;
}

static int op_event_in_time(const struct subject_call *call)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(queue);

	return in_time(call, wait_event_interruptible_timeout(queue, READ_ONCE(turns) < 0, 10));
}

static int op_completion_in_time(const struct subject_call *call)
{
	DECLARE_COMPLETION_ONSTACK(done);

	return in_time(call, wait_for_completion_interruptible_timeout(&done, 10));
}

/* ---- pages and address spaces ---- */

static int op_page_lock(const struct subject_call *call)
{
	if (!word || !word->page)
		return -ENOENT;
	if (!is_bad(call))
		lock_page(word->page);
	WARN_ON(READ_ONCE(word->holders));
	WRITE_ONCE(word->holders, 1);
	WRITE_ONCE(word->holders, 0);
	if (!is_bad(call))
		unlock_page(word->page);
	return 0;
}

static int op_borrow(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_use(call->operand[1]);
	struct page *page;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	kthread_use_mm(mm);
	if (get_user_pages_unlocked(0, 1, &page, FOLL_WRITE) == 1)
		put_page(page);
	if (is_bad(call))
		current->mm = NULL;
	else
		kthread_unuse_mm(mm);
	mm_ops_unuse(call->operand[1], mm);
	return 0;
}

static int op_pin(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_use(call->operand[1]);
	struct page *page;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	mmap_read_lock(mm);
	if (pin_user_pages_remote(mm, 0, 1, FOLL_WRITE, &page NO_VMAS, NULL) == 1 && !is_bad(call))
		unpin_user_page(page);
	mmap_read_unlock(mm);
	mm_ops_unuse(call->operand[1], mm);
	return 0;
}

/* As a handler of a device's faults does that holds the mm_struct, and no user. */
static int op_area(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_hold(call->operand[1]);
	struct vm_area_struct *vma;

	if (!mm)
		return -ENOENT;
	mmap_read_lock(mm);
	vma = find_vma(mm, 0);
	WARN_ON(vma && !is_bad(call) && !process_table(mm));
	mmap_read_unlock(mm);
	WARN_ON(vma && is_bad(call) && !process_table(mm));
	mm_ops_unhold(call->operand[1], mm);
	return 0;
}

/* ---- the subject ---- */

static void nothing(void)
{
}

static void fork_files(unsigned mm_nr)
{
}

static void unload(void)
{
	word_free(word);
}

#define SUBJECT_NAME "threads"
#define SUBJECT_SYMBOL subject_threads
#define SUBJECT_HELP                                                                               \
	"threads of the kernel and waits for words, kept and broken: the alarm's own test"
#define SUBJECT_MM_OPS "subject/bench/mm_ops.def"
#define SUBJECT_BEGIN nothing
#define SUBJECT_FORK fork_files
#define SUBJECT_CLOSE nothing
#define SUBJECT_UNLOAD unload
#define SUBJECT_POSTED true /* its ops break the rules on purpose */
#include "subject/define.h"
