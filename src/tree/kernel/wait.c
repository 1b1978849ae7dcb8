/*
 * wait.c - wait queues and completions.
 *
 * wait_event() in the tree is inline: prepare_to_wait_event(), the condition, schedule(), in a loop,
 * then finish_wait(). A thread stands in the platform's queue from the first of these to the last, and
 * schedule() sleeps there. A wake-up wakes all who stand there, exclusive or not: who waits must look
 * at its condition anyway.
 *
 * The list in the queue's head is kept for the inline waitqueue_active(): it is not empty while
 * somebody stands there.
 */
#include <linux/completion.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "base/lane.h"
#include "tree/kernel/glue.h"

#define HOW KAPI_INLINE_INIT

/* Of each lane: where it stands; did a signal end its sleep there; was prepare_to_wait_event() refused for it? */
static struct {
	struct wait_queue_head *queue;
	bool signalled;
	struct site *refused;
} stand[LANES];

/* ---- wait queues ---- */

void __init_waitqueue_head(struct wait_queue_head *queue, const char *name,
			   struct lock_class_key *key)
{
	INIT_LIST_HEAD(&queue->head);
	kapi_queue_init(queue, kapi_class_of(NULL, name));
}

void init_wait_entry(struct wait_queue_entry *entry, int flags)
{
	entry->flags = flags;
	entry->private = current;
	entry->func = autoremove_wake_function;
	INIT_LIST_HEAD(&entry->entry);
}

/* Threads are woken by queue: an entry's function says only how the entry was made. */
int autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode, int sync, void *key)
{
	return 1;
}

int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	return 1;
}

int woken_wake_function(struct wait_queue_entry *entry, unsigned int mode, int sync, void *key)
{
	return 1;
}

/* In a loop the second time and later nothing happens: the sleep left it standing there. */
void bond_queue_begin(struct wait_queue_head *queue, struct wait_queue_entry *entry,
		      struct site *site)
{
	unsigned int lane = bond_lane();

	if (stand[lane].queue == queue)
		return;
	kapi_queue_begin(queue, HOW, bond_name(site), site);
	stand[lane].queue = queue;
	stand[lane].refused = NULL;
	if (!queue->head.next)
		INIT_LIST_HEAD(&queue->head);
	if (list_empty(&entry->entry))
		list_add_tail(&entry->entry, &queue->head);
}

static void end(struct wait_queue_head *queue, struct wait_queue_entry *entry, struct site *site)
{
	unsigned int lane = bond_lane();

	if (stand[lane].queue == queue)
		kapi_queue_end(queue, bond_name(site), site);
	stand[lane].queue = NULL;
	list_del_init(&entry->entry);
}

void add_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	INIT_LIST_HEAD(&entry->entry);
	bond_queue_begin(queue, entry, BOND_SITE);
}

void remove_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	end(queue, entry, BOND_SITE);
}

void prepare_to_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry, int state)
{
	bond_queue_begin(queue, entry, BOND_SITE);
	current->__state = state;
}

bool prepare_to_wait_exclusive(struct wait_queue_head *queue, struct wait_queue_entry *entry,
			       int state)
{
	bond_queue_begin(queue, entry, BOND_SITE);
	current->__state = state;
	return true;
}

/* After a signal the caller looks at its condition, and goes without finish_wait() if it is false. */
long prepare_to_wait_event(struct wait_queue_head *queue, struct wait_queue_entry *entry, int state)
{
	struct site *site = BOND_SITE;

	if (stand[bond_lane()].signalled) {
		stand[bond_lane()].signalled = false;
		stand[bond_lane()].refused = site;
		list_del_init(&entry->entry);
		return -ERESTARTSYS;
	}
	bond_queue_begin(queue, entry, site);
	current->__state = state;
	return 0;
}

void finish_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	struct site *refused = stand[bond_lane()].refused;

	current->__state = TASK_RUNNING;
	stand[bond_lane()].refused = NULL;
	if (refused)
		kapi_queue_leave(true, refused);
	end(queue, entry, BOND_SITE);
}

int __wake_up(struct wait_queue_head *queue, unsigned int mode, int nr, void *key)
{
	struct site *site = BOND_SITE;

	kapi_queue_wake(queue, HOW, bond_name(site), site);
	return 0;
}

void __wake_up_sync(struct wait_queue_head *queue, unsigned int mode)
{
	struct site *site = BOND_SITE;

	kapi_queue_wake(queue, HOW, bond_name(site), site);
}

void bond_queue_end(struct wait_queue_head *queue, struct wait_queue_entry *entry,
		    struct site *site)
{
	stand[bond_lane()].signalled = false;
	end(queue, entry, site);
}

int bond_queue_sleep(int how, struct site *site)
{
	struct wait_queue_head *queue = stand[bond_lane()].queue;
	int end;

	if (!queue)
		return how;
	end = kapi_queue_sleep(queue, how | HOW, bond_name(site), site);
	if (end == KAPI_WAIT_SIGNAL) {
		kapi_queue_leave(false, site);
		stand[bond_lane()].queue = NULL;
		stand[bond_lane()].signalled = true;
	}
	return end;
}

bool bond_queue_stands(void)
{
	return stand[bond_lane()].queue != NULL;
}

/* ---- completions ---- */

void __init_swait_queue_head(struct swait_queue_head *queue, const char *name,
			     struct lock_class_key *key)
{
	INIT_LIST_HEAD(&queue->task_list);
}

static int wait_for(struct completion *x, int how, struct site *site)
{
	bond_sleepable(site);
	return kapi_wait_for(x, &x->done, how | HOW, bond_name(site), site);
}

void wait_for_completion(struct completion *x)
{
	wait_for(x, KAPI_WAIT, BOND_SITE);
}

void wait_for_completion_io(struct completion *x)
{
	wait_for(x, KAPI_WAIT, BOND_SITE);
}

int wait_for_completion_interruptible(struct completion *x)
{
	return wait_for(x, KAPI_WAIT_SIGNAL, BOND_SITE) ? -ERESTARTSYS : 0;
}

int wait_for_completion_killable(struct completion *x)
{
	return wait_for(x, KAPI_WAIT_SIGNAL, BOND_SITE) ? -ERESTARTSYS : 0;
}

unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	return wait_for(x, KAPI_WAIT_TIMEOUT, BOND_SITE) ? 0 : max(timeout, 1ul);
}

unsigned long wait_for_completion_io_timeout(struct completion *x, unsigned long timeout)
{
	return wait_for(x, KAPI_WAIT_TIMEOUT, BOND_SITE) ? 0 : max(timeout, 1ul);
}

static long timeout_or_signal(struct completion *x, unsigned long timeout, struct site *site)
{
	int end = wait_for(x, KAPI_WAIT_SIGNAL | KAPI_WAIT_TIMEOUT, site);

	if (end)
		return end == KAPI_WAIT_SIGNAL ? -ERESTARTSYS : 0;
	return max((long)timeout, 1l);
}

long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long timeout)
{
	return timeout_or_signal(x, timeout, BOND_SITE);
}

long wait_for_completion_killable_timeout(struct completion *x, unsigned long timeout)
{
	return timeout_or_signal(x, timeout, BOND_SITE);
}

bool try_wait_for_completion(struct completion *x)
{
	struct site *site = BOND_SITE;

	return kapi_wait_try(x, &x->done, HOW, bond_name(site), site);
}

bool completion_done(struct completion *x)
{
	struct site *site = BOND_SITE;

	return kapi_wait_is_done(x, &x->done, HOW, bond_name(site), site);
}

void complete(struct completion *x)
{
	struct site *site = BOND_SITE;

	kapi_wait_complete(x, &x->done, 0, HOW, bond_name(site), site);
}

void complete_all(struct completion *x)
{
	struct site *site = BOND_SITE;

	kapi_wait_complete(x, &x->done, 1, HOW, bond_name(site), site);
}
