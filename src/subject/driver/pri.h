/*
 * pri.h - a device with page requests: its driver (pri.c), its requests (pri_fault.c), its users
 * (pri_ops.c).
 */
#ifndef SUBJECT_DRIVER_PRI_H
#define SUBJECT_DRIVER_PRI_H

#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sched/mm.h>
#include <linux/wait.h>

struct device {
	struct mutex lock; /* the driver's; mm_exit takes it */
	uint8_t nr;
};

struct bond {
	struct mmu_notifier notifier;
	struct device *device;
	struct mm_struct *mm;
	const struct pgd *pgd; /* what the entry points to; compared only */
	struct rcu_head rcu;
	refcount_t count;
	wait_queue_head_t drained;
	wait_queue_head_t exit_over;
	spinlock_t lock;
	bool invalid; /* under lock: the mm has exited, or the bond ends */
	bool mm_exit_active;
	bool stopped; /* under device->lock */
	unsigned users;
	unsigned pasid;
	uint8_t mm_nr; /* whose process opened it */
};

/**
 * pri_bind() - let a device use an address space
 * @device: stays until the unbind
 * @mm: mm_users pinned by the caller
 * @nr: a number for letters, if this makes the bond
 * @mm_nr: number of @mm
 *
 * Context: may sleep; no lock is held.
 * Gives:   a bond, which may be one that @device and @mm have already; pri_unbind() for each.
 * Returns: the bond; ERR_PTR(-ENOMEM, -ENOSPC, -EIO, -EINTR).
 */
struct bond *pri_bind(struct device *device, struct mm_struct *mm, unsigned nr, unsigned mm_nr);

/**
 * pri_unbind() - undo one bind
 *
 * Context: may sleep; no lock is held; not in a page request, nor in an exit that one may run.
 * Takes:   the caller's bind; with the last one the bond.
 * Gives:   after the last one the device reaches nothing of the mm.
 * Returns: 0; -ESRCH: the bond is gone, and the process was before.
 */
int pri_unbind(struct bond *bond);

/**
 * pri_get() - the bond of a PASID
 *
 * Context: any.
 * Returns: the bond, which stays until pri_put(), or NULL: there is none, or it ends.
 */
struct bond *pri_get(unsigned pasid);
void pri_put(struct bond *bond);

/**
 * pri_start_requests() - set up what page requests need; once is enough
 *
 * Context: may sleep. Returns: 0 or -ENOMEM.
 */
int pri_start_requests(void);

/** pri_stop_requests() - at the end of the module: all bonds are gone */
void pri_stop_requests(void);

/**
 * pri_report() - the interrupt of a page request
 * @address: of a page, or of none
 *
 * Context: interrupt: does not sleep.
 * Returns: 0: a work will answer it; -EBUSY: requests have overflowed; -ENOENT; -ENOMEM.
 */
int pri_report(unsigned pasid, unsigned long address);

/** pri_overflow() - interrupt: no requests until those that are queued are answered */
void pri_overflow(void);

/** pri_wait_for_requests() - wait until the requests that are queued now are answered */
void pri_wait_for_requests(void);

/** pri_wait_for_restart() - wait until requests are taken again after an overflow */
void pri_wait_for_restart(void);

/**
 * pri_map() - give the device a page before it needs it
 * @bond: one of whose files the caller has open; any process may be that
 * @address: of a page
 *
 * Context: may sleep; no lock is held.
 * Returns: 0; -ESRCH, -ESHUTDOWN: the bond's process has exited; -ENOMEM.
 */
int pri_map(struct bond *bond, unsigned long address);

#endif
