/*
 * process.h - the model of a process, as the bench and the drivers reach it in either world.
 *
 * World kapi has an mm_struct of its own, with all of the model in it. In world tree the mm_struct is
 * the tree's, and the rest lies in a container around it: the same names lead to either. Addresses
 * are bytes; programs, the fake device and the page table count pages.
 *
 * Those that are macros are no functions on purpose: a place is named by the function that uses them.
 */
#ifndef KAPI_PROCESS_H
#define KAPI_PROCESS_H

#ifdef BOND_TREE
#include "tree/kernel/process_tree.h"
#else
#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

/* ---- what world tree keeps in a container ---- */

#define process_table(mm_) ((mm_)->pgd)
#define process_rmap_lock(mm_) ((mm_)->rmap_lock)
#define process_page_lock(mm_) ((mm_)->page_table_lock)
#define process_vmas(mm_) ((mm_)->mmap)
#define process_vma_next(vma_) ((vma_)->vm_next)
#define process_frame(page_) ((page_)->frame)

#define process_mm_new()                                                                           \
	({                                                                                         \
		struct mm_struct *mm;                                                              \
		mm = kzalloc(sizeof(*mm), GFP_KERNEL);                                             \
		mm;                                                                                \
	})
#define process_mm_free(mm) kfree(mm)
#define process_page_new()                                                                         \
	({                                                                                         \
		struct page *page;                                                                 \
		page = kzalloc(sizeof(*page), GFP_KERNEL);                                         \
		page;                                                                              \
	})
#define process_page_free(page) kfree(page)

#define process_vma_init(vma, mm) ((vma)->vm_mm = (mm))
#define process_file_init(file, inode) ((file)->f_inode = (inode))
#define process_file_put(file) true /* no driver has a reference of its own */
#define process_file_done(inode) ((void)(inode))
#define process_fault_page(page) ((void)(page))

/* A strategy says so. */
#define process_signal() signal_pending(current)

#define process_range_init(range, event, mm, start, end)                                           \
	mmu_notifier_range_init(range, event, 0, mm, start, end)

/* The core's own counts of what is under way are at rest. In a tree they are the core's secret. */
#define process_at_rest(mm) mmu_notifier_at_rest(mm)

/* Areas go under mmap_lock in a tree, whose drivers may look for one after an exit. Here none can. */
#define process_exit_lock(mm) ((void)(mm))
#define process_exit_unlock(mm) ((void)(mm))

/* A marked read that letters print as @text; in a tree they print the source line. */
#define process_read_once(x, text) kapi_read_once(x, text)
#endif

/* ---- addresses ---- */

#define process_address(page_nr) ((unsigned long)(page_nr) << PAGE_SHIFT)
#define process_page_nr(address) ((unsigned long)(address) >> PAGE_SHIFT)

/** process_page() - the page that is mapped at @address, or NULL; mmap_lock is held */
#define process_page(mm, address)                                                                  \
	process_read_once(process_table(mm)->page[process_page_nr(address)],                       \
			  "process_page(" #mm ", " #address ")")
/** process_is_writable() - and is it mapped writable? */
#define process_is_writable(mm, address)                                                           \
	process_read_once(process_table(mm)->writable[process_page_nr(address)],                   \
			  "process_is_writable(" #mm ", " #address ")")

#endif
