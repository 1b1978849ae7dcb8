/*
 * mmu_notifier.h - the tree's own, and a note where a driver is told that it may map what it read:
 * mmu_interval_read_retry() is inline there, so that the linker cannot wrap it.
 */
#include_next <linux/mmu_notifier.h>

#ifndef BOND_MMU_NOTIFIER_H
#define BOND_MMU_NOTIFIER_H

/* watch/watch.h */
void bond_watch_retry(const void *client, int retry);

#define mmu_interval_read_retry(interval_sub, seq)                                                 \
	({                                                                                         \
		struct mmu_interval_notifier *bond_sub_ = (interval_sub);                          \
		bool bond_retry_ = mmu_interval_read_retry(bond_sub_, seq);                        \
                                                                                                   \
		bond_watch_retry(bond_sub_, bond_retry_);                                          \
		bond_retry_;                                                                       \
	})

#endif
