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
#define MMU_NOTIFIER_UNWATCHED
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

void mmu_notifier_at_rest(const struct mm_struct *mm)
{
	const struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;
	bool odd;

	if (!subscriptions)
		return;
	odd = subscriptions->invalidate_seq & 1;
	AT_REST(subscriptions, subscriptions->active_invalidate_ranges, 0);
	AT_REST(subscriptions, odd, 0);
	AT_REST(subscriptions, subscriptions->deferred_list.first, 0);
}

/* subscriptions->lock held. Is the tree frozen, because somebody who is in it was told? */
static bool is_invalidating(const struct mmu_notifier_subscriptions *subscriptions)
{
	return subscriptions->invalidate_seq & 1;
}

/* subscriptions->lock held. Idle is idle: nobody is left to thaw the tree or to let them in (INV-30). */
static void check_idle(const struct mmu_notifier_subscriptions *subscriptions)
{
	WARN_ON(!subscriptions->active_invalidate_ranges &&
		(is_invalidating(subscriptions) || subscriptions->deferred_list.first));
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

/* ---- the tree ---- */

/* subscriptions->lock held. Who walks the tree holds no lock, so a frozen one stays (INV-32). */
static void tree_insert(struct mmu_interval_notifier *interval_sub,
			struct mmu_notifier_subscriptions *subscriptions)
{
	WARN_ON(is_invalidating(subscriptions));
	KAPI_NOTE(in_tree, interval_sub, 0);
	interval_tree_insert(&interval_sub->interval_tree, &subscriptions->itree);
}

static void tree_remove(struct mmu_interval_notifier *interval_sub,
			struct mmu_notifier_subscriptions *subscriptions)
{
	WARN_ON(is_invalidating(subscriptions));
	interval_tree_remove(&interval_sub->interval_tree, &subscriptions->itree);
}

static bool is_in_tree(const struct mmu_interval_notifier *interval_sub)
{
	return interval_tree_has_node(&interval_sub->interval_tree);
}

/* ---- invalidation ---- */

/* Returns: the first interval that overlaps; from here to the end the tree stays as it is. */
static struct mmu_interval_notifier *
interval_start_range(struct mmu_notifier_subscriptions *subscriptions,
		     const struct mmu_notifier_range *range, unsigned long *ret_seq)
{
	struct interval_tree_node *node;

	spin_lock(&subscriptions->lock);
	KAPI_NOTE(change_begin, subscriptions, 0);
	subscriptions->active_invalidate_ranges++;
	node = interval_tree_iter_first(&subscriptions->itree, range->start, range->end - 1);
	if (node)
		if (!defect(interval_start_range_leaves_even))
			freeze(subscriptions);
	*ret_seq = subscriptions->invalidate_seq;
	check_idle(subscriptions);
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

	while (!hlist_empty(&subscriptions->deferred_list)) {
		interval_sub = hlist_entry(subscriptions->deferred_list.first,
					   struct mmu_interval_notifier, deferred_item);
		hlist_del_init(&interval_sub->deferred_item);
		if (is_in_tree(interval_sub))
			tree_remove(interval_sub, subscriptions);
		else
			tree_insert(interval_sub, subscriptions);
	}
}

/*
 * subscriptions->lock held. The number grows and is even again: next time it is another one, also
 * for a reader that slept meanwhile (INV-31).
 */
static void thaw(struct mmu_notifier_subscriptions *subscriptions)
{
	unsigned long seq = subscriptions->invalidate_seq + 1;

	if (defect(interval_invalidate_end_steps_back))
		seq = subscriptions->invalidate_seq - 1;
	WRITE_ONCE(subscriptions->invalidate_seq, seq);
	if (!defect(interval_invalidate_end_keeps_deferred))
		apply_deferred(subscriptions);
}

/* Each number is closed once, by the last one out; all who wait for it see it change (INV-31). */
void interval_invalidate_end(struct mmu_notifier_subscriptions *subscriptions)
{
	bool last;

	spin_lock(&subscriptions->lock);
	KAPI_NOTE(change_end, subscriptions, 0);
	last = --subscriptions->active_invalidate_ranges == 0 && is_invalidating(subscriptions);
	if (last)
		thaw(subscriptions);
	check_idle(subscriptions);
	spin_unlock(&subscriptions->lock);
	if (!last)
		return;
	if (!defect(interval_invalidate_end_skips_wake_up))
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

/* What is inside may not sleep where the range may not block (INV-27). */
static void begin_callbacks(const struct mmu_notifier_range *range)
{
	if (!mmu_notifier_range_blockable(range))
		non_block_start();
}

static void end_callbacks(const struct mmu_notifier_range *range)
{
	if (!mmu_notifier_range_blockable(range))
		non_block_end();
}

static bool interval_call(struct mmu_interval_notifier *interval_sub,
			  const struct mmu_notifier_range *range, unsigned long cur_seq,
			  struct mmu_interval_notifier_finish **finishes)
{
	bool ok;

	begin_callbacks(range);
	ok = interval_call_first(interval_sub, range, cur_seq, finishes);
	end_callbacks(range);
	return ok;
}

/* The client may free or reuse the object in the call (INV-38). */
static void interval_finish(struct mmu_interval_notifier_finish *finish,
			    const struct mmu_notifier_range *range)
{
	struct mmu_interval_notifier_finish *next;

	begin_callbacks(range);
	for (; finish; finish = next) {
		next = finish->next;
		finish->notifier->ops->invalidate_finish(finish);
	}
	end_callbacks(range);
}

/* Somebody would have to sleep: for those who were told it is over, and the caller has no end. */
static int interval_stop(struct mmu_notifier_subscriptions *subscriptions,
			 const struct mmu_notifier_range *range,
			 struct mmu_interval_notifier_finish *finishes)
{
	WARN_ON(mmu_notifier_range_blockable(range));
	if (!defect(interval_invalidate_skips_finish))
		interval_finish(finishes, range);
	if (!defect(interval_invalidate_leaves_active))
		interval_invalidate_end(subscriptions);
	return -EAGAIN;
}

int interval_invalidate(struct mmu_notifier_subscriptions *subscriptions,
			const struct mmu_notifier_range *range)
{
	struct mmu_interval_notifier_finish *finishes = NULL;
	struct mmu_interval_notifier *interval_sub;
	unsigned long cur_seq;
	bool ok = true;

	interval_sub = interval_start_range(subscriptions, range, &cur_seq);
	WARN_ON(interval_sub && !(cur_seq & 1)); /* it becomes their own: INV-33 */
	for (; interval_sub && ok; interval_sub = interval_next(interval_sub, range))
		ok = interval_call(interval_sub, range, cur_seq, &finishes);
	if (!ok)
		return interval_stop(subscriptions, range, finishes);
	interval_finish(finishes, range);
	return 0;
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

/* Who starts to read now must wait for what is going on, as if it had been told (INV-37). */
static unsigned long link_deferred(struct mmu_interval_notifier *interval_sub,
				   struct mmu_notifier_subscriptions *subscriptions)
{
	hlist_add_head(&interval_sub->deferred_item, &subscriptions->deferred_list);
	if (defect(interval_link_deferred_takes_old_seq))
		return subscriptions->invalidate_seq - 2;
	return subscriptions->invalidate_seq;
}

/* subscriptions->lock held. Returns: its own number. */
static unsigned long interval_link(struct mmu_interval_notifier *interval_sub,
				   struct mmu_notifier_subscriptions *subscriptions)
{
	KAPI_NOTE(inserted, interval_sub, kapi_object(subscriptions));
	if (is_invalidating(subscriptions))
		return link_deferred(interval_sub, subscriptions);
	tree_insert(interval_sub, subscriptions);
	/* Odd, and no number that is or will be. */
	if (!subscriptions->active_invalidate_ranges)
		return subscriptions->invalidate_seq - 1;
	if (!defect(interval_link_skips_freeze))
		freeze(subscriptions);
	return subscriptions->invalidate_seq | 1;
}

static int interval_insert(struct mmu_interval_notifier *interval_sub, struct mm_struct *mm,
			   struct mmu_notifier_subscriptions *subscriptions, unsigned long start,
			   unsigned long length, const struct mmu_interval_notifier_ops *ops)
{
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
	interval_sub->invalidate_seq = interval_link(interval_sub, subscriptions);
	WARN_ON(!(interval_sub->invalidate_seq & 1)); /* INV-33 */
	check_idle(subscriptions);
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
	if (!ready_subscriptions(mm)) {
		ret = __mmu_notifier_register(NULL, mm);
		if (ret)
			return ret;
	}
	return interval_insert(interval_sub, mm, mm->notifier_subscriptions, start, length, ops);
}

/* ---- remove ---- */

/* Under the lock: until the one who changes the number has unlocked it uses who waits here. */
static bool seq_changed(struct mmu_notifier_subscriptions *subscriptions, unsigned long seq)
{
	bool changed;

	if (!defect(mmu_interval_notifier_remove_looks_unlocked))
		spin_lock(&subscriptions->lock);
	changed = subscriptions->invalidate_seq != seq;
	if (!defect(mmu_interval_notifier_remove_looks_unlocked))
		spin_unlock(&subscriptions->lock);
	return changed;
}

/*
 * subscriptions->lock held. One that was never in the tree has been told of nothing, and waits for
 * nobody (INV-39).
 */
static unsigned long cancel_deferred(struct mmu_interval_notifier *interval_sub,
				     const struct mmu_notifier_subscriptions *subscriptions)
{
	if (!defect(mmu_interval_notifier_remove_keeps_deferred))
		hlist_del_init(&interval_sub->deferred_item);
	if (defect(mmu_interval_notifier_remove_waits_for_deferred))
		return subscriptions->invalidate_seq;
	return 0;
}

/* subscriptions->lock held. Returns: the number to wait out, or 0: it is out. */
static unsigned long interval_unlink(struct mmu_interval_notifier *interval_sub,
				     struct mmu_notifier_subscriptions *subscriptions)
{
	bool frozen = is_invalidating(subscriptions);

	if (!is_in_tree(interval_sub))
		return cancel_deferred(interval_sub, subscriptions);
	if (defect(mmu_interval_notifier_remove_thaws))
		frozen = false;
	if (!frozen) {
		tree_remove(interval_sub, subscriptions);
		return 0;
	}
	hlist_add_head(&interval_sub->deferred_item, &subscriptions->deferred_list);
	return subscriptions->invalidate_seq;
}

void mmu_interval_notifier_remove(struct mmu_interval_notifier *interval_sub)
{
	struct mm_struct *mm = interval_sub->mm;
	struct mmu_notifier_subscriptions *subscriptions = mm->notifier_subscriptions;
	unsigned long seq;

	might_sleep();
	spin_lock(&subscriptions->lock);
	seq = interval_unlink(interval_sub, subscriptions);
	WARN_ON(seq && !is_in_tree(interval_sub)); /* INV-39 */
	spin_unlock(&subscriptions->lock);
	if (defect(mmu_interval_notifier_remove_hurries))
		seq = 0;
	if (seq)
		wait_event(subscriptions->wq, seq_changed(subscriptions, seq));
	WARN_ON(is_in_tree(interval_sub) ||
		!hlist_unhashed(&interval_sub->deferred_item)); /* INV-35 */
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
	WARN_ON(!(seq & 1) || seq > subscriptions->invalidate_seq); /* INV-33, INV-31 */
	invalidating = seq == subscriptions->invalidate_seq;
	spin_unlock(&subscriptions->lock);
	if (defect(mmu_interval_read_begin_hurries))
		invalidating = false;
	if (invalidating)
		wait_event(subscriptions->wq, READ_ONCE(subscriptions->invalidate_seq) != seq);
	return seq;
}
