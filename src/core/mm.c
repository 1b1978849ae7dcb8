/*
 * mm.c - address spaces: as much of mm/ and kernel/fork.c as the notifiers can see.
 *
 * The one idea: what a device can reach after it should not (the page table, each page) is a block
 * of its own, and everything that is freed is freed after the notifiers were told. exit_mmap() runs
 * in whatever thread drops the last user, so any mmput() may end up in every client's release().
 *
 * Locks: mmap_lock -> rmap_lock -> page_table_lock. Faults hold mmap_lock for read, munmap and
 * mprotect for write. Reclaim comes from the page and holds rmap_lock only, and no user: what it
 * finds is there until exit takes the table off. Exit holds nothing while it calls release(), which
 * may sleep and take what it likes. oom_reaper_lock is the reaper's, over all that it does: what
 * waits for memory waits there, and holds what it likes, so under it nobody waits for a client.
 *
 * Left out: copy-on-write, swap, and of VMAs all but one thing: a mapping of a driver's file keeps the
 * file open until exit. Every page is mapped, by nobody.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "kapi/bench.h"
#include "kapi/process.h"
#include "zoo/defect.h"

static DECLARE_RWSEM(oom_reaper_lock);

static struct pgd *pgd_alloc(void)
{
	struct pgd *pgd = kzalloc(sizeof(*pgd), GFP_KERNEL);

	return pgd;
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = process_mm_new();

	if (!mm)
		return NULL;
	process_table(mm) = pgd_alloc();
	if (!process_table(mm)) {
		process_mm_free(mm);
		return NULL;
	}
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	init_rwsem(&mm->mmap_lock);
	init_rwsem(&process_rmap_lock(mm));
	spin_lock_init(&process_page_lock(mm));
	return mm;
}

int mm_take_all_locks(struct mm_struct *mm)
{
	mmap_assert_write_locked(mm);
	if (process_signal())
		return -EINTR;
	if (!defect(mm_take_all_locks_skips_rmap))
		down_write(&process_rmap_lock(mm));
	return 0;
}

void mm_drop_all_locks(struct mm_struct *mm)
{
	if (!defect(mm_take_all_locks_skips_rmap))
		up_write(&process_rmap_lock(mm));
}

void insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma)
{
	mmap_write_lock(mm);
	process_vma_next(vma) = process_vmas(mm);
	process_vmas(mm) = vma;
	kapi_module_maps(vma, (const volatile void *const volatile *)&vma->vm_ops);
	mmap_write_unlock(mm);
}

/* ---- page tables ---- */

/* Any byte of a page names it. */
static unsigned long page_start(unsigned long address)
{
	return address & PAGE_MASK;
}

/* A hint, under no lock: who acts on it takes page_table_lock and looks again. */
static bool pte_present(struct mm_struct *mm, unsigned long address)
{
	return data_race(process_table(mm)->page[process_page_nr(address)]);
}

/*
 * Returns: the page that was mapped; it is the caller's now. The one call to notifiers under the
 * page table lock: what a device shares with us is flushed before anybody can map the next page.
 */
static struct page *pte_clear_flush(struct mm_struct *mm, unsigned long address)
{
	struct page *page;

	spin_lock(&process_page_lock(mm));
	page = process_table(mm)->page[process_page_nr(address)];
	if (page) {
		WRITE_ONCE(process_table(mm)->page[process_page_nr(address)], NULL);
		mmu_notifier_arch_invalidate_secondary_tlbs(mm, address, address + PAGE_SIZE);
	}
	spin_unlock(&process_page_lock(mm));
	return page;
}

static void free_page(struct mm_struct *mm, struct page *page)
{
	if (!page)
		return;
	KAPI_NOTE(page_free, mm, process_frame(page));
	process_page_free(page);
}

/* Between start and end: the page is put where its entry was cleared, as reclaim once did, too. */
static struct page *free_page_early(struct mm_struct *mm, struct page *page)
{
	free_page(mm, page);
	return NULL;
}

/* Two faults may run at a time. Returns: is it @page that is mapped now? */
static bool map_page(struct mm_struct *mm, unsigned long address, struct page *page)
{
	bool absent;

	spin_lock(&process_page_lock(mm));
	absent = !process_table(mm)->page[process_page_nr(address)];
	if (absent) {
		WRITE_ONCE(process_table(mm)->writable[process_page_nr(address)], false);
		WRITE_ONCE(process_table(mm)->page[process_page_nr(address)], page);
	}
	spin_unlock(&process_page_lock(mm));
	return absent;
}

/* ---- invalidation ---- */

static void range_start(struct mmu_notifier_range *range, struct mm_struct *mm,
			enum mmu_notifier_event event, unsigned long start, unsigned long end)
{
	WARN_ON((start | end) & ~PAGE_MASK); /* pages change as a whole */
	process_range_init(range, event, mm, start, end);
	mmu_notifier_invalidate_range_start(range);
}

/* Whoever was told of the start has been told of the end by now (INV-23). */
static void range_end(struct mmu_notifier_range *range)
{
	mmu_notifier_invalidate_range_end(range);
	KAPI_NOTE(range_done, range->mm, 0);
}

/* Pages to free are gathered; a batch that is full goes at once. Here every second page fills one. */
static bool batch_is_full(unsigned long address)
{
	return process_page_nr(address) & 1;
}

/* A page goes last, or before the end call: nobody who was told of the start may have it mapped then. */
static void unmap_page(struct mm_struct *mm, unsigned long address)
{
	struct mmu_notifier_range range;
	struct page *page;

	range_start(&range, mm, MMU_NOTIFY_UNMAP, address, address + PAGE_SIZE);
	page = pte_clear_flush(mm, address);
	if (batch_is_full(address))
		page = free_page_early(mm, page);
	range_end(&range);
	free_page(mm, page);
}

void zap_page(struct mm_struct *mm, unsigned long address)
{
	address = page_start(address);
	mmap_write_lock(mm);
	if (pte_present(mm, address))
		unmap_page(mm, address);
	mmap_write_unlock(mm);
}

/* The table may be gone: who comes from the page holds no user of the mm. */
void reclaim_page(struct mm_struct *mm, unsigned long address)
{
	struct mmu_notifier_range range;
	struct page *page = NULL;

	address = page_start(address);
	down_read(&process_rmap_lock(mm));
	if (process_table(mm) && pte_present(mm, address)) {
		if (!defect(reclaim_page_invalidates_late))
			range_start(&range, mm, MMU_NOTIFY_CLEAR, address, address + PAGE_SIZE);
		page = pte_clear_flush(mm, address);
		if (defect(reclaim_page_invalidates_late))
			page = free_page_early(mm, page);
		if (defect(reclaim_page_invalidates_late))
			range_start(&range, mm, MMU_NOTIFY_CLEAR, address, address + PAGE_SIZE);
		range_end(&range);
	}
	up_read(&process_rmap_lock(mm));
	free_page(mm, page);
}

/* mmap_lock held for read. No callback may sleep; a page at a time would ask them more often. */
static int reap_pages(struct mm_struct *mm)
{
	struct page *page[MM_PAGES];
	struct mmu_notifier_range range;
	int error = 0;

	process_range_init(&range, MMU_NOTIFY_CLEAR, mm, 0, process_address(MM_PAGES));
	if (!defect(oom_reap_mm_may_block))
		error = mmu_notifier_invalidate_range_start_nonblock(&range);
	if (defect(oom_reap_mm_may_block))
		mmu_notifier_invalidate_range_start(&range);
	if (error && !defect(oom_reap_mm_ends_what_failed)) {
		KAPI_NOTE(range_done, mm, 0);
		return error;
	}
	for (unsigned nr = 0; nr < MM_PAGES && !error; nr++)
		page[nr] = pte_clear_flush(mm, process_address(nr));
	range_end(&range);
	for (unsigned nr = 0; nr < MM_PAGES && !error; nr++)
		free_page(mm, page[nr]);
	return error;
}

static int reap_user(struct mm_struct *mm)
{
	int error = -EAGAIN;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	if (mmap_read_trylock(mm)) {
		error = reap_pages(mm);
		mmap_read_unlock(mm);
	}
	if (!defect(oom_reap_mm_exits_itself))
		mmput_async(mm);
	if (defect(oom_reap_mm_exits_itself))
		mmput(mm);
	return error;
}

/* Others wait for the reaper, so it may neither wait for them nor run the exit itself. */
int oom_reap_mm(struct mm_struct *mm)
{
	int error;

	down_write(&oom_reaper_lock);
	error = reap_user(mm);
	up_write(&oom_reaper_lock);
	return error;
}

void oom_reaper_wait(void)
{
	might_sleep();
	down_read(&oom_reaper_lock);
	up_read(&oom_reaper_lock);
}

static void set_writable(struct mm_struct *mm, unsigned long address, bool writable, bool flush)
{
	spin_lock(&process_page_lock(mm));
	if (process_table(mm)->page[process_page_nr(address)])
		WRITE_ONCE(process_table(mm)->writable[process_page_nr(address)], writable);
	if (flush)
		mmu_notifier_arch_invalidate_secondary_tlbs(mm, address, address + PAGE_SIZE);
	spin_unlock(&process_page_lock(mm));
}

void write_protect_page(struct mm_struct *mm, unsigned long address)
{
	struct mmu_notifier_range range;

	address = page_start(address);
	mmap_write_lock(mm);
	range_start(&range, mm, MMU_NOTIFY_PROTECTION_PAGE, address, address + PAGE_SIZE);
	set_writable(mm, address, false, true);
	range_end(&range);
	mmap_write_unlock(mm);
}

/* Reclaim flushes what devices cached of the page's age; who only samples the age does not. */
static bool ask_clients(struct mm_struct *mm, unsigned long address, enum page_ageing how)
{
	if (how == AGE_CLEAR_FLUSH)
		return mmu_notifier_clear_flush_young(mm, address, address + PAGE_SIZE);
	if (how == AGE_CLEAR)
		return mmu_notifier_clear_young(mm, address, address + PAGE_SIZE);
	return mmu_notifier_test_young(mm, address);
}

bool page_is_young(struct mm_struct *mm, unsigned long address, enum page_ageing how)
{
	bool young = false;

	address = page_start(address);
	down_read(&process_rmap_lock(mm));
	if (process_table(mm)) {
		spin_lock(&process_page_lock(mm));
		young = ask_clients(mm, address, how);
		spin_unlock(&process_page_lock(mm));
	}
	up_read(&process_rmap_lock(mm));
	return young;
}

/* ---- exit ---- */

/* Tables are memory too: whoever shares or walks the page table must have let it go by now. */
static void pgd_free(struct mm_struct *mm)
{
	struct pgd *pgd = process_table(mm);

	down_write(&process_rmap_lock(mm));
	process_table(mm) = NULL;
	up_write(&process_rmap_lock(mm));
	KAPI_NOTE(page_free, mm, MM_PAGES);
	kfree(pgd);
}

/* Nobody can find them any more. What a close drops may be the last of the driver's objects. */
static void remove_vmas(struct mm_struct *mm)
{
	while (process_vmas(mm)) {
		struct vm_area_struct *vma = process_vmas(mm);

		process_vmas(mm) = process_vma_next(vma);
		if (vma->vm_ops && vma->vm_ops->close)
			vma->vm_ops->close(vma);
		kfree(vma);
	}
}

/* Release comes first, while every page is still there (INV-08). */
static void exit_mmap(struct mm_struct *mm)
{
	KAPI_NOTE(mm_dead, mm, 0);
	mmu_notifier_release(mm);
	KAPI_NOTE(exit_frees, mm, 0);
	for (unsigned nr = 0; nr < MM_PAGES; nr++)
		if (pte_present(mm, process_address(nr)))
			unmap_page(mm, process_address(nr));
	process_exit_lock(mm);
	pgd_free(mm);
	remove_vmas(mm);
	process_exit_unlock(mm);
}

void mmput(struct mm_struct *mm)
{
	might_sleep();
	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	exit_mmap(mm);
	mmdrop(mm);
}

static void exit_work(struct work_struct *work)
{
	struct mm_struct *mm = container_of(work, struct mm_struct, async_put_work);

	exit_mmap(mm);
	mmdrop(mm);
}
KAPI_STAYS(exit_work);

void mmput_async(struct mm_struct *mm)
{
	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	INIT_WORK(&mm->async_put_work, exit_work);
	schedule_work(&mm->async_put_work);
}

#ifdef BOND_TREE /* mmdrop() is inline there, and ends in this */
void __mmdrop(struct mm_struct *mm)
{
	mmu_notifier_subscriptions_destroy(mm);
	process_mm_free(mm);
}
#else
void mmdrop(struct mm_struct *mm)
{
	if (!atomic_dec_and_test(&mm->mm_count))
		return;
	mmu_notifier_subscriptions_destroy(mm);
	process_mm_free(mm);
}
#endif

/* ---- faults ---- */

int handle_mm_fault(struct mm_struct *mm, unsigned long address)
{
	struct page *page;

	lockdep_assert_held(&mm->mmap_lock);
	if (READ_ONCE(process_table(mm)->page[process_page_nr(address)]))
		return 0;
	page = process_page_new();
	if (!page)
		return -ENOMEM;
	process_frame(page) = (int)process_page_nr(address);
	if (!map_page(mm, address, page))
		process_page_free(page);
	return 0;
}

/* More is allowed than before: no mapping has to go, but what devices cached is too little. */
int handle_mm_write_fault(struct mm_struct *mm, unsigned long address)
{
	int error = handle_mm_fault(mm, address);

	if (error)
		return error;
	set_writable(mm, page_start(address), true, !defect(handle_mm_write_fault_skips_flush));
	return 0;
}
