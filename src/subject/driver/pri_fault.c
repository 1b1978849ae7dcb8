/*
 * pri_fault.c - page requests of a device (pri.c): interrupt, work, answer; and a page that a process
 * wants there before the device asks for it.
 *
 * Each request is a work. It holds a count of its bond, so an unbind waits for it, and a user of the
 * mm while it faults the page in. When requests overflow, the restart work waits for those that are
 * queued and lets the device go on.
 *
 * Locks: device->lock -> mmap_lock -> page_table_lock. No mmput under any of them, since it may be
 * the last: then release runs here, and takes device->lock.
 */
#include "subject/driver/pri.h"

#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "subject/bench/device.h"
#include "kapi/process.h"
#include "zoo/defect.h"

struct fault {
	struct work_struct work;
	struct bond *bond;
	unsigned long address;
};

static DEFINE_MUTEX(start_mutex);
static struct workqueue_struct *fault_wq; /* under start_mutex until it is there */
static bool overflowed;

/* ---- page requests ---- */

static int fault_in(struct mm_struct *mm, unsigned long address)
{
	int error;

	mmap_read_lock(mm);
	error = handle_mm_fault(mm, address);
	mmap_read_unlock(mm);
	return error;
}

static int bad_address(struct mm_struct *mm)
{
	if (!defect(pri_handle_keeps_user))
		mmput(mm);
	return -EFAULT;
}

/* The mmput may run the exit here, with our own release in it. */
static int pri_handle(struct bond *bond, unsigned long address)
{
	struct mm_struct *mm = bond->mm;
	int error;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	if (process_page_nr(address) >= MM_PAGES)
		return bad_address(mm);
	error = fault_in(mm, address);
	mmput(mm);
	return error;
}

/* An answer makes the device try again. */
static void fault_work(struct work_struct *work)
{
	struct fault *fault = container_of(work, struct fault, work);
	struct bond *bond = fault->bond;

	if (!pri_handle(bond, fault->address))
		fake_device_dma(bond->device->nr, bond->pasid, process_page_nr(fault->address));
	pri_put(bond);
	kfree(fault);
}

static int no_memory(struct bond *bond)
{
	if (!defect(pri_report_keeps_bond))
		pri_put(bond);
	return -ENOMEM;
}

static int queue_fault(struct bond *bond, unsigned long address)
{
	struct fault *fault = kzalloc(sizeof(*fault), GFP_ATOMIC);
	if (!fault)
		return no_memory(bond);
	fault->bond = bond;
	fault->address = address;
	INIT_WORK(&fault->work, fault_work);
	queue_work(fault_wq, &fault->work);
	return 0;
}

int pri_report(unsigned pasid, unsigned long address)
{
	struct bond *bond;

	if (READ_ONCE(overflowed))
		return -EBUSY;
	bond = pri_get(pasid);
	return bond ? queue_fault(bond, address) : -ENOENT;
}

/* ---- start, stop, overflow ---- */

static void restart_requests(struct work_struct *work)
{
	pri_wait_for_requests();
	WRITE_ONCE(overflowed, false);
}

static DECLARE_WORK(restart_work, restart_requests);

void pri_overflow(void)
{
	WRITE_ONCE(overflowed, true);
	schedule_work(&restart_work);
}

void pri_wait_for_requests(void)
{
	flush_workqueue(fault_wq);
}

void pri_wait_for_restart(void)
{
	flush_work(&restart_work);
}

int pri_start_requests(void)
{
	int error = 0;

	mutex_lock(&start_mutex);
	if (!fault_wq)
		fault_wq = alloc_workqueue("pri_faults", 0, 0);
	if (!fault_wq)
		error = -ENOMEM;
	mutex_unlock(&start_mutex);
	return error;
}

void pri_stop_requests(void)
{
	pri_wait_for_restart();
	if (fault_wq)
		destroy_workqueue(fault_wq);
}

/* ---- a page before it is needed ---- */

/* Under the lock under which entries change and devices are flushed. */
static void push_page(struct bond *bond, struct mm_struct *mm, unsigned long address)
{
	unsigned nr = process_page_nr(address);

	spin_lock(&process_page_lock(mm));
	if (process_table(mm) != bond->pgd)
		kapi_verdict(RULE_wrong_mm, bond, "the device gets a page of another address space",
			     KAPI_SITE("push_page", "the device is given a page"));
	fake_device_map(bond->device->nr, bond->pasid, nr, process_table(mm)->page[nr]);
	spin_unlock(&process_page_lock(mm));
}

static int map_locked(struct bond *bond, struct mm_struct *mm, unsigned long address)
{
	int error;

	lockdep_assert_held(&bond->device->lock);
	if (bond->stopped)
		return -ESHUTDOWN;
	error = fault_in(mm, address);
	if (!error)
		push_page(bond, mm, address);
	return error;
}

/* Who calls may be another process than the one that is bound: a child, or one that got the file. */
int pri_map(struct bond *bond, unsigned long address)
{
	struct mm_struct *mm = bond->mm;
	int error;

	if (defect(pri_map_uses_current))
		mm = current->mm;
	if (!mmget_not_zero(mm))
		return -ESRCH;
	mutex_lock(&bond->device->lock);
	error = map_locked(bond, mm, address);
	if (defect(pri_map_puts_under_lock))
		mmput(mm);
	mutex_unlock(&bond->device->lock);
	if (!defect(pri_map_puts_under_lock))
		mmput(mm);
	return error;
}
