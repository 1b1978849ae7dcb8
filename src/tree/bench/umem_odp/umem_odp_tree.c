/*
 * umem_odp_tree.c - the half of the bench in the tree's types: an adapter whose memory regions are
 * umems of drivers/infiniband/core/umem_odp.c, used in the order in which mlx5/odp.c calls it. What the
 * adapter has mapped is a table of the fake device, one a region.
 *
 * An implicit region has no pages of its own: it makes a child of one page where the adapter first
 * asks for one. A fault is served in the thread that accesses, which uses the region meanwhile.
 *
 * Left out: huge pages, children that go away when their last page is unmapped, prefetch that runs on.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <rdma/ib_umem_odp.h>

#include "kapi/process.h"
#include "subject/bench/device.h"

#define ADAPTER 0u

struct bond_mr {
	struct ib_umem_odp *odp;
	struct mutex lock; /* of the children */
	struct ib_umem_odp *child[MM_PAGES];
	unsigned int nr; /* its table in the fake device */
};

static struct device dma_device;
static struct ib_device adapter = {.dma_device = &dma_device};

static bool invalidate(struct mmu_interval_notifier *mni, const struct mmu_notifier_range *range,
		       unsigned long cur_seq)
{
	struct ib_umem_odp *odp = container_of(mni, struct ib_umem_odp, notifier);
	unsigned long start, end;

	if (!mmu_notifier_range_blockable(range))
		return false;
	mutex_lock(&odp->umem_mutex);
	mmu_interval_set_seq(mni, cur_seq);
	if (odp->npages) {
		struct bond_mr *mr = odp->private;

		start = max(ib_umem_start(odp), range->start);
		end = min(ib_umem_end(odp), range->end);
		fake_device_flush(ADAPTER, mr->nr, process_page_nr(start), process_page_nr(end));
		ib_umem_odp_unmap_dma_pages(odp, start, end);
	}
	mutex_unlock(&odp->umem_mutex);
	return true;
}

static const struct mmu_interval_notifier_ops ops = {.invalidate = invalidate};

/* ---- faults ---- */

static struct ib_umem_odp *child_of(struct bond_mr *mr, unsigned int page_nr)
{
	struct ib_umem_odp *odp;

	mutex_lock(&mr->lock);
	odp = mr->child[page_nr];
	if (!odp) {
		odp = ib_umem_odp_alloc_child(mr->odp, process_address(page_nr), PAGE_SIZE, &ops);
		if (!IS_ERR(odp)) {
			odp->private = mr;
			mr->child[page_nr] = odp;
		}
	}
	mutex_unlock(&mr->lock);
	return odp;
}

/* umem_mutex is held: what is in the list of addresses may go to the adapter. */
static void update_table(struct bond_mr *mr, struct ib_umem_odp *odp, unsigned long address)
{
	unsigned int page_nr = process_page_nr(address);
	dma_addr_t dma = odp->dma_list[(address - ib_umem_start(odp)) >> PAGE_SHIFT];
	struct page *page = pfn_to_page((dma & ODP_DMA_ADDR_MASK) >> PAGE_SHIFT);

	if (dma & ODP_WRITE_ALLOWED_BIT)
		fake_device_map(ADAPTER, mr->nr, page_nr, page);
	else if (dma)
		fake_device_map_read_only(ADAPTER, mr->nr, page_nr, page);
}

static int serve(struct bond_mr *mr, unsigned int page_nr, u64 access, bool fault)
{
	struct ib_umem_odp *odp = mr->odp;
	unsigned long address = process_address(page_nr);
	int nr;

	if (odp->is_implicit_odp)
		odp = child_of(mr, page_nr);
	if (IS_ERR(odp))
		return PTR_ERR(odp);
	nr = ib_umem_odp_map_dma_and_lock(odp, address, PAGE_SIZE, access, fault);
	if (nr < 0)
		return nr;
	update_table(mr, odp, address);
	mutex_unlock(&odp->umem_mutex);
	return 0;
}

int bond_odp_access(void *at, unsigned int page_nr, int write)
{
	struct bond_mr *mr = at;
	u64 access = ODP_READ_ALLOWED_BIT | (write ? ODP_WRITE_ALLOWED_BIT : 0);

	if (!(write ? fake_device_dma_write : fake_device_dma)(ADAPTER, mr->nr, page_nr))
		return 0;
	return serve(mr, page_nr, access, true);
}

int bond_odp_advise(void *at, unsigned int page_nr)
{
	return serve(at, page_nr, ODP_READ_ALLOWED_BIT, false);
}

/* ---- regions ---- */

void bond_odp_dereg(void *at)
{
	struct bond_mr *mr = at;

	fake_device_flush(ADAPTER, mr->nr, 0, MM_PAGES);
	for (unsigned int i = 0; i < MM_PAGES; i++)
		if (mr->child[i])
			ib_umem_odp_release(mr->child[i]);
	ib_umem_odp_release(mr->odp);
	kfree(mr);
}

static struct ib_umem_odp *get(unsigned int page_nr, bool implicit)
{
	unsigned long address = page_nr < MM_PAGES ? process_address(page_nr) : -PAGE_SIZE;
	size_t size = page_nr < MM_PAGES ? (MM_PAGES - page_nr) * PAGE_SIZE : 2 * PAGE_SIZE;
	int access = IB_ACCESS_ON_DEMAND | IB_ACCESS_LOCAL_WRITE;

	if (implicit)
		return ib_umem_odp_alloc_implicit(&adapter, access);
	return ib_umem_odp_get(&adapter, address, size, access, &ops);
}

/**
 * bond_odp_reg() - a region of the pages from @page_nr on, or of whatever is asked for
 *
 * Returns: NULL when it cannot be made. @mm has a user meanwhile.
 */
void *bond_odp_reg(void *mm, unsigned int nr, unsigned int page_nr, int implicit)
{
	struct bond_mr *mr = kzalloc(sizeof(*mr), GFP_KERNEL);

	if (!mr)
		return NULL;
	mr->nr = nr;
	mutex_init(&mr->lock);
	current->mm = mm;
	mr->odp = get(page_nr, implicit);
	current->mm = NULL;
	if (!IS_ERR(mr->odp)) {
		mr->odp->private = mr;
		return mr;
	}
	kfree(mr);
	return NULL;
}
