/*
 * context.c - a character device whose contexts work on the address space of who opened it.
 *
 * The shape of GPU and accelerator drivers (KFD, GRU, CXL): a context per open file, and one
 * *process* object per address space, with an mmu_notifier by get and put, in a list that RCU
 * readers search. The process outlives its files: it goes when the mm ends, or with the module.
 *
 *   process  a reference of its notifier, dropped in free_notifier(), and one per context; the
 *            last one frees it after an RCU grace period, since readers search the list
 *   device   a reference of the driver's, and one per context from open to close
 *
 * Exit and the unloading module both find a process. Whoever takes it off the list stops the
 * hardware; the other waits until that is done, since pages, or the module, go next.
 *
 * alloc_notifier() has no private argument: the process is in the list before its notifier is got.
 *
 * Locks: processes_mutex -> mmap_lock -> process->lock.
 */
#define SUBJECT_OPS "subject/driver/context.def"
#include "subject/kinds.h"

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "subject/bench/device.h"
#include "zoo/defect.h"

struct device {
	struct kref kref;
	atomic_t running; /* contexts that the hardware has */
};

struct process {
	struct mmu_notifier mmu_notifier;
	struct kref kref;
	struct list_head node; /* in processes */
	struct mm_struct *mm;  /* the notifier keeps it */
	struct completion stopped;
	spinlock_t lock;
	bool listed; /* under processes_mutex */
	/* Under lock. */
	bool is_stopped;     /* the hardware gets no more pages */
	unsigned changing;   /* changes of page tables that have begun and not ended */
	unsigned changes_nr; /* that have ended */
	atomic_t uses;
	unsigned mm_nr; /* the PASID */
	struct rcu_head rcu;
};

struct context {
	struct device *device;
	struct process *process;
	struct mutex lock;
	bool started; /* under lock */
	unsigned device_nr, mm_nr;
};

static LIST_HEAD(processes); /* changed under processes_mutex, searched by RCU readers */
static DEFINE_MUTEX(processes_mutex);
/* Under processes_mutex: open files keep the module, and a module that goes opens none. */
static unsigned contexts_nr;
static bool going;

/* Which device and PASID the hardware has a context's translations in, plus 1. */
static uint8_t wiring[OBJECTS_MAX];

/* ---- devices ---- */

static void device_free(struct kref *kref)
{
	kfree(container_of(kref, struct device, kref));
}

static void device_put(struct device *device)
{
	kref_put(&device->kref, device_free);
}

/* ---- processes ---- */

static struct process *process_of(struct mmu_notifier *subscription)
{
	return container_of(subscription, struct process, mmu_notifier);
}

static void process_free(struct kref *kref)
{
	struct process *process = container_of(kref, struct process, kref);

	mmdrop(process->mm);
	if (defect(context_process_put_frees_at_once))
		return kfree(process);
	kfree_rcu(process, rcu);
}

static void process_put(struct process *process)
{
	kref_put(&process->kref, process_free);
}

/* Returns: is it the caller who has to stop it? */
static bool process_claim(struct process *process)
{
	bool ours;

	mutex_lock(&processes_mutex);
	ours = process->listed;
	process->listed = false;
	if (ours)
		list_del_rcu(&process->node);
	mutex_unlock(&processes_mutex);
	return ours;
}

static void process_flush(struct process *process, unsigned long start, unsigned long end)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		fake_device_flush_range(nr, process->mm_nr, start, end);
}

static void process_stop(struct process *process)
{
	spin_lock(&process->lock);
	if (process->is_stopped)
		kapi_verdict(RULE_double_release, process, "its hardware is stopped twice",
			     KAPI_SITE("process_stop", "the process is stopped"));
	process->is_stopped = true;
	process_flush(process, 0, process_address(MM_PAGES));
	spin_unlock(&process->lock);
	complete_all(&process->stopped);
}

/* By exit or by the module, or both: one stops it, both return when it is stopped. */
static void process_end(struct process *process)
{
	bool ours = process_claim(process);

	if (defect(context_module_exit_releases_again))
		ours = true;
	if (!ours) {
		wait_for_completion(&process->stopped);
		return;
	}
	process_stop(process);
	mmu_notifier_put(&process->mmu_notifier);
}

/* ---- callbacks ---- */

static void context_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	process_end(process_of(subscription));
}

/* The last user of the mm may be this one: then somebody else runs the exit, which waits for us. */
static void count_use(struct process *process, struct mm_struct *mm)
{
	if (!mmget_not_zero(mm))
		return;
	atomic_inc(&process->uses);
	if (defect(context_callback_puts_mm_itself))
		return mmput(mm);
	mmput_async(mm);
}

static int context_range_start(struct mmu_notifier *subscription,
			       const struct mmu_notifier_range *range)
{
	struct process *process = process_of(subscription);

	count_use(process, range->mm);
	spin_lock(&process->lock);
	process->changing++;
	process_flush(process, range->start, range->end);
	spin_unlock(&process->lock);
	return 0;
}

static void context_range_end(struct mmu_notifier *subscription,
			      const struct mmu_notifier_range *range)
{
	struct process *process = process_of(subscription);

	spin_lock(&process->lock);
	process->changing--;
	process->changes_nr++;
	spin_unlock(&process->lock);
}

/* processes_mutex is held by who gets the notifier; the process is in the list already. */
static struct process *process_listed(struct mm_struct *mm)
{
	struct process *process;

	lockdep_assert_held(&processes_mutex);
	list_for_each_entry(process, &processes, node)
		if (process->mm == mm)
			return process;
	return NULL;
}

static struct mmu_notifier *context_alloc_notifier(struct mm_struct *mm)
{
	struct process *process = process_listed(mm);

	kref_get(&process->kref);
	return &process->mmu_notifier;
}

static void context_free_notifier(struct mmu_notifier *subscription)
{
	struct process *process = process_of(subscription);

	process_put(process);
}

static const struct mmu_notifier_ops context_mmu_notifier_ops = {
	.release = context_release,
	.invalidate_range_start = context_range_start,
	.invalidate_range_end = context_range_end,
	.alloc_notifier = context_alloc_notifier,
	.free_notifier = context_free_notifier,
};

/* ---- opening ---- */

static struct process *process_alloc(struct mm_struct *mm, unsigned mm_nr)
{
	struct process *process = kzalloc(sizeof(*process), GFP_KERNEL);

	if (!process)
		return NULL;
	kapi_name(process, "process", mm_nr);
	kref_init(&process->kref);
	spin_lock_init(&process->lock);
	init_completion(&process->stopped);
	mmgrab(mm);
	process->mm = mm;
	process->mm_nr = mm_nr;
	process->listed = true;
	return process;
}

/* processes_mutex held. */
static struct process *process_create(struct mm_struct *mm, unsigned mm_nr)
{
	struct process *process = process_alloc(mm, mm_nr);
	struct mmu_notifier *subscription;

	if (!process)
		return ERR_PTR(-ENOMEM);
	list_add_rcu(&process->node, &processes);
	subscription = mmu_notifier_get(&context_mmu_notifier_ops, mm);
	if (!IS_ERR(subscription))
		return process;
	process->listed = false;
	list_del_rcu(&process->node);
	process_put(process);
	return ERR_PTR(PTR_ERR(subscription));
}

/* Takes: a reference for a context. */
static struct process *process_get(struct mm_struct *mm, unsigned mm_nr)
{
	struct process *process = ERR_PTR(-ENODEV);

	mutex_lock(&processes_mutex);
	if (!going)
		process = process_listed(mm);
	if (!process)
		process = process_create(mm, mm_nr);
	else if (!IS_ERR(process))
		kref_get(&process->kref);
	if (!IS_ERR(process))
		contexts_nr++;
	mutex_unlock(&processes_mutex);
	return process;
}

static int context_open(const struct subject_call *call, struct device *device,
			struct mm_struct *mm)
{
	struct context *context = kzalloc(sizeof(*context), GFP_KERNEL);
	struct process *process;

	if (!context)
		return -ENOMEM;
	process = process_get(mm, call->operand[1]);
	if (IS_ERR(process)) {
		kfree(context);
		return PTR_ERR(process);
	}
	kapi_name(context, "context", call->result);
	mutex_init(&context->lock);
	context->device = device;
	if (!defect(context_start_takes_device))
		kref_get(&device->kref);
	context->process = process;
	context->device_nr = call->operand[0];
	context->mm_nr = call->operand[1];
	kapi_atomic_store(&wiring[call->result],
			  context->device_nr * OBJECTS_MAX + context->mm_nr + 1, __ATOMIC_RELAXED);
	kapi_file_install(KIND_CONTEXT, call->result, context);
	return 0;
}

static int context_stop(void *object, const struct subject_call *call)
{
	struct context *context = object;

	mutex_lock(&context->lock);
	if (context->started) {
		atomic_dec(&context->device->running);
		if (defect(context_start_takes_device))
			device_put(context->device);
	}
	context->started = false;
	mutex_unlock(&context->lock);
	return 0;
}

static void context_file_put(unsigned nr, void *object)
{
	struct context *context = object;

	if (!kapi_file_put(KIND_CONTEXT, nr))
		return;
	context_stop(context, NULL);
	if (!defect(context_start_takes_device))
		device_put(context->device);
	process_put(context->process);
	mutex_lock(&processes_mutex);
	contexts_nr--;
	mutex_unlock(&processes_mutex);
	kfree(context);
}

/* ---- the ops ---- */

static int op_context_device_add(const struct subject_call *call)
{
	struct device *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device)
		return -ENOMEM;
	kapi_name(device, "device", call->result);
	kref_init(&device->kref);
	kapi_file_install(KIND_DEVICE, call->result, device);
	return 0;
}

static void device_file_put(unsigned nr, void *device)
{
	if (kapi_file_put(KIND_DEVICE, nr))
		device_put(device);
}

static int op_context_device_remove(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_DEVICE, call, device_file_put);
}

static int op_context_open(const struct subject_call *call)
{
	struct device *device = kapi_file_get(KIND_DEVICE, call->operand[0]);
	struct mm_struct *mm;
	int error;

	if (!device)
		return -ENOENT;
	mm = mm_ops_use(call->operand[1]);
	error = IS_ERR(mm) ? PTR_ERR(mm) : context_open(call, device, mm);
	device_file_put(call->operand[0], device);
	if (!IS_ERR(mm))
		mm_ops_unuse(call->operand[1], mm);
	return error;
}

static int context_start(void *object, const struct subject_call *call)
{
	struct context *context = object;

	mutex_lock(&context->lock);
	if (!context->started) {
		if (defect(context_start_takes_device))
			kref_get(&context->device->kref);
		atomic_inc(&context->device->running);
	}
	context->started = true;
	mutex_unlock(&context->lock);
	return 0;
}

static int op_context_start(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CONTEXT, call, context_start, context_file_put);
}

static int op_context_stop(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CONTEXT, call, context_stop, context_file_put);
}

static unsigned process_changes(struct process *process)
{
	unsigned changes_nr;

	spin_lock(&process->lock);
	changes_nr = process->changes_nr;
	spin_unlock(&process->lock);
	return changes_nr;
}

/* What was read is good if nothing has changed since before it was read, and nothing is changing. */
static int process_map(const struct context *context, unsigned long address, struct page *page,
		       unsigned changes_nr)
{
	struct process *process = context->process;
	int error = 0;

	spin_lock(&process->lock);
	if (process->is_stopped)
		error = -ESHUTDOWN;
	else if (process->changing || process->changes_nr != changes_nr || !page)
		error = -EAGAIN;
	else
		fake_device_map(context->device_nr, context->mm_nr, process_page_nr(address), page);
	spin_unlock(&process->lock);
	return error;
}

/* The hardware asks again where it is told -EAGAIN. */
static int context_fault(void *object, const struct subject_call *call)
{
	const struct context *context = object;
	unsigned long address = process_address(call->operand[1]);
	struct mm_struct *mm = context->process->mm;
	unsigned changes_nr;
	int error;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	changes_nr = process_changes(context->process);
	mmap_read_lock(mm);
	error = handle_mm_fault(mm, address);
	if (!error)
		error = process_map(context, address, process_page(mm, address), changes_nr);
	mmap_read_unlock(mm);
	mmput(mm);
	return error;
}

static int op_context_fault(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CONTEXT, call, context_fault, context_file_put);
}

static int op_context_dma(const struct subject_call *call)
{
	unsigned wire = kapi_atomic_load(&wiring[call->operand[0]], __ATOMIC_RELAXED);

	if (!wire)
		return -ENOENT;
	return fake_device_dma((wire - 1) / OBJECTS_MAX, (wire - 1) % OBJECTS_MAX,
			       call->operand[1]);
}

/* Who is found may be on its way out: it is used with a reference only. */
static struct process *process_find(struct mm_struct *mm)
{
	struct process *process, *found = NULL;

	if (!defect(context_find_takes_no_reader))
		rcu_read_lock();
	list_for_each_entry_rcu(process, &processes, node) {
		if (process->mm == mm && kref_get_unless_zero(&process->kref)) {
			found = process;
			break;
		}
	}
	if (!defect(context_find_takes_no_reader))
		rcu_read_unlock();
	return found;
}

static int op_context_find(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_hold(call->operand[0]);
	struct process *process;

	if (!mm)
		return -ENOENT;
	process = process_find(mm);
	mm_ops_unhold(call->operand[0], mm);
	if (!process)
		return -ESRCH;
	atomic_inc(&process->uses);
	process_put(process);
	return 0;
}

static int op_context_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_CONTEXT, call, context_file_put);
}

/* ---- the module ---- */

/* Returns: was nobody before us, and is no file open? */
static bool module_goes(void)
{
	bool ok;

	mutex_lock(&processes_mutex);
	ok = !going && !contexts_nr;
	if (ok)
		going = true;
	mutex_unlock(&processes_mutex);
	return ok;
}

static struct process *first_process(void)
{
	struct process *process;

	mutex_lock(&processes_mutex);
	process = list_first_entry_or_null(&processes, struct process, node);
	if (process)
		kref_get(&process->kref);
	mutex_unlock(&processes_mutex);
	return process;
}

static int op_context_module_exit(const struct subject_call *call)
{
	struct process *process;

	if (!module_goes())
		return -EBUSY;
	while ((process = first_process())) {
		process_end(process);
		process_put(process);
	}
	mmu_notifier_synchronize();
	rcu_barrier();
	kapi_module_end(KAPI_SITE("module_exit", "the module goes"));
	mutex_lock(&processes_mutex);
	going = false; /* it may be loaded again */
	mutex_unlock(&processes_mutex);
	return 0;
}

/* ---- the bench ---- */

static unsigned context_mm_nr(const void *object)
{
	return ((const struct context *)object)->mm_nr;
}

static void share_contexts(unsigned mm_nr)
{
	mm_ops_share_files(KIND_CONTEXT, mm_nr, context_mm_nr, context_file_put);
}

static void look_at_context(const void *object)
{
	const struct process *process = ((const struct context *)object)->process;

	if (!process->is_stopped)
		AT_REST(process, process->changing, 0);
}

static void at_rest(void)
{
	mm_ops_each_file(KIND_CONTEXT, look_at_context);
}

static void close_files(void)
{
	mm_ops_close_files(KIND_CONTEXT, context_file_put);
	mm_ops_close_files(KIND_DEVICE, device_file_put);
}

#define SUBJECT_NAME "context"
#define SUBJECT_SYMBOL subject_context
#define SUBJECT_HELP                                                                               \
	"a character device with contexts, and one object per process, as GPU drivers have"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN()
#define SUBJECT_FORK share_contexts
#define SUBJECT_CLOSE close_files
#define SUBJECT_UNLOAD() op_context_module_exit(NULL)
#define SUBJECT_AT_REST at_rest
#include "subject/define.h"
