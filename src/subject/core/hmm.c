/*
 * hmm.c - a driver of HMM, its device and its users; one set of ops for both versions of the core.
 *
 * A device and a mirror are files. An op that uses one holds the file meanwhile, so the contract
 * that a driver has to keep is kept by construction: a mirror is unregistered once, by the last one
 * out, and no mirror is registered on a device that is being unregistered. What is not held back is
 * what the core must stand: exit, faults, errors and the hardware, at any time, in any thread.
 *
 * What the two versions promise differs in one thing (struct version): where a mirror ends. In the
 * clean core hmm_mirror_unregister() is the end, and the driver frees the mirror after it; in v3
 * ->release is, and the driver frees the mirror there.
 *
 * hmm_release_again calls what is legal on the clean core, always with a reference on the mirror:
 *   duplicate   release of the hmm's notifier in an SRCU reader, if it is still linked
 *   late        the same after an unlocked test, as an unregister that was preempted behind it
 *   driver      the driver calls ops->release of the notifier itself, in no reader
 *   unregister  a second owner goes the kill path again, with a reference but without the file: so
 *               also beside hmm_mirror_unregister(), which waits for it
 *
 * Locks: mirror->faults -> mmap_lock -> mirror->lock (faults); the core's rwsem -> mirror->lock
 * (invalidations). release() waits for the fault that is under way: it takes mirror->faults, which
 * is let go before the fault's mmput(), since that may be the last one and wait for release().
 */
#include "subject/core/hmm.h"

#include <linux/err.h>
#include <linux/hmm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kapi/file.h"
#include "subject/bench/device.h"
#include "subject/fix.h"
#include "subject/bench/mm_ops.h"
#include "subject/bench/twin.h"
#include "zoo/defect.h"

#define DEVICE_TRIES 8 /* of hmm_device_unregister() while it says -EBUSY */

enum {
	KIND_DEVICE = KIND_FIRST,
	KIND_MIRROR,
	KINDS,
	KIND_DEVICE_BACK = KINDS, /* unregistered, still allocated; no name in programs */
};

enum again { AGAIN_DUPLICATE, AGAIN_LATE, AGAIN_DRIVER, AGAIN_UNREGISTER };
static const char *const again_words[] = {"duplicate", "late", "driver", "unregister", NULL};

struct version {
	const struct hmm_core *core;
	bool release_ends_mirror;
	bool refuses_twins; /* the second mirror of one device and mm is -EEXIST */
};

static const struct version *version;

struct device {
	struct hmm_device hmm_device;
	bool waiting;
};

struct mirror {
	struct hmm_mirror hmm_mirror;
	struct mm_struct *mm; /* no reference: the registration keeps it until the mirror's end */
	struct mutex faults;  /* held while one runs */
	struct completion stopped; /* hmm_v3_waits_for_release */
	spinlock_t lock;
	bool released; /* under lock: the device gets no more pages */
	uint8_t nr, device_nr, mm_nr;
};

/* Which device a mirror's translations are in, plus 1. The hardware knows it without any lock. */
static uint8_t wiring[OBJECTS_MAX];

/* ---- the driver's callbacks ---- */

static struct mirror *mirror_of(struct hmm_mirror *hmm_mirror)
{
	return container_of(hmm_mirror, struct mirror, hmm_mirror);
}

static void mirror_wait_for_fault(struct mirror *mirror)
{
	mutex_lock(&mirror->faults);
	mutex_unlock(&mirror->faults);
}

static void mirror_stop(struct mirror *mirror)
{
	spin_lock(&mirror->lock);
	mirror->released = true;
	fake_device_flush(mirror->device_nr, mirror->nr, 0, MM_PAGES);
	spin_unlock(&mirror->lock);
}

static void mirror_release(struct hmm_mirror *hmm_mirror)
{
	struct mirror *mirror = mirror_of(hmm_mirror);

	KAPI_NOTE(release_begin, mirror, kapi_object(mirror->mm));
	twin_end(mirror->nr);
	mirror_wait_for_fault(mirror);
	mirror_stop(mirror);
	KAPI_NOTE(release_end, mirror, kapi_object(mirror->mm));
	if (fixed(hmm_v3_waits_for_release))
		complete(&mirror->stopped);
	else if (version->release_ends_mirror)
		kfree(mirror);
}

static void mirror_invalidate(struct hmm_mirror *hmm_mirror, unsigned long start, unsigned long end)
{
	struct mirror *mirror = mirror_of(hmm_mirror);

	KAPI_NOTE(callback_begin, mirror, kapi_object(mirror->mm));
	spin_lock(&mirror->lock);
	fake_device_flush_range(mirror->device_nr, mirror->nr, start, end);
	spin_unlock(&mirror->lock);
	KAPI_NOTE(callback_end, mirror, kapi_object(mirror->mm));
}

static const struct hmm_device_ops device_ops = {
	.release = mirror_release,
	.invalidate = mirror_invalidate,
};

/* ---- devices ---- */

static int op_hmm_device_register(const struct subject_call *call)
{
	struct device *device = kzalloc(sizeof(*device), GFP_KERNEL);
	int error;

	if (!device)
		return -ENOMEM;
	kapi_name(device, "device", call->result);
	device->hmm_device.ops = &device_ops;
	error = version->core->device_register(&device->hmm_device);
	if (error) {
		kfree(device);
		return error;
	}
	kapi_file_install(KIND_DEVICE, call->result, device);
	return 0;
}

/* An op that registers a mirror may still use the device: the store lets other threads go on. */
static int device_try(unsigned nr, struct device *device)
{
	if (kapi_file_users(KIND_DEVICE, nr) == 1)
		return version->core->device_unregister(&device->hmm_device);
	WRITE_ONCE(device->waiting, true);
	return -EBUSY;
}

static int device_unregister(unsigned nr, struct device *device)
{
	int error = -EBUSY;

	for (unsigned try = 0; try < DEVICE_TRIES && error == -EBUSY; try++)
		error = device_try(nr, device);
	return error;
}

static int op_hmm_device_unregister(const struct subject_call *call)
{
	unsigned nr = call->operand[0];
	struct device *device = kapi_file_close(KIND_DEVICE, nr);
	int error;

	if (!device)
		return -ENOENT;
	error = device_unregister(nr, device);
	if (error) {
		kapi_file_reopen(KIND_DEVICE, nr);
		return error;
	}
	kapi_file_put(KIND_DEVICE, nr);
	kapi_file_install(KIND_DEVICE_BACK, nr, device);
	return 0;
}

static int op_device_free(const struct subject_call *call)
{
	struct device *device = kapi_file_close(KIND_DEVICE_BACK, call->operand[0]);

	if (!device)
		return -ENOENT;
	kapi_file_put(KIND_DEVICE_BACK, call->operand[0]);
	kfree(device);
	return 0;
}

/* ---- mirrors ---- */

/* Its part of a mirror is the core's to set, all of it: a driver's memory need not be zeroed. */
static struct mirror *mirror_alloc(unsigned nr, unsigned device_nr, unsigned mm_nr)
{
	struct mirror *mirror = kmalloc(sizeof(*mirror), GFP_KERNEL);

	if (!mirror)
		return NULL;
	kapi_name(mirror, "mirror", nr);
	mutex_init(&mirror->faults);
	init_completion(&mirror->stopped);
	spin_lock_init(&mirror->lock);
	mirror->released = false;
	mirror->nr = nr;
	mirror->device_nr = device_nr;
	mirror->mm_nr = mm_nr;
	kapi_atomic_store(&wiring[nr], device_nr + 1, __ATOMIC_RELAXED);
	return mirror;
}

static int mirror_open(const struct subject_call *call, struct device *device, struct mm_struct *mm)
{
	struct mirror *mirror = mirror_alloc(call->result, call->operand[0], call->operand[1]);
	int error;

	if (!mirror)
		return -ENOMEM;
	mirror->mm = mm;
	/* Before the call: callbacks may come before it returns. */
	KAPI_NOTE(registered, mirror, kapi_object(mm));
	twin_begin(mirror->nr, &device->hmm_device, mm);
	error = version->core->mirror_register(&mirror->hmm_mirror, &device->hmm_device, mm);
	if (!error) {
		if (version->refuses_twins)
			twin_registered(mirror->nr, mirror);
		kapi_file_install(KIND_MIRROR, call->result, mirror);
		return 0;
	}
	twin_end(mirror->nr);
	KAPI_NOTE(unregister_begin, mirror, 0);
	KAPI_NOTE(unregistered, mirror, 0);
	kfree(mirror);
	return error;
}

static int op_hmm_mirror_register(const struct subject_call *call)
{
	struct device *device = kapi_file_get(KIND_DEVICE, call->operand[0]);
	struct mm_struct *mm;
	int error;

	if (!device)
		return -ENOENT;
	mm = mm_ops_use(call->operand[1]);
	error = IS_ERR(mm) ? PTR_ERR(mm) : mirror_open(call, device, mm);
	/* Never the last one out: who closes a device keeps a use, and takes the close back. */
	kapi_file_put(KIND_DEVICE, call->operand[0]);
	if (!IS_ERR(mm))
		mm_ops_unuse(call->operand[1], mm);
	return error;
}

static void mirror_close(struct mirror *mirror)
{
	KAPI_NOTE(unregister_begin, mirror, 0);
	version->core->mirror_unregister(&mirror->hmm_mirror);
	if (fixed(hmm_v3_waits_for_release))
		wait_for_completion(&mirror->stopped);
	/* In v3 the driver may have freed it by now; the promise is about its number. */
	KAPI_NOTE(unregistered, mirror, 0);
	if (!version->release_ends_mirror || fixed(hmm_v3_waits_for_release))
		kfree(mirror);
}

static void mirror_file_put(unsigned nr, struct mirror *mirror)
{
	if (kapi_file_put(KIND_MIRROR, nr))
		mirror_close(mirror);
}

static int op_hmm_mirror_unregister(const struct subject_call *call)
{
	struct mirror *mirror = kapi_file_close(KIND_MIRROR, call->operand[0]);

	if (!mirror)
		return -ENOENT;
	mirror_file_put(call->operand[0], mirror);
	return 0;
}

static void share_mirror(unsigned nr, unsigned mm_nr)
{
	struct mirror *mirror = kapi_file_get(KIND_MIRROR, nr);

	if (!mirror)
		return;
	if (mirror->mm_nr == mm_nr)
		kapi_file_share(KIND_MIRROR, nr);
	mirror_file_put(nr, mirror);
}

static void share_mirrors(unsigned mm_nr)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		share_mirror(nr, mm_nr);
}

/* ---- using a mirror ---- */

/* mmap_lock held: the page stays mapped, and an invalidation of it comes after us. */
static int mirror_map(struct mirror *mirror, unsigned long address)
{
	struct page *page = process_page(mirror->mm, address);
	int error = -ESHUTDOWN;

	spin_lock(&mirror->lock);
	if (!mirror->released) {
		fake_device_map(mirror->device_nr, mirror->nr, process_page_nr(address), page);
		error = 0;
	}
	spin_unlock(&mirror->lock);
	return error;
}

/*
 * The registration keeps the mm_struct, not the address space: that takes a user. A flag is true
 * until it is not.
 */
static bool mirror_get_mm(struct mirror *mirror)
{
	if (defect(mirror_fault_trusts_flag))
		return !READ_ONCE(mirror->released);
	return mmget_not_zero(mirror->mm);
}

static int mirror_fault_locked(struct mirror *mirror, unsigned long address)
{
	struct mm_struct *mm = mirror->mm;
	int error;

	mmap_read_lock(mm);
	error = handle_mm_fault(mm, address);
	if (!error)
		error = mirror_map(mirror, address);
	mmap_read_unlock(mm);
	return error;
}

static int mirror_fault(struct mirror *mirror, unsigned long address)
{
	struct mm_struct *mm = mirror->mm;
	int error;

	if (!mirror_get_mm(mirror))
		return -ESRCH;
	mutex_lock(&mirror->faults);
	error = mirror_fault_locked(mirror, address);
	mutex_unlock(&mirror->faults);
	if (!defect(mirror_fault_trusts_flag))
		mmput(mm);
	return error;
}

static int op_hmm_fault(const struct subject_call *call)
{
	struct mirror *mirror = kapi_file_get(KIND_MIRROR, call->operand[0]);
	int error;

	if (!mirror)
		return -ENOENT;
	error = mirror_fault(mirror, process_address(call->operand[1]));
	mirror_file_put(call->operand[0], mirror);
	return error;
}

static int op_hmm_dma(const struct subject_call *call)
{
	unsigned device = kapi_atomic_load(&wiring[call->operand[0]], __ATOMIC_RELAXED);

	if (!device)
		return -ENOENT;
	return fake_device_dma(device - 1, call->operand[0], call->operand[1]);
}

static int op_hmm_device_error(const struct subject_call *call)
{
	struct mirror *mirror = kapi_file_get(KIND_MIRROR, call->operand[0]);

	if (!mirror)
		return -ENOENT;
	version->core->mirror_error(&mirror->hmm_mirror);
	mirror_file_put(call->operand[0], mirror);
	return 0;
}

/* ---- release, again ---- */

/* The last one out may not wait for a reference of its own. */
static int again_unregister(unsigned nr, struct mirror *mirror)
{
	bool last;

	if (!version->core->mirror_get(&mirror->hmm_mirror)) {
		mirror_file_put(nr, mirror);
		return -ESRCH;
	}
	last = kapi_file_put(KIND_MIRROR, nr);
	version->core->mirror_error(&mirror->hmm_mirror);
	version->core->mirror_put(&mirror->hmm_mirror);
	if (last)
		mirror_close(mirror);
	return 0;
}

static void again_notifier(struct mirror *mirror, enum again again)
{
	struct mmu_notifier *subscription = version->core->mirror_notifier(&mirror->hmm_mirror);

	if (again == AGAIN_DRIVER)
		subscription->ops->release(subscription, mirror->mm);
	else
		mmu_notifier_release_again(subscription, mirror->mm, again == AGAIN_LATE);
}

static int op_hmm_release_again(const struct subject_call *call)
{
	struct mirror *mirror = kapi_file_get(KIND_MIRROR, call->operand[0]);

	if (!mirror)
		return -ENOENT;
	if (call->operand[1] == AGAIN_UNREGISTER)
		return again_unregister(call->operand[0], mirror);
	again_notifier(mirror, call->operand[1]);
	mirror_file_put(call->operand[0], mirror);
	return 0;
}

/* ---- the end of a run ---- */

static void close_mirror(unsigned nr)
{
	struct mirror *mirror = mm_ops_close_file(KIND_MIRROR, nr);

	if (mirror)
		mirror_file_put(nr, mirror);
}

/* A device that says it is busy now cannot be freed: it stays, as a leak. */
static void close_device(unsigned nr)
{
	struct device *device = mm_ops_close_file(KIND_DEVICE, nr);

	if (!device)
		return;
	kapi_file_put(KIND_DEVICE, nr);
	if (!version->core->device_unregister(&device->hmm_device))
		kfree(device);
}

static void close_device_back(unsigned nr)
{
	struct device *device = mm_ops_close_file(KIND_DEVICE_BACK, nr);

	if (!device)
		return;
	kapi_file_put(KIND_DEVICE_BACK, nr);
	kfree(device);
}

static unsigned mirrors_of(unsigned device_nr)
{
	unsigned mirrors = 0;

	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		if (kapi_file_is_open(KIND_MIRROR, nr))
			mirrors += ((struct mirror *)kapi_file_peek(KIND_MIRROR, nr))->device_nr ==
				   device_nr;
	return mirrors;
}

static void at_rest(void)
{
	mm_ops_at_rest();
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		const struct device *device = kapi_file_peek(KIND_DEVICE, nr);

		if (kapi_file_is_open(KIND_DEVICE, nr))
			AT_REST(device, device->hmm_device.refs.refs, 1 + mirrors_of(nr));
	}
}

static void close_all(void)
{
	fake_device_scan();
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		close_mirror(nr);
	mm_ops_close();
	fake_device_scan();
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		close_device(nr);
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		close_device_back(nr);
	mm_ops_settle();
}

/* ---- the tables ---- */

static const char *const kinds[KINDS] = {
	[KIND_MM] = "mm",
	[KIND_NOTIFIER] = "notifier",
	[KIND_DEVICE] = "device",
	[KIND_MIRROR] = "mirror",
};

#define SUBJECT_MM_OPS "subject/bench/mm_ops.def"
#define SUBJECT_OPS "subject/core/hmm.def"
#include "subject/tables.h"

static void begin(const struct version *which)
{
	version = which;
	fake_device_reset();
	mm_ops_begin(share_mirrors);
}

static void begin_clean(void)
{
	static const struct version clean = {&hmm_core, false, true};

	begin(&clean);
}

static void begin_v3(void)
{
	static const struct version v3 = {&hmm_core_v3, true, false};

	begin(&v3);
}

static const struct descriptor descriptor_hmm = {
	.name = "hmm",
	.objects = kinds,
	.objects_nr = KINDS,
	.ops = ops,
	.ops_nr = ARRAY_SIZE(ops),
};

static const struct descriptor descriptor_hmm_v3 = {
	.name = "hmm_v3",
	.objects = kinds,
	.objects_nr = KINDS,
	.ops = ops,
	.ops_nr = ARRAY_SIZE(ops),
};

const struct subject subject_hmm = {
	.descriptor = &descriptor_hmm,
	.help = "HMM mirrors and devices, with the lifetimes as they should have been",
	.begin = begin_clean,
	.op = run_op,
	.at_rest = at_rest,
	.close = close_all,
};

const struct subject subject_hmm_v3 = {
	.descriptor = &descriptor_hmm_v3,
	.help = "HMM as posted on 21 May 2015, with the bugs that its review names",
	.posted = true,
	.begin = begin_v3,
	.op = run_op,
	.close = close_all,
};

#define FIX_OF_hmm_v3(name, about, right, help) FIX_SUBJECT(name, about, right, help, begin_v3)
#define FIX_OF_sva_v4 FIX_IS_NOT_OURS
#include "posted/fix.def"
