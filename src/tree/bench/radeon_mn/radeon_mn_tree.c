/*
 * radeon_mn_tree.c - the half of the bench in the tree's types: the ioctl that makes a userptr object,
 * command submission, and the last put of an object, in the order in which radeon_gem.c and
 * radeon_ttm.c call radeon_mn.c. The GPU's table is one page a buffer object: bound, or not.
 *
 * A submission starts a job, which is a fence of the object until it is done. A bound page is pinned, so
 * it is not freed when the process loses it; but what is still bound when an invalidation gives the
 * reservation back, the GPU may not use any more, and the fake device is told so.
 *
 * Left out: moving objects between domains other than CPU and GTT, and the lock against a GPU reset. A
 * close waits for the object's jobs, as TTM's delayed work does in the kernel.
 */
#include <linux/dma-resv.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/ttm/ttm_tt.h>

#include "radeon.h"
#include "kapi/bench.h"
#include "kapi/process.h"
#include "subject/bench/device.h"

#define GPU 0u

#if BOND_KERNEL < 60500 /* it gives the VMAs, too */
#define get_user_pages(...) get_user_pages(__VA_ARGS__, NULL)
#endif

void radeon_mn_unregister(struct radeon_bo *bo);
int radeon_mn_register(struct radeon_bo *bo, unsigned long addr);

/* A buffer object with what radeon_ttm.c keeps of it. */
struct bond_radeon {
	struct radeon_bo bo;
	struct ttm_tt tt;
	unsigned int nr;      /* its table in the fake device */
	struct mm_struct *mm; /* usermm: it is kept by its users only, as in the kernel */
	unsigned long address;
	struct page *page;		  /* pinned while bound */
	struct task_struct *invalidating; /* who found it bound, and has to unbind it */
	atomic_t jobs;			  /* its fences */
};

struct bond_job {
	struct work_struct work;
	struct bond_radeon *b;
};

/* Of no object: the last job wakes the one up that then frees the object. */
static DECLARE_WAIT_QUEUE_HEAD(idle);

DEFINE_WD_CLASS(reservation_ww_class);
static struct ttm_device bdev; /* its lock of the LRU lists, which are not modelled */

#define bond_radeon_of(tbo_) container_of(tbo_, struct bond_radeon, bo.tbo)

/* ---- what radeon_mn.c asks of radeon_ttm.c, TTM and the reservation ---- */

bool radeon_ttm_tt_is_bound(struct ttm_device *bdev, struct ttm_tt *ttm)
{
	struct bond_radeon *b = container_of(ttm, struct bond_radeon, tt);
	bool bound = READ_ONCE(b->page) != NULL;

	if (bound)
		WRITE_ONCE(b->invalidating, current);
	return bound;
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
	fake_device_flush(GPU, b->nr, 0, MM_PAGES);
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
	fake_device_map(GPU, b->nr, process_page_nr(b->address), page);
	return 0;
}

static bool is_idle(struct bond_radeon *b)
{
	return !atomic_read(&b->jobs);
}

/* TTM waits for no more than 15 seconds. */
static int ttm_wait(struct bond_radeon *b)
{
	if (is_idle(b))
		return 0;
	if (kapi_should_fail(b, KAPI_SITE("ttm_bo_wait_ctx", "the job takes longer than 15 s")))
		return -EBUSY;
	wait_event(idle, is_idle(b));
	return 0;
}

/* The object is reserved; where it becomes bound, mmap_lock is held. */
int ttm_bo_validate(struct ttm_buffer_object *tbo, struct ttm_placement *placement,
		    struct ttm_operation_ctx *ctx)
{
	struct bond_radeon *b = bond_radeon_of(tbo);
	int error;

	if (b->bo.placements[0].mem_type == TTM_PL_TT)
		return bind_page(b);
	error = ttm_wait(b);
	if (!error)
		unbind(b);
	return error;
}

/* The reservation is about to be given back. */
void ttm_bo_move_to_lru_tail(struct ttm_buffer_object *tbo)
{
	struct bond_radeon *b = bond_radeon_of(tbo);

	if (READ_ONCE(b->invalidating) == current)
		fake_device_give_up(GPU, b->nr, 0, MM_PAGES);
}

long dma_resv_wait_timeout(struct dma_resv *obj, enum dma_resv_usage usage, bool intr,
			   unsigned long timeout)
{
	struct bond_radeon *b = container_of(obj, struct bond_radeon, bo.tbo.base._resv);

	wait_event(idle, is_idle(b));
	return 1;
}

/* ---- what calls radeon_mn.c ---- */

static void put_object(struct bond_radeon *b)
{
	radeon_mn_unregister(&b->bo);
	wait_event(idle, is_idle(b));
	unbind(b);
	kfree(b);
}

static void run_job(struct work_struct *work)
{
	struct bond_job *job = container_of(work, struct bond_job, work);
	struct bond_radeon *b = job->b;

	fake_device_dma_write(GPU, b->nr, process_page_nr(b->address));
	kfree(job);
	if (atomic_dec_and_test(&b->jobs))
		wake_up_all(&idle);
}

/* The object is reserved: nobody unbinds it before the fence is there. */
static void start_job(struct bond_radeon *b, struct bond_job *job)
{
	INIT_WORK(&job->work, run_job);
	job->b = b;
	atomic_inc(&b->jobs);
	queue_work(system_unbound_wq, &job->work);
}

/* @job: to start; NULL: the object is bound, and that is all. */
static int validate(struct bond_radeon *b, struct bond_job *job)
{
	struct ttm_operation_ctx ctx = {true, false};
	int error = radeon_bo_reserve(&b->bo, true);

	if (error)
		return error;
	WRITE_ONCE(b->invalidating, NULL);
	radeon_ttm_placement_from_domain(&b->bo, RADEON_GEM_DOMAIN_GTT);
	error = ttm_bo_validate(&b->bo.tbo, &b->bo.placement, &ctx);
	if (!error && job)
		start_job(b, job);
	radeon_bo_unreserve(&b->bo);
	return error;
}

static struct bond_radeon *object_new(struct mm_struct *mm, unsigned int nr, unsigned long address,
				      size_t size)
{
	struct bond_radeon *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return NULL;
	b->bo.tbo.base.size = size;
	b->bo.tbo.bdev = &bdev;
	b->bo.tbo.ttm = &b->tt;
	b->bo.tbo.base.resv = &b->bo.tbo.base._resv;
	ww_mutex_init(&b->bo.tbo.base._resv.lock, &reservation_ww_class);
	b->nr = nr;
	b->mm = mm;
	b->address = address;
	return b;
}

/**
 * bond_radeon_userptr() - radeon_gem_userptr_ioctl() with REGISTER and VALIDATE
 * @nr: of the new object
 * @page_nr: of the process's pages; one past them: two pages from the last one of the address space
 * on, which do not fit
 *
 * Returns: NULL when the ioctl failed; what it had made is put again.
 */
void *bond_radeon_userptr(void *at, unsigned int nr, unsigned int page_nr)
{
	struct mm_struct *mm = at;
	bool fits = page_nr < MM_PAGES;
	struct bond_radeon *b;
	int error;

	b = object_new(mm, nr, fits ? process_address(page_nr) : -PAGE_SIZE,
		       fits ? PAGE_SIZE : 2 * PAGE_SIZE);
	if (!b)
		return NULL;
	current->mm = mm;
	error = radeon_mn_register(&b->bo, b->address);
	if (!error) {
		mmap_read_lock(mm);
		error = validate(b, NULL);
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
	struct bond_job *job;
	int error;

	if (mm != b->mm)
		return -EPERM;
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	current->mm = mm;
	mmap_read_lock(b->mm);
	error = validate(b, job);
	mmap_read_unlock(b->mm);
	current->mm = NULL;
	if (error)
		kfree(job);
	return error;
}

void bond_radeon_close(void *at)
{
	put_object(at);
}
