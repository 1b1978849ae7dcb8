/*
 * mmu_notifier.c - who is told when an address space changes or ends.
 *
 * The one idea: callbacks are called from an SRCU walk of a list, never under a lock, so they may
 * sleep and may drop the very notifier that is being called. Unlinking is idempotent and keeps the
 * next pointer; memory goes only after a grace period. Exit and unregister need no agreement about
 * who unlinks: both may call release(), both wait for SRCU readers, neither waits for the other.
 *
 * What protects what:
 *   mm->notifier_subscriptions  written once, mmap_lock held for write, which stands for "all locks
 *                               under which somebody may invalidate"; kept until the mm is freed
 *   adding to the list          the same, and subscriptions->lock
 *   removing from the list      subscriptions->lock
 *   walking the list            srcu, one domain for all address spaces
 *   users                       subscriptions->lock
 * Lock order: mmap_lock -> subscriptions->lock. Callbacks are under no lock of this file.
 *
 * Left out: interval notifiers and non-blockable ranges.
 */
#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/rculist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "zoo/defect.h"

struct mmu_notifier_subscriptions {
	struct hlist_head list;
	spinlock_t lock;
};

DEFINE_STATIC_SRCU(srcu);

/* ---- registration ---- */

static struct mmu_notifier_subscriptions *subscriptions_alloc(void)
{
	struct mmu_notifier_subscriptions *subscriptions;

	subscriptions = kzalloc(sizeof(*subscriptions), GFP_KERNEL);
	if (!subscriptions)
		return NULL;
	INIT_HLIST_HEAD(&subscriptions->list);
	spin_lock_init(&subscriptions->lock);
	return subscriptions;
}

/* The first registration makes them; a failed one leaves no trace (INV-02, INV-03). */
static int subscriptions_make(struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions;

	if (mm->notifier_subscriptions)
		return 0;
	subscriptions = subscriptions_alloc();
	if (!subscriptions)
		return -ENOMEM;
	smp_store_release(&mm->notifier_subscriptions, subscriptions);
	return 0;
}

/* Everything a callback reads is set before the walkers can find it (INV-01). */
static void subscription_link(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;

	mmgrab(mm);
	subscription->mm = mm;
	subscription->users = 1;
	spin_lock(&subscriptions->lock);
	hlist_add_head_rcu(&subscription->hlist, &subscriptions->list);
	spin_unlock(&subscriptions->lock);
}

int __mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	int ret;

	mmap_assert_write_locked(mm);
	BUG_ON(atomic_read(&mm->mm_users) <= 0);
	ret = subscriptions_make(mm);
	if (ret)
		return ret;
	subscription_link(subscription, mm);
	BUG_ON(atomic_read(&mm->mm_users) <= 0);
	return 0;
}

int mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	int ret;

	might_sleep();
	mmap_write_lock(mm);
	ret = __mmu_notifier_register(subscription, mm);
	mmap_write_unlock(mm);
	return ret;
}

/* What is still in the list has users; a dying one was unlinked with its last user (INV-06). */
static struct mmu_notifier *subscription_find_get(const struct mmu_notifier_ops *ops,
						  struct mmu_notifier_subscriptions *subscriptions)
{
	struct mmu_notifier *subscription;

	spin_lock(&subscriptions->lock);
	hlist_for_each_entry(subscription, &subscriptions->list, hlist)
		if (subscription->ops == ops)
			break;
	if (subscription && subscription->users == UINT_MAX)
		subscription = ERR_PTR(-EOVERFLOW);
	else if (subscription)
		subscription->users++;
	spin_unlock(&subscriptions->lock);
	return subscription;
}

/* A failed registration gives back what alloc_notifier() gave, at once: nobody saw it (INV-07). */
static struct mmu_notifier *subscription_create(const struct mmu_notifier_ops *ops,
						struct mm_struct *mm)
{
	struct mmu_notifier *subscription = ops->alloc_notifier(mm);
	int ret;

	if (IS_ERR(subscription))
		return subscription;
	subscription->ops = ops;
	ret = __mmu_notifier_register(subscription, mm);
	if (!ret)
		return subscription;
	ops->free_notifier(subscription);
	return ERR_PTR(ret);
}

/* mmap_lock keeps two callers from creating one each (INV-05). */
struct mmu_notifier *mmu_notifier_get_locked(const struct mmu_notifier_ops *ops,
					     struct mm_struct *mm)
{
	struct mmu_notifier *subscription = NULL;

	mmap_assert_write_locked(mm);
	if (mm->notifier_subscriptions)
		subscription = subscription_find_get(ops, mm->notifier_subscriptions);
	return subscription ? subscription : subscription_create(ops, mm);
}

struct mmu_notifier *mmu_notifier_get(const struct mmu_notifier_ops *ops, struct mm_struct *mm)
{
	struct mmu_notifier *subscription;

	might_sleep();
	mmap_write_lock(mm);
	subscription = mmu_notifier_get_locked(ops, mm);
	mmap_write_unlock(mm);
	return subscription;
}

/* ---- the end of a registration ---- */

static void subscription_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	if (subscription->ops->release)
		subscription->ops->release(subscription, mm);
}

/* The mm is dropped last: free_notifier() may look at it (INV-15, INV-19). */
static void subscription_free_rcu(struct rcu_head *rcu)
{
	struct mmu_notifier *subscription = container_of(rcu, struct mmu_notifier, rcu);
	struct mm_struct *mm = subscription->mm;

	subscription->ops->free_notifier(subscription);
	mmdrop(mm);
}

/* subscriptions->lock held. Returns: was it the last user? One put too many is ignored. */
static bool subscription_drop_user(struct mmu_notifier *subscription)
{
	if (WARN_ON(!subscription->users))
		return false;
	return --subscription->users == 0;
}

void mmu_notifier_put(struct mmu_notifier *subscription)
{
	struct mmu_notifier_subscriptions *subscriptions = subscription->mm->notifier_subscriptions;
	bool last = false;

	if (defect(mmu_notifier_put_counts_unlocked))
		last = subscription_drop_user(subscription);
	spin_lock(&subscriptions->lock);
	if (!defect(mmu_notifier_put_counts_unlocked))
		last = subscription_drop_user(subscription);
	if (last)
		hlist_del_init_rcu(&subscription->hlist);
	spin_unlock(&subscriptions->lock);
	if (!last)
		return;
	if (defect(mmu_notifier_put_frees_at_once))
		return subscription_free_rcu(&subscription->rcu);
	call_srcu(&srcu, &subscription->rcu, subscription_free_rcu);
}

/* The loser against exit finds it unlinked, which must not hurt (INV-18). */
static void subscription_unlink(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;

	spin_lock(&subscriptions->lock);
	if (!defect(mmu_notifier_unregister_plain_del))
		hlist_del_init_rcu(&subscription->hlist);
	if (defect(mmu_notifier_unregister_plain_del))
		hlist_del_rcu(&subscription->hlist);
	spin_unlock(&subscriptions->lock);
}

/*
 * Release comes before the unlink, or pages could be freed in between with nobody told. The test is
 * outside the reader, as it has always been: exit may unlink, and even finish, between the two, so
 * release() may come twice, and late.
 */
void mmu_notifier_unregister(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	int id;

	might_sleep();
	if (!hlist_unhashed(&subscription->hlist)) {
		id = srcu_read_lock(&srcu);
		subscription_release(subscription, mm);
		srcu_read_unlock(&srcu, id);
		subscription_unlink(subscription, mm);
	}
	/* Exit or an invalidation may be inside a callback; the caller frees the memory next. */
	if (!defect(mmu_notifier_unregister_hurries))
		synchronize_srcu(&srcu);
	mmdrop(mm);
}

/* Readers first, then the callbacks that they queued: the one does not imply the other. */
void mmu_notifier_synchronize(void)
{
	might_sleep();
	synchronize_srcu(&srcu);
	srcu_barrier(&srcu);
}

void mmu_notifier_release_again(struct mmu_notifier *subscription, struct mm_struct *mm, bool late)
{
	int id;

	if (late && hlist_unhashed(&subscription->hlist))
		return;
	id = srcu_read_lock(&srcu);
	if (late || !hlist_unhashed(&subscription->hlist))
		subscription_release(subscription, mm);
	srcu_read_unlock(&srcu, id);
}

/* ---- exit ---- */

/* An unlocked test, on purpose: who comes later than it has nothing to be told. */
static bool has_subscribers(const struct mmu_notifier_subscriptions *subscriptions)
{
	return subscriptions && !hlist_empty(&subscriptions->list);
}

static void unlink_all(struct mmu_notifier_subscriptions *subscriptions)
{
	struct mmu_notifier *subscription;

	spin_lock(&subscriptions->lock);
	while (subscriptions->list.first) {
		subscription = hlist_entry(subscriptions->list.first, struct mmu_notifier, hlist);
		hlist_del_init_rcu(&subscription->hlist);
	}
	spin_unlock(&subscriptions->lock);
}

/*
 * One reader over both steps: release() may drop its notifier, whose memory must last until it is
 * unlinked here. The closing wait is for a release() that an unregister is running.
 */
void mmu_notifier_release(struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;
	struct mmu_notifier *subscription;
	int id;

	if (!has_subscribers(subscriptions))
		return;
	id = srcu_read_lock(&srcu);
	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		subscription_release(subscription, mm);
	unlink_all(subscriptions);
	srcu_read_unlock(&srcu, id);
	synchronize_srcu(&srcu);
}

void mmu_notifier_subscriptions_destroy(struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;

	if (!subscriptions)
		return;
	WARN_ON(!hlist_empty(&subscriptions->list));
	kfree(subscriptions);
	mm->notifier_subscriptions = NULL;
}

/* ---- invalidation ---- */

/* Every range is blockable, so no callback has a reason to fail (INV-26). */
void mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	struct mmu_notifier_subscriptions *subscriptions = range->mm->notifier_subscriptions;
	struct mmu_notifier *subscription;
	int id;

	might_sleep();
	if (!has_subscribers(subscriptions))
		return;
	id = srcu_read_lock(&srcu);
	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		if (subscription->ops->invalidate_range_start)
			WARN_ON(subscription->ops->invalidate_range_start(subscription, range));
	srcu_read_unlock(&srcu, id);
}

void mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range)
{
	struct mmu_notifier_subscriptions *subscriptions = range->mm->notifier_subscriptions;
	struct mmu_notifier *subscription;
	int id;

	if (!has_subscribers(subscriptions))
		return;
	id = srcu_read_lock(&srcu);
	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		if (subscription->ops->invalidate_range_end)
			subscription->ops->invalidate_range_end(subscription, range);
	srcu_read_unlock(&srcu, id);
}
