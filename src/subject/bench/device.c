/*
 * device.c - the fake hardware (device.h).
 *
 * A device that shares page tables with a process refills its cache from a live entry at any time.
 * So to flush is not enough, the entry has to go first: that is what most stale mappings are about. And it
 * may do so from the moment that the entry is set, before the call that set it returns: nobody asks it.
 * A walk is one step here, since the window that matters is between two steps of the kernel.
 *
 * The page table is kernel memory that the hardware reads behind the compiler's back: table_read()
 * is hidden from TSan and from the access hooks. The pointers that devices hold are in arrays of
 * this file, which are read and written as relaxed atomics.
 */
#include "subject/bench/device.h"

#include <linux/errno.h>

#include "base/panic.h"
#include "watch/watch.h"

#define HARDWARE __attribute__((no_sanitize("thread", "coverage"), __noinline__))

/* What is cached is one word, so that the hardware sees all of it or nothing. */
#define READ_ONLY 1ul
#define YOUNG 2ul
#define GIVEN_UP 4ul
#define FLAGS (READ_ONLY | YOUNG | GIVEN_UP)

struct fake_pasid {
	struct pgd *entry;
	uintptr_t cache[MM_PAGES]; /* a page and FLAGS, or 0 */
};

static struct fake_pasid table[OBJECTS_MAX][FAKE_DEVICE_PASIDS];
static uint32_t touched[OBJECTS_MAX]; /* PASIDs that ever had something, so that a scan is short */

static struct fake_pasid *pasid_at(unsigned device, unsigned pasid)
{
	must(device < OBJECTS_MAX && pasid < FAKE_DEVICE_PASIDS);
	return &table[device][pasid];
}

static uintptr_t cache_get(struct fake_pasid *p, unsigned page_nr)
{
	must(page_nr < MM_PAGES);
	return kapi_atomic_load(&p->cache[page_nr], __ATOMIC_RELAXED);
}

static void cache_set(struct fake_pasid *p, unsigned page_nr, uintptr_t cached)
{
	must(page_nr < MM_PAGES);
	kapi_atomic_store(&p->cache[page_nr], cached, __ATOMIC_RELAXED);
}

/* A flag of what is cached; not where it was flushed or replaced meanwhile. */
static void cache_change(struct fake_pasid *p, unsigned page_nr, uintptr_t old, uintptr_t cached)
{
	__atomic_compare_exchange_n(&p->cache[page_nr], &old, cached, false, __ATOMIC_RELAXED,
				    __ATOMIC_RELAXED);
}

static struct page *page_of(uintptr_t cached)
{
	return (struct page *)(cached & ~FLAGS);
}

static struct pgd *entry_get(const struct fake_pasid *p)
{
	return kapi_atomic_load(&p->entry, __ATOMIC_RELAXED);
}

HARDWARE static struct page *table_read(const struct pgd *pgd, unsigned page_nr)
{
	return *(struct page *const volatile *)&pgd->page[page_nr];
}

HARDWARE static bool table_is_writable(const struct pgd *pgd, unsigned page_nr)
{
	return *(const volatile bool *)&pgd->writable[page_nr];
}

/* A driver's write to a register comes after what it wrote to memory before. */
static void before_register(void)
{
	kapi_barrier(KAPI_IO);
}

static void touch(unsigned device, unsigned pasid)
{
	must(device < OBJECTS_MAX && pasid < FAKE_DEVICE_PASIDS);
	__atomic_fetch_or(&touched[device], 1u << pasid, __ATOMIC_RELAXED);
}

static uint32_t touched_by(unsigned device)
{
	return kapi_atomic_load(&touched[device], __ATOMIC_RELAXED);
}

static void reset_pasid(struct fake_pasid *p)
{
	kapi_atomic_store(&p->entry, NULL, __ATOMIC_RELAXED);
	for (unsigned n = 0; n < MM_PAGES; n++)
		cache_set(p, n, 0);
}

static void for_each_touched(void (*visit)(struct fake_pasid *p))
{
	for (unsigned d = 0; d < OBJECTS_MAX; d++)
		for (uint32_t left = touched_by(d); left; left &= left - 1)
			visit(&table[d][__builtin_ctz(left)]);
}

void fake_device_reset(void)
{
	for_each_touched(reset_pasid);
}

void fake_device_map(unsigned device, unsigned pasid, unsigned page_nr, struct page *page)
{
	before_register();
	touch(device, pasid);
	kapi_hardware(true);
	cache_set(pasid_at(device, pasid), page_nr, (uintptr_t)page);
	kapi_hardware(false);
}

void fake_device_map_for(const struct mmu_interval_notifier *interval_sub, unsigned device,
			 unsigned pasid, unsigned page_nr, struct page *page)
{
	bond_watch_mapped(interval_sub, BOND_CALLER);
	fake_device_map(device, pasid, page_nr, page);
}

void fake_device_map_read_only(unsigned device, unsigned pasid, unsigned page_nr, struct page *page)
{
	before_register();
	touch(device, pasid);
	kapi_hardware(true);
	cache_set(pasid_at(device, pasid), page_nr, (uintptr_t)page | READ_ONLY);
	kapi_hardware(false);
}

void fake_device_flush(unsigned device, unsigned pasid, unsigned start, unsigned end)
{
	struct fake_pasid *p = pasid_at(device, pasid);

	before_register();
	kapi_hardware(true);
	for (unsigned n = start; n < end; n++)
		cache_set(p, n, 0);
	kapi_hardware(false);
}

void fake_device_give_up(unsigned device, unsigned pasid, unsigned start, unsigned end)
{
	struct fake_pasid *p = pasid_at(device, pasid);

	kapi_hardware(true);
	for (unsigned n = start; n < end; n++) {
		uintptr_t cached = cache_get(p, n);

		if (cached)
			cache_change(p, n, cached, cached | GIVEN_UP);
	}
	kapi_hardware(false);
}

/* The number of pages that begin below @address. */
static unsigned pages_below(unsigned long address)
{
	unsigned long pages = process_page_nr(address) + !!(address & ~PAGE_MASK);

	return min(pages, (unsigned long)MM_PAGES);
}

void fake_device_flush_range(unsigned device, unsigned pasid, unsigned long start,
			     unsigned long end)
{
	unsigned first = min(process_page_nr(start), (unsigned long)MM_PAGES);

	fake_device_flush(device, pasid, first, pages_below(end));
}

bool fake_device_is_young(unsigned device, unsigned pasid, unsigned start, unsigned end, bool clear)
{
	struct fake_pasid *p = pasid_at(device, pasid);
	bool young = false;

	for (unsigned n = start; n < end; n++) {
		uintptr_t cached = cache_get(p, n);

		young |= cached & YOUNG;
		if (clear)
			cache_change(p, n, cached, cached & ~YOUNG);
	}
	return young;
}

static void device_uses(uintptr_t cached)
{
	const struct page *page = page_of(cached);
	struct site *site = KAPI_SITE("dma", "the device uses memory");

	if (!kapi_is_live(page))
		kapi_verdict(RULE_stale_mapping, page, "the device holds a page that was freed",
			     site);
	else if (cached & GIVEN_UP)
		kapi_verdict(RULE_stale_mapping, page,
			     "the device holds a page that its driver had to take away", site);
}

static void device_walks(const struct pgd *pgd)
{
	if (!kapi_is_live(pgd))
		kapi_verdict(RULE_stale_mapping, pgd,
			     "the device walks a page table that was freed",
			     KAPI_SITE("dma", "the device walks a page table"));
}

static void set_entry(unsigned device, unsigned pasid, struct pgd *pgd)
{
	before_register();
	touch(device, pasid);
	kapi_hardware(true);
	kapi_atomic_store(&pasid_at(device, pasid)->entry, pgd, __ATOMIC_RELAXED);
	kapi_hardware(false);
}

/* A miss. */
static uintptr_t walk(struct fake_pasid *p, unsigned page_nr)
{
	struct pgd *pgd = entry_get(p);
	uintptr_t cached;

	if (!pgd)
		return 0;
	device_walks(pgd);
	cached = (uintptr_t)table_read(pgd, page_nr);
	if (cached && !table_is_writable(pgd, page_nr))
		cached |= READ_ONLY;
	if (cached)
		cache_set(p, page_nr, cached);
	return cached;
}

/* Nobody has to ask the device for a page: it may translate ahead as soon as it can. */
static void translate_ahead(unsigned device, unsigned pasid)
{
	struct fake_pasid *p = pasid_at(device, pasid);

	if (!kapi_chance(p, KAPI_SITE("translate", "does the device translate ahead?")))
		return;
	kapi_hardware(true);
	for (unsigned n = 0; n < MM_PAGES; n++)
		if (!cache_get(p, n))
			walk(p, n);
	kapi_hardware(false);
}

void fake_device_set_entry(unsigned device, unsigned pasid, struct pgd *pgd)
{
	set_entry(device, pasid, pgd);
	if (pgd)
		translate_ahead(device, pasid);
}

void fake_device_clear_entry(unsigned device, unsigned pasid)
{
	set_entry(device, pasid, NULL);
}

bool fake_device_has_entry(unsigned device, unsigned pasid)
{
	return entry_get(pasid_at(device, pasid)) != NULL;
}

bool fake_device_any_has_entry(unsigned pasid)
{
	for (unsigned d = 0; d < OBJECTS_MAX; d++)
		if (fake_device_has_entry(d, pasid))
			return true;
	return false;
}

static int access(unsigned device, unsigned pasid, unsigned page_nr, uintptr_t forbidden)
{
	struct fake_pasid *p = pasid_at(device, pasid);
	uintptr_t cached = cache_get(p, page_nr);

	if (!cached)
		cached = walk(p, page_nr);
	if (!cached)
		return -EFAULT;
	if (cached & forbidden)
		return -EACCES;
	device_uses(cached);
	cache_change(p, page_nr, cached, cached | YOUNG);
	return 0;
}

static int access_at_once(unsigned device, unsigned pasid, unsigned page_nr, uintptr_t forbidden)
{
	int error;

	kapi_hardware(true);
	error = access(device, pasid, page_nr, forbidden);
	kapi_hardware(false);
	return error;
}

int fake_device_dma(unsigned device, unsigned pasid, unsigned page_nr)
{
	kapi_load(&pasid_at(device, pasid)->entry, KAPI_SITE("dma", "the device reads memory"));
	return access_at_once(device, pasid, page_nr, 0);
}

int fake_device_dma_write(unsigned device, unsigned pasid, unsigned page_nr)
{
	kapi_load(&pasid_at(device, pasid)->entry, KAPI_SITE("dma", "the device writes to memory"));
	return access_at_once(device, pasid, page_nr, READ_ONLY);
}

static void scan_pasid(struct fake_pasid *p)
{
	struct pgd *pgd = entry_get(p);

	if (pgd)
		device_walks(pgd);
	for (unsigned n = 0; n < MM_PAGES; n++)
		if (cache_get(p, n))
			device_uses(cache_get(p, n));
}

void fake_device_scan(void)
{
	for_each_touched(scan_pasid);
}
