/*
 * pri.c - a device that shares an address space and requests the pages it misses; its driver.
 *
 * It stands for AMD's IOMMUv2 driver, Intel's SVM of 2015 and the first generation of SVA: a bond of
 * (device, mm) has a PASID, whose entry is the mm's own page table, and is on the notifiers by
 * register and unregister. What the device misses it requests with an interrupt, which finds the
 * bond by its PASID and queues a work; that one faults the page in as a user of the mm, and answers.
 *
 * Who keeps what:
 *   bond->users   binds of one (device, mm), under bind_mutex; the last unbind ends the bond
 *   bond->count   1 for the binds, 1 for each request under way. The end takes the bond out of the
 *                 table, waits for 0, and frees it a grace period later: who drops the count to 0
 *                 is still about to wake, and a request may be looking the bond up
 *   mm_count      from bind to the end. No user of the mm: the file may be mapped in it, and be
 *                 closed by nobody but its exit
 *   the device    a use of its file per bind, so its last one out may be an unbind
 * Release calls the driver's mm_exit once, clears the entry and then flushes, and waits for no work:
 * it may run in the very work that answers a request, whose user of the mm was the last one. An
 * unbind waits until mm_exit is over, before it gives its bind up.
 *
 * Locks: bind_mutex -> mmap_lock; device->lock (the driver's, also taken by mm_exit, so never held
 * over an mmput) -> mmap_lock -> page_table_lock. bond->lock is innermost.
 *
 * The requests are in pri_fault.c, the ops in pri_ops.c. Left out: request groups.
 */
#include "subject/driver/pri.h"

#include <linux/err.h>
#include <linux/slab.h>

#include "subject/bench/device.h"
#include "kapi/pasid.h"
#include "kapi/process.h"
#include "zoo/defect.h"

#define PASIDS (IOASID_MAX + 1)

static DEFINE_MUTEX(bind_mutex);
static struct bond __rcu *bonds[PASIDS]; /* written under bind_mutex */

/* ---- references ---- */

static struct bond *bond_of(struct mmu_notifier *notifier)
{
	return container_of(notifier, struct bond, notifier);
}

struct bond *pri_get(unsigned pasid)
{
	struct bond *bond;

	rcu_read_lock();
	bond = rcu_dereference(bonds[pasid]);
	if (bond && !refcount_inc_not_zero(&bond->count))
		bond = NULL;
	rcu_read_unlock();
	return bond;
}

static void pri_drop(struct bond *bond)
{
	if (refcount_dec_and_test(&bond->count))
		wake_up_all(&bond->drained);
}

/* From 0 on the bond may be freed any time, but not under a reader. */
void pri_put(struct bond *bond)
{
	if (!defect(pri_put_skips_reader))
		rcu_read_lock();
	pri_drop(bond);
	if (!defect(pri_put_skips_reader))
		rcu_read_unlock();
}

/* ---- the driver's callback, and the notifier's ---- */

static void driver_mm_exit(struct bond *bond)
{
	mutex_lock(&bond->device->lock);
	bond->stopped = true;
	mutex_unlock(&bond->device->lock);
}

/* Returns: is it the first to say so? */
static bool invalidate_bond(struct bond *bond, bool mm_exit)
{
	bool first;

	spin_lock(&bond->lock);
	first = !bond->invalid;
	bond->invalid = true;
	if (first && mm_exit)
		WRITE_ONCE(bond->mm_exit_active, true);
	spin_unlock(&bond->lock);
	return first;
}

static void call_mm_exit(struct bond *bond)
{
	driver_mm_exit(bond);
	if (!defect(pri_mm_exit_stays_active))
		WRITE_ONCE(bond->mm_exit_active, false);
	wake_up_all(&bond->exit_over);
}

static void flush_bond(const struct bond *bond)
{
	fake_device_flush(bond->device->nr, bond->pasid, 0, MM_PAGES);
}

/* Before the flush: a device that still runs would refill what is flushed. */
static void clear_entry(const struct bond *bond)
{
	fake_device_clear_entry(bond->device->nr, bond->pasid);
}

/* It may come twice, and beside itself: each time does it all, but for mm_exit. */
static void pri_release(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct bond *bond = bond_of(notifier);

	if (invalidate_bond(bond, true))
		call_mm_exit(bond);
	clear_entry(bond);
	if (!defect(pri_release_skips_flush))
		flush_bond(bond);
	if (defect(pri_release_flushes_faults))
		pri_wait_for_requests();
	if (defect(pri_release_flushes_restart))
		pri_wait_for_restart();
}

static void pri_invalidate(struct mmu_notifier *notifier, struct mm_struct *mm, unsigned long start,
			   unsigned long end)
{
	struct bond *bond = bond_of(notifier);

	fake_device_flush_range(bond->device->nr, bond->pasid, start, end);
}

static const struct mmu_notifier_ops pri_notifier_ops = {
	.release = pri_release,
	.arch_invalidate_secondary_tlbs = pri_invalidate,
};

/* ---- bind ---- */

/* With mm_users instead, an mm that maps the file would never exit. */
static void hold_mm(struct mm_struct *mm)
{
	if (!defect(pri_bind_holds_mm_users))
		mmgrab(mm);
	if (defect(pri_bind_holds_mm_users))
		mmget(mm);
}

static void drop_mm(struct mm_struct *mm)
{
	if (!defect(pri_bind_holds_mm_users))
		mmdrop(mm);
	if (defect(pri_bind_holds_mm_users))
		mmput(mm);
}

static struct bond *alloc_bond(struct device *device, struct mm_struct *mm, unsigned nr,
			       unsigned mm_nr)
{
	struct bond *bond = kzalloc(sizeof(*bond), GFP_KERNEL);

	if (!bond)
		return NULL;
	kapi_name(bond, "bond", nr);
	bond->notifier.ops = &pri_notifier_ops;
	bond->device = device;
	bond->mm = mm;
	bond->pgd = process_table(mm);
	bond->mm_nr = (uint8_t)mm_nr;
	bond->users = 1;
	refcount_set(&bond->count, 1);
	spin_lock_init(&bond->lock);
	init_waitqueue_head(&bond->drained);
	init_waitqueue_head(&bond->exit_over);
	return bond;
}

/* Nobody has a PASID that goes back (INV-45). */
static void free_pasid(const struct bond *bond)
{
	if (fake_device_any_has_entry(bond->pasid))
		kapi_verdict(RULE_pasid_live, bond,
			     "the PASID is given back, and a device has an entry",
			     KAPI_SITE("free_pasid", "free the PASID"));
	ioasid_free(bond->pasid);
}

/* The device may not take it; then the bond was registered for nothing. */
static int start_device(struct bond *bond)
{
	if (kapi_should_fail(bond->device, KAPI_SITE("set_entry", "set the PASID entry")))
		return -EIO;
	fake_device_set_entry(bond->device->nr, bond->pasid, process_table(bond->mm));
	return 0;
}

static void unregister(struct bond *bond)
{
	mmu_notifier_unregister(&bond->notifier, bond->mm);
}

static int register_bond(struct bond *bond)
{
	int error;

	error = mmu_notifier_register(&bond->notifier, bond->mm);
	if (!error) {
		error = start_device(bond);
		if (!error)
			return 0;
		unregister(bond);
		return error;
	}
	return error;
}

static int publish_bond(struct bond *bond)
{
	int error;

	bond->pasid = ioasid_alloc(1, IOASID_MAX, bond);
	if (bond->pasid == INVALID_IOASID)
		return -ENOSPC;
	hold_mm(bond->mm);
	error = register_bond(bond);
	if (!error) {
		rcu_assign_pointer(bonds[bond->pasid], bond);
		return 0;
	}
	free_pasid(bond);
	drop_mm(bond->mm);
	return error;
}

static struct bond *new_bond(struct device *device, struct mm_struct *mm, unsigned nr,
			     unsigned mm_nr)
{
	struct bond *bond = alloc_bond(device, mm, nr, mm_nr);
	int error;

	if (!bond)
		return ERR_PTR(-ENOMEM);
	error = publish_bond(bond);
	if (!error)
		return bond;
	kfree(bond);
	return ERR_PTR(error);
}

static struct bond *find_bond(const struct device *device, const struct mm_struct *mm)
{
	for (unsigned pasid = 0; pasid < PASIDS; pasid++) {
		struct bond *bond =
			rcu_dereference_protected(bonds[pasid], lockdep_is_held(&bind_mutex));

		if (bond && bond->device == device && bond->mm == mm)
			return bond;
	}
	return NULL;
}

static struct bond *find_or_make_bond(struct device *device, struct mm_struct *mm, unsigned nr,
				      unsigned mm_nr)
{
	struct bond *bond;

	mutex_lock(&bind_mutex);
	bond = find_bond(device, mm);
	if (bond)
		bond->users++;
	else
		bond = new_bond(device, mm, nr, mm_nr);
	mutex_unlock(&bind_mutex);
	return bond;
}

static struct bond *bind_failed(struct bond *error, struct mm_struct *mm)
{
	if (!defect(pri_bind_error_keeps_user))
		mmput(mm);
	return error;
}

/* A user of the mm for as long as it takes: registration needs one. */
struct bond *pri_bind(struct device *device, struct mm_struct *mm, unsigned nr, unsigned mm_nr)
{
	struct bond *bond;

	if (!mmget_not_zero(mm))
		return ERR_PTR(-ESRCH);
	bond = find_or_make_bond(device, mm, nr, mm_nr);
	if (IS_ERR(bond))
		return bind_failed(bond, mm);
	mmput(mm);
	return bond;
}

/* ---- unbind ---- */

/* An acquiring read: what requests did with the device is over before the caller may free it. */
static void pri_drain(struct bond *bond)
{
	if (defect(pri_drain_counts_to_zero))
		refcount_dec(&bond->count);
	if (!defect(pri_drain_counts_to_zero))
		pri_put(bond);
	/* The kernel's refcount_t holds an atomic_t; both are an int. */
	wait_event(bond->drained, !smp_load_acquire((const int *)&bond->count));
}

/* Returns: was it the last bind? Then no request finds the bond, and no bind joins it. */
static bool leave(struct bond *bond)
{
	bool last;

	mutex_lock(&bind_mutex);
	last = --bond->users == 0;
	if (last)
		rcu_assign_pointer(bonds[bond->pasid], NULL);
	mutex_unlock(&bind_mutex);
	return last;
}

static bool has_users(struct mm_struct *mm)
{
	return atomic_read(&mm->mm_users) != 0;
}

/* Returns: does the process live? To be asked while the struct is there. */
static bool end_bond(struct bond *bond)
{
	struct mm_struct *mm = bond->mm;
	bool lives = false;

	invalidate_bond(bond, false);
	clear_entry(bond);
	flush_bond(bond);
	if (!defect(pri_unbind_skips_drain))
		pri_drain(bond);
	unregister(bond);
	free_pasid(bond);
	if (!defect(pri_unbind_asks_after_drop))
		lives = has_users(mm);
	drop_mm(mm);
	if (defect(pri_unbind_asks_after_drop))
		lives = has_users(mm);
	kfree_rcu(bond, rcu);
	return lives;
}

/* Whoever waits here has not left yet, so nobody ends the bond under its wait queue. */
int pri_unbind(struct bond *bond)
{
	bool last = false;

	if (defect(pri_unbind_leaves_first))
		last = leave(bond);
	wait_event(bond->exit_over, !READ_ONCE(bond->mm_exit_active));
	if (!defect(pri_unbind_leaves_first))
		last = leave(bond);
	if (last && !end_bond(bond))
		return -ESRCH;
	return 0;
}
