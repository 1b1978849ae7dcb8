/*
 * dma.c - DMA addresses of pages: the page's own physical address, without an IOMMU in between. What an mm keeps for
 * IOMMUs is nothing, unless iommu-sva.c is under test, whose function then is the one that is linked.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>

#include "tree/kernel/glue.h"
#include "tree/kernel/process_tree.h"

#if BOND_KERNEL >= 60700 && defined(CONFIG_IOMMU_MM_DATA)
void __weak mm_pasid_drop(struct mm_struct *mm)
{
}
#endif

dma_addr_t dma_map_page_attrs(struct device *dev, struct page *page, size_t offset, size_t size,
			      enum dma_data_direction dir, unsigned long attrs)
{
	struct site *site = BOND_SITE;

	bond_touch(page, site);
	if (kapi_should_fail(page, site))
		return DMA_MAPPING_ERROR;
	return page_to_phys(page) + offset;
}

void dma_unmap_page_attrs(struct device *dev, dma_addr_t addr, size_t size,
			  enum dma_data_direction dir, unsigned long attrs)
{
	bond_touch(pfn_to_page(addr >> PAGE_SHIFT), BOND_SITE);
}

int dma_set_mask(struct device *dev, u64 mask)
{
	return 0;
}

int dma_set_coherent_mask(struct device *dev, u64 mask)
{
	return 0;
}
