/*
 * sva.c - shared virtual addressing: bonds between devices and address spaces (linux/iommu.h).
 *
 * The one idea: bond->io_mm never changes. bind() takes a user of the io_mm's notifier, and the RCU
 * callback that frees the bond drops it, so whoever may look at a bond may look at its io_mm. The
 * end of the mm takes the hardware's entry away and nothing else: it frees no object, drops no
 * count and unlists nothing, so it may come again, at the same time, or late.
 *
 * An mm may have two io_mm for a while: the last unbind ended one, which awaits its grace period,
 * and a bind made the next. The PASID is the mm's, so both hold a reference on the same one.
 *
 * Who may touch what:
 *   iommu_param     the device has a reference, and so has an unbind() while it runs: it may be in
 *                   the last steps of an unlock when the device is already gone
 *   device          from bind() to the last unbind() under the locks; invalidation reads it inside
 *                   an RCU reader, so disable() waits for those
 *   bonds list      added to and removed from under iommu_sva_lock, walked by invalidation under RCU
 *   refs, cleared   iommu_sva_lock; nr_bonds, enabled: sva_lock
 *   io_mm           one user of its notifier a bond, not one a bind; freed after a grace period
 *                   (SRCU) that follows the bond's (RCU)
 * Lock order: param->sva_lock -> iommu_sva_lock -> mmap_lock (mmu_notifier_get) -> ioasid_lock.
 * release() takes iommu_sva_lock only, and is called with none of these held.
 *
 * Left out: page faults of devices, several IOMMU drivers.
 */
#define MMU_NOTIFIER_UNWATCHED
#include <linux/err.h>
#include <linux/ioasid.h>
#include <linux/iommu.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "kapi/process.h"
#include "zoo/defect.h"

struct iommu_param {
	struct kref kref;
	struct mutex sva_lock;
	unsigned int nr_bonds;
	bool enabled;
};

struct io_mm {
	struct list_head devices; /* bonds, by mm_head */
	struct mmu_notifier notifier;
	struct mm_struct *mm;
	const struct io_mm_ops *ops;
	void *ctx;
	ioasid_t pasid;
};

struct iommu_bond {
	struct iommu_sva sva;
	struct io_mm *io_mm; /* constant; holds a user of its notifier */
	struct list_head mm_head;
	struct rcu_head rcu_head;
	unsigned int refs; /* binds */
	bool cleared;	   /* the mm ended, or was said to */
};

static DEFINE_MUTEX(iommu_sva_lock);
static const struct io_mm_ops *iommu_driver_ops;

static struct iommu_bond *to_bond(struct iommu_sva *handle)
{
	return container_of(handle, struct iommu_bond, sva);
}

static struct io_mm *to_io_mm(struct mmu_notifier *mn)
{
	return container_of(mn, struct io_mm, notifier);
}

/* ---- io_mm: what an address space has once ---- */

static ioasid_t io_mm_get_pasid(struct mm_struct *mm)
{
	ioasid_t pasid = INVALID_IOASID;

	if (!defect(sva_alloc_gives_second_pasid))
		pasid = ioasid_find_get(mm);
	return pasid == INVALID_IOASID ? ioasid_alloc(1, IOASID_MAX, mm) : pasid;
}

/* Complete before anybody can find it: invalidation may read all of it at once (INV-46). */
static struct mmu_notifier *io_mm_alloc(struct mm_struct *mm)
{
	struct io_mm *io_mm = kzalloc(sizeof(*io_mm), GFP_KERNEL);
	int ret = -ENOSPC;

	if (!io_mm)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&io_mm->devices);
	io_mm->mm = mm;
	io_mm->ops = iommu_driver_ops;
	io_mm->pasid = io_mm_get_pasid(mm);
	if (io_mm->pasid == INVALID_IOASID)
		goto err_free;
	io_mm->ctx = io_mm->ops->alloc(mm);
	if (!IS_ERR(io_mm->ctx))
		return &io_mm->notifier;

	ret = (int)PTR_ERR(io_mm->ctx);
	ioasid_free(io_mm->pasid);
err_free:
	kfree(io_mm);
	return ERR_PTR(ret);
}

/* No bond is left, and no reader of one: each bond's user was dropped after its RCU grace period.
 */
static void io_mm_free(struct mmu_notifier *mn)
{
	struct io_mm *io_mm = to_io_mm(mn);

	WARN_ON(!list_empty(&io_mm->devices));
	io_mm->ops->release(io_mm->ctx);
	ioasid_free(io_mm->pasid);
	kfree(io_mm);
}

/* A device that walks a live entry refills what was flushed: the entry goes first. */
static void io_mm_clear_locked(struct io_mm *io_mm, struct iommu_bond *bond)
{
	struct device *dev = bond->sva.dev;

	if (bond->cleared)
		return;
	KAPI_NOTE(release_begin, bond, 0);
	if (!defect(sva_release_keeps_entry))
		io_mm->ops->clear(dev, (int)io_mm->pasid, io_mm->ctx);
	if (!defect(sva_release_skips_flush))
		io_mm->ops->invalidate(dev, (int)io_mm->pasid, io_mm->ctx, 0,
				       process_address(MM_PAGES));
	if (!defect(sva_release_forgets_clear))
		bond->cleared = true;
	KAPI_NOTE(release_end, bond, 0);
}

static void io_mm_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct io_mm *io_mm = to_io_mm(mn);
	struct iommu_bond *bond;

	mutex_lock(&iommu_sva_lock);
	list_for_each_entry(bond, &io_mm->devices, mm_head)
		io_mm_clear_locked(io_mm, bond);
	mutex_unlock(&iommu_sva_lock);
}

/*
 * Devices walk the process's own table, so they are flushed where the table changes, under its lock:
 * earlier they would refill, and at the end of the invalidation the page may be gone.
 */
static void io_mm_invalidate_range(struct mmu_notifier *mn, struct mm_struct *mm,
				   unsigned long start, unsigned long end)
{
	struct io_mm *io_mm = to_io_mm(mn);
	struct iommu_bond *bond;

	rcu_read_lock();
	list_for_each_entry_rcu(bond, &io_mm->devices, mm_head)
		io_mm->ops->invalidate(bond->sva.dev, (int)io_mm->pasid, io_mm->ctx, start, end);
	rcu_read_unlock();
}

static const struct mmu_notifier_ops iommu_mmu_notifier_ops = {
	.release = io_mm_release,
	.arch_invalidate_secondary_tlbs = io_mm_invalidate_range,
	.alloc_notifier = io_mm_alloc,
	.free_notifier = io_mm_free,
};

static struct io_mm *io_mm_get(struct mm_struct *mm)
{
	struct mmu_notifier *mn = mmu_notifier_get(&iommu_mmu_notifier_ops, mm);

	return IS_ERR(mn) ? ERR_PTR(PTR_ERR(mn)) : to_io_mm(mn);
}

static void io_mm_put(struct io_mm *io_mm)
{
	mmu_notifier_put(&io_mm->notifier);
}

/* ---- bonds ---- */

static struct iommu_bond *io_mm_find_bond_locked(struct io_mm *io_mm, struct device *dev)
{
	struct iommu_bond *bond;

	list_for_each_entry(bond, &io_mm->devices, mm_head)
		if (bond->sva.dev == dev)
			return bond;
	return NULL;
}

/* Does another bond than @self keep the entry in the domain's table? */
static bool io_mm_domain_used_locked(struct io_mm *io_mm, unsigned int domain,
				     struct iommu_bond *self)
{
	struct iommu_bond *bond;

	list_for_each_entry(bond, &io_mm->devices, mm_head)
		if (bond != self && !bond->cleared && bond->sva.dev->domain == domain)
			return true;
	return false;
}

static struct iommu_bond *iommu_bond_alloc(struct device *dev, struct io_mm *io_mm)
{
	struct iommu_bond *bond = kzalloc(sizeof(*bond), GFP_KERNEL);

	if (!bond)
		return NULL;
	if (!defect(sva_attach_lists_unset_bond))
		if (!defect(sva_attach_publishes_plain))
			bond->sva.dev = dev;
	bond->io_mm = io_mm;
	bond->refs = 1;
	return bond;
}

/* A wrong one: nothing orders what is written here before the link that walkers follow. */
static void io_mm_list_plain(struct io_mm *io_mm, struct iommu_bond *bond, struct device *dev)
{
	bond->sva.dev = dev;
	list_add(&bond->mm_head, &io_mm->devices);
}

/*
 * Listed first: from the entry on the device may walk the table, whoever asked it to, so who changes the
 * table has to find the bond by then. Attached under the same lock: another bond of the domain can rely
 * on the entry.
 */
static struct iommu_sva *io_mm_attach_locked(struct device *dev, struct io_mm *io_mm)
{
	bool attach_domain = !io_mm_domain_used_locked(io_mm, dev->domain, NULL);
	struct iommu_bond *bond = iommu_bond_alloc(dev, io_mm);
	int ret;

	if (!bond)
		return ERR_PTR(-ENOMEM);
	if (!defect(sva_attach_lists_late))
		if (!defect(sva_attach_publishes_plain))
			list_add_rcu(&bond->mm_head, &io_mm->devices);
	if (defect(sva_attach_publishes_plain))
		io_mm_list_plain(io_mm, bond, dev);
	if (defect(sva_attach_drops_lock))
		mutex_unlock(&iommu_sva_lock);
	ret = io_mm->ops->attach(dev, (int)io_mm->pasid, io_mm->ctx, attach_domain);
	if (defect(sva_attach_drops_lock))
		mutex_lock(&iommu_sva_lock);
	if (defect(sva_attach_lists_late))
		list_add_rcu(&bond->mm_head, &io_mm->devices);
	if (ret) {
		list_del_rcu(&bond->mm_head);
		kfree_rcu(bond, rcu_head); /* an invalidation may have found it */
		return ERR_PTR(ret);
	}
	KAPI_NOTE(attach, bond, (int)io_mm->pasid);
	if (defect(sva_attach_lists_unset_bond))
		WRITE_ONCE(bond->sva.dev, dev);
	dev->iommu_param->nr_bonds++;
	return &bond->sva;
}

/* One user of the notifier a bond: the one that came with this bind is one too many (INV-43). */
static struct iommu_sva *iommu_bond_get_locked(struct iommu_bond *bond)
{
	if (!defect(sva_rebind_counts_once))
		bond->refs++;
	if (!defect(sva_rebind_keeps_user))
		io_mm_put(bond->io_mm);
	return &bond->sva;
}

static struct iommu_sva *iommu_sva_bind_locked(struct device *dev, struct mm_struct *mm)
{
	struct io_mm *io_mm = io_mm_get(mm);
	struct iommu_bond *bond;
	struct iommu_sva *handle;

	if (IS_ERR(io_mm))
		return ERR_PTR(PTR_ERR(io_mm));
	bond = defect(sva_bind_searches_nothing) ? NULL : io_mm_find_bond_locked(io_mm, dev);
	if (bond)
		return iommu_bond_get_locked(bond);
	handle = io_mm_attach_locked(dev, io_mm);
	if (!IS_ERR(handle))
		return handle;
	if (!defect(sva_bind_error_keeps_user))
		io_mm_put(io_mm);
	return handle;
}

static void iommu_bond_free(struct rcu_head *head)
{
	struct iommu_bond *bond = container_of(head, struct iommu_bond, rcu_head);

	io_mm_put(bond->io_mm);
	kfree(bond);
}
KAPI_STAYS(iommu_bond_free);

/* The device is quiet before the walk can miss it; the memory stays for walkers that have it. */
static void io_mm_detach_locked(struct iommu_bond *bond)
{
	struct io_mm *io_mm = bond->io_mm;
	struct device *dev = bond->sva.dev;
	bool keep = bond->cleared || io_mm_domain_used_locked(io_mm, dev->domain, bond);

	if (defect(sva_detach_keeps_entry))
		keep = true;
	io_mm->ops->detach(dev, (int)io_mm->pasid, io_mm->ctx, !keep);
	KAPI_NOTE(detach, bond, (int)io_mm->pasid);
	list_del_rcu(&bond->mm_head);
	if (!defect(sva_detach_keeps_count))
		dev->iommu_param->nr_bonds--;
	if (defect(sva_unbind_returns_pasid))
		ioasid_free(io_mm->pasid);
	if (defect(sva_unbind_puts_io_mm_again))
		io_mm_put(io_mm);
	if (defect(sva_unbind_frees_bond_at_once))
		return iommu_bond_free(&bond->rcu_head);
	call_rcu(&bond->rcu_head, iommu_bond_free);
	if (defect(sva_detach_looks_after_put))
		(void)list_empty(&io_mm->devices);
}

/* ---- what drivers call ---- */

static void iommu_register_driver(const struct io_mm_ops *ops)
{
	iommu_driver_ops = ops;
}

static int iommu_probe_device(struct device *dev)
{
	struct iommu_param *iommu_param = kzalloc(sizeof(*iommu_param), GFP_KERNEL);

	if (!iommu_param)
		return -ENOMEM;
	kref_init(&iommu_param->kref);
	mutex_init(&iommu_param->sva_lock);
	dev->iommu_param = iommu_param;
	return 0;
}

static void iommu_param_free(struct kref *kref)
{
	kfree(container_of(kref, struct iommu_param, kref));
}

static void iommu_release_device(struct device *dev)
{
	struct iommu_param *param = dev->iommu_param;

	dev->iommu_param = NULL;
	kref_put(&param->kref, iommu_param_free);
}

static int iommu_sva_enable(struct device *dev)
{
	struct iommu_param *param = dev->iommu_param;
	int ret = 0;

	mutex_lock(&param->sva_lock);
	if (!defect(sva_enable_comes_twice))
		if (param->enabled)
			ret = -EEXIST;
	param->enabled = true;
	mutex_unlock(&param->sva_lock);
	return ret;
}

/* sva_lock held. */
static int iommu_sva_disable_locked(struct iommu_param *param)
{
	lockdep_assert_held(&param->sva_lock);
	if (!param->enabled)
		return -EINVAL;
	if (!defect(sva_disable_ignores_bonds))
		if (param->nr_bonds)
			return -EBUSY;
	if (!defect(sva_disable_stays_on))
		param->enabled = false;
	return 0;
}

/* A walk that began before the last unbind may still have that bond, and the device through it. */
static int iommu_sva_disable(struct device *dev)
{
	struct iommu_param *param = dev->iommu_param;
	int ret;

	mutex_lock(&param->sva_lock);
	ret = iommu_sva_disable_locked(param);
	mutex_unlock(&param->sva_lock);
	if (ret)
		return ret;
	if (!defect(sva_disable_hurries))
		synchronize_rcu();
	return 0;
}

/* A wrong one: a bond keeps the mm_struct, and never the address space. */
static void iommu_sva_pin(struct iommu_sva *handle, struct mm_struct *mm)
{
	if (!IS_ERR(handle))
		mmget(mm);
}

/* A wrong one: the last user runs exit, and with it release(), which takes iommu_sva_lock. */
static void io_mm_use_mm_locked(struct io_mm *io_mm)
{
	if (mmget_not_zero(io_mm->mm))
		mmput(io_mm->mm);
}

/* A wrong one: SVA may be switched off before there is a bond. */
static void iommu_sva_lend(struct iommu_param *param)
{
	mutex_unlock(&param->sva_lock);
	mutex_lock(&param->sva_lock);
}

/* The entry must be there when the bond is: get and attach are one step for everybody else. */
static struct iommu_sva *iommu_sva_bind_generic(struct device *dev, struct mm_struct *mm,
						void *drvdata)
{
	struct iommu_param *param = dev->iommu_param;
	struct iommu_sva *handle = ERR_PTR(-ENODEV);

	might_sleep();
	mutex_lock(&param->sva_lock);
	if (param->enabled) {
		if (defect(sva_bind_drops_lock))
			iommu_sva_lend(param);
		mutex_lock(&iommu_sva_lock);
		handle = iommu_sva_bind_locked(dev, mm);
		mutex_unlock(&iommu_sva_lock);
	}
	mutex_unlock(&param->sva_lock);
	if (defect(sva_bind_holds_mm_users))
		iommu_sva_pin(handle, mm);
	return handle;
}

static void iommu_sva_unbind_generic(struct iommu_sva *handle)
{
	struct iommu_bond *bond = to_bond(handle);
	struct iommu_param *param = handle->dev->iommu_param;

	might_sleep();
	kref_get(&param->kref);
	if (defect(sva_bind_holds_mm_users))
		mmput(bond->io_mm->mm);
	mutex_lock(&param->sva_lock);
	mutex_lock(&iommu_sva_lock);
	if (defect(sva_unbind_uses_mm_locked))
		io_mm_use_mm_locked(bond->io_mm);
	if (--bond->refs == 0)
		io_mm_detach_locked(bond);
	mutex_unlock(&iommu_sva_lock);
	mutex_unlock(&param->sva_lock);
	/* The unlock may still have touched it when others had seen it free and removed the device.
	 */
	kref_put(&param->kref, iommu_param_free);
}

static int iommu_sva_get_pasid_generic(struct iommu_sva *handle)
{
	return (int)to_bond(handle)->io_mm->pasid;
}

/* The bond of the caller keeps it alive. */
static struct mmu_notifier *iommu_sva_notifier_get(struct iommu_sva *handle)
{
	return &to_bond(handle)->io_mm->notifier;
}

static void iommu_sva_notifier_put(struct mmu_notifier *mn)
{
}

static void iommu_sva_at_rest(const struct device *dev, unsigned int bonds)
{
	AT_REST(dev, dev->iommu_param->nr_bonds, bonds);
}

const struct sva_core sva_core = {
	.driver = iommu_register_driver,
	.probe = iommu_probe_device,
	.remove = iommu_release_device,
	.enable = iommu_sva_enable,
	.disable = iommu_sva_disable,
	.bind = iommu_sva_bind_generic,
	.unbind = iommu_sva_unbind_generic,
	.get_pasid = iommu_sva_get_pasid_generic,
	.notifier_get = iommu_sva_notifier_get,
	.notifier_put = iommu_sva_notifier_put,
	.at_rest = iommu_sva_at_rest,
};
