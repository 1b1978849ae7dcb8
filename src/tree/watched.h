/*
 * watched.h - what src/watch/kernel needs in a kernel tree: the core's functions as the linker gives
 * them (--wrap, for the names of src/watch/kernel/wrapped.list), and what a version has or calls
 * otherwise.
 */
#ifndef TREE_WATCHED_H
#define TREE_WATCHED_H

#include <linux/mmu_notifier.h>

/* The callback under page table locks. */
#if BOND_KERNEL < 60600
#define NOTIFIER_FLUSH invalidate_range
#define RANGE_END_ARGUMENT , bool only_end
#define RANGE_END_PASS , only_end
#else
#define NOTIFIER_FLUSH arch_invalidate_secondary_tlbs
#define RANGE_END_ARGUMENT
#define RANGE_END_PASS
#endif

#if BOND_KERNEL < 61000
#define HAVE_CHANGE_PTE
#endif

int __real_mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm);
int __real___mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm);
void __real_mmu_notifier_unregister(struct mmu_notifier *subscription, struct mm_struct *mm);
struct mmu_notifier *__real_mmu_notifier_get_locked(const struct mmu_notifier_ops *ops,
						    struct mm_struct *mm);
void __real_mmu_notifier_put(struct mmu_notifier *subscription);
void __real___mmu_notifier_release(struct mm_struct *mm);
int __real___mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range);
void __real___mmu_notifier_invalidate_range_end(
	struct mmu_notifier_range *range RANGE_END_ARGUMENT);
int __real_mmu_interval_notifier_insert(struct mmu_interval_notifier *interval_sub,
					struct mm_struct *mm, unsigned long start,
					unsigned long length,
					const struct mmu_interval_notifier_ops *ops);
int __real_mmu_interval_notifier_insert_locked(struct mmu_interval_notifier *interval_sub,
					       struct mm_struct *mm, unsigned long start,
					       unsigned long length,
					       const struct mmu_interval_notifier_ops *ops);
void __real_mmu_interval_notifier_remove(struct mmu_interval_notifier *interval_sub);
unsigned long __real_mmu_interval_read_begin(struct mmu_interval_notifier *interval_sub);

#endif
