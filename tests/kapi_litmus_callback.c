/*
 * kapi_litmus_callback.c - callbacks of RCU and SRCU: when they run, and what they may not do.
 *
 * The owner is what a callback uses beside its own item, and what its queuer then frees.
 */
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

#include "litmus.h"

struct item {
	int value;
	struct rcu_head rcu;
};

static struct item __rcu *shared;
static struct item *owner;
static DEFINE_MUTEX(update_lock);
static DEFINE_SPINLOCK(spin);
DEFINE_STATIC_SRCU(srcu);

static struct item *new_item(void)
{
	return kzalloc(sizeof(struct item), GFP_KERNEL);
}

static void publish(void)
{
	rcu_assign_pointer(shared, new_item());
}

static void unpublish_after_barrier(void)
{
	rcu_barrier();
	kfree(rcu_dereference_protected(shared, true));
}

static void free_item(struct rcu_head *head)
{
	kfree(container_of(head, struct item, rcu));
}

static void replace_by_callback(void)
{
	struct item *old = rcu_dereference_protected(shared, true);

	rcu_assign_pointer(shared, new_item());
	call_rcu(&old->rcu, free_item);
}

static void read_srcu(void)
{
	int idx = srcu_read_lock(&srcu);

	srcu_read_unlock(&srcu, idx);
}

/* ---- callbacks that use what their queuer owns ---- */

static void make_owner(void)
{
	publish();
	owner = new_item();
}

static void use_owner_and_free(struct rcu_head *head)
{
	WRITE_ONCE(owner->value, 1);
	free_item(head);
}

static void close_after_barrier(void)
{
	call_rcu(&shared->rcu, use_owner_and_free);
	rcu_barrier();
	kfree(owner);
}

static void close_after_synchronize(void)
{
	call_rcu(&shared->rcu, use_owner_and_free);
	synchronize_rcu();
	kfree(owner);
}

static void close_srcu_after_barrier(void)
{
	call_srcu(&srcu, &shared->rcu, use_owner_and_free);
	srcu_barrier(&srcu);
	kfree(owner);
}

static void close_srcu_after_synchronize(void)
{
	call_srcu(&srcu, &shared->rcu, use_owner_and_free);
	synchronize_srcu(&srcu);
	kfree(owner);
}

static void close_srcu_after_rcu_barrier(void)
{
	call_srcu(&srcu, &shared->rcu, use_owner_and_free);
	rcu_barrier();
	kfree(owner);
}

static void close_rcu_after_srcu_barrier(void)
{
	call_rcu(&shared->rcu, use_owner_and_free);
	srcu_barrier(&srcu);
	kfree(owner);
}

/* Callbacks that run at once come in time, but nothing orders them. */
#define OWNER(at_once_, ...)                                                                       \
	{                                                                                          \
		.begin = make_owner, .thread = {__VA_ARGS__}, .races = (at_once_), .strength = {   \
			.callbacks_at_once = (at_once_)                                            \
		}                                                                                  \
	}

/* ---- callbacks that overlap, or not ---- */

static int counter;
static struct item *counted[2];

static void make_counted(void)
{
	counted[0] = new_item();
	counted[1] = new_item();
}

static void count_and_free(struct rcu_head *head)
{
	int before = READ_ONCE(counter);

	WRITE_ONCE(counter, before + 1);
	free_item(head);
}

static void queue_two(void)
{
	call_rcu(&counted[0]->rcu, count_and_free);
	call_rcu(&counted[1]->rcu, count_and_free);
}

static void queue_two_srcu(void)
{
	call_srcu(&srcu, &counted[0]->rcu, count_and_free);
	call_srcu(&srcu, &counted[1]->rcu, count_and_free);
}

static void expect_two(void)
{
	rcu_barrier();
	srcu_barrier(&srcu);
	BUG_ON(READ_ONCE(counter) != 2);
}

/* ---- what a callback may not do ---- */

static void sleep_and_free(struct rcu_head *head)
{
	mutex_lock(&update_lock);
	mutex_unlock(&update_lock);
	free_item(head);
}

static void spin_and_free(struct rcu_head *head)
{
	spin_lock(&spin);
	spin_unlock(&spin);
	free_item(head);
}

static void read_and_stay(struct rcu_head *head)
{
	free_item(head);
	rcu_read_lock();
}

static void lock_and_stay(struct rcu_head *head)
{
	free_item(head);
	spin_lock(&spin);
}

static void call_sleeping(void)
{
	call_rcu(&shared->rcu, sleep_and_free);
}

static void call_sleeping_srcu(void)
{
	call_srcu(&srcu, &shared->rcu, sleep_and_free);
}

static void call_spinning(void)
{
	call_rcu(&shared->rcu, spin_and_free);
}

static void call_reading(void)
{
	call_rcu(&shared->rcu, read_and_stay);
}

static void call_locking(void)
{
	call_rcu(&shared->rcu, lock_and_stay);
}

static void do_nothing(struct rcu_head *head)
{
}

static void call_twice(void)
{
	call_rcu(&shared->rcu, do_nothing);
	call_rcu(&shared->rcu, do_nothing);
}

static void call_again_after_barrier(void)
{
	call_rcu(&shared->rcu, do_nothing);
	rcu_barrier();
	call_rcu(&shared->rcu, do_nothing);
	rcu_barrier();
}

static void call_and_free(void)
{
	struct item *mine = new_item();

	call_rcu(&mine->rcu, do_nothing);
	kfree(mine);
}

static void call_and_free_after_barrier(void)
{
	struct item *mine = new_item();

	call_rcu(&mine->rcu, do_nothing);
	rcu_barrier();
	kfree(mine);
}

static void call_again_and_free(struct rcu_head *head)
{
	call_rcu(head, free_item);
}

static void call_that_calls(void)
{
	call_rcu(&shared->rcu, call_again_and_free);
}

#define ALONE(...)                                                                                 \
	{                                                                                          \
		.thread = { __VA_ARGS__ }                                                          \
	}
#define CALLS(...)                                                                                 \
	{                                                                                          \
		.begin = publish, .thread = { __VA_ARGS__ }                                        \
	}

#define QUEUES(...)                                                                                \
	{                                                                                          \
		.begin = publish, .thread = {__VA_ARGS__}, .end = unpublish_after_barrier          \
	}

const struct litmus_case kapi_litmus_callback[] = {
	{"synchronize_rcu_does_not_wait_for_callbacks", "dead_use:item@use_owner_and_free", NULL,
	 .good = OWNER(false, close_after_barrier), .bad = OWNER(false, close_after_synchronize)},
	{"synchronize_srcu_does_not_wait_for_callbacks", "dead_use:item@use_owner_and_free", NULL,
	 .good = OWNER(false, close_srcu_after_barrier),
	 .bad = OWNER(false, close_srcu_after_synchronize)},
	{"callbacks_at_once_hide_one_that_comes_late", "dead_use:item@use_owner_and_free", NULL,
	 .good = OWNER(true, close_after_synchronize),
	 .bad = OWNER(false, close_after_synchronize)},
	{"srcu_callbacks_at_once_hide_one_that_comes_late", "dead_use:item@use_owner_and_free",
	 NULL, .good = OWNER(true, close_srcu_after_synchronize),
	 .bad = OWNER(false, close_srcu_after_synchronize)},
	{"rcu_barrier_does_not_wait_for_srcu_callbacks", "dead_use:item@use_owner_and_free", NULL,
	 .good = OWNER(false, close_srcu_after_barrier),
	 .bad = OWNER(false, close_srcu_after_rcu_barrier)},
	{"srcu_barrier_does_not_wait_for_rcu_callbacks", "dead_use:item@use_owner_and_free", NULL,
	 .good = OWNER(false, close_after_barrier),
	 .bad = OWNER(false, close_rcu_after_srcu_barrier)},
	{"two_srcu_callbacks_overlap", "bug:none@expect_two", NULL,
	 .good = {.begin = make_counted, .thread = {queue_two}, .end = expect_two},
	 .bad = {.begin = make_counted, .thread = {queue_two_srcu, read_srcu}, .end = expect_two}},
	{"a_callback_does_not_sleep", "sleep_in_atomic:none@sleep_and_free", "callback",
	 .good = CALLS(call_spinning), .bad = CALLS(call_sleeping)},
	{"nor_does_one_of_srcu", "sleep_in_atomic:none@sleep_and_free", "callback",
	 .good = CALLS(call_spinning), .bad = CALLS(call_sleeping_srcu)},
	{"a_callback_leaves_its_readers", "reader_leaked:none@read_and_stay", "rcu",
	 .good = CALLS(call_spinning), .bad = CALLS(call_reading)},
	{"a_callback_leaves_its_locks", "lock_leaked:none@lock_and_stay", NULL,
	 .good = CALLS(call_spinning), .bad = CALLS(call_locking)},
	{"a_callback_is_queued_once", "double_call:item@call_twice", NULL,
	 .good = QUEUES(call_again_after_barrier), .bad = QUEUES(call_twice)},
	{"a_callback_may_queue_itself_again", "double_call:item@call_twice", NULL,
	 .good = CALLS(call_that_calls), .bad = QUEUES(call_twice)},
	{"an_object_is_not_freed_while_its_callback_is_queued", "dead_use:item@worker", NULL,
	 .good = ALONE(call_and_free_after_barrier), .bad = ALONE(call_and_free)},
	{"nor_when_others_are_queued_behind_it", "dead_use:item@worker", NULL,
	 .good = QUEUES(call_and_free_after_barrier, replace_by_callback),
	 .bad = QUEUES(call_and_free, replace_by_callback)},
	{0},
};
