/*
 * again.c - what the contract of a core allows and its own timing seldom shows: release() called once
 * more, by the exit of a process beside an unregistration.
 *
 * The core's srcu_struct is static in the tree; the link makes it reachable.
 */
#include <linux/mmu_notifier.h>
#include <linux/srcu.h>

#include "kapi/process.h"

extern struct srcu_struct srcu;

/* @late: only a client that is still listed was seen; it may have left meanwhile. */
void mmu_notifier_release_again(struct mmu_notifier *subscription, struct mm_struct *mm, bool late)
{
	int index;

	if (late && hlist_unhashed(&subscription->hlist))
		return;
	index = srcu_read_lock(&srcu);
	if ((late || !hlist_unhashed(&subscription->hlist)) && subscription->ops->release)
		subscription->ops->release(subscription, mm);
	srcu_read_unlock(&srcu, index);
}
