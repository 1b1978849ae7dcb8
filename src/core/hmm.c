/*
 * hmm.c - mirrors, with the lifetimes as they should have been.
 *
 * The one idea: whoever claims a mirror calls release(), and unlinks it afterwards; it owns the
 * list's reference meanwhile. Exit waits for releases that others run, since pages are freed next;
 * unregister waits until the last reference is gone, whoever has it. Every object is kept by a
 * count of somebody else, never by a lock of its own:
 *
 *   mirror  the caller's reference, and the list's (dropped by who unlinks it); the last one
 *           completes mirror->gone
 *   device  the driver's reference, and one per mirror until the mirror is destroyed; the last one
 *           completes device->idle
 *   hmm     an mmu_notifier by get and put, a user per mirror until the mirror is destroyed; the
 *           last one frees it after a grace period, so a walker may stand inside
 *
 * There is no pointer from the mm to its hmm: the notifier list is that pointer, and what is found
 * there has users. An hmm that died is not found, the next registration makes a new one (INV-55).
 *
 * Locks: mmap_lock -> hmm->rwsem (invalidation); device->mutex alone. release() is called under
 * none of them. Exit runs in an SRCU reader, which keeps the hmm over the tail of its unlocks.
 */
#define MMU_NOTIFIER_UNWATCHED
#include <linux/err.h>
#include <linux/hmm.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "zoo/defect.h"

struct hmm {
	struct mmu_notifier mmu_notifier;
	struct rw_semaphore rwsem; /* protects mirrors; mlist and claimed of each */
	struct hlist_head mirrors;
};

static struct hmm *hmm_of(struct mmu_notifier *subscription)
{
	return container_of(subscription, struct hmm, mmu_notifier);
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

/* Nothing of @device may be touched after it: complete() has no tail, mutex_unlock() has. */
static void hmm_device_put(struct hmm_device *device)
{
	if (refcount_dec_and_test(&device->refs))
		complete(&device->idle);
}

static void hmm_device_link(struct hmm_device *device, struct hmm_mirror *mirror)
{
	refcount_inc(&device->refs);
	mutex_lock(&device->mutex);
	list_add(&mirror->dlist, &device->mirrors);
	mutex_unlock(&device->mutex);
}

static bool hmm_device_busy(struct hmm_device *device)
{
	bool busy;

	mutex_lock(&device->mutex);
	busy = !list_empty(&device->mirrors);
	mutex_unlock(&device->mutex);
	return busy;
}

/*
 * An empty list says that no new user comes, not that the old ones are out: who emptied it may
 * still be inside mutex_unlock(). Its reference says when it is out.
 */
static int hmm_device_unregister(struct hmm_device *device)
{
	might_sleep();
	if (hmm_device_busy(device))
		return -EBUSY;
	hmm_device_put(device);
	if (!defect(hmm_device_unregister_hurries))
		wait_for_completion(&device->idle);
	return 0;
}

/* ---- the end of a mirror ---- */

/*
 * After complete() the mirror may be gone, after each put what it kept may be: all is read before.
 */
static void hmm_mirror_destroy(struct kref *kref)
{
	struct hmm_mirror *mirror = container_of(kref, struct hmm_mirror, kref);
	struct hmm_device *device = mirror->device;
	struct mmu_notifier *subscription = &mirror->hmm->mmu_notifier;

	mutex_lock(&device->mutex);
	list_del_init(&mirror->dlist);
	complete(&mirror->gone);
	mutex_unlock(&device->mutex);
	if (!defect(hmm_mirror_destroy_keeps_hmm))
		if (!defect(hmm_mirror_unlink_puts_hmm))
			mmu_notifier_put(subscription);
	if (!defect(hmm_mirror_release_leaves_device))
		if (!defect(hmm_mirror_destroy_keeps_device))
			hmm_device_put(device);
}

static bool hmm_mirror_get(struct hmm_mirror *mirror)
{
	return kref_get_unless_zero(&mirror->kref);
}

static void hmm_mirror_put(struct hmm_mirror *mirror)
{
	might_sleep();
	kref_put(&mirror->kref, hmm_mirror_destroy);
}

/* A wrong one: what is true of one mirror is noted of all that its hmm has. */
static void hmm_claim_all(struct hmm *hmm)
{
	struct hmm_mirror *mirror;

	hlist_for_each_entry(mirror, &hmm->mirrors, mlist)
		mirror->claimed = true;
}

/* rwsem held for write. Returns: is it the caller who has to call release()? */
static bool hmm_mirror_claim(struct hmm_mirror *mirror)
{
	bool ours = !mirror->claimed;

	mirror->claimed = true;
	if (defect(hmm_mirror_claim_marks_all))
		hmm_claim_all(mirror->hmm);
	return ours;
}

/* A wrong one: the mirror still needs its device. */
static void hmm_mirror_leave_device(struct hmm_mirror *mirror)
{
	struct hmm_device *device = mirror->device;

	mutex_lock(&device->mutex);
	list_del_init(&mirror->dlist);
	mutex_unlock(&device->mutex);
	hmm_device_put(device);
}

/* By who claimed it, under no lock: a fault that the driver waits for may need them all. */
static void hmm_mirror_release(struct hmm_mirror *mirror)
{
	if (defect(hmm_mirror_release_leaves_device))
		hmm_mirror_leave_device(mirror);
	if (defect(hmm_mirror_release_holds_rwsem))
		down_write(&mirror->hmm->rwsem);
	mirror->device->ops->release(mirror);
	if (defect(hmm_mirror_release_holds_rwsem))
		up_write(&mirror->hmm->rwsem);
}

/*
 * After release(), not before: until then invalidations must reach the mirror, and exit must see
 * that somebody is at it. Drops the list's reference, which keeps the hmm over the unlock.
 */
static void hmm_mirror_unlink(struct hmm_mirror *mirror)
{
	struct hmm *hmm = mirror->hmm;

	down_write(&hmm->rwsem);
	hlist_del_init(&mirror->mlist);
	up_write(&hmm->rwsem);
	complete_all(&mirror->released);
	if (defect(hmm_mirror_unlink_puts_hmm))
		mmu_notifier_put(&hmm->mmu_notifier);
	hmm_mirror_put(mirror);
}

/* The caller holds a reference. Who finds it claimed leaves release() to the one who did it. */
static void hmm_mirror_kill(struct hmm_mirror *mirror)
{
	struct hmm *hmm = mirror->hmm;
	bool ours;

	down_write(&hmm->rwsem);
	ours = hmm_mirror_claim(mirror);
	if (defect(hmm_mirror_kill_unlinks_first))
		hlist_del_init(&mirror->mlist);
	up_write(&hmm->rwsem);
	if (ours) {
		hmm_mirror_release(mirror);
		hmm_mirror_unlink(mirror);
		return;
	}
	if (defect(hmm_mirror_kill_releases_twice))
		mirror->device->ops->release(mirror);
}

/* Exit, or whoever else runs a release, may have the mirror in hand: wait for its last touch. */
static void hmm_mirror_unregister(struct hmm_mirror *mirror)
{
	might_sleep();
	hmm_mirror_kill(mirror);
	hmm_mirror_put(mirror);
	if (!defect(hmm_mirror_unregister_hurries))
		wait_for_completion(&mirror->gone);
}

static void hmm_mirror_error(struct hmm_mirror *mirror)
{
	if (!hmm_mirror_get(mirror))
		return;
	hmm_mirror_kill(mirror);
	hmm_mirror_put(mirror);
}

/* ---- callbacks of the notifier ---- */

/* The first mirror that is still there: claimed by us, or else with a reference for us. */
static struct hmm_mirror *hmm_first_mirror(struct hmm *hmm, bool *ret_ours)
{
	struct hmm_mirror *mirror;

	down_write(&hmm->rwsem);
	mirror = hlist_entry_safe(hmm->mirrors.first, struct hmm_mirror, mlist);
	if (mirror)
		*ret_ours = hmm_mirror_claim(mirror);
	if (mirror && !*ret_ours)
		kref_get(&mirror->kref);
	up_write(&hmm->rwsem);
	return mirror;
}

static void hmm_wait_for_release(struct hmm_mirror *mirror)
{
	wait_for_completion(&mirror->released);
	hmm_mirror_put(mirror);
}

/*
 * When it returns pages are freed: every mirror was released by then, by us or by a thread that was
 * there before us. A second run, or one beside it, releases nothing twice.
 */
static void hmm_notifier_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct hmm *hmm = hmm_of(subscription);
	struct hmm_mirror *mirror;
	bool ours;

	while ((mirror = hmm_first_mirror(hmm, &ours))) {
		if (!ours) {
			hmm_wait_for_release(mirror);
			continue;
		}
		if (!defect(hmm_notifier_release_skips_release))
			hmm_mirror_release(mirror);
		hmm_mirror_unlink(mirror);
	}
}

/* Also mirrors that are being released: a page may not go before the device let it go. */
static int hmm_invalidate_range_start(struct mmu_notifier *subscription,
				      const struct mmu_notifier_range *range)
{
	struct hmm *hmm = hmm_of(subscription);
	struct hmm_mirror *mirror;

	if (!defect(hmm_invalidate_walks_unlocked))
		down_read(&hmm->rwsem);
	hlist_for_each_entry(mirror, &hmm->mirrors, mlist)
		mirror->device->ops->invalidate(mirror, range->start, range->end);
	if (!defect(hmm_invalidate_walks_unlocked))
		up_read(&hmm->rwsem);
	return 0;
}

static struct mmu_notifier *hmm_alloc_notifier(struct mm_struct *mm)
{
	struct hmm *hmm = kzalloc(sizeof(*hmm), GFP_KERNEL);

	if (!hmm)
		return ERR_PTR(-ENOMEM);
	init_rwsem(&hmm->rwsem);
	INIT_HLIST_HEAD(&hmm->mirrors);
	return &hmm->mmu_notifier;
}

/* A user per mirror, so none can be left; nor anybody inside, after the grace period. */
static void hmm_free_notifier(struct mmu_notifier *subscription)
{
	struct hmm *hmm = hmm_of(subscription);

	WARN_ON(!hlist_empty(&hmm->mirrors));
	kfree(hmm);
}

static const struct mmu_notifier_ops hmm_mmu_notifier_ops = {
	.release = hmm_notifier_release,
	.invalidate_range_start = hmm_invalidate_range_start,
	.alloc_notifier = hmm_alloc_notifier,
	.free_notifier = hmm_free_notifier,
};

/* ---- the beginning of a mirror ---- */

/* A wrong one: never looks for the hmm that the mm has. */
static struct mmu_notifier *hmm_create(struct mm_struct *mm)
{
	struct mmu_notifier *subscription = hmm_alloc_notifier(mm);
	int ret;

	if (IS_ERR(subscription))
		return subscription;
	subscription->ops = &hmm_mmu_notifier_ops;
	ret = mmu_notifier_register(subscription, mm);
	if (!ret)
		return subscription;
	hmm_free_notifier(subscription);
	return ERR_PTR(ret);
}

/* The one hmm of @mm, with a user for a mirror (INV-53). */
static struct mmu_notifier *hmm_get(struct mm_struct *mm)
{
	if (defect(hmm_get_makes_a_new_one))
		return hmm_create(mm);
	return mmu_notifier_get(&hmm_mmu_notifier_ops, mm);
}

/* rwsem held. */
static bool hmm_has_device(struct hmm *hmm, struct hmm_device *device)
{
	struct hmm_mirror *mirror;

	hlist_for_each_entry(mirror, &hmm->mirrors, mlist)
		if (mirror->device == device)
			return true;
	return false;
}

/* From the list on, callbacks come: the list's reference and all that they read is set before. */
static int hmm_link(struct hmm *hmm, struct hmm_mirror *mirror)
{
	int ret = -EEXIST;

	down_write(&hmm->rwsem);
	if (!hmm_has_device(hmm, mirror->device)) {
		kref_get(&mirror->kref);
		hlist_add_head(&mirror->mlist, &hmm->mirrors);
		ret = 0;
	}
	up_write(&hmm->rwsem);
	return ret;
}

static void hmm_mirror_init(struct hmm_mirror *mirror, struct hmm_device *device, struct hmm *hmm)
{
	mirror->device = device;
	mirror->hmm = hmm;
	kref_init(&mirror->kref);
	INIT_LIST_HEAD(&mirror->dlist);
	INIT_HLIST_NODE(&mirror->mlist);
	init_completion(&mirror->released);
	init_completion(&mirror->gone);
	if (!defect(hmm_mirror_init_keeps_claimed))
		mirror->claimed = false;
}

/*
 * mm_users is pinned, so exit cannot come between the get and the link; the device is pinned by the
 * caller, and by the mirror from hmm_device_link() on.
 */
static int hmm_mirror_register(struct hmm_mirror *mirror, struct hmm_device *device,
			       struct mm_struct *mm)
{
	struct mmu_notifier *subscription = hmm_get(mm);
	int ret;

	if (IS_ERR(subscription))
		return PTR_ERR(subscription);
	hmm_mirror_init(mirror, device, hmm_of(subscription));
	ret = hmm_link(mirror->hmm, mirror);
	if (ret) {
		mmu_notifier_put(subscription);
		return ret;
	}
	hmm_device_link(device, mirror);
	return 0;
}

static struct mmu_notifier *hmm_mirror_notifier(struct hmm_mirror *mirror)
{
	return &mirror->hmm->mmu_notifier;
}

const struct hmm_core hmm_core = {
	.device_register = hmm_device_register,
	.device_unregister = hmm_device_unregister,
	.mirror_register = hmm_mirror_register,
	.mirror_unregister = hmm_mirror_unregister,
	.mirror_error = hmm_mirror_error,
	.mirror_get = hmm_mirror_get,
	.mirror_put = hmm_mirror_put,
	.mirror_notifier = hmm_mirror_notifier,
};
