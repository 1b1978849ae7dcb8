/*
 * amdgpu_hmm_tree.c - the half of the bench in the tree's types: the ioctl that makes a userptr object,
 * submissions, and the last put of an object, in the order in which amdgpu_gem.c, amdgpu_ttm.c and
 * amdgpu_cs.c call amdgpu_hmm.c. Pages are not pinned: a job is running, or the GPU cannot reach them.
 *
 * Graphics: a submission starts a job, which is a fence of the object until it is done; an invalidation
 * waits for it. Compute: a submission maps the page, and queues use it when they like; an invalidation
 * stops them (amdgpu_amdkfd_gpuvm.c).
 *
 * Left out: objects of many pages, memory of the GPU, and a handle that is closed while a job of the
 * object runs: here the close waits for the job before it takes the notifier off.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "amdgpu.h"
#include "amdgpu_amdkfd.h"
#include "amdgpu_hmm.h"

#include "kapi/process.h"
#include "subject/bench/device.h"

#define GPU 0u

struct bond_amdgpu {
	struct amdgpu_bo bo;
	unsigned int nr; /* its table in the fake device */
	unsigned long address;
	atomic_t jobs; /* its fences */
};

/* Of no object: the last job wakes the one up that then frees the object. */
static DECLARE_WAIT_QUEUE_HEAD(idle);

struct bond_job {
	struct work_struct work;
	struct bond_amdgpu *b;
};

/* Of the device amdgpu_hmm.c looks at this lock alone. What is around it, 100 kB, is not there. */
static DEFINE_MUTEX(notifier_lock);
#define ADEV                                                                                       \
	((struct amdgpu_device *)((char *)&notifier_lock -                                         \
				  offsetof(struct amdgpu_device, notifier_lock)))

/* ---- what amdgpu_hmm.c asks ---- */

long dma_resv_wait_timeout(struct dma_resv *resv, enum dma_resv_usage usage, bool intr,
			   unsigned long timeout)
{
	struct bond_amdgpu *b = container_of(resv, struct bond_amdgpu, bo.tbo.base._resv);

	wait_event(idle, !atomic_read(&b->jobs));
	return 1;
}

/* The queues are stopped until the object is mapped again. */
int amdgpu_amdkfd_evict_userptr(struct mmu_interval_notifier *mni, unsigned long cur_seq,
				struct kgd_mem *mem)
{
	struct bond_amdgpu *b = container_of(mni, struct bond_amdgpu, bo.notifier);

	mutex_lock(&notifier_lock);
	mmu_interval_set_seq(mni, cur_seq);
	fake_device_flush(GPU, b->nr, 0, MM_PAGES);
	mutex_unlock(&notifier_lock);
	return 0;
}

/* ---- as amdgpu_ttm.c: pages of the object ---- */

static int get_user_page(struct bond_amdgpu *b, struct page **ret_page,
			 struct hmm_range **ret_range)
{
	struct mm_struct *mm = b->bo.notifier.mm;
	int error = -EFAULT;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	mmap_read_lock(mm);
	if (b->address < process_memory(mm)->vm_end)
		error = amdgpu_hmm_range_get_pages(&b->bo.notifier, b->address, 1, false, NULL,
						   ret_page, ret_range);
	mmap_read_unlock(mm);
	mmput(mm);
	return error;
}

/* ---- submissions ---- */

static void run_job(struct work_struct *work)
{
	struct bond_job *job = container_of(work, struct bond_job, work);
	struct bond_amdgpu *b = job->b;

	fake_device_dma_write(GPU, b->nr, process_page_nr(b->address));
	fake_device_flush(GPU, b->nr, 0, MM_PAGES);
	kfree(job);
	if (atomic_dec_and_test(&b->jobs))
		wake_up_all(&idle);
}

/* notifier_lock is held: nothing becomes invalid before the fence is there. */
static void start_job(struct bond_amdgpu *b, struct bond_job *job)
{
	INIT_WORK(&job->work, run_job);
	job->b = b;
	atomic_inc(&b->jobs);
	queue_work(system_unbound_wq, &job->work);
}

static int submit(struct bond_amdgpu *b, struct bond_job *job)
{
	struct hmm_range *range;
	struct page *page;
	int error = get_user_page(b, &page, &range);

	if (error)
		return error;
	mutex_lock(&notifier_lock);
	if (amdgpu_hmm_range_get_pages_done(range))
		error = -EAGAIN;
	else
		fake_device_map(GPU, b->nr, process_page_nr(b->address), page);
	if (!error && job)
		start_job(b, job);
	mutex_unlock(&notifier_lock);
	return error;
}

int bond_amdgpu_submit(void *at)
{
	struct bond_amdgpu *b = at;
	struct bond_job *job;
	int error;

	if (b->bo.kfd_bo)
		return submit(b, NULL);
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	error = submit(b, job);
	if (error)
		kfree(job);
	return error;
}

int bond_amdgpu_access(void *at)
{
	struct bond_amdgpu *b = at;

	if (!b->bo.kfd_bo)
		return -EINVAL;
	return fake_device_dma_write(GPU, b->nr, process_page_nr(b->address));
}

/* ---- as amdgpu_gem.c: objects ---- */

void bond_amdgpu_close(void *at)
{
	struct bond_amdgpu *b = at;

	wait_event(idle, !atomic_read(&b->jobs));
	fake_device_flush(GPU, b->nr, 0, MM_PAGES);
	amdgpu_hmm_unregister(&b->bo);
	kfree(b);
}

static struct bond_amdgpu *object_new(unsigned int nr, unsigned int page_nr, bool compute)
{
	struct bond_amdgpu *b = kzalloc(sizeof(*b), GFP_KERNEL);
	bool fits = page_nr < MM_PAGES;

	if (!b)
		return NULL;
	b->nr = nr;
	b->address = fits ? process_address(page_nr) : -PAGE_SIZE;
	b->bo.tbo.base.size = fits ? PAGE_SIZE : 2 * PAGE_SIZE;
	b->bo.tbo.bdev = &ADEV->mman.bdev;
	b->bo.tbo.base.resv = &b->bo.tbo.base._resv;
	if (compute)
		b->bo.kfd_bo = (struct kgd_mem *)b; /* handed back, and not looked into */
	return b;
}

static int validate(struct bond_amdgpu *b)
{
	struct hmm_range *range;
	struct page *page;
	int error = get_user_page(b, &page, &range);

	if (!error)
		amdgpu_hmm_range_get_pages_done(range);
	return error;
}

/**
 * bond_amdgpu_userptr() - amdgpu_gem_userptr_ioctl() with REGISTER and VALIDATE
 * @page_nr: of the process's pages; one past them: two pages from the last one of the address space
 * on, which do not fit
 *
 * Returns: NULL when the ioctl failed; what it had made is put again.
 */
void *bond_amdgpu_userptr(void *mm, unsigned int nr, unsigned int page_nr, int compute)
{
	struct bond_amdgpu *b = object_new(nr, page_nr, compute);
	int error;

	if (!b)
		return NULL;
	current->mm = mm;
	error = amdgpu_hmm_register(&b->bo, b->address);
	if (!error)
		error = validate(b);
	current->mm = NULL;
	if (!error)
		return b;
	bond_amdgpu_close(b);
	return NULL;
}
