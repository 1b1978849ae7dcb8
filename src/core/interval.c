/*
 * interval.c - who mapped this range, and when may it be mapped again?
 *
 * The one idea: a sequence number, odd while something is changing in an interval of the tree. A
 * reader takes the number of its own interval, reads page tables, and throws away what it read when
 * an invalidation has set another number meanwhile. While the number is odd the tree is frozen, so
 * invalidations walk it under no lock; who wants in or out meanwhile is put on a list, which the
 * last invalidation to end works off.
 *
 * What protects what:
 *   itree, deferred_list, invalidate_seq,      subscriptions->lock; the tree does not change while
 *   active_invalidate_ranges                   invalidate_seq is odd (INV-32)
 *   invalidate_seq of an interval              the client's lock; always odd (INV-33)
 * Lock order: the client's lock and subscriptions->lock are never held together here.
 *
 * mm_count: one reference per interval, from insert to remove.
 */
#include <linux/err.h>
#include <linux/sched/mm.h>

#include "core/subscriptions.h"
#include "zoo/defect.h"

void interval_subscriptions_init(struct mmu_notifier_subscriptions *subscriptions)
{
	subscriptions->itree = (struct rb_root_cached)RB_ROOT_CACHED;
	/* Even, and such that the odd number before it is one too. */
	subscriptions->invalidate_seq = 2;
	init_waitqueue_head(&subscriptions->wq);
	INIT_HLIST_HEAD(&subscriptions->deferred_list);
}

void interval_subscriptions_check(struct mmu_notifier_subscriptions *subscriptions)
{
	WARN_ON(!RB_EMPTY(&subscriptions->itree));
	WARN_ON(subscriptions->deferred_list.first);
	WARN_ON(subscriptions->active_invalidate_ranges);
	WARN_ON(subscriptions->invalidate_seq & 1);
}

/* subscriptions->lock held. Is the tree frozen, because somebody who is in it was told? */
static bool is_invalidating(const struct mmu_notifier_subscriptions *subscriptions)
{
	return subscriptions->invalidate_seq & 1;
}

/* subscriptions->lock held. Marked: a reader that waits looks at the number under no lock. */
static void freeze(struct mmu_notifier_subscriptions *subscriptions)
{
	if (!is_invalidating(subscriptions))
		WRITE_ONCE(subscriptions->invalidate_seq, subscriptions->invalidate_seq | 1);
}

static struct mmu_interval_notifier *interval_of(struct interval_tree_node *node)
{
	return node ? container_of(node, struct mmu_interval_notifier, interval_tree) : NULL;
}

/* ---- invalidation ---- */

/* Returns: the first interval that overlaps; from here to the end the tree stays as it is. */
static struct mmu_interval_notifier *
interval_start_range(struct mmu_notifier_subscriptions *subscriptions,
		     const struct mmu_notifier_range *range, unsigned long *ret_seq)
{
	struct interval_tree_node *node;

	spin_lock(&subscriptions->lock);
	subscriptions->active_invalidate_ranges++;
	node = interval_tree_iter_first(&subscriptions->itree, range->start, range->end - 1);
	if (node)
		freeze(subscriptions);
	*ret_seq = subscriptions->invalidate_seq;
	spin_unlock(&subscriptions->lock);
	return interval_of(node);
}

static struct mmu_interval_notifier *interval_next(struct mmu_interval_notifier *interval_sub,
						   const struct mmu_notifier_range *range)
{
	return interval_of(interval_tree_iter_next(&interval_sub->interval_tree, range->start,
						   range->end - 1));
}

/* subscriptions->lock held, the number is even again: who waited to get in or out does it now. */
static void apply_deferred(struct mmu_notifier_subscriptions *subscriptions)
{
	struct mmu_interval_notifier *interval_sub;

	while (subscriptions->deferred_list.first) {
		interval_sub = hlist_entry(subscriptions->deferred_list.first,
					   struct mmu_interval_notifier, deferred_item);
		hlist_del_init(&interval_sub->deferred_item);
		if (interval_tree_has_node(&interval_sub->interval_tree))
			interval_tree_remove(&interval_sub->interval_tree, &subscriptions->itree);
		else
			interval_tree_insert(&interval_sub->interval_tree, &subscriptions->itree);
	}
}

/* Each number is closed once, by the last one out; all who wait for it see it change (INV-31). */
void interval_invalidate_end(struct mmu_notifier_subscriptions *subscriptions)
{
	spin_lock(&subscriptions->lock);
	if (--subscriptions->active_invalidate_ranges || !is_invalidating(subscriptions)) {
		spin_unlock(&subscriptions->lock);
		return;
	}
	WRITE_ONCE(subscriptions->invalidate_seq, subscriptions->invalidate_seq + 1);
	apply_deferred(subscriptions);
	spin_unlock(&subscriptions->lock);
	wake_up_all(&subscriptions->wq);
}

/* What a client hands back is finished after the walk, also when the walk stops. */
static bool interval_call_first(struct mmu_interval_notifier *interval_sub,
				const struct mmu_notifier_range *range, unsigned long cur_seq,
				struct mmu_interval_notifier_finish **finishes)
{
	struct mmu_interval_notifier_finish *finish = NULL;
	bool ok;

	if (!interval_sub->ops->invalidate_start)
		return interval_sub->ops->invalidate(interval_sub, range, cur_seq);
	ok = interval_sub->ops->invalidate_start(interval_sub, range, cur_seq, &finish);
	if (finish) {
		finish->notifier = interval_sub;
		finish->next = *finishes;
		*finishes = finish;
	}
	return ok;
}

static bool interval_call(struct mmu_interval_notifier *interval_sub,
			  const struct mmu_notifier_range *range, unsigned long cur_seq,
			  struct mmu_interval_notifier_finish **finishes)
{
	bool ok;

	if (mmu_notifier_range_blockable(range))
		return interval_call_first(interval_sub, range, cur_seq, finishes);
	non_block_start();
	ok = interval_call_first(interval_sub, range, cur_seq, finishes);
	non_block_end();
	return ok;
}

/* The client may free or reuse the object in the call (INV-38). */
static void interval_finish(struct mmu_interval_notifier_finish *finish)
{
	struct mmu_interval_notifier_finish *next;

	for (; finish; finish = next) {
		next = finish->next;
		finish->notifier->ops->invalidate_finish(finish);
	}
}

int interval_invalidate(struct mmu_notifier_subscriptions *subscriptions,
			const struct mmu_notifier_range *range)
{
	struct mmu_interval_notifier_finish *finishes = NULL;
	struct mmu_interval_notifier *interval_sub;
	unsigned long cur_seq;
	bool ok = true;

	interval_sub = interval_start_range(subscriptions, range, &cur_seq);
	for (; interval_sub && ok; interval_sub = interval_next(interval_sub, range))
		ok = interval_call(interval_sub, range, cur_seq, &finishes);
	interval_finish(finishes);
	if (ok)
		return 0;
	WARN_ON(mmu_notifier_range_blockable(range));
	interval_invalidate_end(subscriptions);
	return -EAGAIN;
}

void interval_release(struct mmu_notifier_subscriptions *subscriptions, struct mm_struct *mm)
{
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_RELEASE, MMU_NOTIFIER_RANGE_BLOCKABLE, mm, 0,
				ULONG_MAX);
	interval_invalidate(subscriptions, &range);
	interval_invalidate_end(subscriptions);
}

/* ---- insert ---- */

/* subscriptions->lock held. A reader that starts now must wait for what is going on (INV-37). */
static void interval_link(struct mmu_interval_notifier *interval_sub,
			  struct mmu_notifier_subscriptions *subscriptions)
{
	if (subscriptions->active_invalidate_ranges && is_invalidating(subscriptions)) {
		hlist_add_head(&interval_sub->deferred_item, &subscriptions->deferred_list);
		interval_sub->invalidate_seq = subscriptions->invalidate_seq;
		return;
	}
	interval_tree_insert(&interval_sub->interval_tree, &subscriptions->itree);
	if (subscriptions->active_invalidate_ranges) {
		freeze(subscriptions);
		interval_sub->invalidate_seq = subscriptions->invalidate_seq;
		return;
	}
	/* Odd, and no number that is or will be. */
	interval_sub->invalidate_seq = subscriptions->invalidate_seq - 1;
}

static int interval_insert(struct mmu_interval_notifier *interval_sub, struct mm_struct *mm,
			   struct mmu_notifier_subscriptions *subscriptions, unsigned long start,
			   unsigned long length, const struct mmu_interval_notifier_ops *ops)
{
	interval_sub->mm = NULL;
	if (!length || start > ULONG_MAX - (length - 1))
		return -EOVERFLOW;
	if (WARN_ON(atomic_read(&mm->mm_users) <= 0))
		return -EINVAL;
	interval_tree_init_node(&interval_sub->interval_tree);
	INIT_HLIST_NODE(&interval_sub->deferred_item);
	interval_sub->ops = ops;
	interval_sub->interval_tree.start = start;
	interval_sub->interval_tree.last = start + length - 1;
	interval_sub->mm = mm;
	mmgrab(mm);
	spin_lock(&subscriptions->lock);
	interval_link(interval_sub, subscriptions);
	spin_unlock(&subscriptions->lock);
	return 0;
}

static struct mmu_notifier_subscriptions *ready_subscriptions(struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subscriptions;

	subscriptions = smp_load_acquire(&mm->notifier_subscriptions);
	return subscriptions && READ_ONCE(subscriptions->has_itree) ? subscriptions : NULL;
}

int mmu_interval_notifier_insert(struct mmu_interval_notifier *interval_sub, struct mm_struct *mm,
				 unsigned long start, unsigned long length,
				 const struct mmu_interval_notifier_ops *ops)
{
	struct mmu_notifier_subscriptions *subscriptions;
	int ret;

	might_sleep();
	interval_sub->mm = NULL;
	subscriptions = ready_subscriptions(mm);
	if (!subscriptions) {
		ret = mmu_notifier_register(NULL, mm);
		if (ret)
			return ret;
		subscriptions = mm->notifier_subscriptions;
	}
	return interval_insert(interval_sub, mm, subscriptions, start, length, ops);
}

int mmu_interval_notifier_insert_locked(struct mmu_interval_notifier *interval_sub,
					struct mm_struct *mm, unsigned long start,
					unsigned long length,
					const struct mmu_interval_notifier_ops *ops)
{
	int ret;

	mmap_assert_write_locked(mm);
	interval_sub->mm = NULL;
	if (!ready_subscriptions(mm)) {
		ret = __mmu_notifier_register(NULL, mm);
		if (ret)
			return ret;
	}
	return interval_insert(interval_sub, mm, mm->notifier_subscriptions, start, length, ops);
}

/* ---- remove ---- */

static bool seq_changed(struct mmu_notifier_subscriptions *subscriptions, unsigned long seq)
{
	bool changed;

	spin_lock(&subscriptions->lock);
	changed = subscriptions->invalidate_seq != seq;
	spin_unlock(&subscriptions->lock);
	return changed;
}

/*
 * subscriptions->lock held. Returns: the number to wait out, or 0: it is out. One that was never in
 * the tree has been told of nothing, and waits for nobody (INV-39).
 */
static unsigned long interval_unlink(struct mmu_interval_notifier *interval_sub,
				     struct mmu_notifier_subscriptions *subscriptions)
{
	if (!interval_tree_has_node(&interval_sub->interval_tree)) {
		hlist_del_init(&interval_sub->deferred_item);
		return 0;
	}
	if (is_invalidating(subscriptions)) {
		hlist_add_head(&interval_sub->deferred_item, &subscriptions->deferred_list);
		return subscriptions->invalidate_seq;
	}
	interval_tree_remove(&interval_sub->interval_tree, &subscriptions->itree);
	return 0;
}

/* The test is under the lock: until the one who changes the number has unlocked it uses us. */
void mmu_interval_notifier_remove(struct mmu_interval_notifier *interval_sub)
{
	struct mm_struct *mm = interval_sub->mm;
	struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;
	unsigned long seq;

	might_sleep();
	spin_lock(&subscriptions->lock);
	seq = interval_unlink(interval_sub, subscriptions);
	spin_unlock(&subscriptions->lock);
	if (seq)
		wait_event(subscriptions->wq, seq_changed(subscriptions, seq));
	mmdrop(mm);
}

/* ---- readers ---- */

/*
 * Its own number is the mm's only between the start of an invalidation that told it and the end;
 * after the end the mm's number is even, or that of another invalidation.
 */
unsigned long mmu_interval_read_begin(struct mmu_interval_notifier *interval_sub)
{
	struct mmu_notifier_subscriptions *subscriptions = interval_sub->mm->notifier_subscriptions;
	unsigned long seq;
	bool invalidating;

	might_sleep();
	spin_lock(&subscriptions->lock);
	seq = READ_ONCE(interval_sub->invalidate_seq);
	invalidating = seq == subscriptions->invalidate_seq;
	spin_unlock(&subscriptions->lock);
	if (invalidating)
		wait_event(subscriptions->wq, READ_ONCE(subscriptions->invalidate_seq) != seq);
	return seq;
}
