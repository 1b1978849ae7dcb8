/*
 * mapper.c - a driver that maps the pages of processes for its device, as users of the notifiers
 * write them: by mmu_notifier_get(), with a put in release().
 *
 * What is attached is a space: one per process and kind of table, made by the first open and found
 * by the others, kept by its notifier until release(), and by the files that are open.
 *   shadow   the device has a table of its own (KVM, GPUs). Start drops what it holds, and nothing
 *            new comes in until the end: a fault maps what it looked up only if no change is under
 *            way, and none was over since before the look-up.
 *   shared   the device walks the process's table and caches what it finds (SVA). What it cached is
 *            flushed under the page table lock; there is no start and no end (SPEC 1.3, R2).
 *
 * mmap_lock for read keeps munmap out of a fault, but neither reclaim nor the reaper: only changes
 * and sequence do. A fault is retried a few times, then the device is told to come again.
 *
 * Locks: page_table_lock -> space->lock (what changes, the shadow table). mmap_lock is not held with
 * grow_lock, under which memory is allocated, so that its holder may wait for the OOM reaper;
 * release() takes it. slots_lock is innermost.
 * A space owns an mm_count: a file may outlive the registration, and the notifier's goes with that.
 */
#define SUBJECT_OPS "subject/driver/mapper.def"
#include "subject/kinds.h"

#include <linux/err.h>
#include <linux/kref.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "subject/bench/device.h"
#include "zoo/defect.h"

#define MAPPER 0      /* the device's number */
#define FAULT_TRIES 3 /* of a fault that changes come in between of */

enum table { TABLE_SHADOW, TABLE_SHARED };

struct space {
	struct mmu_notifier subscription;
	struct kref ref; /* one is the notifier's, one each open file's */
	struct mm_struct *mm;
	unsigned slot; /* the device's PASID */
	enum table table;
	spinlock_t lock;
	bool kept;	   /* under lock: release() will put the notifier */
	int changes;	   /* under lock: starts without their end */
	unsigned long seq; /* under lock: ends so far */
	bool dead;	   /* release() was here */
	struct mutex grow_lock;
	void *spare; /* under grow_lock: memory that release() gives back */
};

struct context {
	struct space *space;
	unsigned mm_nr; /* whose file it is */
};

/* In which slot a file's commands run, plus 1. The hardware knows it without any lock. */
static uint8_t wiring[OBJECTS_MAX];

/* ---- slots ---- */

static DEFINE_SPINLOCK(slots_lock);
static unsigned slots; /* in use, by bits */

static int slot_alloc(void)
{
	int slot = -ENOSPC;

	spin_lock(&slots_lock);
	if (slots != (1u << FAKE_DEVICE_PASIDS) - 1) {
		slot = __builtin_ctz(~slots);
		slots |= 1u << slot;
	}
	spin_unlock(&slots_lock);
	return slot;
}

static void slot_free(unsigned slot)
{
	spin_lock(&slots_lock);
	slots &= ~(1u << slot);
	spin_unlock(&slots_lock);
}

/* ---- spaces ---- */

static struct space *space_of(struct mmu_notifier *subscription)
{
	return container_of(subscription, struct space, subscription);
}

static struct space *space_alloc(struct mm_struct *mm, enum table table, unsigned slot)
{
	struct space *space = kzalloc(sizeof(*space), GFP_KERNEL);

	if (!space)
		return NULL;
	kapi_name(space, "space", slot);
	kref_init(&space->ref);
	spin_lock_init(&space->lock);
	mutex_init(&space->grow_lock);
	mmgrab(mm);
	space->mm = mm;
	space->table = table;
	space->slot = slot;
	return space;
}

static void space_free(struct kref *ref)
{
	struct space *space = container_of(ref, struct space, ref);
	struct mm_struct *mm = space->mm;

	slot_free(space->slot);
	kfree(space);
	mmdrop(mm);
}

static struct mmu_notifier *space_create(struct mm_struct *mm, enum table table)
{
	int slot = slot_alloc();
	struct space *space;

	if (slot < 0)
		return ERR_PTR(slot);
	space = space_alloc(mm, table, slot);
	if (!space) {
		slot_free(slot);
		return ERR_PTR(-ENOMEM);
	}
	return &space->subscription;
}

/* ---- callbacks of both ---- */

static struct mmu_notifier *shadow_alloc(struct mm_struct *mm)
{
	return space_create(mm, TABLE_SHADOW);
}

static struct mmu_notifier *shared_alloc(struct mm_struct *mm)
{
	return space_create(mm, TABLE_SHARED);
}

static void space_unregistered(struct mmu_notifier *subscription)
{
	kref_put(&space_of(subscription)->ref, space_free);
}

/* The entry goes first: the device refills from a live one. */
static void space_detach(struct space *space)
{
	spin_lock(&space->lock);
	fake_device_clear_entry(MAPPER, space->slot);
	fake_device_flush(MAPPER, space->slot, 0, MM_PAGES);
	spin_unlock(&space->lock);
}

static void space_shrink(struct space *space)
{
	mutex_lock(&space->grow_lock);
	WRITE_ONCE(space->dead, true);
	kfree(space->spare);
	space->spare = NULL;
	mutex_unlock(&space->grow_lock);
}

/* Put comes last; exit's reader keeps the notifier until the walk is over (INV-21). */
static void space_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct space *space = space_of(subscription);

	space_shrink(space);
	space_detach(space);
	mmu_notifier_put(subscription);
}

/* ---- callbacks: a table of its own ---- */

static int shadow_range_start(struct mmu_notifier *subscription,
			      const struct mmu_notifier_range *range)
{
	struct space *space = space_of(subscription);

	if (defect(mapper_start_takes_grow_lock))
		mutex_lock(&space->grow_lock);
	spin_lock(&space->lock);
	space->changes++;
	fake_device_flush_range(MAPPER, space->slot, range->start, range->end);
	spin_unlock(&space->lock);
	if (defect(mapper_start_takes_grow_lock))
		mutex_unlock(&space->grow_lock);
	return 0;
}

static void shadow_range_end(struct mmu_notifier *subscription,
			     const struct mmu_notifier_range *range)
{
	struct space *space = space_of(subscription);

	spin_lock(&space->lock);
	WARN_ON(space->changes <= 0);
	space->changes--;
	space->seq++;
	spin_unlock(&space->lock);
}

static int shadow_is_young(struct space *space, unsigned long start, unsigned long end, bool clear)
{
	int young;

	spin_lock(&space->lock);
	young = fake_device_is_young(MAPPER, space->slot, process_page_nr(start),
				     process_page_nr(end), clear);
	spin_unlock(&space->lock);
	return young;
}

static int shadow_clear_young(struct mmu_notifier *subscription, struct mm_struct *mm,
			      unsigned long start, unsigned long end)
{
	return shadow_is_young(space_of(subscription), start, end, true);
}

static int shadow_test_young(struct mmu_notifier *subscription, struct mm_struct *mm,
			     unsigned long address)
{
	return shadow_is_young(space_of(subscription), address, address + PAGE_SIZE, false);
}

/* ---- callbacks: the process's own table ---- */

/* Under the page table lock: who walks next finds what is there now. */
static void shared_flush(struct mmu_notifier *subscription, struct mm_struct *mm,
			 unsigned long start, unsigned long end)
{
	struct space *space = space_of(subscription);

	fake_device_flush_range(MAPPER, space->slot, start, end);
}

static const struct mmu_notifier_ops notifier_ops[] = {
	[TABLE_SHADOW] =
		{
			.release = space_release,
			.clear_flush_young = shadow_clear_young,
			.clear_young = shadow_clear_young,
			.test_young = shadow_test_young,
			.invalidate_range_start = shadow_range_start,
			.invalidate_range_end = shadow_range_end,
			.alloc_notifier = shadow_alloc,
			.free_notifier = space_unregistered,
		},
	[TABLE_SHARED] =
		{
			.release = space_release,
			.arch_invalidate_secondary_tlbs = shared_flush,
			.alloc_notifier = shared_alloc,
			.free_notifier = space_unregistered,
		},
};

/* ---- open and close ---- */

/* Returns: was it so before? */
static bool space_keep(struct space *space)
{
	bool before;

	spin_lock(&space->lock);
	before = space->kept;
	space->kept = true;
	spin_unlock(&space->lock);
	return before;
}

/* A user of the mm is held, so release() does not come yet. The first user of the notifier is left
 * for it to put. */
static struct space *space_get(struct mm_struct *mm, enum table table)
{
	struct mmu_notifier *subscription = mmu_notifier_get(&notifier_ops[table], mm);
	struct space *space;

	if (IS_ERR(subscription))
		return (struct space *)subscription;
	space = space_of(subscription);
	kref_get(&space->ref);
	if (space_keep(space))
		mmu_notifier_put(subscription);
	/* Not before it is registered: the device caches what it finds, and must be told. */
	if (table == TABLE_SHARED)
		fake_device_set_entry(MAPPER, space->slot, process_table(mm));
	return space;
}

static int context_open(const struct subject_call *call, struct mm_struct *mm)
{
	struct context *context = kzalloc(sizeof(*context), GFP_KERNEL);
	struct space *space;

	if (!context)
		return -ENOMEM;
	kapi_name(context, "context", call->result);
	space = space_get(mm, call->operand[1]);
	if (IS_ERR(space)) {
		kfree(context);
		return PTR_ERR(space);
	}
	context->space = space;
	context->mm_nr = call->operand[0];
	kapi_atomic_store(&wiring[call->result], space->slot + 1, __ATOMIC_RELAXED);
	kapi_file_install(KIND_CONTEXT, call->result, context);
	return 0;
}

static int op_mapper_open(const struct subject_call *call)
{
	return mm_ops_with_mm(call, context_open);
}

static void context_put(unsigned nr, void *object)
{
	struct context *context = object;

	if (!kapi_file_put(KIND_CONTEXT, nr))
		return;
	kref_put(&context->space->ref, space_free);
	kfree(context);
}

static int op_mapper_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_CONTEXT, call, context_put);
}

/* ---- faults ---- */

/* No fault without a user: exit would take the tables from under it. */
static bool space_use_mm(struct space *space)
{
	if (defect(mapper_fault_trusts_dead_flag))
		return !READ_ONCE(space->dead);
	return mmget_not_zero(space->mm);
}

static void space_unuse_mm(struct space *space)
{
	if (!defect(mapper_fault_trusts_dead_flag))
		mmput(space->mm);
}

static unsigned long space_sample(struct space *space)
{
	unsigned long seq;

	spin_lock(&space->lock);
	seq = space->seq;
	spin_unlock(&space->lock);
	return seq;
}

/* space->lock held. A change that is under way frees what was looked up; so did one since. */
static bool space_must_retry(const struct space *space, unsigned long seq)
{
	bool retry = false;

	if (!defect(mapper_map_ignores_changes))
		retry |= space->changes > 0;
	if (!defect(mapper_map_skips_sequence))
		retry |= space->seq != seq;
	return retry;
}

/* space->lock held. */
static void shadow_set(struct space *space, unsigned long address, struct page *page, bool writable)
{
	if (writable)
		fake_device_map(MAPPER, space->slot, process_page_nr(address), page);
	else
		fake_device_map_read_only(MAPPER, space->slot, process_page_nr(address), page);
}

static int shadow_map(struct space *space, unsigned long address, struct page *page, bool writable,
		      unsigned long seq)
{
	bool retry;

	spin_lock(&space->lock);
	retry = space_must_retry(space, seq);
	if (!retry)
		shadow_set(space, address, page, writable);
	spin_unlock(&space->lock);
	return retry ? -EAGAIN : 0;
}

static int look_up(struct mm_struct *mm, unsigned long address, bool write, struct page **ret_page,
		   bool *ret_writable)
{
	int error;

	mmap_read_lock(mm);
	error = write ? handle_mm_write_fault(mm, address) : handle_mm_fault(mm, address);
	*ret_page = process_page(mm, address);
	*ret_writable = process_is_writable(mm, address);
	mmap_read_unlock(mm);
	return error;
}

static int fault_once(struct space *space, unsigned long address, bool write)
{
	unsigned long seq = 0;
	struct page *page;
	bool writable;
	int error;

	/* Before the look-up, or a change that is over in between goes unseen. */
	if (!defect(mapper_fault_samples_late))
		seq = space_sample(space);
	error = look_up(space->mm, address, write, &page, &writable);
	if (defect(mapper_fault_samples_late))
		seq = space_sample(space);
	if (error || space->table == TABLE_SHARED)
		return error;
	return page ? shadow_map(space, address, page, writable, seq) : -EAGAIN;
}

static int space_fault(struct space *space, unsigned long address, bool write)
{
	int error = -EAGAIN;

	if (!space_use_mm(space))
		return -ESRCH;
	for (unsigned try = 0; try < FAULT_TRIES && error == -EAGAIN; try++)
		error = fault_once(space, address, write);
	space_unuse_mm(space);
	return error;
}

static int context_fault(void *context, const struct subject_call *call)
{
	return space_fault(((struct context *)context)->space, process_address(call->operand[1]),
			   false);
}

static int op_mapper_fault(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CONTEXT, call, context_fault, context_put);
}

static int op_mapper_dma(const struct subject_call *call)
{
	unsigned slot = kapi_atomic_load(&wiring[call->operand[0]], __ATOMIC_RELAXED);

	return slot ? fake_device_dma(MAPPER, slot - 1, call->operand[1]) : -ENOENT;
}

/* It ends: each turn that does not is another thread's change, of which a program has few. */
static int write_until_done(struct space *space, unsigned long address)
{
	int error = fake_device_dma_write(MAPPER, space->slot, process_page_nr(address));

	while (error == -EFAULT || error == -EACCES) {
		error = space_fault(space, address, true);
		if (!error)
			error = fake_device_dma_write(MAPPER, space->slot,
						      process_page_nr(address));
	}
	return error;
}

static int context_write(void *context, const struct subject_call *call)
{
	return write_until_done(((struct context *)context)->space,
				process_address(call->operand[1]));
}

static int op_mapper_write(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CONTEXT, call, context_write, context_put);
}

/* ---- memory of the driver's own ---- */

/* An allocation: when memory is short it waits for the OOM reaper. */
static int space_grow(struct space *space)
{
	int error = 0;

	mutex_lock(&space->grow_lock);
	if (!space->dead && !space->spare) {
		oom_reaper_wait();
		space->spare = kzalloc(sizeof(long), GFP_KERNEL);
		error = space->spare ? 0 : -ENOMEM;
	}
	mutex_unlock(&space->grow_lock);
	return error;
}

static int context_grow(void *context, const struct subject_call *call)
{
	return space_grow(((struct context *)context)->space);
}

static int op_mapper_grow(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CONTEXT, call, context_grow, context_put);
}

/* ---- a run ---- */

static unsigned context_mm_nr(const void *context)
{
	return ((const struct context *)context)->mm_nr;
}

static void fork_files(unsigned mm_nr)
{
	mm_ops_share_files(KIND_CONTEXT, mm_nr, context_mm_nr, context_put);
}

static void look_at_context(const void *object)
{
	const struct context *context = object;

	if (!context->space->dead) /* exit may come between a start and its end */
		AT_REST(context->space, context->space->changes, 0);
}

static void at_rest(void)
{
	mm_ops_each_file(KIND_CONTEXT, look_at_context);
}

static void close_files(void)
{
	mm_ops_close_files(KIND_CONTEXT, context_put);
}

static void begin(void)
{
}

/* Every put is done in release(), which comes with an exit: the OOM reaper may have left that to a work. */
static void unload(void)
{
	flush_scheduled_work();
	if (!defect(mapper_unload_skips_synchronize))
		mmu_notifier_synchronize();
}

#define SUBJECT_NAME "mapper"
#define SUBJECT_SYMBOL subject_mapper
#define SUBJECT_HELP                                                                               \
	"a driver that maps pages for its device: shadow tables with retry, or shared ones"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN begin
#define SUBJECT_FORK fork_files
#define SUBJECT_CLOSE close_files
#define SUBJECT_UNLOAD unload
#define SUBJECT_AT_REST at_rest
#include "subject/define.h"
