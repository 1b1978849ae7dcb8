/*
 * plain.c - a driver that knows nothing of bondfuzz: it includes the kernel's headers only. It has two
 * subscriptions in one object, a classic notifier and an interval, and one more kind by get and put.
 *
 * Its bugs are those that a driver can bring about by itself over a core that is right:
 *   PLAIN_UNLINKS           takes itself off the core's list by hand, so exit never finds it
 *   PLAIN_UNLINKS_IN_START  the same between the start of a change and its end
 *   PLAIN_KEEPS_SEQUENCE    forgets mmu_interval_set_seq(), so a fault does not retry
 *   PLAIN_LEAVES_TWICE      a close removes the interval twice
 *   PLAIN_STAYS_BUSY        a fault that retries stays counted
 *   PLAIN_CALLS_LATE        calls its own callback after it unregistered, and after exit
 *   PLAIN_RELEASES_IN_GET   releases itself as the core does, out of the core's call for another mm
 *   PLAIN_ALLOCATES         a callback allocates with GFP_KERNEL
 *   PLAIN_HANGS             a fault loops without any access
 *   PLAIN_JOINS_TWICE       an open registers the notifier twice
 */
#include "tests/watch/plain.h"

#include <linux/err.h>
#include <linux/rculist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

static struct plain *plain_of(struct mmu_notifier *subscription)
{
	return container_of(subscription, struct plain, notifier);
}

static void plain_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	atomic_inc(&plain_of(subscription)->calls);
	if (plain_of(subscription)->bug == PLAIN_JOINS_IN_EXIT)
		mmu_notifier_register(subscription, mm);
}

static int plain_start(struct mmu_notifier *subscription, const struct mmu_notifier_range *range)
{
	atomic_inc(&plain_of(subscription)->calls);
	if (plain_of(subscription)->bug == PLAIN_ALLOCATES)
		kfree(kmalloc(8, GFP_KERNEL));
	if (plain_of(subscription)->bug == PLAIN_UNLINKS_IN_START)
		hlist_del_init_rcu(&subscription->hlist);
	return 0;
}

static void plain_end(struct mmu_notifier *subscription, const struct mmu_notifier_range *range)
{
	atomic_inc(&plain_of(subscription)->calls);
}

static int plain_test_young(struct mmu_notifier *subscription, struct mm_struct *mm,
			    unsigned long address)
{
	return atomic_read(&plain_of(subscription)->calls);
}

static const struct mmu_notifier_ops plain_ops = {
	.release = plain_release,
	.test_young = plain_test_young,
	.invalidate_range_start = plain_start,
	.invalidate_range_end = plain_end,
};

static bool plain_invalidate(struct mmu_interval_notifier *interval_sub,
			     const struct mmu_notifier_range *range, unsigned long cur_seq)
{
	struct plain *plain = container_of(interval_sub, struct plain, interval);

	if (!mmu_notifier_range_blockable(range))
		return false;
	mutex_lock(&plain->lock);
	if (plain->bug != PLAIN_KEEPS_SEQUENCE)
		mmu_interval_set_seq(interval_sub, cur_seq);
	mutex_unlock(&plain->lock);
	return true;
}

static const struct mmu_interval_notifier_ops plain_interval_ops = {.invalidate = plain_invalidate};

static int plain_register(struct plain *plain, struct mm_struct *mm)
{
	int error = mmu_notifier_register(&plain->notifier, mm);

	if (error)
		return error;
	error = mmu_interval_notifier_insert(&plain->interval, mm, 0, 1, &plain_interval_ops);
	if (error)
		mmu_notifier_unregister(&plain->notifier, mm);
	return error;
}

struct plain *plain_open(struct mm_struct *mm, enum plain_bug bug)
{
	struct plain *plain = kzalloc(sizeof(*plain), GFP_KERNEL);
	int error;

	if (!plain)
		return ERR_PTR(-ENOMEM);
	mutex_init(&plain->lock);
	plain->notifier.ops = &plain_ops;
	plain->mm = mm;
	plain->bug = bug;
	error = plain_register(plain, mm);
	if (!error && bug == PLAIN_JOINS_TWICE)
		error = mmu_notifier_register(&plain->notifier, mm);
	if (!error) {
		if (bug == PLAIN_UNLINKS)
			hlist_del_init_rcu(&plain->notifier.hlist);
		return plain;
	}
	kfree(plain);
	return ERR_PTR(error);
}

void plain_close(struct plain *plain)
{
	mmu_interval_notifier_remove(&plain->interval);
	if (plain->bug == PLAIN_LEAVES_TWICE)
		mmu_interval_notifier_remove(&plain->interval);
	mmu_notifier_unregister(&plain->notifier, plain->mm);
	if (plain->bug == PLAIN_CALLS_LATE)
		plain->notifier.ops->test_young(&plain->notifier, plain->mm, 0);
	kfree(plain);
}

static int fault_after_exit(struct plain *plain)
{
	if (plain->bug == PLAIN_CALLS_LATE)
		plain->notifier.ops->test_young(&plain->notifier, plain->mm, 0);
	return -ESRCH;
}

static void plain_loops(void)
{
	for (unsigned turns = 1;; turns += 2)
		__asm__ volatile("" : "+r"(turns));
}

int plain_fault(struct plain *plain)
{
	unsigned long seq;
	bool retry;

	if (!mmget_not_zero(plain->mm))
		return fault_after_exit(plain);
	seq = mmu_interval_read_begin(&plain->interval);
	mutex_lock(&plain->lock);
	plain->busy++;
	mutex_unlock(&plain->lock);
	atomic_inc(&plain->calls); /* reads page tables */
	mutex_lock(&plain->lock);
	while (plain->bug == PLAIN_HANGS)
		plain_loops();
	retry = mmu_interval_read_retry(&plain->interval, seq);
	if (!retry || plain->bug != PLAIN_STAYS_BUSY)
		plain->busy--;
	mutex_unlock(&plain->lock);
	mmput(plain->mm);
	return retry ? -EAGAIN : 0;
}

/* ---- by get and put ---- */

static struct mmu_notifier *counted_alloc(struct mm_struct *mm)
{
	struct counted *counted = kzalloc(sizeof(*counted), GFP_KERNEL);

	return counted ? &counted->notifier : ERR_PTR(-ENOMEM);
}

static void counted_free(struct mmu_notifier *subscription)
{
	kfree(container_of(subscription, struct counted, notifier));
}

static void counted_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	atomic_inc(&container_of(subscription, struct counted, notifier)->calls);
}

static const struct mmu_notifier_ops counted_ops = {
	.release = counted_release,
	.alloc_notifier = counted_alloc,
	.free_notifier = counted_free,
};

struct counted *counted_get(struct mm_struct *mm)
{
	struct mmu_notifier *subscription = mmu_notifier_get(&counted_ops, mm);

	if (IS_ERR(subscription))
		return ERR_PTR(PTR_ERR(subscription));
	return container_of(subscription, struct counted, notifier);
}

/* One that is registered may be put, too. */
struct counted *counted_register(struct mm_struct *mm)
{
	struct counted *counted = kzalloc(sizeof(*counted), GFP_KERNEL);
	int error;

	if (!counted)
		return ERR_PTR(-ENOMEM);
	counted->notifier.ops = &counted_ops;
	error = mmu_notifier_register(&counted->notifier, mm);
	if (!error)
		return counted;
	kfree(counted);
	return ERR_PTR(error);
}

void counted_put(struct counted *counted)
{
	mmu_notifier_put(&counted->notifier);
}

/* ---- a get that always fails ---- */

static struct plain *lender; /* for the one that borrows */

static struct mmu_notifier *borrow_alloc(struct mm_struct *mm)
{
	struct mmu_notifier *lent = &lender->notifier;

	if (lender->bug == PLAIN_RELEASES_IN_GET)
		lent->ops->release(lent, lender->mm);
	return ERR_PTR(-ENOMEM);
}

static const struct mmu_notifier_ops borrow_ops = {.alloc_notifier = borrow_alloc};

int plain_borrow(struct plain *plain, struct mm_struct *mm)
{
	lender = plain;
	return PTR_ERR(mmu_notifier_get(&borrow_ops, mm));
}
