/*
 * mmu_notifier.h - the notifier core. Implemented by core/mmu_notifier.c (classic notifiers) and
 * core/interval.c (interval notifiers).
 */
#ifndef LINUX_MMU_NOTIFIER_H
#define LINUX_MMU_NOTIFIER_H

#include <linux/interval_tree.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/srcu.h>

#include "watch/watch.h"

struct mmu_notifier;
struct mmu_interval_notifier;
struct mmu_interval_notifier_finish;

/* Of a kernel tree the build reads it out of its header: src/tree/build/kernel.py. */
#define HAVE_TWO_PASS 1

enum mmu_notifier_event {
	MMU_NOTIFY_UNMAP,
	MMU_NOTIFY_CLEAR,
	MMU_NOTIFY_PROTECTION_VMA,
	MMU_NOTIFY_PROTECTION_PAGE,
	MMU_NOTIFY_SOFT_DIRTY,
	MMU_NOTIFY_RELEASE, /* exit, to interval notifiers only; further events may follow */
	MMU_NOTIFY_MIGRATE,
	MMU_NOTIFY_EXCLUSIVE,
};

#define MMU_NOTIFIER_RANGE_BLOCKABLE (1u << 0)

struct mmu_notifier_range {
	struct mm_struct *mm;
	unsigned long start, end; /* end exclusive */
	unsigned flags;
	enum mmu_notifier_event event;
	void *owner;
};

struct mmu_notifier_ops {
	/* May sleep, may run twice at a time (register/unregister flow), may call put. INV-08..15 */
	void (*release)(struct mmu_notifier *subscription, struct mm_struct *mm);
	/* May not sleep. Returns: was a page of the range used? */
	int (*clear_flush_young)(struct mmu_notifier *subscription, struct mm_struct *mm,
				 unsigned long start, unsigned long end);
	int (*clear_young)(struct mmu_notifier *subscription, struct mm_struct *mm,
			   unsigned long start, unsigned long end);
	int (*test_young)(struct mmu_notifier *subscription, struct mm_struct *mm,
			  unsigned long address);
	/*
	 * Sleeps only if mmu_notifier_range_blockable(). Returns: 0, or -EAGAIN where it may not
	 * sleep and would have to, from ops without invalidate_range_end. INV-26, INV-27
	 */
	int (*invalidate_range_start)(struct mmu_notifier *subscription,
				      const struct mmu_notifier_range *range);
	void (*invalidate_range_end)(struct mmu_notifier *subscription,
				     const struct mmu_notifier_range *range);
	/* Under page table locks; not in ops with one of the two above. */
	void (*arch_invalidate_secondary_tlbs)(struct mmu_notifier *subscription,
					       struct mm_struct *mm, unsigned long start,
					       unsigned long end);
	/* For mmu_notifier_get(): an object or ERR_PTR. May sleep. */
	struct mmu_notifier *(*alloc_notifier)(struct mm_struct *mm);
	/* Once, after a grace period; may not sleep. After a failed registration at once, and then
	 * ->mm is not set. INV-07, INV-19 */
	void (*free_notifier)(struct mmu_notifier *subscription);
};

struct mmu_notifier {
	struct hlist_node hlist;
	const struct mmu_notifier_ops *ops;
	struct mm_struct *mm;
	struct rcu_head rcu;
	unsigned int users;
};

/* ---- classic notifiers ---- */

/**
 * mmu_notifier_register() - call @subscription's ops for @mm from now on
 * @subscription: memory of the caller, ops set; stays until mmu_notifier_unregister() returned.
 *                NULL: only make the mm ready for interval notifiers
 * @mm: mm_users pinned by the caller
 *
 * Context: may sleep; mmap_lock is not held (__mmu_notifier_register: held for write).
 * Takes:   an mm_count reference of @mm.
 * Returns: 0, -ENOMEM, -EINTR (a signal is pending), or -EINVAL (ops that exclude each other); a
 *          failed call leaves counters and lists as they were (INV-03).
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
 * Returns: the notifier or ERR_PTR(-ENOMEM, -EINTR, -EOVERFLOW, ...) (INV-05..07).
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

/**
 * mmu_notifier_synchronize() - on return no callback runs and every pending put is done (INV-22)
 *
 * Context: may sleep; not from a callback.
 */
void mmu_notifier_synchronize(void);

/** mmu_notifier_at_rest() - ours: AT_REST() of what the core counts of @mm; may only read */
void mmu_notifier_at_rest(const struct mm_struct *mm);

/**
 * mmu_notifier_barrier() - what mmu_notifier_synchronize() was from 2014 to 2019: on return every
 * callback that was queued is done, and nothing is said about who is inside a walk. May sleep.
 */
void mmu_notifier_barrier(void);

/* ---- interval notifiers ---- */

struct mmu_interval_notifier_ops {
	/*
	 * Calls mmu_interval_set_seq() under the lock that readers of the mapping hold. Returns:
	 * false where it may not sleep and would have to.
	 */
	bool (*invalidate)(struct mmu_interval_notifier *interval_sub,
			   const struct mmu_notifier_range *range, unsigned long cur_seq);
	/* In place of invalidate: may hand back what ->invalidate_finish is to be called with. */
	bool (*invalidate_start)(struct mmu_interval_notifier *interval_sub,
				 const struct mmu_notifier_range *range, unsigned long cur_seq,
				 struct mmu_interval_notifier_finish **ret_finish);
	/* After the walk, also one that stopped; sleeps only where the first pass may. */
	void (*invalidate_finish)(struct mmu_interval_notifier_finish *finish);
};

/* The second half of an invalidation, in memory of the client; once per object. INV-38 */
struct mmu_interval_notifier_finish {
	struct mmu_interval_notifier_finish *next;
	struct mmu_interval_notifier *notifier;
};

struct mmu_interval_notifier {
	struct interval_tree_node interval_tree;
	const struct mmu_interval_notifier_ops *ops;
	struct mm_struct *mm;
	struct hlist_node deferred_item;
	unsigned long invalidate_seq; /* under the client's lock, once inserted */
};

/**
 * mmu_interval_notifier_insert() - tell of invalidations that overlap an interval
 * @interval_sub: memory of the caller; stays until mmu_interval_notifier_remove() returned
 * @mm: mm_users pinned by the caller
 * @start, @length: in pages; @length is not 0
 *
 * Context: may sleep; mmap_lock is not held (_locked: held for write); no lock that a callback
 * takes. Takes: an mm_count reference of @mm. Returns: 0, -EOVERFLOW, -EINVAL (no user is left), or
 * an error of mmu_notifier_register(); then @interval_sub->mm is NULL and remove may not be called.
 */
int mmu_interval_notifier_insert(struct mmu_interval_notifier *interval_sub, struct mm_struct *mm,
				 unsigned long start, unsigned long length,
				 const struct mmu_interval_notifier_ops *ops);
int mmu_interval_notifier_insert_locked(struct mmu_interval_notifier *interval_sub,
					struct mm_struct *mm, unsigned long start,
					unsigned long length,
					const struct mmu_interval_notifier_ops *ops);

/**
 * mmu_interval_notifier_remove() - stop, the caller owns the memory again
 *
 * Context: may sleep; holds no lock that a callback takes; not from a callback, nor between a start
 *          and its end.
 * Gives:   on return no callback of @interval_sub runs or can start (INV-35).
 */
void mmu_interval_notifier_remove(struct mmu_interval_notifier *interval_sub);

/**
 * mmu_interval_read_begin() - begin to read page tables, to map what they say
 *
 * Context: may sleep, until an invalidation that is going on has ended; as remove.
 * Returns: the sequence for mmu_interval_read_retry().
 */
unsigned long mmu_interval_read_begin(struct mmu_interval_notifier *interval_sub);

/**
 * mmu_interval_set_seq() - note an invalidation, from ->invalidate
 * @cur_seq: as given to it
 *
 * Context: under the client's lock, under which mmu_interval_read_retry() is called.
 */
#define mmu_interval_set_seq(interval_sub, cur_seq)                                                \
	do {                                                                                       \
		bond_watch_store(&(interval_sub)->invalidate_seq);                                 \
		kapi_write_once((interval_sub)->invalidate_seq, cur_seq,                           \
				"mmu_interval_set_seq(" #interval_sub ", " #cur_seq ")");          \
	} while (0)

/**
 * mmu_interval_read_retry() - must what was read since mmu_interval_read_begin() be thrown away?
 *
 * Context: under the client's lock; the answer holds until it is unlocked (INV-34).
 */
#define mmu_interval_read_retry(interval_sub, seq)                                                 \
	({                                                                                         \
		bool retry_ = (interval_sub)->invalidate_seq != (seq);                             \
		if (!retry_)                                                                       \
			KAPI_NOTE(mapped, interval_sub, bond_watch_is_foreign(interval_sub));      \
		retry_;                                                                            \
	})
/* The same under no lock: true is true, false is a hint. */
#define mmu_interval_check_retry(interval_sub, seq)                                                \
	(kapi_read_once((interval_sub)->invalidate_seq,                                            \
			"mmu_interval_check_retry(" #interval_sub ", " #seq ")") != (seq))

/* ---- for who changes page tables ---- */

static inline void mmu_notifier_range_init(struct mmu_notifier_range *range,
					   enum mmu_notifier_event event, unsigned flags,
					   struct mm_struct *mm, unsigned long start,
					   unsigned long end)
{
	*range = (struct mmu_notifier_range){mm, start, end, flags, event, NULL};
}

static inline bool mmu_notifier_range_blockable(const struct mmu_notifier_range *range)
{
	return range->flags & MMU_NOTIFIER_RANGE_BLOCKABLE;
}

/**
 * mmu_notifier_invalidate_range_start() - the range is about to change
 *
 * Context: may sleep (_nonblock: does not, nor do the callbacks). Holds mmap_lock or the rmap lock,
 *          so that nobody registers until the end (INV-24).
 * Gives:   until mmu_notifier_invalidate_range_end() clients map nothing of the range (INV-28).
 * Returns: _nonblock: 0, or -EAGAIN: nothing has begun, and the end may not be called (INV-23).
 */
void mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range);
int mmu_notifier_invalidate_range_start_nonblock(struct mmu_notifier_range *range);
void mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range);

/* Under page table locks: entries changed in place, or are gone. Does not sleep. */
void mmu_notifier_arch_invalidate_secondary_tlbs(struct mm_struct *mm, unsigned long start,
						 unsigned long end);
/* Under the rmap lock and page table locks. Do not sleep. Returns: was a page used? */
int mmu_notifier_clear_flush_young(struct mm_struct *mm, unsigned long start, unsigned long end);
int mmu_notifier_clear_young(struct mm_struct *mm, unsigned long start, unsigned long end);
int mmu_notifier_test_young(struct mm_struct *mm, unsigned long address);

/* For core/mm.c. */
void mmu_notifier_release(struct mm_struct *mm);
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

/* Drivers and the process model call the core through src/watch, which writes the notes. */
#ifndef MMU_NOTIFIER_UNWATCHED
#include "kapi/watched.h"
#endif

#endif
