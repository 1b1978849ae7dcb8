/*
 * watched.h - the notifier core as drivers see it: the functions of linux/mmu_notifier.h under their
 * own names, through src/watch/kernel: the same names, other symbols. The core defines MMU_NOTIFIER_UNWATCHED and has its own.
 */
#ifndef KAPI_WATCHED_H
#define KAPI_WATCHED_H

#define KAPI_WATCHED(name) __asm__("__wrap_" #name)

int mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
	KAPI_WATCHED(mmu_notifier_register);
int __mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
	KAPI_WATCHED(__mmu_notifier_register);
void mmu_notifier_unregister(struct mmu_notifier *subscription, struct mm_struct *mm)
	KAPI_WATCHED(mmu_notifier_unregister);
struct mmu_notifier *mmu_notifier_get(const struct mmu_notifier_ops *ops, struct mm_struct *mm)
	KAPI_WATCHED(mmu_notifier_get);
struct mmu_notifier *mmu_notifier_get_locked(const struct mmu_notifier_ops *ops,
					     struct mm_struct *mm)
	KAPI_WATCHED(mmu_notifier_get_locked);
void mmu_notifier_put(struct mmu_notifier *subscription) KAPI_WATCHED(mmu_notifier_put);
void mmu_notifier_release(struct mm_struct *mm) KAPI_WATCHED(mmu_notifier_release);
void mmu_notifier_release_again(struct mmu_notifier *subscription, struct mm_struct *mm, bool late)
	KAPI_WATCHED(mmu_notifier_release_again);
int mmu_interval_notifier_insert(struct mmu_interval_notifier *interval_sub, struct mm_struct *mm,
				 unsigned long start, unsigned long length,
				 const struct mmu_interval_notifier_ops *ops)
	KAPI_WATCHED(mmu_interval_notifier_insert);
int mmu_interval_notifier_insert_locked(struct mmu_interval_notifier *interval_sub,
					struct mm_struct *mm, unsigned long start,
					unsigned long length,
					const struct mmu_interval_notifier_ops *ops)
	KAPI_WATCHED(mmu_interval_notifier_insert_locked);
void mmu_interval_notifier_remove(struct mmu_interval_notifier *interval_sub)
	KAPI_WATCHED(mmu_interval_notifier_remove);
unsigned long mmu_interval_read_begin(struct mmu_interval_notifier *interval_sub)
	KAPI_WATCHED(mmu_interval_read_begin);

#endif
