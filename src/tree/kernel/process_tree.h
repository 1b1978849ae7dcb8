/*
 * process_tree.h - the model of a process in a tree's own types: included by kapi/process.h.
 *
 * A real mm_struct lies at the end of a container with what the model has beside it. The tree has
 * functions with the names of some of the model's own; those get the prefix process_.
 */
#ifndef TREE_KERNEL_PROCESS_TREE_H
#define TREE_KERNEL_PROCESS_TREE_H

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kapi/bench.h"
#include "tree/bond.h"

#define MM_PAGES 4

/* The page table; devices that share it hold a pointer to it in their PASID entry. */
struct pgd {
	struct page *page[MM_PAGES];
	bool writable[MM_PAGES];
};

struct process_mm {
	struct rw_semaphore rmap_lock;
	spinlock_t page_lock;
	struct pgd *table;
	struct vm_area_struct *vmas;  /* of files */
	struct vm_area_struct memory; /* its own, from address 0 */
	struct mm_struct mm;	      /* ends in an array without a size */
};

#define process_mm_of(mm_) container_of(mm_, struct process_mm, mm)
#define process_table(mm_) (process_mm_of(mm_)->table)
#define process_read_once(x, text) READ_ONCE(x)
#define process_at_rest(mm) ((void)(mm))
#define process_rmap_lock(mm_) (process_mm_of(mm_)->rmap_lock)
#define process_page_lock(mm_) (process_mm_of(mm_)->page_lock)
#define process_memory(mm_) (&process_mm_of(mm_)->memory)
#define process_vmas(mm_) (process_mm_of(mm_)->vmas)
/* A word of the VMA that belongs to pages of anonymous memory, which the model has not. */
#define process_vma_next(vma_) (*(struct vm_area_struct **)&(vma_)->anon_vma)
#define process_frame(page_) ((page_)->private)

#if BOND_KERNEL < 60300
#define vm_flags_init(vma, flags) ((vma)->vm_flags = (flags))
#endif

static inline struct mm_struct *process_mm_new(void)
{
	struct process_mm *process = kzalloc(sizeof(*process), GFP_KERNEL);

	if (!process)
		return NULL;
	process->memory.vm_mm = &process->mm;
	process->memory.vm_end = MM_PAGES << PAGE_SHIFT;
	vm_flags_init(&process->memory, VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE);
	return &process->mm;
}

/* What is kept with an mm for IOMMUs: iommu-sva.c's, if that is under test, else nothing. */
#if BOND_KERNEL >= 60700 && defined(CONFIG_IOMMU_MM_DATA)
void mm_pasid_drop(struct mm_struct *mm);
#else
#define mm_pasid_drop(mm) ((void)(mm))
#endif

static inline void process_mm_free(struct mm_struct *mm)
{
	mm_pasid_drop(mm);
	kfree(process_mm_of(mm));
}

#define process_page_new() alloc_page(GFP_KERNEL | __GFP_ZERO)
#define process_page_free(page) put_page(page)

/* mmap_lock is held for write, which stands for the lock of a new VMA. */
static inline void process_vma_init(struct vm_area_struct *vma, struct mm_struct *mm)
{
	vma->vm_mm = mm;
	vm_flags_init(vma, VM_SHARED | VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE);
#if defined(CONFIG_PER_VMA_LOCK) && BOND_KERNEL >= 61200
	vma->vm_lock_seq = mm->mm_lock_seq.sequence;
#endif
}

static inline void process_file_init(struct file *file, struct inode *inode)
{
	file->f_inode = inode;
	file->f_mapping = &inode->i_data;
	atomic_long_set(&file->f_count, 1);
}

#define process_file_put(file) atomic_long_dec_and_test(&(file)->f_count)

/* What opening a character device kept (patient/device.c). */
#define process_file_done(inode) device_file_done(inode)
void device_file_done(struct inode *inode);

/* What fault() gives has a reference, which a page table would own. */
static inline void process_fault_page(struct page *page)
{
	if (page)
		put_page(page);
}

#define process_signal() signal_pending(current)

/* Who holds mmap_lock and has found an area has the page table, too. */
#define process_exit_lock(mm) mmap_write_lock(mm)
#define process_exit_unlock(mm) mmap_write_unlock(mm)

#if BOND_KERNEL >= 60300
#define process_range_init(range, event, mm, start, end)                                           \
	mmu_notifier_range_init(range, event, 0, mm, start, end)
#else
#define process_range_init(range, event, mm, start, end)                                           \
	mmu_notifier_range_init(range, event, 0, NULL, mm, start, end)
#endif
#if BOND_KERNEL < 60600
#define mmu_notifier_arch_invalidate_secondary_tlbs mmu_notifier_invalidate_range
#define arch_invalidate_secondary_tlbs invalidate_range
#endif

/* A release that the core's list gives once more than needed: kernel/again.c. */
void mmu_notifier_release_again(struct mmu_notifier *subscription, struct mm_struct *mm, bool late);

/* ---- names that the tree has, too ---- */

#define panic bond_panic

#define exit_mmap process_exit_mmap
#define free_page(mm, page) process_free_page(mm, page)
#define handle_mm_fault process_handle_mm_fault
#define insert_vm_struct process_insert_vm_struct
#define page_is_young process_page_is_young
#define pgd_alloc process_pgd_alloc
#define pgd_free process_pgd_free
#define pte_present process_pte_present
#define vfs_ioctl process_vfs_ioctl

/* ---- the model: subject/bench/mm.c; world kapi declares it in linux/sched/mm.h ---- */

void insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma);
int handle_mm_fault(struct mm_struct *mm, unsigned long address);
int handle_mm_write_fault(struct mm_struct *mm, unsigned long address);
void zap_page(struct mm_struct *mm, unsigned long address);
void reclaim_page(struct mm_struct *mm, unsigned long address);
int oom_reap_mm(struct mm_struct *mm);
void oom_reaper_wait(void);
void write_protect_page(struct mm_struct *mm, unsigned long address);
enum page_ageing { AGE_TEST, AGE_CLEAR_FLUSH, AGE_CLEAR };
bool page_is_young(struct mm_struct *mm, unsigned long address, enum page_ageing how);

#endif
