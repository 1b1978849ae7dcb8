/*
 * sva.c - a driver that shares address spaces with its device, and its users; one set of ops for both
 * versions of the core. The IOMMU driver below the core is iommu_driver.c.
 *
 * A device and a bond are files. An op that uses one holds the file meanwhile, so the contract that
 * a driver has to keep is kept by construction: every bind is undone once, by the last one out,
 * after the device was told to stop, and the memory of a device outlives each bind. What is not held
 * back is what the core must stand: exit, invalidations, errors and the hardware, at any time; SVA
 * switched off beside a bind, and on by somebody else.
 *
 * The hardware has one table and one cache a domain: fake_device's number is the domain's. Its DMA
 * takes no file; the driver starts it when a bind returned and stops it before the unbind (v4 also:
 * in mm_exit). What is under way then may still come, and finds no entry.
 *
 * sva_release_again calls what is legal on the clean core, always with a use of the bond:
 *   duplicate   release of the io_mm's notifier in an SRCU reader, if it is still linked
 *   late        the same after an unlocked test, as an unregister that was preempted behind it
 *   driver      the driver calls ops->release of the notifier itself, in no reader
 *   unregister  a second owner binds the same device and mm, and unbinds
 * The first three may come while the mm lives. The device has lost it then, as if it had ended: that
 * mm is no more held to "a bind gives an entry", and its later bonds not to "exit releases them".
 *
 * Two files on one bond are one client for the rules: it is registered with the first, and is
 * leaving with the last (struct bond_file is how the bench knows; plain words that lanes share
 * without order).
 */
#include "subject/core/sva.h"

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/slab.h>

#include "kapi/file.h"
#include "subject/bench/device.h"
#include "subject/fix.h"
#include "subject/bench/iommu_driver.h"
#include "subject/bench/mm_ops.h"
#include "subject/bench/sva_bond.h"

#define DOMAINS 2
#define DISABLE_TRIES 8 /* of disable() while it says -EBUSY */

enum again { AGAIN_DUPLICATE, AGAIN_LATE, AGAIN_DRIVER, AGAIN_UNREGISTER };
static const char *const again_words[] = {"duplicate", "late", "driver", "unregister", NULL};

static const struct sva_core *core;
/* ---- devices ---- */

static int device_start(struct device *device)
{
	int error = core->probe(device);

	if (error)
		return error;
	error = core->enable(device);
	if (error)
		core->remove(device);
	else
		bond_check_enabled(device, core->enable(device));
	return error;
}

static int op_sva_device_enable(const struct subject_call *call)
{
	struct device *device = kzalloc(sizeof(*device), GFP_KERNEL);
	int error;

	if (!device)
		return -ENOMEM;
	kapi_name(device, "device", call->result);
	device->domain = call->operand[0];
	error = device_start(device);
	if (error)
		kfree(device);
	else
		kapi_file_install(KIND_DEVICE, call->result, device);
	return error;
}

/* Only the core knows whether it is on: an earlier try may have succeeded. */
static int switch_off(unsigned nr, struct device *device)
{
	int error = core->disable(device);

	if (!error)
		bond_check_disabled(nr, device);
	return error == -EINVAL ? 0 : error;
}

/*
 * Also beside a bind, which is refused then, or has its bond, so that the device is busy. It may
 * still use the device: the marked read lets other threads go on. Who was alone before the call is
 * so after it.
 */
static int disable_try(unsigned nr, struct device *device)
{
	bool alone = kapi_file_users(KIND_DEVICE, nr) == 1;
	int error = switch_off(nr, device);

	if (error || alone)
		return error;
	(void)READ_ONCE(device->domain);
	return -EBUSY;
}

static int device_disable(unsigned nr, struct device *device)
{
	int error = -EBUSY;

	for (unsigned try = 0; try < DISABLE_TRIES && error == -EBUSY; try++)
		error = disable_try(nr, device);
	return error;
}

static int op_sva_device_disable(const struct subject_call *call)
{
	unsigned nr = call->operand[0];
	struct device *device = kapi_file_close(KIND_DEVICE, nr);
	int error;

	if (!device)
		return -ENOENT;
	error = device_disable(nr, device);
	if (error) {
		kapi_file_reopen(KIND_DEVICE, nr);
		return error;
	}
	kapi_file_put(KIND_DEVICE, nr);
	kapi_file_install(KIND_DEVICE_BACK, nr, device);
	return 0;
}

static void device_free(struct device *device)
{
	core->remove(device);
	kfree(device);
}

static int op_device_free(const struct subject_call *call)
{
	struct device *device = kapi_file_close(KIND_DEVICE_BACK, call->operand[0]);

	if (!device)
		return -ENOENT;
	kapi_file_put(KIND_DEVICE_BACK, call->operand[0]);
	device_free(device);
	return 0;
}

/* Another driver of the device: it is refused, or finds SVA switched off and takes it. */
static int op_sva_enable_again(const struct subject_call *call)
{
	unsigned nr = call->operand[0];
	struct device *device = kapi_file_get(KIND_DEVICE, nr);
	int error;

	if (!device)
		return -ENOENT;
	set(switched_again[nr], 1);
	error = core->enable(device);
	if (!error)
		set(switched_off[nr], 0);
	/* Never the last one out: who closes a device keeps a use, and takes the close back. */
	kapi_file_put(KIND_DEVICE, nr);
	return error;
}

/* ---- which files are one bond ---- */

static bool is_twin(const struct bond_file *a, const struct bond_file *b, enum bond_state state)
{
	if (a == b || get(b->state) != state)
		return false;
	if (state == BOND_BINDING)
		return get(a->device) == get(b->device) && get(a->mm) == get(b->mm);
	return get(a->handle) == get(b->handle);
}

static bool has_twin(const struct bond_file *bond, enum bond_state state)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		if (is_twin(bond, &bonds[nr], state))
			return true;
	return false;
}

static void note_registered(unsigned nr, const struct bond_file *bond, struct mm_struct *mm)
{
	if (has_twin(bond, BOND_OPEN) || get(released_early[bond->mm_nr]))
		return;
	kapi_name(bond->handle, "bond", nr);
	KAPI_NOTE(registered, bond->handle, kapi_object(mm));
}

static void note_unregister_begin(const struct bond_file *bond)
{
	if (!has_twin(bond, BOND_OPEN))
		KAPI_NOTE(unregister_begin, bond->handle, 0);
}

/* Another file that is still closing is perhaps the one that holds the bond now. */
static void note_unregistered(const struct bond_file *bond, const void *handle)
{
	if (!has_twin(bond, BOND_OPEN) && !has_twin(bond, BOND_CLOSING) &&
	    !has_twin(bond, BOND_BINDING))
		KAPI_NOTE(unregistered, handle, 0);
}

/* ---- bonds ---- */

/* v4. A bind that has not returned yet has not started the device. */
static int driver_mm_exit(struct device *dev, struct iommu_sva *handle, void *drvdata)
{
	KAPI_NOTE(release_begin, handle, 0);
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		if (get(bonds[nr].state) == BOND_OPEN && get(bonds[nr].handle) == handle)
			set(bonds[nr].running, 0);
	KAPI_NOTE(release_end, handle, 0);
	return 0;
}

static const struct iommu_sva_ops sva_ops = {.mm_exit = driver_mm_exit};

static void bond_begin(struct bond_file *bond, const struct subject_call *call,
		       struct device *device, struct mm_struct *mm)
{
	set(bond->device, device);
	set(bond->mm, mm);
	bond->device_nr = call->operand[0];
	set(bond->mm_nr, (uint8_t)call->operand[1]);
	set(bond->domain, (uint8_t)device->domain);
	set(bond->state, BOND_BINDING);
}

static void bond_bound(struct bond_file *bond, unsigned nr, struct iommu_sva *handle)
{
	if (core->set_ops)
		core->set_ops(handle, &sva_ops);
	set(bond->handle, handle);
	set(bond->pasid, core->get_pasid(handle));
	note_registered(nr, bond, bond->mm);
	set(bond->state, BOND_OPEN);
	set(bond->running, 1);
	bond_check_bound(bond);
	kapi_file_install(KIND_BOND, nr, bond);
}

static int bond_open(const struct subject_call *call, struct device *device, struct mm_struct *mm)
{
	struct bond_file *bond = &bonds[call->result];
	struct iommu_sva *handle;

	bond_begin(bond, call, device, mm);
	handle = core->bind(device, mm, device);
	if (IS_ERR(handle)) {
		set(bond->state, BOND_NONE);
		return (int)PTR_ERR(handle);
	}
	bond_bound(bond, call->result, handle);
	return 0;
}

static int op_sva_bind(const struct subject_call *call)
{
	struct device *device = kapi_file_get(KIND_DEVICE, call->operand[0]);
	struct mm_struct *mm;
	int error;

	if (!device)
		return -ENOENT;
	mm = mm_ops_use(call->operand[1]);
	error = IS_ERR(mm) ? (int)PTR_ERR(mm) : bond_open(call, device, mm);
	/* Never the last one out: who closes a device keeps a use, and takes the close back. */
	kapi_file_put(KIND_DEVICE, call->operand[0]);
	if (!IS_ERR(mm))
		mm_ops_unuse(call->operand[1], mm);
	return error;
}

static void bond_close(struct bond_file *bond)
{
	struct iommu_sva *handle = bond->handle;

	set(bond->running, 0);
	note_unregister_begin(bond);
	set(bond->state, BOND_CLOSING);
	core->unbind(handle);
	note_unregistered(bond, handle);
	set(bond->state, BOND_NONE);
	bond_check_unbound();
}

static void bond_file_put(unsigned nr, struct bond_file *bond)
{
	if (kapi_file_put(KIND_BOND, nr))
		bond_close(bond);
}

static int op_sva_unbind(const struct subject_call *call)
{
	struct bond_file *bond = kapi_file_close(KIND_BOND, call->operand[0]);

	if (!bond)
		return -ENOENT;
	bond_file_put(call->operand[0], bond);
	return 0;
}

static void share_bond(unsigned nr, unsigned mm_nr)
{
	struct bond_file *bond = kapi_file_get(KIND_BOND, nr);

	if (!bond)
		return;
	if (bond->mm_nr == mm_nr)
		kapi_file_share(KIND_BOND, nr);
	bond_file_put(nr, bond);
}

static void share_bonds(unsigned mm_nr)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		share_bond(nr, mm_nr);
}

/* ---- using a bond ---- */

static int op_sva_get_pasid(const struct subject_call *call)
{
	struct bond_file *bond = kapi_file_get(KIND_BOND, call->operand[0]);
	int pasid;

	if (!bond)
		return -ENOENT;
	pasid = core->get_pasid(bond->handle);
	bond_file_put(call->operand[0], bond);
	return pasid == IOMMU_PASID_INVALID ? -ESRCH : 0;
}

static int op_sva_dma(const struct subject_call *call)
{
	const struct bond_file *bond = &bonds[call->operand[0]];
	int pasid = get(bond->pasid);

	if (!get(bond->running) || pasid == IOMMU_PASID_INVALID)
		return -ENOENT;
	return fake_device_dma(get(bond->domain), pasid, call->operand[1]);
}

/* ---- release, again ---- */

static int again_bound(struct bond_file *bond, struct device *device)
{
	struct mm_struct *mm = mm_ops_use(bond->mm_nr);
	struct iommu_sva *handle;

	if (IS_ERR(mm))
		return (int)PTR_ERR(mm);
	handle = core->bind(device, mm, device);
	if (!IS_ERR(handle))
		core->unbind(handle);
	mm_ops_unuse(bond->mm_nr, mm);
	return IS_ERR(handle) ? (int)PTR_ERR(handle) : 0;
}

static int again_unregister(struct bond_file *bond)
{
	struct device *device = kapi_file_get(KIND_DEVICE, bond->device_nr);
	int error;

	if (!device)
		return -ENOENT;
	error = again_bound(bond, device);
	kapi_file_put(KIND_DEVICE, bond->device_nr);
	return error;
}

static int again_notifier(struct bond_file *bond, enum again again)
{
	struct mmu_notifier *mn = core->notifier_get(bond->handle);

	if (!mn)
		return -ESRCH;
	set(released_early[bond->mm_nr], 1);
	if (again == AGAIN_DRIVER)
		mn->ops->release(mn, mn->mm);
	else
		mmu_notifier_release_again(mn, mn->mm, again == AGAIN_LATE);
	core->notifier_put(mn);
	return 0;
}

static int op_sva_release_again(const struct subject_call *call)
{
	struct bond_file *bond = kapi_file_get(KIND_BOND, call->operand[0]);
	int error;

	if (!bond)
		return -ENOENT;
	if (call->operand[1] == AGAIN_UNREGISTER)
		error = again_unregister(bond);
	else
		error = again_notifier(bond, call->operand[1]);
	bond_file_put(call->operand[0], bond);
	return error;
}

/* ---- the end of a run ---- */

/* Files that share a bond are one. */
static bool is_first_of_bond(unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		if (bonds[i].state == BOND_OPEN && bonds[i].handle == bonds[nr].handle)
			return false;
	return bonds[nr].state == BOND_OPEN;
}

static void look_at_device(const void *device)
{
	unsigned bonds_nr = 0;

	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		bonds_nr += bonds[nr].device == device && is_first_of_bond(nr);
	core->at_rest(device, bonds_nr);
}

static void at_rest(void)
{
	mm_ops_at_rest();
	mm_ops_each_file(KIND_DEVICE, look_at_device);
}

static void close_bond(unsigned nr)
{
	struct bond_file *bond = mm_ops_close_file(KIND_BOND, nr);

	if (bond)
		bond_file_put(nr, bond);
}

/* A device that says it is busy now cannot be freed: it stays, as a leak. */
static void close_device(unsigned nr)
{
	struct device *device = mm_ops_close_file(KIND_DEVICE, nr);

	if (!device)
		return;
	kapi_file_put(KIND_DEVICE, nr);
	if (!switch_off(nr, device))
		device_free(device);
}

static void close_device_back(unsigned nr)
{
	struct device *device = mm_ops_close_file(KIND_DEVICE_BACK, nr);

	if (!device)
		return;
	kapi_file_put(KIND_DEVICE_BACK, nr);
	device_free(device);
}

static void close_all(void)
{
	fake_device_scan();
	for (unsigned nr = 0; !core->set_ops && nr < OBJECTS_MAX; nr++)
		bond_check_mm(&bonds[nr]);
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		close_bond(nr);
	mm_ops_close();
	fake_device_scan();
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		close_device(nr);
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		close_device_back(nr);
	mm_ops_settle();
	iommu_driver_check_pool();
}

/* ---- the tables ---- */

static const char *const kinds[KINDS] = {
	[KIND_MM] = "mm",
	[KIND_NOTIFIER] = "notifier",
	[KIND_DEVICE] = "device",
	[KIND_BOND] = "bond",
};

#define SUBJECT_MM_OPS "subject/bench/mm_ops.def"
#define SUBJECT_OPS "subject/core/sva.def"
#include "subject/tables.h"

static void begin(const struct sva_core *which)
{
	core = which;
	core->driver(&iommu_driver_ops);
	fake_device_reset();
	mm_ops_begin(share_bonds);
}

static void begin_clean(void)
{
	begin(&sva_core);
}

static void begin_v4(void)
{
	begin(&sva_v4_core);
}

static const struct descriptor descriptor_sva = {
	.name = "sva",
	.objects = kinds,
	.objects_nr = KINDS,
	.ops = ops,
	.ops_nr = ARRAY_SIZE(ops),
};

static const struct descriptor descriptor_sva_v4 = {
	.name = "sva_v4",
	.objects = kinds,
	.objects_nr = KINDS,
	.ops = ops,
	.ops_nr = ARRAY_SIZE(ops),
};

const struct subject subject_sva = {
	.descriptor = &descriptor_sva,
	.help = "SVA bonds and io_mm over get and put, with the lifetimes as they should have been",
	.begin = begin_clean,
	.op = run_op,
	.at_rest = at_rest,
	.close = close_all,
};

const struct subject subject_sva_v4 = {
	.descriptor = &descriptor_sva_v4,
	.help = "SVA as posted on 24 Feb 2020, with the bugs that its review implies",
	.posted = true,
	.begin = begin_v4,
	.op = run_op,
	.close = close_all,
};

#define FIX_OF_sva_v4(name, about, right, help) FIX_SUBJECT(name, about, right, help, begin_v4)
#define FIX_OF_hmm_v3 FIX_IS_NOT_OURS
#include "posted/fix.def"
