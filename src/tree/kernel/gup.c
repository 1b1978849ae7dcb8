/*
 * gup.c - pages of a process, taken by address: get_user_pages(), pin_user_pages(), their fast, remote
 * and unlocked forms, and what gives pages back.
 *
 * In the kernel a fast walk reads an entry, takes a reference if the page has one, and reads the entry
 * again; a slow one does the same under the lock of the table. In either case the page was mapped and
 * alive when the reference was taken. That is one step here: the entry is read, and what it holds is
 * counted before anybody else goes on. It orders nothing else, and between a fault and that step the
 * page may go again.
 *
 * Left out: huge pages, pages of files, FOLL_LONGTERM's migration, limits on what is pinned.
 */
#include <linux/mm.h>

#include "tree/kernel/glue.h"
#include "tree/kernel/process_tree.h"
#undef handle_mm_fault

#if BOND_KERNEL < 60500 /* the slow forms give the VMAs, too: for who asks it is not modelled */
#define VMAS_ARGUMENT , struct vm_area_struct **vmas
#define BUG_ON_VMAS() BUG_ON(vmas)
#else
#define VMAS_ARGUMENT
#define BUG_ON_VMAS()
#endif

#define BIAS ((int)GUP_PIN_COUNTING_BIAS)
#define PINS (1u << 31) /* among the flags: it is counted as a pin */

static int count_of(unsigned int flags)
{
	return flags & PINS ? BIAS : 1;
}

/* Returns: the page with its new reference; NULL: it is not mapped so. */
static struct page *grab(struct mm_struct *mm, unsigned long address, unsigned int flags,
			 struct site *site)
{
	unsigned long nr = address >> PAGE_SHIFT;
	struct pgd *table = process_table(mm);
	struct page *page;

	if (!table)
		return NULL;
	kapi_load(&table->page[nr], site);
	page = table->page[nr];
	if (!page || ((flags & FOLL_WRITE) && !table->writable[nr]))
		return NULL;
	page->_refcount.counter += count_of(flags);
	return page;
}

/* mmap_lock is held. */
static long take_slow(struct mm_struct *mm, unsigned long address, unsigned int flags,
		      struct page **ret_page, struct site *site)
{
	struct page *page;
	int error;

	for (;;) {
		page = grab(mm, address, flags, site);
		if (page)
			break;
		error = flags & FOLL_WRITE ? handle_mm_write_fault(mm, address)
					   : process_handle_mm_fault(mm, address);
		if (error)
			return error;
	}
	if (ret_page)
		*ret_page = page;
	return 0;
}

static bool is_mapped(struct mm_struct *mm, unsigned long address)
{
	return mm && address >> PAGE_SHIFT < MM_PAGES;
}

/* Returns: how many pages were taken, or an error if none was. */
static long take(struct mm_struct *mm, unsigned long start, unsigned long nr, unsigned int flags,
		 struct page **pages, struct site *site)
{
	unsigned long done;
	long error = 0;

	bond_sleepable(site);
	for (done = 0; done < nr && !error; done += !error) {
		unsigned long address = (start & PAGE_MASK) + done * PAGE_SIZE;

		error = -EFAULT;
		if (is_mapped(mm, address))
			error = take_slow(mm, address, flags, pages ? &pages[done] : NULL, site);
	}
	return done ? (long)done : error;
}

/*
 * mmap_lock is held; the kernel may drop it for a fault and take it again, and says so by *@locked, which
 * a caller without a pointer forbids. It is always held here to the end.
 */
static long take_remote(struct mm_struct *mm, unsigned long start, unsigned long nr,
			unsigned int flags, struct page **pages, int *locked, struct site *site)
{
	if (locked && !*locked) { /* it is for this call to take */
		long done;

		mmap_read_lock(mm);
		done = take(mm, start, nr, flags, pages, site);
		mmap_read_unlock(mm);
		return done;
	}
	return take(mm, start, nr, flags, pages, site);
}

/* Pages of the running process; mmap_lock is not held. */
static long take_unlocked(unsigned long start, unsigned long nr, unsigned int flags,
			  struct page **pages, struct site *site)
{
	int locked = 0;

	return take_remote(current->mm, start, nr, flags, pages, &locked, site);
}

static int take_fast(unsigned long start, int nr, unsigned int flags, struct page **pages,
		     struct site *site)
{
	struct mm_struct *mm = current->mm;
	long done = 0, more;

	for (; done < nr; done++) {
		unsigned long address = (start & PAGE_MASK) + done * PAGE_SIZE;

		pages[done] = is_mapped(mm, address) ? grab(mm, address, flags, site) : NULL;
		if (!pages[done])
			break;
	}
	if (done == nr || !mm)
		return done || mm ? done : -EFAULT;
	mmap_read_lock(mm);
	more = take(mm, start + done * PAGE_SIZE, nr - done, flags, pages + done, site);
	mmap_read_unlock(mm);
	return more < 0 ? done ?: more : done + more;
}

long get_user_pages(unsigned long start, unsigned long nr, unsigned int flags,
		    struct page **pages VMAS_ARGUMENT)
{
	BUG_ON_VMAS();
	return take(current->mm, start, nr, flags & ~PINS, pages, BOND_SITE);
}

long pin_user_pages(unsigned long start, unsigned long nr, unsigned int flags,
		    struct page **pages VMAS_ARGUMENT)
{
	BUG_ON_VMAS();
	return take(current->mm, start, nr, flags | PINS, pages, BOND_SITE);
}

int get_user_pages_fast(unsigned long start, int nr, unsigned int flags, struct page **pages)
{
	return take_fast(start, nr, flags & ~PINS, pages, BOND_SITE);
}

int pin_user_pages_fast(unsigned long start, int nr, unsigned int flags, struct page **pages)
{
	return take_fast(start, nr, flags | PINS, pages, BOND_SITE);
}

long get_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr,
			   unsigned int flags, struct page **pages VMAS_ARGUMENT, int *locked)
{
	BUG_ON_VMAS();
	return take_remote(mm, start, nr, flags & ~PINS, pages, locked, BOND_SITE);
}

long pin_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr,
			   unsigned int flags, struct page **pages VMAS_ARGUMENT, int *locked)
{
	BUG_ON_VMAS();
	return take_remote(mm, start, nr, flags | PINS, pages, locked, BOND_SITE);
}

long get_user_pages_unlocked(unsigned long start, unsigned long nr, struct page **pages,
			     unsigned int flags)
{
	return take_unlocked(start, nr, flags & ~PINS, pages, BOND_SITE);
}

long pin_user_pages_unlocked(unsigned long start, unsigned long nr, struct page **pages,
			     unsigned int flags)
{
	return take_unlocked(start, nr, flags | PINS, pages, BOND_SITE);
}

/* It faults nothing in, and does not sleep. */
int get_user_pages_fast_only(unsigned long start, int nr, unsigned int flags, struct page **pages)
{
	struct mm_struct *mm = current->mm;
	struct site *site = BOND_SITE;
	int done = 0;

	for (; done < nr; done++) {
		unsigned long address = (start & PAGE_MASK) + done * PAGE_SIZE;

		pages[done] =
			is_mapped(mm, address) ? grab(mm, address, flags & ~PINS, site) : NULL;
		if (!pages[done])
			break;
	}
	return done;
}

/* ---- giving back ---- */

static void unpin(struct page *page, struct site *site)
{
	if (!kapi_atomic_add(&page->_refcount.counter, -BIAS, KAPI_FULL, site))
		__folio_put(page_folio(page));
}

void unpin_user_page(struct page *page)
{
	unpin(page, BOND_SITE);
}

void unpin_user_pages(struct page **pages, unsigned long nr)
{
	struct site *site = BOND_SITE;

	for (unsigned long i = 0; i < nr; i++)
		unpin(pages[i], site);
}

void unpin_user_pages_dirty_lock(struct page **pages, unsigned long nr, bool dirty)
{
	struct site *site = BOND_SITE;

	if (dirty && nr)
		bond_sleepable(site); /* it locks the page */
	for (unsigned long i = 0; i < nr; i++)
		unpin(pages[i], site);
}

/* The page must be there; that it has to be written to a file once is not modelled. */
bool set_page_dirty(struct page *page)
{
	bond_touch(page, BOND_SITE);
	return true;
}

int set_page_dirty_lock(struct page *page)
{
	struct site *site = BOND_SITE;

	bond_sleepable(site);
	bond_touch(page, site);
	return 1;
}
