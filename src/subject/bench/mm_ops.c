/*
 * mm_ops.c - processes, what happens to their pages, and a plain client of the notifiers.
 *
 * An mm is a file of the bench with one opener, its process. The bench holds one mm_count for it,
 * so that an op which has the file may ask whether the mm still has users; the last one out of the
 * closed file drops it. Everything else an op does with an mm, it does as a user.
 *
 * The client does nothing but say what is called when. It is one that the contract must serve:
 * release() may come twice for it, and no callback may touch it once unregister returned.
 *
 * Locks: mmap_lock, in the ops that invalidate; none of its own.
 */
#include "subject/bench/mm_ops.h"

#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/slab.h>

#include "kapi/file.h"
#include "watch/watch.h"

struct notifier {
	struct mmu_notifier subscription;
	atomic_t calls; /* a callback is not one step: here others may come in between */
	unsigned mm_nr; /* whose file it is */
};

static void (*fork_callback)(unsigned mm_nr);
static void (*dup_callback)(struct mm_struct *parent, struct mm_struct *child);

void mm_ops_begin(void (*fork)(unsigned mm_nr))
{
	fork_callback = fork;
	bond_watch_begin();
}

void mm_ops_dup_mmap_by(void (*dup)(struct mm_struct *parent, struct mm_struct *child))
{
	dup_callback = dup;
}

/* ---- using an mm ---- */

int mm_ops_with_mm(const struct subject_call *call,
		   int (*work)(const struct subject_call *call, struct mm_struct *mm))
{
	struct mm_struct *mm = mm_ops_use(call->operand[0]);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = work(call, mm);
	mm_ops_unuse(call->operand[0], mm);
	return error;
}

struct mm_struct *mm_ops_hold(unsigned nr)
{
	return kapi_file_get(KIND_MM, nr);
}

void mm_ops_unhold(unsigned nr, struct mm_struct *mm)
{
	if (kapi_file_put(KIND_MM, nr))
		mmdrop(mm);
}

struct mm_struct *mm_ops_use(unsigned nr)
{
	struct mm_struct *mm = mm_ops_hold(nr);

	if (!mm)
		return ERR_PTR(-ENOENT);
	if (mmget_not_zero(mm))
		return mm;
	mm_ops_unhold(nr, mm);
	return ERR_PTR(-ESRCH);
}

void mm_ops_unuse(unsigned nr, struct mm_struct *mm)
{
	mmput(mm);
	mm_ops_unhold(nr, mm);
}

/* ---- the plain client ---- */

static struct notifier *notifier_of(struct mmu_notifier *subscription)
{
	return container_of(subscription, struct notifier, subscription);
}

static void notifier_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct notifier *notifier = notifier_of(subscription);

	atomic_inc(&notifier->calls);
}

static int notifier_range_start(struct mmu_notifier *subscription,
				const struct mmu_notifier_range *range)
{
	struct notifier *notifier = notifier_of(subscription);

	atomic_inc(&notifier->calls);
	return 0;
}

static void notifier_range_end(struct mmu_notifier *subscription,
			       const struct mmu_notifier_range *range)
{
}

static const struct mmu_notifier_ops notifier_ops = {
	.release = notifier_release,
	.invalidate_range_start = notifier_range_start,
	.invalidate_range_end = notifier_range_end,
};

/* From here on no callback may touch it. */
static void notifier_end(struct notifier *notifier)
{
	kfree(notifier);
}

static int notifier_open(const struct subject_call *call, struct mm_struct *mm)
{
	struct notifier *notifier = kzalloc(sizeof(*notifier), GFP_KERNEL);
	int error;

	if (!notifier)
		return -ENOMEM;
	kapi_name(notifier, "notifier", call->result);
	notifier->subscription.ops = &notifier_ops;
	notifier->mm_nr = call->operand[0];
	KAPI_NOTE(stays, notifier, 0);
	error = mmu_notifier_register(&notifier->subscription, mm);
	if (!error) {
		kapi_file_install(KIND_NOTIFIER, call->result, notifier);
		return 0;
	}
	notifier_end(notifier);
	return error;
}

/* The registration keeps the mm_struct, whatever became of the process. */
static void notifier_file_put(unsigned nr, void *object)
{
	struct notifier *notifier = object;

	if (!kapi_file_put(KIND_NOTIFIER, nr))
		return;
	mmu_notifier_unregister(&notifier->subscription, notifier->subscription.mm);
	notifier_end(notifier);
}

int mm_ops_mmu_notifier_register(const struct subject_call *call)
{
	return mm_ops_with_mm(call, notifier_open);
}

int mm_ops_mmu_notifier_unregister(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_NOTIFIER, call, notifier_file_put);
}

/* ---- processes ---- */

/* With the bench's mm_count; nobody else knows it before it is installed. */
static struct mm_struct *mm_new(unsigned nr)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		return NULL;
	kapi_name(mm, "mm", nr);
	mmgrab(mm);
	return mm;
}

int mm_ops_mm_create(const struct subject_call *call)
{
	struct mm_struct *mm = mm_new(call->result);

	if (!mm)
		return -ENOMEM;
	kapi_file_install(KIND_MM, call->result, mm);
	return 0;
}

int mm_ops_with_file(unsigned kind, const struct subject_call *call,
		     int (*work)(void *object, const struct subject_call *call),
		     mm_ops_file_put *put)
{
	void *object = kapi_file_get(kind, call->operand[0]);
	int error;

	if (!object)
		return -ENOENT;
	error = work(object, call);
	put(call->operand[0], object);
	return error;
}

int mm_ops_let_go(unsigned kind, const struct subject_call *call, mm_ops_file_put *put)
{
	void *object = kapi_file_close(kind, call->operand[0]);

	if (!object)
		return -ENOENT;
	put(call->operand[0], object);
	return 0;
}

void mm_ops_share_files(unsigned kind, unsigned mm_nr, unsigned (*mm_nr_of)(const void *object),
			mm_ops_file_put *put)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		void *object = kapi_file_get(kind, nr);

		if (object && mm_nr_of(object) == mm_nr)
			kapi_file_share(kind, nr);
		if (object)
			put(nr, object);
	}
}

static unsigned notifier_mm_nr(const void *object)
{
	return ((const struct notifier *)object)->mm_nr;
}

/* The child has its parent's open files; what is registered stays with the parent's mm. */
static void share_files(unsigned mm_nr)
{
	mm_ops_share_files(KIND_NOTIFIER, mm_nr, notifier_mm_nr, notifier_file_put);
	if (fork_callback)
		fork_callback(mm_nr);
}

int mm_ops_mm_fork(const struct subject_call *call)
{
	struct mm_struct *parent = mm_ops_use(call->operand[0]), *child;

	if (IS_ERR(parent))
		return PTR_ERR(parent);
	child = mm_new(call->result);
	if (child) {
		share_files(call->operand[0]);
		if (dup_callback)
			dup_callback(parent, child);
		kapi_file_install(KIND_MM, call->result, child);
	}
	mm_ops_unuse(call->operand[0], parent);
	return child ? 0 : -ENOMEM;
}

int mm_ops_mm_exit(const struct subject_call *call)
{
	struct mm_struct *mm = kapi_file_close(KIND_MM, call->operand[0]);

	if (!mm)
		return -ENOENT;
	mm_ops_unuse(call->operand[0], mm);
	return 0;
}

/* The new address space is there before the old one is let go; what was opened in that stays open. */
int mm_ops_mm_exec(const struct subject_call *call)
{
	struct mm_struct *old = mm_ops_hold(call->operand[0]), *mm;

	if (!old)
		return -ENOENT;
	mm = mm_new(call->result);
	if (mm) {
		kapi_file_install(KIND_MM, call->result, mm);
		mm_ops_mm_exit(call);
	}
	mm_ops_unhold(call->operand[0], old);
	return mm ? 0 : -ENOMEM;
}

/* ---- pages ---- */

static int fault_page(const struct subject_call *call, struct mm_struct *mm)
{
	int error;

	mmap_read_lock(mm);
	error = handle_mm_fault(mm, process_address(call->operand[1]));
	mmap_read_unlock(mm);
	return error;
}

int mm_ops_mm_fault(const struct subject_call *call)
{
	return mm_ops_with_mm(call, fault_page);
}

static int unmap_page(const struct subject_call *call, struct mm_struct *mm)
{
	zap_page(mm, process_address(call->operand[1]));
	return 0;
}

int mm_ops_mm_unmap(const struct subject_call *call)
{
	return mm_ops_with_mm(call, unmap_page);
}

/* For write, as everything that invalidates here: a fault in between would map what is changing. */
static int invalidate_page(const struct subject_call *call, struct mm_struct *mm)
{
	struct mmu_notifier_range range;

	mmap_write_lock(mm);
	process_range_init(&range, MMU_NOTIFY_PROTECTION_VMA, mm, process_address(call->operand[1]),
			   process_address(call->operand[1] + 1));
	mmu_notifier_invalidate_range_start(&range);
	mmu_notifier_invalidate_range_end(&range);
	KAPI_NOTE(range_done, mm, 0);
	mmap_write_unlock(mm);
	return 0;
}

int mm_ops_mm_invalidate(const struct subject_call *call)
{
	return mm_ops_with_mm(call, invalidate_page);
}

/* ---- memory is short ---- */

/* Nothing that a thread of the program does: no access of it is a choice. */
#define QUIET __attribute__((no_sanitize("thread", "coverage")))

QUIET static int mapped_page(struct mm_struct *mm)
{
	const struct pgd *pgd = mm ? process_table(mm) : NULL;

	if (!pgd || kapi_lock_held(&process_rmap_lock(mm)))
		return -1;
	for (int page = 0; page < MM_PAGES; page++)
		if (pgd->page[page])
			return page;
	return -1;
}

bool mm_ops_reclaim(bool dry)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		int page = mapped_page(kapi_file_peek(KIND_MM, nr));
		struct mm_struct *mm = page < 0 || dry ? NULL : mm_ops_hold(nr);

		if (page >= 0 && dry)
			return true;
		if (!mm)
			continue;
		reclaim_page(mm, process_address(page));
		mm_ops_unhold(nr, mm);
		return true;
	}
	return false;
}

/* ---- the end of a run ---- */

/* Each fork made an opener, and no program has more forks than ops. */
void *mm_ops_close_file(unsigned kind, unsigned nr)
{
	void *object = NULL;

	while (!object && kapi_file_is_open(kind, nr))
		object = kapi_file_close(kind, nr);
	return object;
}

void mm_ops_each_file(unsigned kind, void (*look)(const void *object))
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		if (kapi_file_is_open(kind, nr))
			look(kapi_file_peek(kind, nr));
}

static void look_at_mm(const void *mm)
{
	process_at_rest((const struct mm_struct *)mm);
}

void mm_ops_at_rest(void)
{
	mm_ops_each_file(KIND_MM, look_at_mm);
}

void mm_ops_close_files(unsigned kind, mm_ops_file_put *put)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		void *object = mm_ops_close_file(kind, nr);

		if (object)
			put(nr, object);
	}
}

static void close_mm(unsigned nr, void *mm)
{
	mm_ops_unuse(nr, mm);
}

void mm_ops_close(void)
{
	mm_ops_close_files(KIND_NOTIFIER, notifier_file_put);
	mm_ops_close_files(KIND_MM, close_mm);
}

/* Callbacks of one domain may queue callbacks of the other, in this order only. */
void mm_ops_settle(void)
{
	rcu_barrier();
	mmu_notifier_synchronize();
}
