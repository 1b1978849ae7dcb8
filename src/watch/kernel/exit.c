/*
 * exit.c - the calls of the process model and of the bench that may end in a client's release(), and
 * in a kernel tree what else the notes need to know of the core.
 *
 * Our core writes exact notes of an exit and of changes itself. A tree's core writes none: what is
 * known is that a function was entered, and that it returned.
 */
#define MMU_NOTIFIER_UNWATCHED
#include <linux/mmu_notifier.h>

#include "watch/kernel/notifier.h"
#include "watch/watch.h"

#ifdef BOND_TREE

void __wrap___mmu_notifier_release(struct mm_struct *mm);
int __wrap___mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range);
void __wrap___mmu_notifier_invalidate_range_end(
	struct mmu_notifier_range *range RANGE_END_ARGUMENT);

void __wrap___mmu_notifier_release(struct mm_struct *mm)
{
	const void *pc = BOND_CALLER;

	bond_watch_exit_begin(mm, pc);
	__real___mmu_notifier_release(mm);
	bond_watch_exit_end(mm, pc);
}

int __wrap___mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	const void *pc = BOND_CALLER;
	struct mm_struct *mm = range->mm;
	int error;

	bond_watch_start_begin(!mmu_notifier_range_blockable(range));
	error = __real___mmu_notifier_invalidate_range_start(range);
	bond_watch_start_end(mm, error, pc);
	return error;
}

void __wrap___mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range RANGE_END_ARGUMENT)
{
	bond_watch_end_begin(range->mm, BOND_CALLER);
	__real___mmu_notifier_invalidate_range_end(range RANGE_END_PASS);
}

#else

void __wrap_mmu_notifier_release(struct mm_struct *mm);
void __wrap_mmu_notifier_release_again(struct mmu_notifier *subscription, struct mm_struct *mm,
				       bool late);

void __wrap_mmu_notifier_release(struct mm_struct *mm)
{
	bond_watch_core(1);
	mmu_notifier_release(mm);
	bond_watch_exited(mm);
}

void __wrap_mmu_notifier_release_again(struct mmu_notifier *subscription, struct mm_struct *mm,
				       bool late)
{
	bond_watch_again(subscription, BOND_CALLER);
	bond_watch_core(1);
	mmu_notifier_release_again(subscription, mm, late);
	bond_watch_core(-1);
}

#endif
