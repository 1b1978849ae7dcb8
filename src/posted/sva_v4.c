/*
 * sva_v4.c - shared virtual addressing as it was posted on 24 Feb 2020 (v4, patch 02 of 26),
 * written anew from its review, with the bugs that it was posted with.
 *
 * The one idea then: when the mm ends, release() detaches every bond, tells each driver (mm_exit)
 * and drops the io_mm. The bond stays, with bond->io_mm NULL, until its driver unbinds: it is
 * stale.
 *
 * Known to be wrong:
 *   get_pasid   reads bond->io_mm under RCU, but release() drops it and only an SRCU grace period
 *               passes before it is freed (BUGS S17)
 *   attach      lists the bond, drops the lock, and then attaches. A second device of the domain
 *               finds the bond, relies on its entry, and has none if that attach fails; and a
 *               detach may be computed from a bond that is not there yet (S18)
 *   PASID       is free one SRCU grace period after the mm ended, under stale bonds whose devices
 *               were only asked to be quiet (S21)
 *               And it is gone with the last unbind: a bind before the grace period ends gives the
 *               same mm a second one (S19)
 *   device      nothing holds the device, or its sva_lock, for a walk or an unlock that is still
 *               under way when disable() says that there are no bonds (S02 in shape)
 *
 * The repair that was argued about is in fix.def.
 *
 * Lock order: param->sva_lock -> mmap_lock, iommu_sva_lock; mmap_lock -> ioasid_lock. mm_exit()
 * runs under iommu_sva_lock. mmu_notifier_get() passes no private data here (the posting's patch 01
 * did): the IOMMU driver's ops and the range of PASIDs are global instead.
 */
#define MMU_NOTIFIER_UNWATCHED
#include <linux/err.h>
#include <linux/ioasid.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "posted/fix.h"
#include "zoo/defect.h"

struct iommu_sva_param {
	int nr_bonds;
};

struct iommu_param {
	struct mutex sva_lock;
	struct iommu_sva_param *sva_param; /* NULL: the feature is off */
};

struct io_mm {
	struct list_head devices;
	struct mm_struct *mm;
	struct mmu_notifier notifier;
	const struct io_mm_ops *ops;
	void *ctx;
	ioasid_t pasid;
};

struct iommu_bond {
	struct iommu_sva sva;
	struct io_mm __rcu *io_mm; /* NULL once detached */
	struct list_head mm_head;
	void *drvdata;
	struct rcu_head rcu_head;
	unsigned int refs; /* iommu_sva_lock */
	bool detached;	   /* sva_v4_puts_with_bond: in place of a NULL io_mm */
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

static struct io_mm *bond_io_mm_locked(struct iommu_bond *bond)
{
	return rcu_dereference_protected(bond->io_mm, lockdep_is_held(&iommu_sva_lock));
}

/* ---- io_mm ---- */

static struct mmu_notifier *io_mm_alloc(struct mm_struct *mm)
{
	struct io_mm *io_mm = kzalloc(sizeof(*io_mm), GFP_KERNEL);
	int ret = -ENOSPC;

	if (!io_mm)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&io_mm->devices);
	io_mm->mm = mm;
	io_mm->ops = iommu_driver_ops;
	io_mm->pasid = ioasid_alloc(1, IOASID_MAX, mm);
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

static void io_mm_free(struct mmu_notifier *mn)
{
	struct io_mm *io_mm = to_io_mm(mn);

	WARN_ON(!list_empty(&io_mm->devices));
	io_mm->ops->release(io_mm->ctx);
	ioasid_free(io_mm->pasid);
	kfree(io_mm);
}

static void io_mm_release(struct mmu_notifier *mn, struct mm_struct *mm);
static void io_mm_invalidate_range(struct mmu_notifier *mn, const struct mmu_notifier_range *range);

static const struct mmu_notifier_ops iommu_mmu_notifier_ops = {
	.release = io_mm_release,
	.invalidate_range_end = io_mm_invalidate_range,
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

/* ---- attach and detach ---- */

static bool io_mm_domain_used_locked(struct io_mm *io_mm, struct iommu_bond *self)
{
	struct iommu_bond *bond;

	list_for_each_entry(bond, &io_mm->devices, mm_head)
		if (bond != self && bond->sva.dev->domain == self->sva.dev->domain)
			return true;
	return false;
}

static struct iommu_bond *io_mm_find_bond_locked(struct io_mm *io_mm, struct device *dev)
{
	struct iommu_bond *bond;

	list_for_each_entry(bond, &io_mm->devices, mm_head)
		if (bond->sva.dev == dev)
			return bond;
	return NULL;
}

static struct iommu_bond *iommu_bond_alloc(struct device *dev, struct io_mm *io_mm, void *drvdata)
{
	struct iommu_bond *bond = kzalloc(sizeof(*bond), GFP_KERNEL);

	if (!bond)
		return NULL;
	bond->sva.dev = dev;
	bond->drvdata = drvdata;
	bond->refs = 1;
	RCU_INIT_POINTER(bond->io_mm, io_mm);
	return bond;
}

/* The bond that is there already, or NULL and @bond is listed; *@ret_attach_domain is set then. */
static struct iommu_bond *io_mm_list_bond(struct io_mm *io_mm, struct iommu_bond *bond,
					  bool *ret_attach_domain)
{
	struct iommu_bond *old;

	mutex_lock(&iommu_sva_lock);
	old = io_mm_find_bond_locked(io_mm, bond->sva.dev);
	if (old) {
		WARN_ON(old->drvdata != bond->drvdata);
		old->refs++;
	} else {
		*ret_attach_domain = !io_mm_domain_used_locked(io_mm, bond);
		list_add_rcu(&bond->mm_head, &io_mm->devices);
		bond->sva.dev->iommu_param->sva_param->nr_bonds++;
	}
	mutex_unlock(&iommu_sva_lock);
	return old;
}

static void io_mm_unlist_bond(struct iommu_bond *bond)
{
	mutex_lock(&iommu_sva_lock);
	bond->sva.dev->iommu_param->sva_param->nr_bonds--;
	list_del_rcu(&bond->mm_head);
	mutex_unlock(&iommu_sva_lock);
	kfree_rcu(bond, rcu_head);
}

static struct iommu_sva *io_mm_attach(struct device *dev, struct io_mm *io_mm, void *drvdata)
{
	struct iommu_bond *bond = iommu_bond_alloc(dev, io_mm, drvdata);
	struct iommu_bond *old;
	bool attach_domain = false;
	int ret;

	if (!bond)
		return ERR_PTR(-ENOMEM);
	old = io_mm_list_bond(io_mm, bond, &attach_domain);
	if (old) {
		/* One reference a bond. */
		kfree(bond);
		io_mm_put(io_mm);
		return &old->sva;
	}
	ret = io_mm->ops->attach(dev, (int)io_mm->pasid, io_mm->ctx, attach_domain);
	if (ret) {
		io_mm_unlist_bond(bond);
		return ERR_PTR(ret);
	}
	KAPI_NOTE(attach, bond, (int)io_mm->pasid);
	return &bond->sva;
}

/* Nothing to do for a stale bond. */
static void io_mm_detach_locked(struct iommu_bond *bond)
{
	struct io_mm *io_mm = bond_io_mm_locked(bond);

	if (!io_mm || bond->detached)
		return;
	io_mm->ops->detach(bond->sva.dev, (int)io_mm->pasid, io_mm->ctx,
			   !io_mm_domain_used_locked(io_mm, bond));
	KAPI_NOTE(detach, bond, (int)io_mm->pasid);
	list_del_rcu(&bond->mm_head);
	if (fixed(sva_v4_puts_with_bond)) {
		bond->detached = true;
		return;
	}
	if (!defect(sva_v4_unbind_puts_again))
		RCU_INIT_POINTER(bond->io_mm, NULL);
	io_mm_put(io_mm);
}

/* ---- from the notifier ---- */

static void iommu_bond_mm_exit_locked(struct iommu_bond *bond)
{
	const struct iommu_sva_ops *ops = bond->sva.ops;

	if (ops && ops->mm_exit)
		WARN_ON(ops->mm_exit(bond->sva.dev, &bond->sva, bond->drvdata));
	io_mm_detach_locked(bond);
}

static void io_mm_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct io_mm *io_mm = to_io_mm(mn);
	struct iommu_bond *bond, *next;

	mutex_lock(&iommu_sva_lock);
	list_for_each_entry_safe(bond, next, &io_mm->devices, mm_head)
		iommu_bond_mm_exit_locked(bond);
	mutex_unlock(&iommu_sva_lock);
}

/* The address dependency on the bond orders what io_mm_alloc() wrote before it. */
static void io_mm_invalidate_range(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct iommu_bond *bond;
	struct io_mm *io_mm;

	rcu_read_lock();
	list_for_each_entry_rcu(bond, &to_io_mm(mn)->devices, mm_head) {
		io_mm = rcu_dereference(bond->io_mm);
		if (!io_mm)
			continue;
		io_mm->ops->invalidate(bond->sva.dev, (int)io_mm->pasid, io_mm->ctx, range->start,
				       range->end);
	}
	rcu_read_unlock();
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
	mutex_init(&iommu_param->sva_lock);
	dev->iommu_param = iommu_param;
	return 0;
}

static void iommu_release_device(struct device *dev)
{
	struct iommu_param *param = dev->iommu_param;

	dev->iommu_param = NULL;
	kfree(param);
}

/* sva_lock held. */
static int iommu_sva_enable_locked(struct iommu_param *param)
{
	struct iommu_sva_param *sva_param;

	if (param->sva_param)
		return -EEXIST;
	sva_param = kzalloc(sizeof(*sva_param), GFP_KERNEL);
	if (!sva_param)
		return -ENOMEM;
	param->sva_param = sva_param;
	return 0;
}

static int iommu_sva_enable(struct device *dev)
{
	struct iommu_param *param = dev->iommu_param;
	int ret;

	mutex_lock(&param->sva_lock);
	ret = iommu_sva_enable_locked(param);
	mutex_unlock(&param->sva_lock);
	return ret;
}

/* sva_lock held. */
static int iommu_sva_disable_locked(struct iommu_param *param)
{
	if (!param->sva_param)
		return -EINVAL;
	if (param->sva_param->nr_bonds)
		return -EBUSY;
	kfree(param->sva_param);
	param->sva_param = NULL;
	return 0;
}

static int iommu_sva_disable(struct device *dev)
{
	struct iommu_param *param = dev->iommu_param;
	int ret;

	mutex_lock(&param->sva_lock);
	ret = iommu_sva_disable_locked(param);
	mutex_unlock(&param->sva_lock);
	return ret;
}

/* sva_lock held. */
static struct iommu_sva *iommu_sva_bind_locked(struct device *dev, struct mm_struct *mm,
					       void *drvdata)
{
	struct iommu_sva *handle;
	struct io_mm *io_mm;

	if (!dev->iommu_param->sva_param)
		return ERR_PTR(-ENODEV);
	io_mm = io_mm_get(mm);
	if (IS_ERR(io_mm))
		return ERR_PTR(PTR_ERR(io_mm));
	handle = io_mm_attach(dev, io_mm, drvdata);
	if (IS_ERR(handle))
		io_mm_put(io_mm);
	return handle;
}

static struct iommu_sva *iommu_sva_bind_generic(struct device *dev, struct mm_struct *mm,
						void *drvdata)
{
	struct iommu_param *param = dev->iommu_param;
	struct iommu_sva *handle;

	might_sleep();
	mutex_lock(&param->sva_lock);
	handle = iommu_sva_bind_locked(dev, mm, drvdata);
	mutex_unlock(&param->sva_lock);
	return handle;
}

static void iommu_bond_put_io_mm(struct rcu_head *head)
{
	struct iommu_bond *bond = container_of(head, struct iommu_bond, rcu_head);

	io_mm_put(rcu_dereference_protected(bond->io_mm, true));
	kfree(bond);
}

static void iommu_bond_free(struct iommu_bond *bond)
{
	if (fixed(sva_v4_puts_with_bond))
		return call_rcu(&bond->rcu_head, iommu_bond_put_io_mm);
	if (defect(sva_v4_unbind_frees_bond_at_once))
		return kfree(bond);
	kfree_rcu(bond, rcu_head);
}

static void iommu_sva_unbind_locked(struct iommu_bond *bond)
{
	if (--bond->refs)
		return;
	io_mm_detach_locked(bond);
	bond->sva.dev->iommu_param->sva_param->nr_bonds--;
	iommu_bond_free(bond);
}

static void iommu_sva_unbind_generic(struct iommu_sva *handle)
{
	struct iommu_param *param = handle->dev->iommu_param;

	might_sleep();
	mutex_lock(&param->sva_lock);
	mutex_lock(&iommu_sva_lock);
	iommu_sva_unbind_locked(to_bond(handle));
	mutex_unlock(&iommu_sva_lock);
	mutex_unlock(&param->sva_lock);
}

/* The read of the PASID is marked, so that what comes between the two reads is a choice. */
static int iommu_sva_get_pasid_generic(struct iommu_sva *handle)
{
	struct iommu_bond *bond = to_bond(handle);
	int pasid = IOMMU_PASID_INVALID;
	struct io_mm *io_mm;

	rcu_read_lock();
	io_mm = rcu_dereference(bond->io_mm);
	if (defect(sva_v4_get_pasid_skips_null_test))
		pasid = (int)READ_ONCE(io_mm->pasid);
	if (io_mm)
		pasid = (int)READ_ONCE(io_mm->pasid);
	rcu_read_unlock();
	return pasid;
}

static void iommu_sva_set_ops(struct iommu_sva *handle, const struct iommu_sva_ops *ops)
{
	mutex_lock(&iommu_sva_lock);
	handle->ops = ops;
	mutex_unlock(&iommu_sva_lock);
}

/* ---- not in the posting: for the test bench ---- */

static struct mm_struct *bond_mm_get(struct iommu_bond *bond)
{
	struct mm_struct *mm = NULL;
	struct io_mm *io_mm;

	mutex_lock(&iommu_sva_lock);
	io_mm = bond_io_mm_locked(bond);
	if (io_mm && mmget_not_zero(io_mm->mm))
		mm = io_mm->mm;
	mutex_unlock(&iommu_sva_lock);
	return mm;
}

/*
 * The bond's own reference goes with the mm, so the bench takes one while the mm lives; and it is
 * for an mm that has ended meanwhile only. With get and put release() never came before, and this
 * version is not to be blamed for what it would do beside a bind.
 */
static struct mmu_notifier *iommu_sva_notifier_get(struct iommu_sva *handle)
{
	struct mm_struct *mm = bond_mm_get(to_bond(handle));
	struct io_mm *io_mm;

	if (!mm)
		return NULL;
	io_mm = io_mm_get(mm);
	mmput(mm);
	if (IS_ERR(io_mm))
		return NULL;
	if (!atomic_read(&io_mm->mm->mm_users))
		return &io_mm->notifier;
	io_mm_put(io_mm);
	return NULL;
}

const struct sva_core sva_v4_core = {
	.driver = iommu_register_driver,
	.probe = iommu_probe_device,
	.remove = iommu_release_device,
	.enable = iommu_sva_enable,
	.disable = iommu_sva_disable,
	.bind = iommu_sva_bind_generic,
	.unbind = iommu_sva_unbind_generic,
	.get_pasid = iommu_sva_get_pasid_generic,
	.set_ops = iommu_sva_set_ops,
	.notifier_get = iommu_sva_notifier_get,
	.notifier_put = mmu_notifier_put,
};
