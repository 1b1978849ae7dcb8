/*
 * device.c - the fake hardware (device.h).
 *
 * A device that shares page tables with a process refills its cache from a live entry at any time.
 * So to flush is not enough, the entry has to go first: that is what most stale mappings are about.
 * A walk is one step here, since the window that matters is between two steps of the kernel.
 *
 * The page table is kernel memory that the hardware reads behind the compiler's back: table_read()
 * is hidden from TSan and from the access hooks. The pointers that devices hold are in arrays of
 * this file, which are read and written as relaxed atomics.
 */
#include "subject/device.h"

#include <linux/errno.h>

#include "base/panic.h"

#define HARDWARE __attribute__((no_sanitize("thread", "coverage"), noinline))

struct fake_pasid {
	struct pgd *entry;
	struct page *cache[MM_PAGES];
};

static struct fake_pasid table[OBJECTS_MAX][FAKE_DEVICE_PASIDS];
static uint32_t touched[OBJECTS_MAX]; /* PASIDs that ever had something, so that a scan is short */

static struct fake_pasid *pasid_at(unsigned device, unsigned pasid)
{
	must(device < OBJECTS_MAX && pasid < FAKE_DEVICE_PASIDS);
	return &table[device][pasid];
}

static struct page *cache_get(struct fake_pasid *p, unsigned page_nr)
{
	must(page_nr < MM_PAGES);
	return __atomic_load_n(&p->cache[page_nr], __ATOMIC_RELAXED);
}

static void cache_set(struct fake_pasid *p, unsigned page_nr, struct page *page)
{
	must(page_nr < MM_PAGES);
	__atomic_store_n(&p->cache[page_nr], page, __ATOMIC_RELAXED);
}

static struct pgd *entry_get(const struct fake_pasid *p)
{
	return __atomic_load_n(&p->entry, __ATOMIC_RELAXED);
}

HARDWARE static struct page *table_read(const struct pgd *pgd, unsigned page_nr)
{
	return *(struct page *const volatile *)&pgd->page[page_nr];
}

static void touch(unsigned device, unsigned pasid)
{
	must(device < OBJECTS_MAX && pasid < FAKE_DEVICE_PASIDS);
	__atomic_fetch_or(&touched[device], 1u << pasid, __ATOMIC_RELAXED);
}

static uint32_t touched_by(unsigned device)
{
	return __atomic_load_n(&touched[device], __ATOMIC_RELAXED);
}

static void reset_pasid(struct fake_pasid *p)
{
	__atomic_store_n(&p->entry, NULL, __ATOMIC_RELAXED);
	for (unsigned n = 0; n < MM_PAGES; n++)
		cache_set(p, n, NULL);
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
	touch(device, pasid);
	cache_set(pasid_at(device, pasid), page_nr, page);
}

void fake_device_flush(unsigned device, unsigned pasid, unsigned start, unsigned end)
{
	struct fake_pasid *p = pasid_at(device, pasid);

	for (unsigned n = start; n < end; n++)
		cache_set(p, n, NULL);
}

void fake_device_set_entry(unsigned device, unsigned pasid, struct pgd *pgd)
{
	touch(device, pasid);
	__atomic_store_n(&pasid_at(device, pasid)->entry, pgd, __ATOMIC_RELAXED);
}

void fake_device_clear_entry(unsigned device, unsigned pasid)
{
	fake_device_set_entry(device, pasid, NULL);
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

static void device_reads(const struct page *page)
{
	if (!kapi_is_live(page))
		kapi_verdict("stale_mapping", page, "the device holds a page that was freed",
			     KAPI_SITE("dma", "the device reads memory"));
}

static void device_walks(const struct pgd *pgd)
{
	if (!kapi_is_live(pgd))
		kapi_verdict("stale_mapping", pgd, "the device walks a page table that was freed",
			     KAPI_SITE("dma", "the device walks a page table"));
}

/* A miss. */
static struct page *walk(struct fake_pasid *p, unsigned page_nr)
{
	struct pgd *pgd = entry_get(p);
	struct page *page;

	if (!pgd)
		return NULL;
	device_walks(pgd);
	page = table_read(pgd, page_nr);
	if (page)
		cache_set(p, page_nr, page);
	return page;
}

int fake_device_dma(unsigned device, unsigned pasid, unsigned page_nr)
{
	struct fake_pasid *p = pasid_at(device, pasid);
	struct page *page;

	kapi_load(&p->entry, KAPI_SITE("dma", "the device reads memory"));
	page = cache_get(p, page_nr);
	if (!page)
		page = walk(p, page_nr);
	if (!page)
		return -EFAULT;
	device_reads(page);
	return 0;
}

static void scan_pasid(struct fake_pasid *p)
{
	struct pgd *pgd = entry_get(p);

	if (pgd)
		device_walks(pgd);
	for (unsigned n = 0; n < MM_PAGES; n++)
		if (cache_get(p, n))
			device_reads(cache_get(p, n));
}

void fake_device_scan(void)
{
	for_each_touched(scan_pasid);
}
