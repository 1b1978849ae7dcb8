/*
 * hmm_v3.c - HMM as posted on 21 May 2015 ("introduce heterogeneous memory management v3").
 *
 * Written anew from the mails that quote it, above all Mark Hairgrove's review of 8 June 2015, with
 * the bugs that the review names:
 *
 *   1. Nothing drops the reference on struct hmm that registering a mirror takes. The hmm stays,
 *      its notifier stays, and with it the mm_struct (leak).
 *   2. ->release is called when a mirror is destroyed, not when the address space ends: with a
 *      reference of the driver left, the device goes on with a dead mm (missed_release).
 *   3. hmm_mirror_unregister() does not wait for an hmm_notifier_release() that has the mirror in
 *      hand, so ->release may come after it returned.
 *   4. hmm_device_unregister() takes an empty list under device->mutex as the permission to free
 *      the device. Who emptied the list may still be inside its mutex_unlock() (dead_use:device),
 *      and waiting for ->release does not help: the race is behind it.
 *
 * Repairs that were argued about are in fix.def.
 *
 * Contract of that version: ->release is the end of the mirror, the driver may free it there.
 *
 * Locks: mmap_lock -> hmm->rwsem (invalidation); device->mutex, over ->release too.
 * The walk for invalidations came later in that series and is the shortest one here. Left out: the
 * test for a second mirror of one device, hmm->vm_end.
 */
#define MMU_NOTIFIER_UNWATCHED
#include <linux/err.h>
#include <linux/hmm.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "posted/fix.h"

struct hmm {
	struct mm_struct *mm;
	struct hlist_head mirrors;
	struct kref kref; /* one per mirror that ever was */
	struct rw_semaphore rwsem;
	struct mmu_notifier mmu_notifier;
};

/* ---- what repairs need ---- */

/* hmm_v3_counts_device: nothing of @device is touched after it. */
static void hmm_device_put(struct hmm_device *device)
{
	if (refcount_dec_and_test(&device->refs))
		complete(&device->idle);
}

static void hmm_device_drain(struct hmm_device *device)
{
	hmm_device_put(device);
	wait_for_completion(&device->idle);
}

/* Registered with one user, so a put ends it; in a walk, too, where unregister would wait for us. */
static void hmm_destroy(struct kref *kref)
{
	struct hmm *hmm = container_of(kref, struct hmm, kref);
	struct mm_struct *mm = hmm->mm;

	mmap_write_lock(mm);
	if (mm->hmm == hmm)
		mm->hmm = NULL;
	mmap_write_unlock(mm);
	mmu_notifier_put(&hmm->mmu_notifier);
}

static void hmm_unref(struct hmm *hmm)
{
	kref_put(&hmm->kref, hmm_destroy);
}

static void hmm_free_notifier(struct mmu_notifier *subscription)
{
	kfree(container_of(subscription, struct hmm, mmu_notifier));
}

/* ---- mirrors ---- */

static void hmm_mirror_destroy(struct kref *kref)
{
	struct hmm_mirror *mirror = container_of(kref, struct hmm_mirror, kref);
	struct hmm_device *device = mirror->device;
	struct hmm *hmm = mirror->hmm;

	mutex_lock(&device->mutex);
	list_del_init(&mirror->dlist);
	device->ops->release(mirror);
	mutex_unlock(&device->mutex);
	if (fixed(hmm_v3_counts_device))
		hmm_device_put(device);
	if (fixed(hmm_v3_destroy_unrefs_hmm))
		hmm_unref(hmm);
}

static bool hmm_mirror_get(struct hmm_mirror *mirror)
{
	return kref_get_unless_zero(&mirror->kref);
}

static void hmm_mirror_unref(struct hmm_mirror *mirror)
{
	kref_put(&mirror->kref, hmm_mirror_destroy);
}

static void hmm_mirror_kill(struct hmm_mirror *mirror)
{
	struct hmm *hmm = mirror->hmm;

	down_write(&hmm->rwsem);
	if (hlist_unhashed(&mirror->mlist)) {
		up_write(&hmm->rwsem);
		return;
	}
	hlist_del_init(&mirror->mlist);
	up_write(&hmm->rwsem);
	if (fixed(hmm_v3_kill_unrefs_hmm))
		hmm_unref(hmm);
	hmm_mirror_unref(mirror);
}

static void hmm_mirror_unregister(struct hmm_mirror *mirror)
{
	hmm_mirror_kill(mirror);
	if (fixed(hmm_v3_synchronizes_srcu))
		mmu_notifier_synchronize();
	if (fixed(hmm_v3_waits_with_barrier))
		mmu_notifier_barrier();
	hmm_mirror_unref(mirror);
}

static void hmm_mirror_error(struct hmm_mirror *mirror)
{
	if (!hmm_mirror_get(mirror))
		return;
	hmm_mirror_kill(mirror);
	hmm_mirror_unref(mirror);
}

/* ---- the notifier ---- */

static void hmm_notifier_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct hmm *hmm = container_of(subscription, struct hmm, mmu_notifier);
	struct hmm_mirror *mirror;

	down_write(&hmm->rwsem);
	while (!hlist_empty(&hmm->mirrors)) {
		mirror = hlist_entry(hmm->mirrors.first, struct hmm_mirror, mlist);
		hlist_del_init(&mirror->mlist);
		up_write(&hmm->rwsem);
		hmm_mirror_unref(mirror);
		down_write(&hmm->rwsem);
	}
	up_write(&hmm->rwsem);
}

static int hmm_invalidate_range_start(struct mmu_notifier *subscription,
				      const struct mmu_notifier_range *range)
{
	struct hmm *hmm = container_of(subscription, struct hmm, mmu_notifier);
	struct hmm_mirror *mirror;

	down_read(&hmm->rwsem);
	hlist_for_each_entry(mirror, &hmm->mirrors, mlist)
		mirror->device->ops->invalidate(mirror, range->start, range->end);
	up_read(&hmm->rwsem);
	return 0;
}

static const struct mmu_notifier_ops hmm_mmu_notifier_ops = {
	.release = hmm_notifier_release,
	.invalidate_range_start = hmm_invalidate_range_start,
	.free_notifier = hmm_free_notifier,
};

/* mmap_lock held for write. */
static struct hmm *hmm_create(struct mm_struct *mm)
{
	struct hmm *hmm = kzalloc(sizeof(*hmm), GFP_KERNEL);
	int ret;

	if (!hmm)
		return ERR_PTR(-ENOMEM);
	hmm->mm = mm;
	INIT_HLIST_HEAD(&hmm->mirrors);
	kref_init(&hmm->kref);
	init_rwsem(&hmm->rwsem);
	hmm->mmu_notifier.ops = &hmm_mmu_notifier_ops;
	ret = __mmu_notifier_register(&hmm->mmu_notifier, mm);
	if (ret) {
		kfree(hmm);
		return ERR_PTR(ret);
	}
	mm->hmm = hmm;
	return hmm;
}

/* The one hmm of @mm, with a reference for a mirror. */
static struct hmm *hmm_join(struct mm_struct *mm)
{
	struct hmm *hmm;

	mmap_write_lock(mm);
	hmm = mm->hmm;
	if (!hmm || !kref_get_unless_zero(&hmm->kref))
		hmm = hmm_create(mm);
	mmap_write_unlock(mm);
	return hmm;
}

/* ---- registration ---- */

static void hmm_device_link(struct hmm_device *device, struct hmm_mirror *mirror)
{
	if (fixed(hmm_v3_counts_device))
		refcount_inc(&device->refs);
	mutex_lock(&device->mutex);
	list_add(&mirror->dlist, &device->mirrors);
	mutex_unlock(&device->mutex);
}

static void hmm_device_unlink(struct hmm_device *device, struct hmm_mirror *mirror)
{
	mutex_lock(&device->mutex);
	list_del_init(&mirror->dlist);
	mutex_unlock(&device->mutex);
	if (fixed(hmm_v3_counts_device))
		hmm_device_put(device);
}

/* The list of the hmm has a reference of its own, so the count is 2 afterwards. */
static void hmm_link(struct hmm *hmm, struct hmm_mirror *mirror)
{
	down_write(&hmm->rwsem);
	kref_get(&mirror->kref);
	hlist_add_head(&mirror->mlist, &hmm->mirrors);
	up_write(&hmm->rwsem);
}

static int hmm_mirror_register(struct hmm_mirror *mirror, struct hmm_device *device,
			       struct mm_struct *mm)
{
	mirror->device = device;
	kref_init(&mirror->kref);
	INIT_HLIST_NODE(&mirror->mlist);
	hmm_device_link(device, mirror);
	mirror->hmm = hmm_join(mm);
	if (IS_ERR(mirror->hmm)) {
		hmm_device_unlink(device, mirror);
		return PTR_ERR(mirror->hmm);
	}
	hmm_link(mirror->hmm, mirror);
	return 0;
}

static struct mmu_notifier *hmm_mirror_notifier(struct hmm_mirror *mirror)
{
	return &mirror->hmm->mmu_notifier;
}

/* ---- devices ---- */

static int hmm_device_register(struct hmm_device *device)
{
	INIT_LIST_HEAD(&device->mirrors);
	mutex_init(&device->mutex);
	refcount_set(&device->refs, 1);
	init_completion(&device->idle);
	return 0;
}

/* -EBUSY while a mirror is on the list; the caller tries again. */
static int hmm_device_unregister(struct hmm_device *device)
{
	mutex_lock(&device->mutex);
	if (!list_empty(&device->mirrors)) {
		mutex_unlock(&device->mutex);
		return -EBUSY;
	}
	mutex_unlock(&device->mutex);
	if (fixed(hmm_v3_counts_device))
		hmm_device_drain(device);
	if (fixed(hmm_v3_synchronizes_rcu))
		synchronize_rcu();
	return 0;
}

const struct hmm_core hmm_core_v3 = {
	.device_register = hmm_device_register,
	.device_unregister = hmm_device_unregister,
	.mirror_register = hmm_mirror_register,
	.mirror_unregister = hmm_mirror_unregister,
	.mirror_error = hmm_mirror_error,
	.mirror_get = hmm_mirror_get,
	.mirror_put = hmm_mirror_unref,
	.mirror_notifier = hmm_mirror_notifier,
};
