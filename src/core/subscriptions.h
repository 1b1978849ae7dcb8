/*
 * subscriptions.h - what classic and interval notifiers of one mm share.
 *
 * Made by the first registration, kept until the mm_struct is freed (INV-02).
 */
#ifndef CORE_SUBSCRIPTIONS_H
#define CORE_SUBSCRIPTIONS_H

#include <linux/mmu_notifier.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

struct mmu_notifier_subscriptions {
	struct hlist_head list; /* classic notifiers; walked in an SRCU reader */
	bool has_itree;		/* only ever becomes true, under all locks of the mm */
	spinlock_t lock;	/* protects changes of list, and everything below */
	unsigned long invalidate_seq;
	unsigned long active_invalidate_ranges;
	struct rb_root_cached itree;
	wait_queue_head_t wq; /* of those who wait for invalidate_seq to change */
	struct hlist_head deferred_list;
};

/* interval.c: a new one; nothing is left at the end (INV-30, INV-36). */
void interval_subscriptions_init(struct mmu_notifier_subscriptions *subscriptions);
void interval_subscriptions_check(struct mmu_notifier_subscriptions *subscriptions);

/* Returns: 0, or -EAGAIN for a range that may not block; then it has ended already. */
int interval_invalidate(struct mmu_notifier_subscriptions *subscriptions,
			const struct mmu_notifier_range *range);
void interval_invalidate_end(struct mmu_notifier_subscriptions *subscriptions);
/* Exit: everybody in the tree is told once (INV-08 for intervals). */
void interval_release(struct mmu_notifier_subscriptions *subscriptions, struct mm_struct *mm);

#endif
