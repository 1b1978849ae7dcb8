/*
 * mmu_notifier.c - who is told when an address space changes or ends.
 *
 * The one idea: callbacks are called from an SRCU walk of a list, never under a lock, so they may
 * sleep and may drop the very notifier that is being called. Unlinking is idempotent and keeps the
 * next pointer; memory goes only after a grace period. Exit and unregister need no agreement about
 * who unlinks: both may call release(), both wait for SRCU readers, neither waits for the other.
 *
 * What protects what:
 *   mm->notifier_subscriptions  written once, under all locks under which somebody may invalidate;
 *                               kept until the mm is freed
 *   adding to the list          the same, and subscriptions->lock
 *   removing from the list      subscriptions->lock
 *   walking the list            srcu, one domain for all address spaces
 *   users                       subscriptions->lock
 * Lock order: mmap_lock -> rmap_lock -> subscriptions->lock. Callbacks are under no lock of this
 * file. Interval notifiers are in interval.c; where both are told, they come first.
 */
#define MMU_NOTIFIER_UNWATCHED
#include <linux/err.h>
#include <linux/rculist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "core/subscriptions.h"
#include "zoo/defect.h"

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
	interval_subscriptions_init(subscriptions);
	return subscriptions;
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

/* All locks are held: nobody stands between a start and its end (INV-24). */
static void register_locked(struct mmu_notifier *subscription, struct mm_struct *mm,
			    struct mmu_notifier_subscriptions *fresh)
{
	if (fresh)
		smp_store_release(&mm->notifier_subscriptions, fresh);
	if (subscription)
		subscription_link(subscription, mm);
	else
		WRITE_ONCE(mm->notifier_subscriptions->has_itree, true);
}

/* With tables that the device shares one call under the page table lock says it all. */
static bool ops_exclude_each_other(const struct mmu_notifier_ops *ops)
{
	return ops->arch_invalidate_secondary_tlbs &&
	       (ops->invalidate_range_start || ops->invalidate_range_end);
}

/* A failed call leaves no trace (INV-02, INV-03). */
int __mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *fresh = NULL;
	int ret;

	mmap_assert_write_locked(mm);
	BUG_ON(atomic_read(&mm->mm_users) <= 0);
	if (subscription && WARN_ON(ops_exclude_each_other(subscription->ops)))
		return -EINVAL;
	if (!mm->notifier_subscriptions) {
		fresh = subscriptions_alloc();
		if (!fresh)
			return -ENOMEM;
	}
	ret = mm_take_all_locks(mm);
	if (ret) {
		if (!defect(mmu_notifier_register_leaks_subscriptions))
			kfree(fresh);
		return ret;
	}
	register_locked(subscription, mm, fresh);
	mm_drop_all_locks(mm);
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

/* As if something between the search and the new notifier could not be done under mmap_lock. */
static void mmap_write_relock(struct mm_struct *mm)
{
	mmap_write_unlock(mm);
	mmap_write_lock(mm);
}

/* mmap_lock keeps two callers from creating one each (INV-05). */
struct mmu_notifier *mmu_notifier_get_locked(const struct mmu_notifier_ops *ops,
					     struct mm_struct *mm)
{
	struct mmu_notifier *subscription = NULL;

	mmap_assert_write_locked(mm);
	if (mm->notifier_subscriptions)
		subscription = subscription_find_get(ops, mm->notifier_subscriptions);
	if (subscription)
		return subscription;
	if (defect(mmu_notifier_get_searches_once))
		mmap_write_relock(mm);
	return subscription_create(ops, mm);
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
KAPI_STAYS(subscription_free_rcu);

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

	/* Registered, and not got: only the caller can end that. */
	if (WARN_ON(!subscription->ops->free_notifier))
		return;
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
	if (defect(mmu_notifier_put_releases))
		subscription_release(subscription, subscription->mm);
	if (defect(mmu_notifier_put_waits))
		synchronize_srcu(&srcu);
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
 * Exit clears the mark of what it unlinks, and no barrier orders the two stores for a reader that begins
 * between them and a grace period. A grace period behind its lock begins after both.
 */
static void pass_unlinker(struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;

	if (!subscriptions) /* it was never registered */
		return;
	spin_lock(&subscriptions->lock);
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
		if (defect(mmu_notifier_unregister_unlinks_first))
			subscription_unlink(subscription, mm);
		subscription_release(subscription, mm);
		srcu_read_unlock(&srcu, id);
		subscription_unlink(subscription, mm);
	} else {
		pass_unlinker(mm);
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
	if (!defect(mmu_notifier_synchronize_skips_readers))
		synchronize_srcu(&srcu);
	if (!defect(mmu_notifier_synchronize_skips_callbacks))
		srcu_barrier(&srcu);
}

void mmu_notifier_barrier(void)
{
	might_sleep();
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

/* Set under all locks, so whoever holds one of them, or is the last user, sees what is true. */
static bool has_intervals(const struct mmu_notifier_subscriptions *subscriptions)
{
	return subscriptions && subscriptions->has_itree;
}

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

static struct mmu_notifier *unlink_first(struct mmu_notifier_subscriptions *subscriptions)
{
	struct mmu_notifier *subscription = NULL;

	spin_lock(&subscriptions->lock);
	if (subscriptions->list.first) {
		subscription = hlist_entry(subscriptions->list.first, struct mmu_notifier, hlist);
		hlist_del_init_rcu(&subscription->hlist);
	}
	spin_unlock(&subscriptions->lock);
	return subscription;
}

/* As it was until 2012: from the unlink to release() nobody tells the client of a change. */
static void unlink_and_release(struct mmu_notifier_subscriptions *subscriptions,
			       struct mm_struct *mm)
{
	struct mmu_notifier *subscription;

	while ((subscription = unlink_first(subscriptions)))
		subscription_release(subscription, mm);
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

	if (has_intervals(subscriptions))
		interval_release(subscriptions, mm);
	if (!has_subscribers(subscriptions))
		return;
	id = srcu_read_lock(&srcu);
	if (defect(mmu_notifier_release_unlinks_first))
		unlink_and_release(subscriptions, mm);
	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		subscription_release(subscription, mm);
	if (!defect(mmu_notifier_release_keeps_list))
		unlink_all(subscriptions);
	srcu_read_unlock(&srcu, id);
	KAPI_NOTE(exit_unlinked, mm, 0);
	if (!defect(mmu_notifier_release_hurries))
		synchronize_srcu(&srcu);
	KAPI_NOTE(exit_waited, mm, 0);
}

void mmu_notifier_subscriptions_destroy(struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;

	if (!subscriptions)
		return;
	WARN_ON(!hlist_empty(&subscriptions->list));
	interval_subscriptions_check(subscriptions);
	kfree(subscriptions);
	mm->notifier_subscriptions = NULL;
}

/* ---- invalidation ---- */

/* In a reader. Also where some could not start: those that have an end did start (INV-23). */
static void range_tell_end(struct mmu_notifier_subscriptions *subscriptions,
			   struct mmu_notifier_range *range)
{
	struct mmu_notifier *subscription;

	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		if (subscription->ops->invalidate_range_end)
			subscription->ops->invalidate_range_end(subscription, range);
}

/* Only ops without an end may fail, and only where they may not block (INV-26). */
static int subscription_range_start(struct mmu_notifier *subscription,
				    struct mmu_notifier_range *range)
{
	const struct mmu_notifier_ops *ops = subscription->ops;
	bool block = mmu_notifier_range_blockable(range);
	int ret;

	if (!ops->invalidate_range_start)
		return 0;
	if (!block)
		non_block_start();
	ret = ops->invalidate_range_start(subscription, range);
	if (!block)
		non_block_end();
	WARN_ON(ret && (block || ret != -EAGAIN || ops->invalidate_range_end));
	return ret;
}

/* All are called, also after one failed: who starts late must not miss the roll-back. */
static int list_range_start(struct mmu_notifier_subscriptions *subscriptions,
			    struct mmu_notifier_range *range)
{
	struct mmu_notifier *subscription;
	int ret = 0, id;

	id = srcu_read_lock(&srcu);
	if (defect(mmu_notifier_start_walks_in_rcu))
		rcu_read_lock();
	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		if (subscription_range_start(subscription, range))
			ret = -EAGAIN;
	if (defect(mmu_notifier_start_walks_in_rcu))
		rcu_read_unlock();
	if (ret && !defect(mmu_notifier_start_skips_roll_back))
		range_tell_end(subscriptions, range);
	srcu_read_unlock(&srcu, id);
	return ret;
}

/* When the classic part fails the interval part is ended: the caller has no end to call (INV-36). */
static int range_start(struct mmu_notifier_range *range)
{
	struct mmu_notifier_subscriptions *subscriptions = range->mm->notifier_subscriptions;
	int ret;

	if (has_intervals(subscriptions)) {
		ret = interval_invalidate(subscriptions, range);
		if (ret)
			return ret;
	}
	if (!has_subscribers(subscriptions))
		return 0;
	ret = list_range_start(subscriptions, range);
	if (ret && has_intervals(subscriptions) && !defect(mmu_notifier_start_leaves_intervals))
		interval_invalidate_end(subscriptions);
	return ret;
}

void mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	might_sleep();
	range->flags |= MMU_NOTIFIER_RANGE_BLOCKABLE;
	range_start(range);
}

int mmu_notifier_invalidate_range_start_nonblock(struct mmu_notifier_range *range)
{
	range->flags &= ~MMU_NOTIFIER_RANGE_BLOCKABLE;
	return range_start(range);
}

static void list_range_end(struct mmu_notifier_subscriptions *subscriptions,
			   struct mmu_notifier_range *range)
{
	int id = srcu_read_lock(&srcu);

	range_tell_end(subscriptions, range);
	srcu_read_unlock(&srcu, id);
}

void mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range)
{
	struct mmu_notifier_subscriptions *subscriptions = range->mm->notifier_subscriptions;

	if (has_intervals(subscriptions))
		interval_invalidate_end(subscriptions);
	if (has_subscribers(subscriptions))
		list_range_end(subscriptions, range);
}

void mmu_notifier_arch_invalidate_secondary_tlbs(struct mm_struct *mm, unsigned long start,
						 unsigned long end)
{
	struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;
	struct mmu_notifier *subscription;
	int id;

	if (!has_subscribers(subscriptions))
		return;
	id = srcu_read_lock(&srcu);
	hlist_for_each_entry_srcu(subscription, &subscriptions->list, hlist,
				  srcu_read_lock_held(&srcu))
		if (subscription->ops->arch_invalidate_secondary_tlbs)
			subscription->ops->arch_invalidate_secondary_tlbs(subscription, mm, start,
									  end);
	srcu_read_unlock(&srcu, id);
}

/* ---- which pages are used ---- */

#define for_each_young(mm, op, ...)                                                                \
	({                                                                                         \
		struct mmu_notifier_subscriptions *subscriptions_ = (mm)->notifier_subscriptions;  \
		struct mmu_notifier *subscription_;                                                \
		int young_ = 0, id_;                                                               \
		if (has_subscribers(subscriptions_)) {                                             \
			id_ = srcu_read_lock(&srcu);                                               \
			hlist_for_each_entry_srcu(subscription_, &subscriptions_->list, hlist,     \
						  srcu_read_lock_held(&srcu))                      \
				if (subscription_->ops->op)                                        \
					young_ |= subscription_->ops->op(subscription_, (mm),      \
									 __VA_ARGS__);             \
			srcu_read_unlock(&srcu, id_);                                              \
		}                                                                                  \
		young_;                                                                            \
	})

int mmu_notifier_clear_flush_young(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	return for_each_young(mm, clear_flush_young, start, end);
}

int mmu_notifier_clear_young(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	return for_each_young(mm, clear_young, start, end);
}

int mmu_notifier_test_young(struct mm_struct *mm, unsigned long address)
{
	return for_each_young(mm, test_young, address);
}
