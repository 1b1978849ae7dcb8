/*
 * mmu_notifier.h - the notifier core. Implemented by core/mmu_notifier.c.
 */
#ifndef LINUX_MMU_NOTIFIER_H
#define LINUX_MMU_NOTIFIER_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/srcu.h>

struct mmu_notifier;

struct mmu_notifier_range {
	struct mm_struct *mm;
	unsigned start, end; /* page numbers, end exclusive */
};

struct mmu_notifier_ops {
	/* May sleep, may run twice at a time (register/unregister flow), may call put. INV-08..15
	 */
	void (*release)(struct mmu_notifier *subscription, struct mm_struct *mm);
	/* Blockable: returns 0. INV-26 */
	int (*invalidate_range_start)(struct mmu_notifier *subscription,
				      const struct mmu_notifier_range *range);
	void (*invalidate_range_end)(struct mmu_notifier *subscription,
				     const struct mmu_notifier_range *range);
	/* For mmu_notifier_get(): an object or ERR_PTR. May sleep. */
	struct mmu_notifier *(*alloc_notifier)(struct mm_struct *mm);
	/* Once, after a grace period; does not sleep; not after a failed registration's mm. INV-07,
	 * INV-19 */
	void (*free_notifier)(struct mmu_notifier *subscription);
};

struct mmu_notifier {
	struct hlist_node hlist;
	const struct mmu_notifier_ops *ops;
	struct mm_struct *mm;
	struct rcu_head rcu;
	unsigned int users;
};

/**
 * mmu_notifier_register() - call @subscription's ops for @mm from now on
 * @subscription: memory of the caller, ops set; stays until mmu_notifier_unregister() returned
 * @mm: mm_users pinned by the caller
 *
 * Context: may sleep; mmap_lock is not held (__mmu_notifier_register: held for write).
 * Takes:   an mm_count reference of @mm.
 * Returns: 0 or -ENOMEM; a failed call leaves counters and lists as they were (INV-03).
 */
int mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm);
int __mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm);

/**
 * mmu_notifier_unregister() - stop, the caller owns the memory again
 *
 * Context: may sleep; holds no lock that a callback takes; not from a callback.
 * Gives:   on return no callback of @subscription runs or can start (INV-11, INV-16). release() may
 *          run in this call, and at the same time in exit (INV-10).
 */
void mmu_notifier_unregister(struct mmu_notifier *subscription, struct mm_struct *mm);

/**
 * mmu_notifier_get() - the one notifier of @ops on @mm; allocates it for the first caller
 *
 * Context: may sleep; mmap_lock not held (_locked: held for write); mm_users pinned.
 * Takes:   a user of the notifier, dropped with mmu_notifier_put().
 * Returns: the notifier or ERR_PTR(-ENOMEM, ...) (INV-05..07).
 */
struct mmu_notifier *mmu_notifier_get(const struct mmu_notifier_ops *ops, struct mm_struct *mm);
struct mmu_notifier *mmu_notifier_get_locked(const struct mmu_notifier_ops *ops,
					     struct mm_struct *mm);

/**
 * mmu_notifier_put() - drop a user of what mmu_notifier_get() returned
 *
 * Context: never sleeps; may be called from release().
 * Gives:   nothing at once: the last put frees after a grace period (INV-19..21).
 */
void mmu_notifier_put(struct mmu_notifier *subscription);

/** mmu_notifier_synchronize() - on return no callback runs and every pending put is done (INV-22).
 * May sleep. */
void mmu_notifier_synchronize(void);

/* For core/mm.c. */
void mmu_notifier_release(struct mm_struct *mm);
void mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range);
void mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range);
void mmu_notifier_subscriptions_destroy(struct mm_struct *mm);

/**
 * mmu_notifier_release_again() - a legal duplicate of release(), for the test bench
 * @subscription: the caller keeps it alive and registered by a reference of its own
 * @late: call it even when it was unlinked between the test and the call, as an unregister does
 * that was preempted after its unlocked test (SPEC 1.4 d); else test inside the reader
 *
 * What an mmu_notifier_unregister() running elsewhere does up to its unlink. May sleep.
 */
void mmu_notifier_release_again(struct mmu_notifier *subscription, struct mm_struct *mm, bool late);

#endif
