/*
 * exit.c - the calls of the process model and of the bench that may end in a client's release(). Our
 * core writes exact notes of an exit itself.
 */
#define MMU_NOTIFIER_UNWATCHED
#include <linux/mmu_notifier.h>

#include "watch/watch.h"

void __wrap_mmu_notifier_release(struct mm_struct *mm);
void __wrap_mmu_notifier_release_again(struct mmu_notifier *subscription, struct mm_struct *mm,
				       bool late);

void __wrap_mmu_notifier_release(struct mm_struct *mm)
{
	bond_watch_core(1);
	mmu_notifier_release(mm);
	bond_watch_core(-1);
}

void __wrap_mmu_notifier_release_again(struct mmu_notifier *subscription, struct mm_struct *mm,
				       bool late)
{
	bond_watch_again(subscription, BOND_CALLER);
	bond_watch_core(1);
	mmu_notifier_release_again(subscription, mm, late);
	bond_watch_core(-1);
}
