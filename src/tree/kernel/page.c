/*
 * page.c - pages: each is a struct page in a block of its own, and has contents.
 *
 * In the tree page_to_pfn() and page_address() are arithmetic: every struct page is an entry of one
 * array. Here that array is the platform's whole arena. A page's block has room to begin at a multiple
 * of its size, so that it is an entry; its life is the block's, so that the platform sees a page that
 * is used after its last put, names it, and misses it when it leaks.
 *
 * Contents lie in a range of addresses of their own, one page for each entry that there could be.
 */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "tree/kernel/glue.h"

#define KEPT __section("bf_kept")
#define ENTRY sizeof(struct page)

unsigned long KEPT vmemmap_base;
unsigned long KEPT page_offset_base;
unsigned long KEPT phys_base;
unsigned long KEPT zero_pfn;

void bond_page_begin(void)
{
	vmemmap_base = bond_arena(ENTRY, PAGE_SIZE, &page_offset_base);
}

static struct page *page_new(gfp_t flags, struct site *site)
{
	unsigned long at;
	struct page *page;

	bond_allocates(flags, site);
	at = (unsigned long)kapi_alloc(2 * ENTRY - 16, 1, kapi_class_of(NULL, "page"), site);
	if (!at)
		return NULL;
	page = (struct page *)(vmemmap_base + roundup(at - vmemmap_base, ENTRY));
	page->_refcount.counter = 1;
	page->_mapcount.counter = -1;
	if (flags & __GFP_ZERO)
		__builtin_memset(page_address(page), 0, PAGE_SIZE);
	return page;
}

static void page_free(void *page, struct site *site)
{
	void *start = page;

	bond_block(page, &start);
	kapi_free(start, site);
}

#if BOND_KERNEL >= 61000
struct page *alloc_pages_noprof(gfp_t flags, unsigned int order)
#else
struct page *alloc_pages(gfp_t flags, unsigned int order)
#endif
{
	return order ? NULL : page_new(flags, BOND_SITE);
}

/* The last put. */
void __folio_put(struct folio *folio)
{
	page_free(folio, BOND_SITE);
}

static void page_put(struct page *page, struct site *site)
{
	if (!kapi_atomic_add(&page->_refcount.counter, -1, KAPI_FULL, site))
		page_free(page, site);
}

void __free_pages(struct page *page, unsigned int order)
{
	page_put(page, BOND_SITE);
}

/* ---- pages by the address of their contents ---- */

static unsigned long contents_new(gfp_t flags, unsigned int order, struct site *site)
{
	struct page *page = order ? NULL : page_new(flags, site);

	return page ? (unsigned long)page_address(page) : 0;
}

#if BOND_KERNEL >= 61000
unsigned long get_free_pages_noprof(gfp_t flags, unsigned int order)
#else
unsigned long __get_free_pages(gfp_t flags, unsigned int order)
#endif
{
	return contents_new(flags, order, BOND_SITE);
}

#if BOND_KERNEL >= 61000
unsigned long get_zeroed_page_noprof(gfp_t flags)
#else
unsigned long get_zeroed_page(gfp_t flags)
#endif
{
	return contents_new(flags | __GFP_ZERO, 0, BOND_SITE);
}

void free_pages(unsigned long contents, unsigned int order)
{
	if (contents)
		page_put(virt_to_page((void *)contents), BOND_SITE);
}
