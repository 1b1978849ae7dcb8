/*
 * notifier.h - the names of the notifier core on both sides of kernel/notifier.c: __wrap_NAME() is what
 * a driver calls, __real_NAME() the core's. In a kernel tree the linker gives both; in our world the
 * core's functions keep their names, and linux/mmu_notifier.h gives drivers the wrapped ones.
 *
 * And what differs between versions: the name of the callback under page table locks.
 */
#ifndef WATCH_KERNEL_NOTIFIER_H
#define WATCH_KERNEL_NOTIFIER_H

#include <linux/mmu_notifier.h>

#ifdef BOND_TREE
#include "tree/watched.h"
/* A tree's core writes no notes. */
#define NOTE_INSERTED(interval_sub, mm, pc) bond_watch_inserted(interval_sub, mm, pc)
#else
#define NOTE_INSERTED(interval_sub, mm, pc) ((void)0) /* our core does, under its lock */
#define NOTIFIER_FLUSH arch_invalidate_secondary_tlbs
#define __real_mmu_notifier_register mmu_notifier_register
#define __real___mmu_notifier_register __mmu_notifier_register
#define __real_mmu_notifier_unregister mmu_notifier_unregister
#define __real_mmu_notifier_get mmu_notifier_get
#define __real_mmu_notifier_get_locked mmu_notifier_get_locked
#define __real_mmu_notifier_put mmu_notifier_put
#define __real_mmu_interval_notifier_insert mmu_interval_notifier_insert
#define __real_mmu_interval_notifier_insert_locked mmu_interval_notifier_insert_locked
#define __real_mmu_interval_notifier_remove mmu_interval_notifier_remove
#define __real_mmu_interval_read_begin mmu_interval_read_begin
#endif

#endif
