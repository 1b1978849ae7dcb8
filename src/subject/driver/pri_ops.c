/*
 * pri_ops.c - the users and the hardware of a device with page requests (pri.c).
 *
 * A device and a bond are files. An op that uses one holds the file, so a bind is undone once, by
 * the last one out, who may be the exit of a process that has the file mapped: then the close goes
 * to a work, as the kernel's delayed fput, since the exit may be one that the close has to wait for.
 * A file of a bond keeps the device's open. The hardware holds neither: what it knows is in wires[].
 *
 * At most two works wait for works at a time: the delayed fput and the restart of requests.
 */
#define SUBJECT_OPS "subject/driver/pri.def"
#include "subject/kinds.h"

#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "subject/bench/device.h"
#include "subject/driver/pri.h"

#define get(word) kapi_atomic_load(&(word), __ATOMIC_RELAXED)
#define set(word, value) kapi_atomic_store(&(word), (value), __ATOMIC_RELAXED)

/* What the hardware was told; it knows it without any lock. */
struct wire {
	uint8_t running, device, pasid;
};

static struct wire wires[OBJECTS_MAX]; /* by file of a bond */

/* ---- devices ---- */

static int op_pri_device_open(const struct subject_call *call)
{
	struct device *device;

	if (pri_start_requests())
		return -ENOMEM;
	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	kapi_name(device, "device", call->result);
	mutex_init(&device->lock);
	device->nr = call->result;
	kapi_file_install(KIND_DEVICE, call->result, device);
	return 0;
}

static void device_put(unsigned nr, void *device)
{
	if (kapi_file_put(KIND_DEVICE, nr))
		kfree(device);
}

static int op_pri_device_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_DEVICE, call, device_put);
}

static int op_pri_overflow(const struct subject_call *call)
{
	struct device *device = kapi_file_get(KIND_DEVICE, call->operand[0]);

	if (!device)
		return -ENOENT;
	pri_overflow();
	device_put(call->operand[0], device);
	return 0;
}

/* ---- bonds ---- */

static void start_wire(unsigned nr, const struct bond *bond)
{
	set(wires[nr].device, bond->device->nr);
	set(wires[nr].pasid, (uint8_t)bond->pasid);
	set(wires[nr].running, 1);
}

/* The bond's file keeps the device's until it is closed. */
static int bond_open(const struct subject_call *call, struct device *device, struct mm_struct *mm)
{
	struct bond *bond = pri_bind(device, mm, call->result, call->operand[1]);

	if (IS_ERR(bond)) {
		device_put(call->operand[0], device);
		return (int)PTR_ERR(bond);
	}
	start_wire(call->result, bond);
	kapi_file_install(KIND_BOND, call->result, bond);
	return 0;
}

static int op_pri_bind(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_use(call->operand[1]);
	struct device *device;
	int error = -ENOENT;

	if (IS_ERR(mm))
		return (int)PTR_ERR(mm);
	device = kapi_file_get(KIND_DEVICE, call->operand[0]);
	if (device)
		error = bond_open(call, device, mm);
	mm_ops_unuse(call->operand[1], mm);
	return error;
}

static int bond_close(unsigned nr, struct bond *bond)
{
	struct device *device = bond->device;
	int error;

	set(wires[nr].running, 0);
	error = pri_unbind(bond);
	device_put(device->nr, device);
	return error;
}

static int bond_file_put(unsigned nr, struct bond *bond)
{
	return kapi_file_put(KIND_BOND, nr) ? bond_close(nr, bond) : 0;
}

static int op_pri_unbind(const struct subject_call *call)
{
	struct bond *bond = kapi_file_close(KIND_BOND, call->operand[0]);

	if (!bond)
		return -ENOENT;
	return bond_file_put(call->operand[0], bond);
}

static int op_pri_map(const struct subject_call *call)
{
	struct bond *bond = kapi_file_get(KIND_BOND, call->operand[0]);
	struct mm_struct *mm;
	int error;

	if (!bond)
		return -ENOENT;
	mm = mm_ops_use(call->operand[1]);
	error = IS_ERR(mm) ? (int)PTR_ERR(mm) : 0;
	if (!error) {
		current->mm = mm;
		error = pri_map(bond, process_address(call->operand[2]));
		current->mm = NULL;
		mm_ops_unuse(call->operand[1], mm);
	}
	bond_file_put(call->operand[0], bond);
	return error;
}

/* ---- a mapping of the file ---- */

static uint8_t fputs_due[OBJECTS_MAX]; /* uses of files of bonds that are to be put */

static void delayed_fput(struct work_struct *work)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		for (; get(fputs_due[nr]); __atomic_fetch_sub(&fputs_due[nr], 1, __ATOMIC_RELAXED))
			bond_file_put(nr, kapi_file_peek(KIND_BOND, nr));
}

static DECLARE_WORK(fput_work, delayed_fput);
KAPI_STAYS(delayed_fput);

static void vma_close(struct vm_area_struct *vma)
{
	unsigned nr = (unsigned)(uintptr_t)vma->vm_private_data;

	__atomic_fetch_add(&fputs_due[nr], 1, __ATOMIC_RELAXED);
	schedule_work(&fput_work);
}

static const struct vm_operations_struct vm_ops = {.close = vma_close};

static int map_file(unsigned nr, struct mm_struct *mm)
{
	struct vm_area_struct *vma = kzalloc(sizeof(*vma), GFP_KERNEL);

	if (!vma)
		return -ENOMEM;
	vma->vm_ops = &vm_ops;
	vma->vm_private_data = (void *)(uintptr_t)nr;
	insert_vm_struct(mm, vma);
	return 0;
}

/* The use of the file is the mapping's from here on. */
static int op_pri_mmap(const struct subject_call *call)
{
	struct bond *bond = kapi_file_get(KIND_BOND, call->operand[0]);
	struct mm_struct *mm;
	int error;

	if (!bond)
		return -ENOENT;
	mm = mm_ops_use(call->operand[1]);
	error = IS_ERR(mm) ? (int)PTR_ERR(mm) : map_file(call->operand[0], mm);
	if (error)
		bond_file_put(call->operand[0], bond);
	if (!IS_ERR(mm))
		mm_ops_unuse(call->operand[1], mm);
	return error;
}

/* ---- the hardware ---- */

static int request(const struct wire *wire, unsigned long address)
{
	int error;

	non_block_start();
	error = pri_report(get(wire->pasid), address);
	non_block_end();
	return error;
}

/* Interrupts come while there is a device. */
static int op_pri_fault(const struct subject_call *call)
{
	const struct wire *wire = &wires[call->operand[0]];
	unsigned device_nr = get(wire->device);
	struct device *device;
	int error;

	if (!get(wire->running))
		return -ENOENT;
	device = kapi_file_get(KIND_DEVICE, device_nr);
	if (!device)
		return -ENOENT;
	error = request(wire, process_address(call->operand[1]));
	device_put(device_nr, device);
	return error;
}

static int op_pri_dma(const struct subject_call *call)
{
	const struct wire *wire = &wires[call->operand[0]];

	if (!get(wire->running))
		return -ENOENT;
	return fake_device_dma(get(wire->device), get(wire->pasid), call->operand[1]);
}

/* ---- files across fork, and the end of a run ---- */

static unsigned bond_mm_nr(const void *bond)
{
	return ((const struct bond *)bond)->mm_nr;
}

static void put_bond(unsigned nr, void *bond)
{
	bond_file_put(nr, bond);
}

static void fork_files(unsigned mm_nr)
{
	mm_ops_share_files(KIND_BOND, mm_nr, bond_mm_nr, put_bond);
}

static void look_at_bond(const void *object)
{
	const struct bond *bond = object;

	AT_REST(bond, bond->mm_exit_active, 0);
	AT_REST(bond, bond->count.refs, 1);
}

static void at_rest(void)
{
	mm_ops_each_file(KIND_BOND, look_at_bond);
}

static void begin(void)
{
}

static void close_files(void)
{
	mm_ops_close_files(KIND_BOND, put_bond);
	mm_ops_close_files(KIND_DEVICE, device_put);
}

/* An exit may be pending too, which closes files; so the order counts. */
static void unload(void)
{
	flush_workqueue(system_wq);
	flush_work(&fput_work);
	pri_stop_requests();
}

#define SUBJECT_NAME "pri"
#define SUBJECT_SYMBOL subject_pri
#define SUBJECT_HELP "a device that requests pages: counted binds, a fault worker, mm_exit"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN begin
#define SUBJECT_FORK fork_files
#define SUBJECT_CLOSE close_files
#define SUBJECT_UNLOAD unload
#define SUBJECT_AT_REST at_rest
#include "subject/define.h"
