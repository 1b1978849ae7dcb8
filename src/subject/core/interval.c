/*
 * interval.c - a device that maps intervals of an address space by itself, and retries.
 *
 * The shape of RDMA's on-demand paging, of userptr in GPU drivers and of gntdev: an interval
 * notifier per buffer, a fault path that reads page tables between mmu_interval_read_begin() and
 * mmu_interval_read_retry(), and a callback that takes the device's mappings away. Each buffer is
 * an open file and has a translation table of its own, device number @nr.
 *
 * A two-pass buffer begins its flush in the first pass and waits for the hardware in the second;
 * what it has to remember meanwhile is allocated, or the one it keeps in reserve, and where that is
 * pending too the first pass does it all. The device takes no new translation while a flush runs.
 *
 * Where it may not sleep and its lock is taken a callback says false; exit is one more invalidation
 * to it. A *gate* is a classic client beside it, which cannot always start without blocking.
 *
 * Locks: mmap_lock and the rmap lock -> interval->lock. Reclaim holds no mmap_lock, so what a fault
 * read under it may be gone: only the sequence tells.
 */
#define SUBJECT_OPS "subject/core/interval.def"
#include "subject/kinds.h"

#include <string.h>

#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "subject/bench/device.h"
#include "zoo/defect.h"

#define FAULT_TRIES 4

#ifdef HAVE_TWO_PASS
/* From the first pass to the second. */
struct flush {
	struct mmu_interval_notifier_finish finish;
	unsigned long start, end;
};
#endif

struct interval {
	struct mmu_interval_notifier notifier;
	struct mutex lock; /* of the device's mappings, and of the notifier's own sequence */
#ifdef HAVE_TWO_PASS
	struct flush reserve;
	bool reserve_busy; /* set under lock, cleared by whoever finishes it */
#endif
	atomic_t flushes; /* begun and not finished; in two-pass buffers only */
	wait_queue_head_t idle;
	unsigned nr, mm_nr;
};

struct gate {
	struct mmu_notifier subscription;
	unsigned mm_nr;
};

static struct interval *interval_of(struct mmu_interval_notifier *notifier)
{
	return container_of(notifier, struct interval, notifier);
}

/* ---- the hardware ---- */

/* Nobody looks at the pages of a process that ends, it is said; the device does. */
static void flush_the_living(struct interval *interval, unsigned long start, unsigned long end)
{
	if (atomic_read(&interval->notifier.mm->mm_users) > 0)
		fake_device_flush_range(interval->nr, 0, start, end);
}

static void device_flush(struct interval *interval, unsigned long start, unsigned long end)
{
	if (defect(device_flush_skips_dying))
		return flush_the_living(interval, start, end);
	fake_device_flush_range(interval->nr, 0, start, end);
}

/* ---- callbacks ---- */

static bool interval_lock(struct interval *interval, const struct mmu_notifier_range *range)
{
	if (!mmu_notifier_range_blockable(range))
		return mutex_trylock(&interval->lock);
	mutex_lock(&interval->lock);
	return true;
}

/* interval->lock held. From here on what was read before is not mapped (INV-34). */
static void tell(struct interval *interval, unsigned long cur_seq)
{
	if (!defect(interval_tell_keeps_seq))
		mmu_interval_set_seq(&interval->notifier, cur_seq);
}

static bool invalidate(struct interval *interval, const struct mmu_notifier_range *range,
		       unsigned long cur_seq)
{
	if (!interval_lock(interval, range))
		return false;
	tell(interval, cur_seq);
	device_flush(interval, range->start, range->end);
	mutex_unlock(&interval->lock);
	return true;
}

static bool interval_invalidate(struct mmu_interval_notifier *notifier,
				const struct mmu_notifier_range *range, unsigned long cur_seq)
{
	return invalidate(interval_of(notifier), range, cur_seq);
}

static const struct mmu_interval_notifier_ops one_pass = {
	.invalidate = interval_invalidate,
};

/* ---- callbacks in two passes ---- */

#ifdef HAVE_TWO_PASS

/* interval->lock held. Returns: NULL when there is nothing to remember it with. */
static struct flush *flush_get(struct interval *interval)
{
	struct flush *flush = kzalloc(sizeof(*flush), GFP_ATOMIC);

	if (flush)
		return flush;
	if (smp_load_acquire(&interval->reserve_busy))
		return NULL;
	WRITE_ONCE(interval->reserve_busy, true);
	return &interval->reserve;
}

static void flush_put(struct interval *interval, struct flush *flush)
{
	if (flush == &interval->reserve)
		smp_store_release(&interval->reserve_busy, false);
	else
		kfree(flush);
}

static void flush_done(struct interval *interval)
{
	if (atomic_dec_and_test(&interval->flushes))
		wake_up_all(&interval->idle);
}

/* interval->lock held. Returns: what the second pass gets, or NULL: it is done already. */
static struct flush *flush_begin(struct interval *interval, const struct mmu_notifier_range *range)
{
	struct flush *flush = flush_get(interval);

	if (!flush) {
		device_flush(interval, range->start, range->end);
		return NULL;
	}
	flush->start = range->start;
	flush->end = range->end;
	return flush;
}

static bool invalidate_start(struct interval *interval, const struct mmu_notifier_range *range,
			     unsigned long cur_seq, struct flush **ret_flush)
{
	atomic_inc(&interval->flushes);
	if (!interval_lock(interval, range)) {
		if (!defect(interval_invalidate_start_keeps_count))
			flush_done(interval);
		return false;
	}
	tell(interval, cur_seq);
	*ret_flush = flush_begin(interval, range);
	mutex_unlock(&interval->lock);
	if (!*ret_flush)
		flush_done(interval);
	return true;
}

static bool interval_invalidate_start(struct mmu_interval_notifier *notifier,
				      const struct mmu_notifier_range *range, unsigned long cur_seq,
				      struct mmu_interval_notifier_finish **ret_finish)
{
	struct interval *interval = interval_of(notifier);
	struct flush *flush = NULL;
	bool ok;

	/* At exit nothing is left for a second pass: the pages go next. */
	if (range->event == MMU_NOTIFY_RELEASE)
		return invalidate(interval, range, cur_seq);
	ok = invalidate_start(interval, range, cur_seq, &flush);
	if (flush)
		*ret_finish = &flush->finish;
	return ok;
}

/* No lock: until the change is over no reader maps what it read. */
static void interval_invalidate_finish(struct mmu_interval_notifier_finish *finish)
{
	struct interval *interval = interval_of(finish->notifier);
	struct flush *flush = container_of(finish, struct flush, finish);

	device_flush(interval, flush->start, flush->end);
	flush_put(interval, flush);
	flush_done(interval);
}

static const struct mmu_interval_notifier_ops two_pass = {
	.invalidate_start = interval_invalidate_start,
	.invalidate_finish = interval_invalidate_finish,
};
#endif

/* ---- open and close ---- */

typedef int insert_function(struct mmu_interval_notifier *notifier, struct mm_struct *mm,
			    unsigned long start, unsigned long length,
			    const struct mmu_interval_notifier_ops *ops);

static int insert_locked(struct mmu_interval_notifier *notifier, struct mm_struct *mm,
			 unsigned long start, unsigned long length,
			 const struct mmu_interval_notifier_ops *ops)
{
	int error;

	mmap_write_lock(mm);
	error = mmu_interval_notifier_insert_locked(notifier, mm, start, length, ops);
	mmap_write_unlock(mm);
	return error;
}

static struct interval *interval_alloc(const struct subject_call *call)
{
	struct interval *interval = kzalloc(sizeof(*interval), GFP_KERNEL);

	if (!interval)
		return NULL;
	kapi_name(interval, "interval", call->result);
	/* All of it is the core's to set; a driver's memory need not be zeroed. */
	memset(&interval->notifier, 0xa5, sizeof(interval->notifier));
	interval->notifier.mm = NULL; /* an insert that fails early leaves it as it was */
	mutex_init(&interval->lock);
	init_waitqueue_head(&interval->idle);
	interval->nr = call->result;
	interval->mm_nr = call->operand[0];
	return interval;
}

/* From here on no callback may touch it. */
static void interval_free(struct interval *interval)
{
	WARN_ON(atomic_read(&interval->flushes)); /* INV-38 */
	kfree(interval);
}

static int interval_open(const struct subject_call *call, struct mm_struct *mm,
			 insert_function *insert, const struct mmu_interval_notifier_ops *ops)
{
	struct interval *interval = interval_alloc(call);
	unsigned long length = process_address(call->operand[2]);
	int error;

	if (!interval)
		return -ENOMEM;
	if (call->operand[2] > MM_PAGES)
		length = ULONG_MAX;
	error = insert(&interval->notifier, mm, process_address(call->operand[1]), length, ops);
	if (!error) {
		kapi_file_install(KIND_INTERVAL, call->result, interval);
		return 0;
	}
	if (defect(interval_open_removes_what_failed))
		mmu_interval_notifier_remove(&interval->notifier);
	interval_free(interval);
	return error;
}

static int interval_new(const struct subject_call *call, insert_function *insert,
			const struct mmu_interval_notifier_ops *ops)
{
	struct mm_struct *mm = mm_ops_use(call->operand[0]);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = interval_open(call, mm, insert, ops);
	mm_ops_unuse(call->operand[0], mm);
	return error;
}

static int op_interval_insert(const struct subject_call *call)
{
	return interval_new(call, mmu_interval_notifier_insert, &one_pass);
}

static int op_interval_insert_locked(const struct subject_call *call)
{
	return interval_new(call, insert_locked, &one_pass);
}

#ifdef HAVE_TWO_PASS
static int op_interval_insert_two_pass(const struct subject_call *call)
{
	return interval_new(call, mmu_interval_notifier_insert, &two_pass);
}
#endif

/* The device lets go first: what is removed is told of nothing. */
static void interval_file_put(unsigned nr, void *object)
{
	struct interval *interval = object;

	if (!kapi_file_put(KIND_INTERVAL, nr))
		return;
	if (!defect(interval_close_keeps_mappings))
		fake_device_flush(interval->nr, 0, 0, MM_PAGES);
	mmu_interval_notifier_remove(&interval->notifier);
	interval_free(interval);
}

static int op_interval_remove(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_INTERVAL, call, interval_file_put);
}

/* ---- faults ---- */

/* Returns: the page that the process has there now; the next moment it may have another one. */
static struct page *read_page(struct mm_struct *mm, unsigned long address)
{
	struct page *page;
	int error;

	mmap_read_lock(mm);
	error = handle_mm_fault(mm, address);
	page = process_page(mm, address);
	mmap_read_unlock(mm);
	return error ? ERR_PTR(error) : page;
}

static int map_page(struct interval *interval, unsigned long seq, unsigned long address,
		    struct page *page)
{
	bool retry;

	mutex_lock(&interval->lock);
	retry = mmu_interval_read_retry(&interval->notifier, seq);
	if (defect(interval_fault_skips_retry))
		retry = false;
	if (!retry) {
		fake_device_map_for(&interval->notifier, interval->nr, 0, process_page_nr(address),
				    page);
	}
	mutex_unlock(&interval->lock);
	return retry ? -EBUSY : 0;
}

/* Returns: -EBUSY when all was for nothing. */
static int fault_try(struct interval *interval, struct mm_struct *mm, unsigned long address)
{
	unsigned long seq = 0;
	struct page *page;

	wait_event(interval->idle, !atomic_read(&interval->flushes));
	if (!defect(interval_fault_samples_late))
		seq = mmu_interval_read_begin(&interval->notifier);
	page = read_page(mm, address);
	if (defect(interval_fault_samples_late))
		seq = mmu_interval_read_begin(&interval->notifier);
	if (IS_ERR(page))
		return PTR_ERR(page);
	if (!page || mmu_interval_check_retry(&interval->notifier, seq))
		return -EBUSY;
	return map_page(interval, seq, address, page);
}

static int interval_fault(void *object, const struct subject_call *call)
{
	struct interval *interval = object;
	const struct interval_tree_node *node = &interval->notifier.interval_tree;
	struct mm_struct *mm = interval->notifier.mm;
	unsigned long address = process_address(call->operand[1]);
	int error = -EBUSY;

	if (address < node->start || address > node->last)
		return -EFAULT;
	if (!mmget_not_zero(mm))
		return -ESRCH;
	for (unsigned try = 0; try < FAULT_TRIES && error == -EBUSY; try++)
		error = fault_try(interval, mm, address);
	mmput(mm);
	return error;
}

static int op_interval_fault(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_INTERVAL, call, interval_fault, interval_file_put);
}

static int op_interval_dma(const struct subject_call *call)
{
	return fake_device_dma(call->operand[0], 0, call->operand[1]);
}

/* ---- gates ---- */

static void gate_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
}

/* It has nothing to undo, and so no end: only such clients may fail. */
static int gate_range_start(struct mmu_notifier *subscription,
			    const struct mmu_notifier_range *range)
{
	bool busy;

	busy = !mmu_notifier_range_blockable(range) &&
	       kapi_should_fail(subscription, KAPI_SITE("gate_busy", "is the gate busy?"));
	return busy ? -EAGAIN : 0;
}

static const struct mmu_notifier_ops gate_ops = {
	.release = gate_release,
	.invalidate_range_start = gate_range_start,
};

static void gate_free(struct gate *gate)
{
	kfree(gate);
}

static int gate_open(unsigned nr, unsigned mm_nr, struct mm_struct *mm)
{
	struct gate *gate = kzalloc(sizeof(*gate), GFP_KERNEL);
	int error;

	if (!gate)
		return -ENOMEM;
	kapi_name(gate, "gate", nr);
	gate->subscription.ops = &gate_ops;
	gate->mm_nr = mm_nr;
	error = mmu_notifier_register(&gate->subscription, mm);
	if (!error) {
		kapi_file_install(KIND_GATE, nr, gate);
		return 0;
	}
	gate_free(gate);
	return error;
}

static int op_gate_register(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_use(call->operand[0]);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = gate_open(call->result, call->operand[0], mm);
	mm_ops_unuse(call->operand[0], mm);
	return error;
}

static void gate_file_put(unsigned nr, void *object)
{
	struct gate *gate = object;

	if (!kapi_file_put(KIND_GATE, nr))
		return;
	mmu_notifier_unregister(&gate->subscription, gate->subscription.mm);
	gate_free(gate);
}

static int op_gate_unregister(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_GATE, call, gate_file_put);
}

/* ---- a run ---- */

static unsigned interval_mm_nr(const void *object)
{
	return ((const struct interval *)object)->mm_nr;
}

static unsigned gate_mm_nr(const void *object)
{
	return ((const struct gate *)object)->mm_nr;
}

static void share_files(unsigned mm_nr)
{
	mm_ops_share_files(KIND_INTERVAL, mm_nr, interval_mm_nr, interval_file_put);
	mm_ops_share_files(KIND_GATE, mm_nr, gate_mm_nr, gate_file_put);
}

static void look_at_interval(const void *object)
{
	const struct interval *interval = object;

	AT_REST(interval, interval->flushes.counter, 0);
}

static void at_rest(void)
{
	mm_ops_each_file(KIND_INTERVAL, look_at_interval);
}

static void close_files(void)
{
	mm_ops_close_files(KIND_INTERVAL, interval_file_put);
	mm_ops_close_files(KIND_GATE, gate_file_put);
}

#define SUBJECT_NAME "interval"
#define SUBJECT_SYMBOL subject_interval
#define SUBJECT_HELP "interval notifiers: a device that maps pages by itself, and retries"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN() ((void)0)
#define SUBJECT_FORK share_files
#define SUBJECT_CLOSE close_files
#define SUBJECT_UNLOAD() ((void)0)
#define SUBJECT_AT_REST at_rest
#include "subject/define.h"
