/*
 * vm.c - a hypervisor: guests whose memory is the memory of a process.
 *
 * The shape of KVM. A memory slot says which page of the process a frame of the guest is. When the
 * guest touches a frame, the page is faulted in and mapped in second-stage tables, which belong to
 * the machine and which the hardware walks (here: the fake device of the machine's number).
 *
 * An invalidation unmaps at its start, and holds off until its end both faults and changes of
 * slots: faults by a count and a sequence number that they look at again before they map, and slots
 * because its end must find the frames that its start found. Reclaim lets faults run beside it, so
 * mmap_lock alone would not do.
 *
 * The tables go with release(), in exit or in unregister, whichever comes first; both may be at it
 * at once, and unmapping gives mmu_lock up between two leaves. Who takes the tables off frees them.
 *
 * The registration ends in the middle of an invalidation if it comes to that, and then the end is
 * told to nobody (INV-25): the count is worth nothing after unregister.
 *
 * Locks: mmu_lock, under mmap_lock or rmap_lock in callbacks; nothing is taken under it.
 */
#define SUBJECT_OPS "subject/driver/vm.def"
#include "subject/kinds.h"

#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "subject/bench/device.h"
#include "zoo/defect.h"

#define FRAMES MM_PAGES
#define LEAF_FRAMES 2
#define LEAVES (FRAMES / LEAF_FRAMES)
#define FAULT_TRIES 3 /* then the guest comes again, or not */

struct leaf {
	struct page *page[LEAF_FRAMES];
};

struct stage2 {
	struct leaf *leaf[LEAVES];
};

struct slot {
	bool used;
	unsigned long address; /* in the process */
};

struct vm {
	struct mmu_notifier mmu_notifier;
	struct mm_struct *mm;  /* no reference: the registration keeps it */
	spinlock_t mmu_lock;   /* protects what follows, up to the wait queue */
	struct stage2 *stage2; /* NULL: the guest gets no more pages */
	struct slot slot[FRAMES];
	unsigned long mmu_invalidate_seq;
	unsigned mmu_invalidate_in_progress; /* of pages that are in a slot */
	unsigned mn_active_invalidate_count; /* of any */
	wait_queue_head_t idle_wait;	     /* for mn_active_invalidate_count to be 0 */
	uint8_t nr, mm_nr;
};

/* ---- second-stage tables ---- */

static void stage2_free(struct stage2 *stage2)
{
	for (unsigned i = 0; stage2 && i < LEAVES; i++)
		kfree(stage2->leaf[i]);
	kfree(stage2);
}

static struct stage2 *stage2_alloc(unsigned nr)
{
	struct stage2 *stage2 = kzalloc(sizeof(*stage2), GFP_KERNEL);

	if (!stage2)
		return NULL;
	kapi_name(stage2, "stage2", nr);
	for (unsigned i = 0; i < LEAVES; i++) {
		stage2->leaf[i] = kzalloc(sizeof(struct leaf), GFP_KERNEL);
		if (!stage2->leaf[i]) {
			stage2_free(stage2);
			return NULL;
		}
	}
	return stage2;
}

/* Entries are marked: the hardware walks the tables under no lock. */
static struct page **stage2_entry(struct stage2 *stage2, unsigned frame)
{
	struct leaf *leaf = READ_ONCE(stage2->leaf[frame / LEAF_FRAMES]);

	return &leaf->page[frame % LEAF_FRAMES];
}

/* mmu_lock held. */
static void frame_map(struct vm *vm, unsigned frame, struct page *page)
{
	struct page **entry = stage2_entry(vm->stage2, frame);

	WRITE_ONCE(*entry, page);
	fake_device_map(vm->nr, 0, frame, page);
}

/* mmu_lock held. */
static void frame_unmap(struct vm *vm, struct stage2 *stage2, unsigned frame)
{
	struct page **entry = stage2_entry(stage2, frame);

	if (!*entry)
		return;
	WRITE_ONCE(*entry, NULL);
	fake_device_flush(vm->nr, 0, frame, frame + 1);
}

static void leaf_unmap(struct vm *vm, struct stage2 *stage2, unsigned leaf)
{
	for (unsigned i = 0; i < LEAF_FRAMES; i++)
		frame_unmap(vm, stage2, leaf * LEAF_FRAMES + i);
}

/* mmu_lock held, and given up after each leaf: another release may have freed the tables then. */
static void stage2_unmap_all(struct vm *vm)
{
	struct stage2 *stage2 = vm->stage2;

	for (unsigned i = 0; i < LEAVES && stage2; i++) {
		leaf_unmap(vm, stage2, i);
		spin_unlock(&vm->mmu_lock);
		spin_lock(&vm->mmu_lock);
		if (!defect(stage2_unmap_all_keeps_root))
			stage2 = vm->stage2;
	}
}

/* The guest has no page after it, whoever else is in here (INV-14). */
static void vm_flush_shadow_all(struct vm *vm)
{
	struct stage2 *stage2;

	spin_lock(&vm->mmu_lock);
	stage2_unmap_all(vm);
	stage2 = vm->stage2;
	vm->stage2 = NULL;
	spin_unlock(&vm->mmu_lock);
	stage2_free(stage2);
}

/* ---- callbacks ---- */

static struct vm *vm_of(struct mmu_notifier *mmu_notifier)
{
	return container_of(mmu_notifier, struct vm, mmu_notifier);
}

static bool slot_is_in(const struct slot *slot, const struct mmu_notifier_range *range)
{
	return slot->used && slot->address >= range->start && slot->address < range->end;
}

/* mmu_lock held. The same at the start and at the end: slots do not change in between. */
static bool any_slot_is_in(const struct vm *vm, const struct mmu_notifier_range *range)
{
	for (unsigned frame = 0; frame < FRAMES; frame++)
		if (slot_is_in(&vm->slot[frame], range))
			return true;
	return false;
}

static void vm_invalidate_begin(struct vm *vm, const struct mmu_notifier_range *range)
{
	spin_lock(&vm->mmu_lock);
	vm->mn_active_invalidate_count++;
	if (any_slot_is_in(vm, range))
		vm->mmu_invalidate_in_progress++;
	spin_unlock(&vm->mmu_lock);
}

/* Release may take the tables at any time. */
static void vm_unmap_range(struct vm *vm, const struct mmu_notifier_range *range)
{
	struct stage2 *stage2;

	if (!defect(vm_unmap_range_skips_lock))
		spin_lock(&vm->mmu_lock);
	stage2 = READ_ONCE(vm->stage2);
	for (unsigned frame = 0; stage2 && frame < FRAMES; frame++)
		if (slot_is_in(&vm->slot[frame], range))
			frame_unmap(vm, stage2, frame);
	if (!defect(vm_unmap_range_skips_lock))
		spin_unlock(&vm->mmu_lock);
}

/* A fault that read the page table before this must see that it is too late. */
static void vm_invalidate_end(struct vm *vm, const struct mmu_notifier_range *range)
{
	bool idle;

	spin_lock(&vm->mmu_lock);
	if (any_slot_is_in(vm, range)) {
		WARN_ON(!vm->mmu_invalidate_in_progress);
		if (!defect(vm_invalidate_end_stays) || vm->mn_active_invalidate_count == 1)
			vm->mmu_invalidate_in_progress--;
		vm->mmu_invalidate_seq++;
	}
	WARN_ON(!vm->mn_active_invalidate_count);
	idle = !--vm->mn_active_invalidate_count;
	spin_unlock(&vm->mmu_lock);
	if (idle)
		wake_up_all(&vm->idle_wait);
}

static int vm_range_start(struct mmu_notifier *mmu_notifier, const struct mmu_notifier_range *range)
{
	struct vm *vm = vm_of(mmu_notifier);

	vm_invalidate_begin(vm, range);
	if (!defect(vm_range_start_leaves_it_to_end))
		vm_unmap_range(vm, range);
	return 0;
}

static void vm_range_end(struct mmu_notifier *mmu_notifier, const struct mmu_notifier_range *range)
{
	struct vm *vm = vm_of(mmu_notifier);

	if (defect(vm_range_start_leaves_it_to_end))
		vm_unmap_range(vm, range);
	vm_invalidate_end(vm, range);
}

static void vm_release(struct mmu_notifier *mmu_notifier, struct mm_struct *mm)
{
	struct vm *vm = vm_of(mmu_notifier);

	vm_flush_shadow_all(vm);
}

static const struct mmu_notifier_ops vm_ops = {
	.release = vm_release,
	.invalidate_range_start = vm_range_start,
	.invalidate_range_end = vm_range_end,
};

/* ---- memory slots ---- */

static bool is_idle(struct vm *vm)
{
	bool idle;

	spin_lock(&vm->mmu_lock);
	idle = !vm->mn_active_invalidate_count;
	spin_unlock(&vm->mmu_lock);
	return idle;
}

/* mmu_lock held, here and on return; given up while an invalidation is between start and end. */
static void wait_until_idle(struct vm *vm)
{
	while (vm->mn_active_invalidate_count) {
		spin_unlock(&vm->mmu_lock);
		wait_event(vm->idle_wait, is_idle(vm));
		spin_lock(&vm->mmu_lock);
	}
}

/* A fault that found the old slot comes too late as well. */
static void slot_set(struct vm *vm, unsigned frame, struct slot slot)
{
	spin_lock(&vm->mmu_lock);
	if (!defect(slot_set_hurries))
		wait_until_idle(vm);
	vm->slot[frame] = slot;
	vm->mmu_invalidate_seq++;
	if (vm->stage2)
		frame_unmap(vm, vm->stage2, frame);
	spin_unlock(&vm->mmu_lock);
}

/* ---- machines ---- */

static struct vm *vm_alloc(unsigned nr, unsigned mm_nr, struct mm_struct *mm)
{
	struct vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL);

	if (!vm)
		return NULL;
	kapi_name(vm, "vm", nr);
	vm->stage2 = stage2_alloc(nr);
	if (!vm->stage2) {
		kfree(vm);
		return NULL;
	}
	spin_lock_init(&vm->mmu_lock);
	init_waitqueue_head(&vm->idle_wait);
	vm->mmu_notifier.ops = &vm_ops;
	vm->mm = mm;
	vm->nr = nr;
	vm->mm_nr = mm_nr;
	return vm;
}

/* Release never came, and never will. */
static void vm_abandon(struct vm *vm)
{
	if (!defect(vm_create_leaves_it_to_release))
		vm_flush_shadow_all(vm);
	kfree(vm);
}

static int vm_open(const struct subject_call *call, struct mm_struct *mm)
{
	struct vm *vm = vm_alloc(call->result, call->operand[0], mm);
	int error;

	if (!vm)
		return -ENOMEM;
	error = mmu_notifier_register(&vm->mmu_notifier, mm);
	if (error)
		vm_abandon(vm);
	else
		kapi_file_install(KIND_VM, call->result, vm);
	return error;
}

static int op_vm_create(const struct subject_call *call)
{
	return mm_ops_with_mm(call, vm_open);
}

/* Whoever stands between a start and an end now has nobody to tell the end to. */
static void vm_destroy(struct vm *vm)
{
	mmu_notifier_unregister(&vm->mmu_notifier, vm->mm);
	WARN_ON(vm->stage2);
	WARN_ON(vm->mmu_invalidate_in_progress > vm->mn_active_invalidate_count);
	if (!defect(vm_destroy_keeps_count))
		vm->mn_active_invalidate_count = 0;
	for (unsigned frame = 0; frame < FRAMES; frame++)
		if (vm->slot[frame].used)
			slot_set(vm, frame, (struct slot){.used = false});
	kfree(vm);
}

static void vm_file_put(unsigned nr, void *vm)
{
	if (kapi_file_put(KIND_VM, nr))
		vm_destroy(vm);
}

static int op_vm_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_VM, call, vm_file_put);
}

/* ---- using a machine ---- */

/*
 * Its own process only: a user of the mm is held, so that no exit unlinks the machine under an
 * invalidation, whose end would be missed and waited for.
 */
static struct vm *vm_use(unsigned nr)
{
	struct vm *vm = kapi_file_get(KIND_VM, nr);

	if (!vm)
		return ERR_PTR(-ENOENT);
	if (mmget_not_zero(vm->mm))
		return vm;
	vm_file_put(nr, vm);
	return ERR_PTR(-EIO);
}

static void vm_unuse(unsigned nr, struct vm *vm)
{
	mmput(vm->mm);
	vm_file_put(nr, vm);
}

static int set_slot(const struct subject_call *call, struct slot slot)
{
	struct vm *vm = vm_use(call->operand[0]);

	if (IS_ERR(vm))
		return PTR_ERR(vm);
	slot_set(vm, call->operand[1], slot);
	vm_unuse(call->operand[0], vm);
	return 0;
}

static int op_vm_set_slot(const struct subject_call *call)
{
	return set_slot(call,
			(struct slot){.used = true, .address = process_address(call->operand[2])});
}

static int op_vm_delete_slot(const struct subject_call *call)
{
	return set_slot(call, (struct slot){.used = false});
}

static struct slot slot_read(struct vm *vm, unsigned frame, unsigned long *ret_seq)
{
	struct slot slot;

	spin_lock(&vm->mmu_lock);
	slot = vm->slot[frame];
	*ret_seq = vm->mmu_invalidate_seq;
	spin_unlock(&vm->mmu_lock);
	return slot;
}

/* What it was mapped to may be gone by now, or going: what is counted here, has not ended. */
static int fault_map(struct vm *vm, unsigned frame, struct page *page, unsigned long seq)
{
	int error = -EAGAIN;

	spin_lock(&vm->mmu_lock);
	if (page && !vm->mmu_invalidate_in_progress && vm->mmu_invalidate_seq == seq) {
		frame_map(vm, frame, page);
		error = 0;
	}
	spin_unlock(&vm->mmu_lock);
	return error;
}

/* The page may be reclaimed under mmap_lock, and then there is none. */
static int fault_try(struct vm *vm, unsigned frame)
{
	unsigned long seq;
	struct slot slot = slot_read(vm, frame, &seq);
	struct page *page;
	int error;

	if (!slot.used)
		return -EFAULT;
	mmap_read_lock(vm->mm);
	error = handle_mm_fault(vm->mm, slot.address);
	page = process_page(vm->mm, slot.address);
	mmap_read_unlock(vm->mm);
	return error ? error : fault_map(vm, frame, page, seq);
}

static int op_vm_fault(const struct subject_call *call)
{
	struct vm *vm = vm_use(call->operand[0]);
	int error = -EAGAIN;

	if (IS_ERR(vm))
		return PTR_ERR(vm);
	for (unsigned try = 0; try < FAULT_TRIES && error == -EAGAIN; try++)
		error = fault_try(vm, call->operand[1]);
	vm_unuse(call->operand[0], vm);
	return error;
}

static int op_vm_run(const struct subject_call *call)
{
	return fake_device_dma(call->operand[0], 0, call->operand[1]);
}

/* ---- a run ---- */

static unsigned vm_mm_nr(const void *object)
{
	return ((const struct vm *)object)->mm_nr;
}

static void share_files(unsigned mm_nr)
{
	mm_ops_share_files(KIND_VM, mm_nr, vm_mm_nr, vm_file_put);
}

/* Exit takes the machine off the list: whoever is between start and end then misses the end. */
static void look_at_vm(const void *object)
{
	const struct vm *vm = object;

	if (!vm->stage2)
		return;
	AT_REST(vm, vm->mn_active_invalidate_count, 0);
	AT_REST(vm, vm->mmu_invalidate_in_progress, 0);
}

static void at_rest(void)
{
	mm_ops_each_file(KIND_VM, look_at_vm);
}

static void close_files(void)
{
	mm_ops_close_files(KIND_VM, vm_file_put);
}

#define SUBJECT_NAME "vm"
#define SUBJECT_SYMBOL subject_vm
#define SUBJECT_HELP "a hypervisor: memory slots, second-stage tables, faults that retry"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN()
#define SUBJECT_FORK share_files
#define SUBJECT_CLOSE close_files
#define SUBJECT_UNLOAD()
#define SUBJECT_AT_REST at_rest
#include "subject/define.h"
