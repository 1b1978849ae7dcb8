/*
 * device.h - the fake hardware: PASID tables, translation caches, DMA.
 *
 * A table is what the devices of one domain share: an entry per PASID that points to a page table,
 * and a cache of pages per PASID. A subject without domains gives each device a table of its own,
 * and one without shared page tables never sets an entry: it fills the cache itself (a shadow page
 * table). What is cached may be read-only, and the hardware notes in it that it was used.
 *
 * Everything here counts pages, as programs do, except fake_device_flush_range(): it takes the byte
 * addresses that a callback gets.
 *
 * The hardware does what it likes when it likes: it takes no lock, no reader and no reference, and
 * it is ordered with nothing. So everything here is a relaxed access, and no sanitizer is told of
 * it.
 */
#ifndef SUBJECT_BENCH_DEVICE_H
#define SUBJECT_BENCH_DEVICE_H

#include <stdbool.h>

#include "base/limits.h"
#include "kapi/process.h"

struct mmu_interval_notifier;

#define FAKE_DEVICE_PASIDS 16

/** fake_device_reset() - no entry, nothing cached */
void fake_device_reset(void);

/** fake_device_map() - the cache of @device holds @page for @page_nr from now on, _read_only: not to
 * write to */
void fake_device_map(unsigned device, unsigned pasid, unsigned page_nr, struct page *page);
void fake_device_map_read_only(unsigned device, unsigned pasid, unsigned page_nr,
			       struct page *page);

/**
 * fake_device_map_for() - the same for a page that was read between mmu_interval_read_begin() and
 * _retry() of @interval_sub: it may not be one of a change that this client was told of
 */
void fake_device_map_for(const struct mmu_interval_notifier *interval_sub, unsigned device,
			 unsigned pasid, unsigned page_nr, struct page *page);

/** fake_device_flush() - forget cached pages @start <= page < @end */
void fake_device_flush(unsigned device, unsigned pasid, unsigned start, unsigned end);

/**
 * fake_device_give_up() - the driver had to take cached pages @start <= page < @end away by now
 *
 * A use of what is still cached is the verdict stale_mapping, also if the page is pinned and so not
 * freed. A map or flush of the page ends that.
 */
void fake_device_give_up(unsigned device, unsigned pasid, unsigned start, unsigned end);

/** fake_device_flush_range() - forget every cached page that has a byte @start <= address < @end */
void fake_device_flush_range(unsigned device, unsigned pasid, unsigned long start,
			     unsigned long end);

/** fake_device_is_young() - was a cached page of @start <= page < @end used? @clear: and forget it */
bool fake_device_is_young(unsigned device, unsigned pasid, unsigned start, unsigned end,
			  bool clear);

/** fake_device_set_entry() - a miss walks @pgd from now on */
void fake_device_set_entry(unsigned device, unsigned pasid, struct pgd *pgd);

/** fake_device_clear_entry() - a miss fails from now on; what is cached stays cached */
void fake_device_clear_entry(unsigned device, unsigned pasid);

/** fake_device_has_entry() - would a miss walk a page table? */
bool fake_device_has_entry(unsigned device, unsigned pasid);

/** fake_device_any_has_entry() - does any device have an entry for @pasid? */
bool fake_device_any_has_entry(unsigned pasid);

/**
 * fake_device_dma() - the device reads a page
 *
 * Context: anywhere. A visible operation; a hit uses the cached page, a miss walks the page table
 * and caches what it finds. A freed page or page table, or a page that was given up, is the verdict stale_mapping. Returns: 0, or
 * -EFAULT when there is no entry or no page.
 */
int fake_device_dma(unsigned device, unsigned pasid, unsigned page_nr);

/**
 * fake_device_dma_write() - the device writes to a page
 *
 * As fake_device_dma(). Returns: also -EACCES where what is cached, or else the page table, says
 * read-only. A hit is believed: whoever allows more has to flush.
 */
int fake_device_dma_write(unsigned device, unsigned pasid, unsigned page_nr);

/**
 * fake_device_scan() - the same check over all entries and all that is cached
 *
 * For the end of a run: what the device could still reach must be there.
 */
void fake_device_scan(void);

#endif
