/*
 * region.c - a driver that maps a page for good, until somebody takes it away: gntdev's mappings,
 * memory regions of RDMA that cannot fault.
 *
 * It is told of the start of a change and of no end, so it never knows when it might map a page
 * again (BUGS C11). What it may do is this: register, then look up and map, once; whatever start
 * covers the page breaks the region for ever, mapped or not. Nobody registers between a start and
 * its end, so no change that the region was not told of can be under way.
 *
 * Its lock is a mutex, under which memory is allocated. A start that may not sleep takes it if it is
 * free, and else fails: the OOM reaper must not wait for who waits for it. Only ops without an end
 * may do so.
 *
 * Locks: mmap_lock -> region->lock. release() takes it too, and may come twice.
 * The device has a table for each region, of one page.
 */
#define SUBJECT_OPS "subject/driver/region.def"
#include "subject/kinds.h"

#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "subject/bench/device.h"
#include "zoo/defect.h"

struct region {
	struct mmu_notifier subscription;
	struct mutex lock;
	bool broken; /* under lock; stays */
	void *spare; /* under lock */
	unsigned nr, mm_nr;
	unsigned long address;
};

/* ---- callbacks ---- */

static struct region *region_of(struct mmu_notifier *subscription)
{
	return container_of(subscription, struct region, subscription);
}

/* region->lock held. */
static void region_break(struct region *region)
{
	if (!defect(region_start_lets_it_come_back))
		region->broken = true;
	fake_device_flush(region->nr, 0, 0, 1);
}

static bool region_lock(struct region *region, bool may_sleep)
{
	if (!may_sleep)
		return mutex_trylock(&region->lock);
	mutex_lock(&region->lock);
	return true;
}

static int region_invalidate(struct region *region, const struct mmu_notifier_range *range)
{
	if (region->address < range->start || range->end <= region->address)
		return 0;
	if (!region_lock(region, mmu_notifier_range_blockable(range)))
		return -EAGAIN;
	region_break(region);
	mutex_unlock(&region->lock);
	return 0;
}

static int region_range_start(struct mmu_notifier *subscription,
			      const struct mmu_notifier_range *range)
{
	struct region *region = region_of(subscription);
	int error;

	error = region_invalidate(region, range);
	return error;
}

static void region_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct region *region = region_of(subscription);

	mutex_lock(&region->lock);
	region_break(region);
	mutex_unlock(&region->lock);
}

static const struct mmu_notifier_ops region_notifier_ops = {
	.release = region_release,
	.invalidate_range_start = region_range_start,
};

/* ---- open and close ---- */

static void region_free(struct region *region)
{
	kfree(region->spare);
	kfree(region);
}

static void region_put(unsigned nr, void *object)
{
	struct region *region = object;

	if (!kapi_file_put(KIND_REGION, nr))
		return;
	if (defect(region_close_unregisters_twice))
		mmu_notifier_unregister(&region->subscription, region->subscription.mm);
	mmu_notifier_unregister(&region->subscription, region->subscription.mm);
	region_free(region);
}

static struct region *region_alloc(const struct subject_call *call)
{
	struct region *region = kzalloc(sizeof(*region), GFP_KERNEL);

	if (!region)
		return NULL;
	kapi_name(region, "region", call->result);
	mutex_init(&region->lock);
	region->subscription.ops = &region_notifier_ops;
	region->nr = call->result;
	region->mm_nr = call->operand[0];
	region->address = process_address(call->operand[1]);
	return region;
}

static int region_create(const struct subject_call *call, struct mm_struct *mm)
{
	struct region *region = region_alloc(call);
	int error;

	if (!region)
		return -ENOMEM;
	error = mmu_notifier_register(&region->subscription, mm);
	if (!error) {
		kapi_file_install(KIND_REGION, call->result, region);
		return 0;
	}
	region_free(region);
	return error;
}

static int op_region_open(const struct subject_call *call)
{
	return mm_ops_with_mm(call, region_create);
}

static int op_region_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_REGION, call, region_put);
}

/* ---- the mapping ---- */

static int look_up(struct mm_struct *mm, unsigned long address, struct page **ret_page)
{
	int error;

	mmap_read_lock(mm);
	error = handle_mm_fault(mm, address);
	*ret_page = process_page(mm, address);
	mmap_read_unlock(mm);
	return error;
}

/* A page that is gone again was taken away by somebody who broke the region. */
static int map_unless_broken(struct region *region, struct page *page)
{
	int error = -EFAULT;

	mutex_lock(&region->lock);
	if (page && !region->broken) {
		fake_device_map(region->nr, 0, 0, page);
		error = 0;
	}
	mutex_unlock(&region->lock);
	return error;
}

static int region_map(void *object, const struct subject_call *call)
{
	struct region *region = object;
	struct mm_struct *mm = region->subscription.mm;
	struct page *page;
	int error;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	error = look_up(mm, region->address, &page);
	if (!error)
		error = map_unless_broken(region, page);
	mmput(mm);
	return error;
}

static int op_region_map(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_REGION, call, region_map, region_put);
}

static int op_region_dma(const struct subject_call *call)
{
	return fake_device_dma(call->operand[0], 0, 0);
}

/*
 * When memory is short it waits for the OOM reaper, and takes what that gave back. It may not reclaim
 * itself: a callback takes the lock.
 */
static int region_grow(void *object, const struct subject_call *call)
{
	struct region *region = object;
	int error = 0;

	mutex_lock(&region->lock);
	if (!region->spare) {
		oom_reaper_wait();
		region->spare = kzalloc(sizeof(long),
					defect(region_grow_reclaims) ? GFP_KERNEL : GFP_NOWAIT);
		error = region->spare ? 0 : -ENOMEM;
	}
	mutex_unlock(&region->lock);
	return error;
}

static int op_region_grow(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_REGION, call, region_grow, region_put);
}

/* ---- a run ---- */

static unsigned region_mm_nr(const void *region)
{
	return ((const struct region *)region)->mm_nr;
}

static void fork_files(unsigned mm_nr)
{
	mm_ops_share_files(KIND_REGION, mm_nr, region_mm_nr, region_put);
}

static void close_files(void)
{
	mm_ops_close_files(KIND_REGION, region_put);
}

static void begin(void)
{
}

/* Every region was unregistered, which waits. */
static void unload(void)
{
}

#define SUBJECT_NAME "region"
#define SUBJECT_SYMBOL subject_region
#define SUBJECT_HELP "a driver without range_end: an invalidated page is not mapped again"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN begin
#define SUBJECT_FORK fork_files
#define SUBJECT_CLOSE close_files
#define SUBJECT_UNLOAD unload
#include "subject/define.h"
