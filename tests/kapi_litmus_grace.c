/*
 * kapi_litmus_grace.c - grace periods: what they wait for, and what they do not.
 *
 * Most cases replace an item that readers look at and then let the old one go, each time after
 * another wait.
 */
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>

#include "litmus.h"

struct item {
	int value;
	struct rcu_head rcu;
};

static struct item __rcu *shared;
static DEFINE_MUTEX(update_lock);
DEFINE_STATIC_SRCU(srcu);
DEFINE_STATIC_SRCU(other_srcu);

static struct item *new_item(void)
{
	return kzalloc(sizeof(struct item), GFP_KERNEL);
}

static void publish(void)
{
	rcu_assign_pointer(shared, new_item());
}

static void unpublish(void)
{
	kfree(rcu_dereference_protected(shared, true));
}

/* ---- readers ---- */

static void read_rcu(void)
{
	const struct item *item;

	rcu_read_lock();
	item = rcu_dereference(shared);
	if (item)
		look_at(READ_ONCE(item->value));
	rcu_read_unlock();
}

static void read_srcu(void)
{
	int idx = srcu_read_lock(&srcu);
	const struct item *item = srcu_dereference(shared, &srcu);

	if (item)
		look_at(READ_ONCE(item->value));
	srcu_read_unlock(&srcu, idx);
}

static void read_srcu_and_sleep(void)
{
	int idx = srcu_read_lock(&srcu);

	mutex_lock(&update_lock);
	mutex_unlock(&update_lock);
	srcu_read_unlock(&srcu, idx);
}

static void read_rcu_and_sleep(void)
{
	rcu_read_lock();
	mutex_lock(&update_lock);
	mutex_unlock(&update_lock);
	rcu_read_unlock();
}

static void read_rcu_nested(void)
{
	rcu_read_lock();
	read_rcu();
	read_rcu();
	rcu_read_unlock();
}

static void read_unprotected(void)
{
	look_at(rcu_dereference(shared) != NULL);
}

static void read_rcu_inside_srcu(void)
{
	int idx = srcu_read_lock(&srcu);

	look_at(rcu_dereference(shared) != NULL);
	srcu_read_unlock(&srcu, idx);
}

static void read_srcu_inside_other_srcu(void)
{
	int idx = srcu_read_lock(&other_srcu);

	look_at(srcu_dereference(shared, &srcu) != NULL);
	srcu_read_unlock(&other_srcu, idx);
}

static void read_after_reader(void)
{
	const struct item *item;

	rcu_read_lock();
	item = rcu_dereference(shared);
	rcu_read_unlock();
	if (item)
		look_at(READ_ONCE(item->value));
}

static void leave_reader_open(void)
{
	rcu_read_lock();
}

static void leave_srcu_reader_open(void)
{
	(void)srcu_read_lock(&srcu);
}

static void leave_reader_twice(void)
{
	rcu_read_lock();
	rcu_read_unlock();
	rcu_read_unlock();
}

static void leave_reader_of_other_domain(void)
{
	int idx = srcu_read_lock(&srcu);

	srcu_read_unlock(&other_srcu, idx);
}

/* ---- updaters ---- */

static struct item *replace(void)
{
	struct item *new = new_item(), *old;

	mutex_lock(&update_lock);
	old = rcu_dereference_protected(shared, kapi_lock_held(&update_lock.lock));
	rcu_assign_pointer(shared, new);
	mutex_unlock(&update_lock);
	return old;
}

static void replace_at_once(void)
{
	kfree(replace());
}

static void replace_after_synchronize(void)
{
	struct item *old = replace();

	synchronize_rcu();
	kfree(old);
}

static void replace_after_barrier(void)
{
	struct item *old = replace();

	rcu_barrier();
	kfree(old);
}

static void replace_after_synchronize_srcu(void)
{
	struct item *old = replace();

	synchronize_srcu(&srcu);
	kfree(old);
}

static void replace_after_other_srcu(void)
{
	struct item *old = replace();

	synchronize_srcu(&other_srcu);
	kfree(old);
}

static void free_item(struct rcu_head *head)
{
	kfree(container_of(head, struct item, rcu));
}

static void replace_by_callback(void)
{
	struct item *old = replace();

	call_rcu(&old->rcu, free_item);
}

static void replace_by_srcu_callback(void)
{
	struct item *old = replace();

	call_srcu(&srcu, &old->rcu, free_item);
}

static void replace_by_kfree_rcu(void)
{
	struct item *old = replace();

	kfree_rcu(old, rcu);
}

static void update_without_lock(void)
{
	look_at(rcu_dereference_protected(shared, kapi_lock_held(&update_lock.lock)) != NULL);
}

static void update_under_lock(void)
{
	mutex_lock(&update_lock);
	update_without_lock();
	mutex_unlock(&update_lock);
}

#define SHARED(...)                                                                                \
	{                                                                                          \
		.begin = publish, .thread = {__VA_ARGS__}, .end = unpublish                        \
	}

/* ---- waiting inside ---- */

static void synchronize_inside_srcu_reader(void)
{
	int idx = srcu_read_lock(&srcu);

	synchronize_srcu(&srcu);
	srcu_read_unlock(&srcu, idx);
}

static void synchronize_other_inside_srcu_reader(void)
{
	int idx = srcu_read_lock(&srcu);

	synchronize_srcu(&other_srcu);
	synchronize_rcu();
	srcu_read_unlock(&srcu, idx);
}

static void synchronize_inside_rcu_reader(void)
{
	rcu_read_lock();
	synchronize_rcu();
	rcu_read_unlock();
}

static void synchronize_under_lock(void)
{
	mutex_lock(&update_lock);
	synchronize_srcu(&srcu);
	mutex_unlock(&update_lock);
}

#define ALONE(...)                                                                                 \
	{                                                                                          \
		.thread = { __VA_ARGS__ }                                                          \
	}

const struct litmus_case kapi_litmus_grace[] = {
	{"an_item_is_freed_after_synchronize_rcu", "dead_use:item@read_rcu+replace_at_once", NULL,
	 .good = SHARED(read_rcu, replace_after_synchronize, read_rcu),
	 .bad = SHARED(read_rcu, replace_at_once)},
	{"or_after_call_rcu", "dead_use:item@read_rcu", NULL,
	 .good = SHARED(read_rcu_nested, replace_by_callback, read_rcu),
	 .bad = SHARED(read_rcu_nested, replace_at_once)},
	{"or_after_kfree_rcu", "dead_use:item@read_rcu", NULL,
	 .good = SHARED(read_rcu, replace_by_kfree_rcu, replace_by_callback),
	 .bad = SHARED(read_rcu, replace_by_kfree_rcu, replace_at_once)},
	{"rcu_barrier_does_not_wait_for_readers", "dead_use:item@read_rcu+replace_after_barrier",
	 NULL, .good = SHARED(read_rcu, replace_after_synchronize),
	 .bad = SHARED(read_rcu, replace_after_barrier)},
	{"synchronize_srcu_waits_for_its_readers", "dead_use:item@read_srcu", NULL,
	 .good = SHARED(read_srcu, replace_after_synchronize_srcu, replace_by_srcu_callback),
	 .bad = SHARED(read_srcu, replace_at_once)},
	{"synchronize_rcu_does_not_wait_for_srcu_readers", "dead_use:item@read_srcu", NULL,
	 .good = SHARED(read_srcu, replace_after_synchronize_srcu),
	 .bad = SHARED(read_srcu, replace_after_synchronize)},
	{"synchronize_srcu_does_not_wait_for_rcu_readers", "dead_use:item@read_rcu", NULL,
	 .good = SHARED(read_rcu, replace_after_synchronize),
	 .bad = SHARED(read_rcu, replace_after_synchronize_srcu)},
	{"each_srcu_domain_is_its_own", "dead_use:item@read_srcu", NULL,
	 .good = SHARED(read_srcu, replace_after_synchronize_srcu),
	 .bad = SHARED(read_srcu, replace_after_other_srcu)},
	{"call_rcu_does_not_wait_for_srcu_readers", "dead_use:item@read_srcu+free_item", NULL,
	 .good = SHARED(read_srcu, replace_by_srcu_callback),
	 .bad = SHARED(read_srcu, replace_by_callback)},
	{"call_srcu_does_not_wait_for_rcu_readers", "dead_use:item@read_rcu+free_item", NULL,
	 .good = SHARED(read_rcu, replace_by_callback),
	 .bad = SHARED(read_rcu, replace_by_srcu_callback)},
	{"a_reader_protects_until_it_is_left", "dead_use:item@read_after_reader", NULL,
	 .good = SHARED(read_rcu, replace_by_kfree_rcu),
	 .bad = SHARED(read_after_reader, replace_by_kfree_rcu)},
	{"rcu_pointers_are_read_inside_a_reader", "rcu_unprotected:none@read_unprotected", NULL,
	 .good = SHARED(read_rcu), .bad = SHARED(read_unprotected)},
	{"an_srcu_reader_is_no_rcu_reader", "rcu_unprotected:none@read_rcu_inside_srcu", NULL,
	 .good = SHARED(read_srcu), .bad = SHARED(read_rcu_inside_srcu)},
	{"nor_one_of_another_srcu_domain", "rcu_unprotected:none@read_srcu_inside_other_srcu", NULL,
	 .good = SHARED(read_srcu), .bad = SHARED(read_srcu_inside_other_srcu)},
	{"updaters_hold_their_lock", "rcu_unprotected:none@update_without_lock", NULL,
	 .good = SHARED(update_under_lock, update_under_lock), .bad = SHARED(update_without_lock)},
	{"an_op_leaves_its_readers", "reader_leaked:none", "rcu", .good = ALONE(read_rcu),
	 .bad = ALONE(leave_reader_open)},
	{"and_those_of_srcu", "reader_leaked:none", "srcu", .good = ALONE(read_srcu),
	 .bad = ALONE(leave_srcu_reader_open)},
	{"a_reader_is_left_once", "reader_unbalanced:none@leave_reader_twice", NULL,
	 .good = ALONE(read_rcu_nested), .bad = ALONE(leave_reader_twice)},
	{"a_reader_is_left_in_its_domain", "reader_unbalanced:none@leave_reader_of_other_domain",
	 NULL, .good = ALONE(read_srcu), .bad = ALONE(leave_reader_of_other_domain)},
	{"only_srcu_readers_sleep", "sleep_in_atomic:none@read_rcu_and_sleep", "RCU reader",
	 .good = ALONE(read_srcu_and_sleep, read_srcu_and_sleep), .bad = ALONE(read_rcu_and_sleep)},
	{"nobody_waits_for_readers_inside_a_reader", "deadlock:none@synchronize_inside_srcu_reader",
	 NULL, .good = ALONE(synchronize_other_inside_srcu_reader),
	 .bad = ALONE(synchronize_inside_srcu_reader)},
	{"synchronize_rcu_sleeps", "sleep_in_atomic:none@synchronize_inside_rcu_reader",
	 "RCU reader", .good = ALONE(synchronize_other_inside_srcu_reader),
	 .bad = ALONE(synchronize_inside_rcu_reader)},
	{"a_reader_does_not_wait_for_a_lock_that_waits_for_it",
	 "deadlock:none@read_srcu_and_sleep+synchronize_under_lock",
	 " for B|B waits in mutex_lock(&update_lock) for A",
	 .good = ALONE(synchronize_under_lock, read_srcu),
	 .bad = ALONE(synchronize_under_lock, read_srcu_and_sleep)},
	{0},
};
