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

/** mmput() - drop a user; the last one runs exit_mmap() here and drops the users' mm_count. May
 * sleep. */
void mmput(struct mm_struct *mm);

/** mmdrop() - drop a reference on the struct; the last one frees it. Does not sleep. */
void mmdrop(struct mm_struct *mm);

#define kapi_mmap_lock(mm, read, name)                                                             \
	kapi_lock(&(mm)->mmap_lock.lock, read, KAPI_SITE(name, name "(" #mm ")"))
#define kapi_mmap_unlock(mm, read, name)                                                           \
	kapi_unlock(&(mm)->mmap_lock.lock, read, KAPI_SITE(name, name "(" #mm ")"),                \
		    KAPI_SITE(name ":tail", name "(" #mm ") still inside"))
#define mmap_write_lock(mm) kapi_mmap_lock(mm, false, "mmap_write_lock")
#define mmap_write_unlock(mm) kapi_mmap_unlock(mm, false, "mmap_write_unlock")
#define mmap_read_lock(mm) kapi_mmap_lock(mm, true, "mmap_read_lock")
#define mmap_read_unlock(mm) kapi_mmap_unlock(mm, true, "mmap_read_unlock")
#define mmap_assert_write_locked(mm) lockdep_assert_held(&(mm)->mmap_lock)

/**
 * handle_mm_fault() - make a page present
 * @mm: mm_users pinned by the caller
 * @address: below MM_PAGES
 *
 * Context: mmap_lock held for read; may sleep.
 * Returns: 0, or -ENOMEM.
 */
int handle_mm_fault(struct mm_struct *mm, unsigned address);

/**
 * zap_page() - unmap one page: notifiers, page table, then the page is freed
 * @mm: mm_users pinned by the caller
 * @address: below MM_PAGES
 *
 * Context: may sleep; takes mmap_lock for write, so no fault runs between start and end.
 */
void zap_page(struct mm_struct *mm, unsigned address);

#endif
