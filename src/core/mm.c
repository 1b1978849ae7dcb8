/*
 * mm.c - address spaces: as much of mm/ and kernel/fork.c as the notifiers can see.
 *
 * The one idea: what a device can reach after it should not (the page table, each page) is a block
 * of its own, and everything that is freed is freed after the notifiers were told. exit_mmap() runs
 * in whatever thread drops the last user, so any mmput() may end up in every client's release().
 *
 * Locks: mmap_lock -> page_table_lock. Faults hold mmap_lock for read, zap_page() for write. Exit
 * holds neither: with mm_users at 0 nobody can fault, and release() may sleep and take what it
 * likes.
 *
 * Left out: VMAs (every page is mapped), copy-on-write, reclaim.
 */
#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

static struct pgd *pgd_alloc(void)
{
	struct pgd *pgd = kzalloc(sizeof(*pgd), GFP_KERNEL);

	return pgd;
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = kzalloc(sizeof(*mm), GFP_KERNEL);

	if (!mm)
		return NULL;
	mm->pgd = pgd_alloc();
	if (!mm->pgd) {
		kfree(mm);
		return NULL;
	}
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	init_rwsem(&mm->mmap_lock);
	spin_lock_init(&mm->page_table_lock);
	return mm;
}

/* The page goes last: after the end call nobody may have it mapped (INV-29). */
static void unmap_page(struct mm_struct *mm, unsigned address)
{
	struct mmu_notifier_range range = {.mm = mm, .start = address, .end = address + 1};
	struct page *page = mm->pgd->page[address];

	mmu_notifier_invalidate_range_start(&range);
	WRITE_ONCE(mm->pgd->page[address], NULL);
	mmu_notifier_invalidate_range_end(&range);
	KAPI_NOTE(page_free, mm, page->frame);
	kfree(page);
}

/* Tables are memory too: whoever shares the page table must have let it go by now. */
static void pgd_free(struct mm_struct *mm)
{
	KAPI_NOTE(page_free, mm, MM_PAGES);
	kfree(mm->pgd);
	mm->pgd = NULL;
}

/* Release comes first, while every page is still there (INV-08). */
static void exit_mmap(struct mm_struct *mm)
{
	KAPI_NOTE(mm_dead, mm, 0);
	mmu_notifier_release(mm);
	for (unsigned address = 0; address < MM_PAGES; address++)
		if (mm->pgd->page[address])
			unmap_page(mm, address);
	pgd_free(mm);
}

void mmput(struct mm_struct *mm)
{
	might_sleep();
	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	exit_mmap(mm);
	mmdrop(mm);
}

void mmdrop(struct mm_struct *mm)
{
	if (!atomic_dec_and_test(&mm->mm_count))
		return;
	mmu_notifier_subscriptions_destroy(mm);
	kfree(mm);
}

/* Two faults may run at a time. Returns: is it @page that is mapped now? */
static bool map_page(struct mm_struct *mm, unsigned address, struct page *page)
{
	bool absent;

	spin_lock(&mm->page_table_lock);
	absent = !mm->pgd->page[address];
	if (absent)
		WRITE_ONCE(mm->pgd->page[address], page);
	spin_unlock(&mm->page_table_lock);
	return absent;
}

int handle_mm_fault(struct mm_struct *mm, unsigned address)
{
	struct page *page;

	lockdep_assert_held(&mm->mmap_lock);
	if (READ_ONCE(mm->pgd->page[address]))
		return 0;
	page = kzalloc(sizeof(*page), GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	page->frame = address;
	if (!map_page(mm, address, page))
		kfree(page);
	return 0;
}

void zap_page(struct mm_struct *mm, unsigned address)
{
	mmap_write_lock(mm);
	if (mm->pgd->page[address])
		unmap_page(mm, address);
	mmap_write_unlock(mm);
}
