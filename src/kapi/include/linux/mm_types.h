/*
 * mm_types.h - an address space: two counters, a lock, a page table of a few pages.
 *
 * mm_users counts users of the address space; all of them together own one mm_count, which counts
 * users of the struct. The last mmput() runs exit_mmap(), in whatever context it stands; the last
 * mmdrop() frees the struct. The page table and each page are blocks of their own, so that a stale
 * entry of a device points to something that is really freed.
 */
#ifndef LINUX_MM_TYPES_H
#define LINUX_MM_TYPES_H

#include <asm/page.h>
#include <linux/atomic.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define MM_PAGES 4 /* virtual pages of an address space, from address 0 on */

struct page {
	int frame;
};

/* The page table; devices that share it hold a pointer to it in their PASID entry. */
struct pgd {
	struct page *page[MM_PAGES];
	bool writable[MM_PAGES];
};

/* All that is left of a VMA: a driver's file, mapped. No page belongs to it. */
struct file;
struct mm_struct;

struct vm_area_struct {
	struct vm_area_struct *vm_next;
	struct mm_struct *vm_mm;
	unsigned long vm_start, vm_end; /* end exclusive */
	unsigned long vm_pgoff;		/* what page of the file vm_start is */
	struct file *vm_file;
	const struct vm_operations_struct *vm_ops;
	void *vm_private_data;
};

struct vm_fault {
	struct vm_area_struct *vma;
	unsigned long address, pgoff;
	struct page *page; /* what the driver gives */
};

typedef unsigned int vm_fault_t;
#define VM_FAULT_OOM 0x1u
#define VM_FAULT_SIGBUS 0x2u
#define VM_FAULT_NOPAGE 0x100u /* it is mapped already */
#define VM_FAULT_LOCKED 0x200u
#define VM_FAULT_RETRY 0x400u
#define VM_FAULT_ERROR (VM_FAULT_OOM | VM_FAULT_SIGBUS)

struct vm_operations_struct {
	void (*open)(struct vm_area_struct *vma);  /* fork copied it */
	void (*close)(struct vm_area_struct *vma); /* by exit or munmap */
	vm_fault_t (*fault)(struct vm_fault *vmf); /* under mmap_lock */
};

struct hmm; /* hmm_v3 hangs one on the mm */
struct mmu_notifier_subscriptions;

struct mm_struct {
	atomic_t mm_users;
	atomic_t mm_count;
	struct rw_semaphore mmap_lock;
	struct mmu_notifier_subscriptions *notifier_subscriptions;
	/* Stands for the locks that lead from a page to its mappings; reclaim holds it for read. */
	struct rw_semaphore rmap_lock;
	/*
	 * Entries change under it. Marked accesses, since hardware reads them under no lock at all.
	 */
	spinlock_t page_table_lock;
	struct pgd *pgd;
	struct work_struct async_put_work; /* of mmput_async() */
	struct vm_area_struct *mmap;	   /* under mmap_lock */
	struct hmm *hmm;
};

#endif
