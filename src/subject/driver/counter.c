/*
 * counter.c - a driver that holds a lock and a count over an invalidation, and may have to refuse.
 *
 * The shape of on-demand paging over RDMA and of HMM's first ranges. The device has a range of a
 * process's pages, each mapped when it asks for it. An invalidation counts itself, takes the
 * range's mutex, has the pages taken back by a command to the device, and keeps mutex and count
 * until it is finished; page faults wait for the count to be 0. Where it may not block it tries the
 * locks, and what it has got by then it gives back before it refuses: nobody finishes what did not
 * start.
 *
 * Those drivers once did this between start and end. Since a start that can fail may have no end
 * (INV-23) the lock spans the two passes of an interval notifier, and what keeps pages from coming
 * back up to the end is the notifier's sequence. Where the kernel has no second pass, all of it is
 * one.
 *
 * Locks: mmap_lock or rmap_lock -> umem_mutex -> command_mutex. A range's umem_mutex is held while
 * those of further ranges are taken, always in the order of the interval tree, and that does not
 * change meanwhile.
 */
#define SUBJECT_OPS "subject/driver/counter.def"
#include "subject/kinds.h"

#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "subject/bench/device.h"
#include "zoo/defect.h"

#define DEVICE 0      /* there is one; a range is a PASID of it */
#define FAULT_TRIES 3 /* then the device asks again, or not */

struct umem {
	struct mmu_interval_notifier notifier;
#ifdef HAVE_TWO_PASS
	struct mmu_interval_notifier_finish finish; /* of who holds umem_mutex */
#endif
	struct mm_struct *mm;	     /* no reference: the notifier has one */
	struct mutex umem_mutex;     /* protects what the device has of the range */
	atomic_t notifiers_count;    /* invalidations that began and are not finished */
	wait_queue_head_t idle_wait; /* for notifiers_count to be 0 */
	unsigned long start, end;
	uint8_t nr, mm_nr;
};

static DEFINE_MUTEX(command_mutex); /* the device takes one command at a time */

/* ---- commands to the device ---- */

static bool mutex_lock_or_try(struct mutex *mutex, bool block)
{
	if (!block)
		return mutex_trylock(mutex);
	mutex_lock(mutex);
	return true;
}

/* umem_mutex held, for this and the next. */
static void command_map(struct umem *umem, unsigned long address, struct page *page)
{
	mutex_lock(&command_mutex);
	fake_device_map_for(&umem->notifier, DEVICE, umem->nr, process_page_nr(address), page);
	mutex_unlock(&command_mutex);
}

/*
 * The device writes back what it changed, while it still may; then it forgets the pages. Returns:
 * has it been done? It has, if it may block.
 */
static bool command_unmap(struct umem *umem, unsigned long start, unsigned long end, bool block)
{
	if (!mutex_lock_or_try(&command_mutex, block))
		return false;
	for (unsigned long address = start; address < end; address += PAGE_SIZE)
		fake_device_dma(DEVICE, umem->nr, process_page_nr(address));
	fake_device_flush_range(DEVICE, umem->nr, start, end);
	mutex_unlock(&command_mutex);
	return true;
}

/* ---- invalidation ---- */

static struct umem *umem_of(struct mmu_interval_notifier *notifier)
{
	return container_of(notifier, struct umem, notifier);
}

static void count_down(struct umem *umem)
{
	if (atomic_dec_and_test(&umem->notifiers_count))
		wake_up_all(&umem->idle_wait);
}

/* The device takes blocks of a power of two of pages. */
static unsigned long block_size(unsigned long length)
{
	for (unsigned long size = PAGE_SIZE;; size *= 2)
		if (size >= length)
			return size;
}

/* Returns: true with umem_mutex held, and nothing of the range left in the device; or false. */
static bool umem_take_back(struct umem *umem, const struct mmu_notifier_range *range,
			   unsigned long cur_seq)
{
	bool block = mmu_notifier_range_blockable(range);
	unsigned long start = max(umem->start, range->start), end = min(umem->end, range->end);

	if (!mutex_lock_or_try(&umem->umem_mutex, block))
		return false;
	mmu_interval_set_seq(&umem->notifier, cur_seq);
	if (defect(umem_take_back_rounds_range))
		end = start + block_size(range->end - range->start);
	if (command_unmap(umem, start, end, block))
		return true;
	if (!defect(umem_take_back_keeps_lock))
		mutex_unlock(&umem->umem_mutex);
	return false;
}

/* Returns: does the core get a yes? @ret_taken: what umem_finish() ends has begun. */
static bool umem_start(struct umem *umem, const struct mmu_notifier_range *range,
		       unsigned long cur_seq, bool *ret_taken)
{
	atomic_inc(&umem->notifiers_count);
	*ret_taken = umem_take_back(umem, range, cur_seq);
	if (*ret_taken)
		return true;
	if (!defect(umem_start_keeps_count))
		count_down(umem);
	if (defect(umem_start_ignores_failure))
		return true;
	return false;
}

static void umem_finish(struct umem *umem)
{
	mutex_unlock(&umem->umem_mutex);
	count_down(umem);
}

/* Also at exit, as one more change: the pages go after it. */
#ifdef HAVE_TWO_PASS
static bool umem_invalidate_start(struct mmu_interval_notifier *notifier,
				  const struct mmu_notifier_range *range, unsigned long cur_seq,
				  struct mmu_interval_notifier_finish **ret_finish)
{
	struct umem *umem = umem_of(notifier);
	bool taken, ok = umem_start(umem, range, cur_seq, &taken);

	if (taken)
		*ret_finish = &umem->finish;
	return ok;
}

/* The next one to start has the finish object as soon as it has the mutex. */
static void umem_invalidate_finish(struct mmu_interval_notifier_finish *finish)
{
	umem_finish(container_of(finish, struct umem, finish));
}

static const struct mmu_interval_notifier_ops umem_ops = {
	.invalidate_start = umem_invalidate_start,
	.invalidate_finish = umem_invalidate_finish,
};
#else
static bool umem_invalidate(struct mmu_interval_notifier *notifier,
			    const struct mmu_notifier_range *range, unsigned long cur_seq)
{
	struct umem *umem = umem_of(notifier);
	bool taken, ok = umem_start(umem, range, cur_seq, &taken);

	if (taken)
		umem_finish(umem);
	return ok;
}

static const struct mmu_interval_notifier_ops umem_ops = {
	.invalidate = umem_invalidate,
};
#endif

/* ---- ranges ---- */

static struct umem *umem_alloc(const struct subject_call *call, struct mm_struct *mm)
{
	struct umem *umem = kzalloc(sizeof(*umem), GFP_KERNEL);

	if (!umem)
		return NULL;
	kapi_name(umem, "umem", call->result);
	mutex_init(&umem->umem_mutex);
	init_waitqueue_head(&umem->idle_wait);
	umem->mm = mm;
	umem->start = process_address(call->operand[1]);
	umem->end = process_address(call->operand[2] + 1);
	umem->nr = call->result;
	umem->mm_nr = call->operand[0];
	return umem;
}

static int umem_open(const struct subject_call *call, struct mm_struct *mm)
{
	struct umem *umem = umem_alloc(call, mm);
	int error;

	if (!umem)
		return -ENOMEM;
	error = mmu_interval_notifier_insert(&umem->notifier, mm, umem->start,
					     umem->end - umem->start, &umem_ops);
	if (!error) {
		kapi_file_install(KIND_UMEM, call->result, umem);
		return 0;
	}
	kfree(umem);
	return error;
}

static int op_umem_get(const struct subject_call *call)
{
	struct mm_struct *mm;
	int error;

	if (call->operand[1] > call->operand[2])
		return -EINVAL;
	mm = mm_ops_use(call->operand[0]);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = umem_open(call, mm);
	mm_ops_unuse(call->operand[0], mm);
	return error;
}

static void umem_flush(struct umem *umem)
{
	mutex_lock(&umem->umem_mutex);
	command_unmap(umem, umem->start, umem->end, true);
	mutex_unlock(&umem->umem_mutex);
}

/* Nobody faults any more. The device goes first: who is not told has nothing mapped (INV-29). */
static void umem_close(struct umem *umem)
{
	if (!defect(umem_close_flushes_late))
		umem_flush(umem);
	mmu_interval_notifier_remove(&umem->notifier);
	if (defect(umem_close_flushes_late))
		umem_flush(umem);
	WARN_ON(atomic_read(&umem->notifiers_count));
	kfree(umem);
}

static void umem_file_put(unsigned nr, void *umem)
{
	if (kapi_file_put(KIND_UMEM, nr))
		umem_close(umem);
}

static int op_umem_put(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_UMEM, call, umem_file_put);
}

/* ---- using a range ---- */

/* For a page of it, with a user of the mm. */
static struct umem *umem_use(unsigned nr, unsigned long address)
{
	struct umem *umem = kapi_file_get(KIND_UMEM, nr);
	int error = -EFAULT;

	if (!umem)
		return ERR_PTR(-ENOENT);
	if (address >= umem->start && address < umem->end)
		error = mmget_not_zero(umem->mm) ? 0 : -ESRCH;
	if (!error)
		return umem;
	umem_file_put(nr, umem);
	return ERR_PTR(error);
}

static void umem_unuse(unsigned nr, struct umem *umem)
{
	mmput(umem->mm);
	umem_file_put(nr, umem);
}

static int fault_map(struct umem *umem, unsigned long address, struct page *page, unsigned long seq)
{
	int error = -EAGAIN;

	mutex_lock(&umem->umem_mutex);
	if (page && !mmu_interval_read_retry(&umem->notifier, seq)) {
		command_map(umem, address, page);
		error = 0;
	}
	mutex_unlock(&umem->umem_mutex);
	return error;
}

/* The page may be reclaimed under mmap_lock, and then there is none. */
static int fault_try(struct umem *umem, unsigned long address)
{
	struct page *page;
	unsigned long seq;
	int error;

	wait_event(umem->idle_wait, !atomic_read(&umem->notifiers_count));
	seq = mmu_interval_read_begin(&umem->notifier);
	mmap_read_lock(umem->mm);
	error = handle_mm_fault(umem->mm, address);
	page = process_page(umem->mm, address);
	mmap_read_unlock(umem->mm);
	return error ? error : fault_map(umem, address, page, seq);
}

static int op_umem_fault(const struct subject_call *call)
{
	unsigned long address = process_address(call->operand[1]);
	struct umem *umem = umem_use(call->operand[0], address);
	int error = -EAGAIN;

	if (IS_ERR(umem))
		return PTR_ERR(umem);
	for (unsigned try = 0; try < FAULT_TRIES && error == -EAGAIN; try++)
		error = fault_try(umem, address);
	umem_unuse(call->operand[0], umem);
	return error;
}

static int op_umem_dma(const struct subject_call *call)
{
	return fake_device_dma(DEVICE, call->operand[0], call->operand[1]);
}

/* Unmapping calls back into this driver, so it comes when no lock is held any more. */
static int op_umem_discard(const struct subject_call *call)
{
	unsigned long address = process_address(call->operand[1]);
	struct umem *umem = umem_use(call->operand[0], address);

	if (IS_ERR(umem))
		return PTR_ERR(umem);
	mutex_lock(&umem->umem_mutex);
	command_unmap(umem, address, address + PAGE_SIZE, true);
	if (defect(umem_discard_unmaps_locked))
		zap_page(umem->mm, address);
	mutex_unlock(&umem->umem_mutex);
	zap_page(umem->mm, address);
	umem_unuse(call->operand[0], umem);
	return 0;
}

/* ---- a run ---- */

static unsigned umem_mm_nr(const void *object)
{
	return ((const struct umem *)object)->mm_nr;
}

static void share_files(unsigned mm_nr)
{
	mm_ops_share_files(KIND_UMEM, mm_nr, umem_mm_nr, umem_file_put);
}

static void look_at_umem(const void *object)
{
	const struct umem *umem = object;

	AT_REST(umem, umem->notifiers_count, 0);
}

static void at_rest(void)
{
	mm_ops_each_file(KIND_UMEM, look_at_umem);
}

static void close_files(void)
{
	mm_ops_close_files(KIND_UMEM, umem_file_put);
}

#define SUBJECT_NAME "counter"
#define SUBJECT_SYMBOL subject_counter
#define SUBJECT_HELP "a driver that holds a lock and a count over an invalidation, or refuses"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN()
#define SUBJECT_FORK share_files
#define SUBJECT_CLOSE close_files
#define SUBJECT_UNLOAD()
#define SUBJECT_AT_REST at_rest
#include "subject/define.h"
