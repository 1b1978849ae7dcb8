/*
 * mm.h - the life of an address space. Implemented by core/mm.c.
 */
#ifndef LINUX_SCHED_MM_H
#define LINUX_SCHED_MM_H

#include <linux/mm_types.h>

/**
 * mm_alloc() - a new address space with one user
 *
 * Context: may sleep.
 * Returns: the mm with mm_users 1 and mm_count 1, or NULL.
 */
struct mm_struct *mm_alloc(void);

#define mmgrab(mm)                                                                                 \
	((void)kapi_atomic_add(&(mm)->mm_count.counter, 1, KAPI_RELAXED,                           \
			       KAPI_SITE("mmgrab", "mmgrab(" #mm ")")))
#define mmget(mm)                                                                                  \
	((void)kapi_atomic_add(&(mm)->mm_users.counter, 1, KAPI_RELAXED,                           \
			       KAPI_SITE("mmget", "mmget(" #mm ")")))
#define mmget_not_zero(mm)                                                                         \
	kapi_atomic_inc_not_zero(&(mm)->mm_users.counter,                                          \
				 KAPI_SITE("mmget_not_zero", "mmget_not_zero(" #mm ")"))

/*
 * What a thread allocates from here on. Without reclaim no invalidation comes; NOFS and NOIO do not keep
 * one away.
 */
static inline unsigned int memalloc_noreclaim_save(void)
{
	unsigned int before = kapi_current()->flags & PF_MEMALLOC;

	kapi_current()->flags |= PF_MEMALLOC;
	return before;
}

static inline void memalloc_noreclaim_restore(unsigned int before)
{
	kapi_current()->flags = (kapi_current()->flags & ~PF_MEMALLOC) | before;
}

#define memalloc_nofs_save() 0u
#define memalloc_nofs_restore(before) ((void)(before))
#define memalloc_noio_save() 0u
#define memalloc_noio_restore(before) ((void)(before))

/** mmput() - drop a user; the last one runs exit_mmap() here and drops the users' mm_count. May
 * sleep. */
void mmput(struct mm_struct *mm);

/**
 * mmput_async() - mmput(), but the last one leaves the tear-down to a work of system_wq
 * @mm: one user of it is the caller's
 *
 * Context: any, also where mmput() may not be called: atomic, or under a lock that release() takes.
 * Takes:   the caller's user.
 * Gives:   nothing on return: release() of every client may run any time later.
 */
void mmput_async(struct mm_struct *mm);

/** mmdrop() - drop a reference on the struct; the last one frees it. Does not sleep. */
void mmdrop(struct mm_struct *mm);

#define kapi_mmap_lock(mm, read, name)                                                             \
	kapi_lock(&(mm)->mmap_lock.lock, KAPI_RWSEM, read, "&" #mm "->mmap_lock",                  \
		  KAPI_SITE(name, name "(" #mm ")"))
#define kapi_mmap_unlock(mm, read, name)                                                           \
	kapi_unlock(&(mm)->mmap_lock.lock, read, KAPI_SITE(name, name "(" #mm ")"),                \
		    KAPI_SITE(name ":tail", name "(" #mm ") still inside"))
#define mmap_write_lock(mm) kapi_mmap_lock(mm, false, "mmap_write_lock")
#define mmap_write_unlock(mm) kapi_mmap_unlock(mm, false, "mmap_write_unlock")
#define mmap_read_lock(mm) kapi_mmap_lock(mm, true, "mmap_read_lock")
#define mmap_read_trylock(mm)                                                                      \
	kapi_trylock(&(mm)->mmap_lock.lock, KAPI_RWSEM, true, "&" #mm "->mmap_lock",               \
		     KAPI_SITE("mmap_read_trylock", "mmap_read_trylock(" #mm ")"))
#define mmap_read_unlock(mm) kapi_mmap_unlock(mm, true, "mmap_read_unlock")
#define mmap_assert_write_locked(mm) lockdep_assert_held(&(mm)->mmap_lock)

/**
 * mm_take_all_locks() - every lock under which somebody may invalidate; mm_drop_all_locks() drops
 *
 * Context: mmap_lock held for write, and kept; may sleep.
 * Returns: 0, or -EINTR: a signal is pending, and nothing is held.
 */
int mm_take_all_locks(struct mm_struct *mm);
void mm_drop_all_locks(struct mm_struct *mm);

/**
 * insert_vm_struct() - map a driver's file
 * @mm: mm_users pinned by the caller
 * @vma: of kmalloc, with its vm_ops
 *
 * Context: takes mmap_lock for write; may sleep.
 * Takes:   @vma: the exit closes and frees it, when nothing of the address space is left.
 */
void insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma);

/**
 * handle_mm_fault() - make a page present (_write_: and writable)
 * @mm: mm_users pinned by the caller
 * @address: of any byte of one of the MM_PAGES pages
 *
 * Context: mmap_lock held for read; may sleep.
 * Returns: 0, or -ENOMEM.
 */
int handle_mm_fault(struct mm_struct *mm, unsigned long address);
int handle_mm_write_fault(struct mm_struct *mm, unsigned long address);

/**
 * zap_page() - unmap one page: notifiers, page table, then the page is freed
 * @mm: mm_users pinned by the caller
 * @address: of any byte of one of the MM_PAGES pages
 *
 * Context: may sleep; takes mmap_lock for write, so no fault runs between start and end.
 */
void zap_page(struct mm_struct *mm, unsigned long address);

/**
 * reclaim_page() - free a page that memory is short of; whoever has it mapped faults it in again
 * @mm: a reference on the struct is enough
 * @address: of any byte of one of the MM_PAGES pages
 *
 * Context: may sleep; takes rmap_lock for read, so faults may run between start and end.
 */
void reclaim_page(struct mm_struct *mm, unsigned long address);

/**
 * oom_reap_mm() - free all pages of a process that is to die, from a thread that may not block
 * @mm: a reference on the struct is enough
 *
 * Context: takes mmap_lock for read if it is free; faults may run between start and end.
 * Returns: 0; -EAGAIN: somebody would have to sleep; -ESRCH: no user is left.
 */
int oom_reap_mm(struct mm_struct *mm);

/**
 * oom_reaper_wait() - what an allocation does while memory is short: wait for a reaper at work
 *
 * Context: may sleep; any lock of the caller may be held, but none under which the OOM reaper could
 *          wait: it calls callbacks that do not sleep, and no release().
 */
void oom_reaper_wait(void);

/** write_protect_page() - as zap_page(), but the page stays, read-only */
void write_protect_page(struct mm_struct *mm, unsigned long address);

enum page_ageing { AGE_TEST, AGE_CLEAR_FLUSH, AGE_CLEAR };

/**
 * page_is_young() - was it used by a device? Takes rmap_lock
 * @how: _TEST: only ask; else forget that it was, for reclaim (_CLEAR_FLUSH) or as idle page tracking does
 */
bool page_is_young(struct mm_struct *mm, unsigned long address, enum page_ageing how);

#endif
