/*
 * radeon_mn_tree.c - the half of the bench in the tree's types: the ioctl that makes a userptr object,
 * command submission, and the last put of an object, in the order in which radeon_gem.c and
 * radeon_ttm.c call radeon_mn.c. The GPU's table is one page a buffer object: bound, or not.
 *
 * Left out: moving objects between domains other than CPU and GTT, fences (a submission is done when
 * it returns), and the lock against a GPU reset.
 */
#include <linux/dma-resv.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <drm/ttm/ttm_tt.h>

#include "radeon.h"
#include "kapi/process.h"

#if BOND_KERNEL < 60500 /* it gives the VMAs, too */
#define get_user_pages(...) get_user_pages(__VA_ARGS__, NULL)
#endif

void radeon_mn_unregister(struct radeon_bo *bo);
int radeon_mn_register(struct radeon_bo *bo, unsigned long addr);

/* A buffer object with what radeon_ttm.c keeps of it. */
struct bond_radeon {
	struct radeon_bo bo;
	struct ttm_tt tt;
	struct mm_struct *mm; /* usermm: it is kept by its users only, as in the kernel */
	unsigned long address;
	struct page *page; /* pinned while bound */
};

DEFINE_WD_CLASS(reservation_ww_class);
static struct ttm_device bdev; /* its lock of the LRU lists, which are not modelled */

#define bond_radeon_of(tbo_) container_of(tbo_, struct bond_radeon, bo.tbo)

/* ---- what radeon_mn.c asks of radeon_ttm.c, TTM and the reservation ---- */

bool radeon_ttm_tt_is_bound(struct ttm_device *bdev, struct ttm_tt *ttm)
{
	return READ_ONCE(container_of(ttm, struct bond_radeon, tt)->page) != NULL;
}

void radeon_ttm_placement_from_domain(struct radeon_bo *bo, u32 domain)
{
	bo->placements[0].mem_type = domain & RADEON_GEM_DOMAIN_GTT ? TTM_PL_TT : TTM_PL_SYSTEM;
}

static void unbind(struct bond_radeon *b)
{
	struct page *page = b->page;

	if (!page)
		return;
	WRITE_ONCE(b->page, NULL);
	put_page(page);
}

/* Of a process that is gone there is nothing to pin. */
static int bind_page(struct bond_radeon *b)
{
	struct page *page;

	if (b->page)
		return 0;
	if (current->mm != b->mm)
		return -EPERM;
	if (get_user_pages(b->address, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	WRITE_ONCE(b->page, page);
	return 0;
}

/* The object is reserved; where it becomes bound, mmap_lock is held. */
int ttm_bo_validate(struct ttm_buffer_object *tbo, struct ttm_placement *placement,
		    struct ttm_operation_ctx *ctx)
{
	struct bond_radeon *b = bond_radeon_of(tbo);

	if (b->bo.placements[0].mem_type == TTM_PL_TT)
		return bind_page(b);
	unbind(b);
	return 0;
}

void ttm_bo_move_to_lru_tail(struct ttm_buffer_object *tbo)
{
}

long dma_resv_wait_timeout(struct dma_resv *obj, enum dma_resv_usage usage, bool intr,
			   unsigned long timeout)
{
	might_sleep();
	return 1;
}

/* ---- what calls radeon_mn.c ---- */

static void put_object(struct bond_radeon *b)
{
	radeon_mn_unregister(&b->bo);
	unbind(b);
	kfree(b);
}

static int validate(struct bond_radeon *b)
{
	struct ttm_operation_ctx ctx = {true, false};
	int error = radeon_bo_reserve(&b->bo, true);

	if (error)
		return error;
	radeon_ttm_placement_from_domain(&b->bo, RADEON_GEM_DOMAIN_GTT);
	error = ttm_bo_validate(&b->bo.tbo, &b->bo.placement, &ctx);
	radeon_bo_unreserve(&b->bo);
	return error;
}

static struct bond_radeon *object_new(struct mm_struct *mm, unsigned long address, size_t size)
{
	struct bond_radeon *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return NULL;
	b->bo.tbo.base.size = size;
	b->bo.tbo.bdev = &bdev;
	b->bo.tbo.ttm = &b->tt;
	b->bo.tbo.base.resv = &b->bo.tbo.base._resv;
	ww_mutex_init(&b->bo.tbo.base._resv.lock, &reservation_ww_class);
	b->mm = mm;
	b->address = address;
	return b;
}

/**
 * bond_radeon_userptr() - radeon_gem_userptr_ioctl() with REGISTER and VALIDATE
 * @page_nr: of the process's pages; one past them: two pages from the last one of the address space
 * on, which do not fit
 *
 * Returns: NULL when the ioctl failed; what it had made is put again.
 */
void *bond_radeon_userptr(void *at, unsigned int page_nr)
{
	struct mm_struct *mm = at;
	bool fits = page_nr < MM_PAGES;
	struct bond_radeon *b;
	int error;

	b = object_new(mm, fits ? process_address(page_nr) : -PAGE_SIZE,
		       fits ? PAGE_SIZE : 2 * PAGE_SIZE);
	if (!b)
		return NULL;
	current->mm = mm;
	error = radeon_mn_register(&b->bo, b->address);
	if (!error) {
		mmap_read_lock(mm);
		error = validate(b);
		mmap_read_unlock(mm);
	}
	if (error) {
		put_object(b);
		b = NULL;
	}
	current->mm = NULL;
	return b;
}

/* A submission of the process that made the object: it has a user meanwhile. */
int bond_radeon_validate(void *at, void *mm)
{
	struct bond_radeon *b = at;
	int error;

	if (mm != b->mm)
		return -EPERM;
	current->mm = mm;
	mmap_read_lock(b->mm);
	error = validate(b);
	mmap_read_unlock(b->mm);
	current->mm = NULL;
	return error;
}

void bond_radeon_close(void *at)
{
	put_object(at);
}
