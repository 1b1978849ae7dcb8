/*
 * kfd_process_tree.c - the half of the bench in the tree's types: what /dev/kfd's files, an interrupt and
 * an eviction make kfd_process.c do.
 *
 * No GPU is there: a process has no data of devices, so queues, apertures and buffers are nothing. What is
 * left is the life of the state of a process: made by the first open, found by mm and by PASID, taken out
 * by exit, freed by a work when the last reference is gone. The parts of amdkfd that it calls for the rest
 * are stubs, or, where the kernel's can fail, fail here.
 *
 * Left out: devices, sysfs, debugging of another process, and suspend.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kfd_priv.h"

#include "kapi/bench.h"

#define PASIDS 4u

struct bond_kfd {
	struct kfd_process *process;
};

#define TASKS 16u	/* threads that open files in a run */
#define REFERENCES 1000 /* of a thread that stays */

static DEFINE_MUTEX(probe_mutex);
static bool probed;
static struct task_struct *openers[TASKS]; /* under probe_mutex */
static DEFINE_SPINLOCK(pasid_lock);
static unsigned long pasids;

/* ---- the rest of amdkfd ---- */

u32 kfd_pasid_alloc(void)
{
	u32 pasid;

	spin_lock(&pasid_lock);
	for (pasid = 1; pasid <= PASIDS && pasids & (1ul << pasid); pasid++)
		;
	if (pasid <= PASIDS)
		pasids |= 1ul << pasid;
	spin_unlock(&pasid_lock);
	return pasid <= PASIDS ? pasid : 0;
}

void kfd_pasid_free(u32 pasid)
{
	spin_lock(&pasid_lock);
	WARN_ON(!(pasids & (1ul << pasid)));
	pasids &= ~(1ul << pasid);
	spin_unlock(&pasid_lock);
}

static int may_fail(struct kfd_process *p, struct site *site)
{
	return kapi_should_fail(p, site) ? -ENOMEM : 0;
}

int pqm_init(struct process_queue_manager *pqm, struct kfd_process *p)
{
	return may_fail(p, KAPI_SITE("pqm_init", "no memory for queues"));
}

int kfd_init_apertures(struct kfd_process *p)
{
	return may_fail(p, KAPI_SITE("kfd_init_apertures", "no memory for a device's data"));
}

/* ---- files ---- */

static bool probe(void)
{
	mutex_lock(&probe_mutex);
	if (!probed)
		probed = !kfd_process_create_wq();
	mutex_unlock(&probe_mutex);
	return READ_ONCE(probed);
}

/* Its task stays, and when the module goes nobody else may hold a reference. */
static void add_opener(struct task_struct *task)
{
	unsigned int i = 0;

	mutex_lock(&probe_mutex);
	while (i < TASKS && openers[i] && openers[i] != task)
		i++;
	if (i < TASKS && !openers[i]) {
		refcount_set(&task->usage, REFERENCES);
		openers[i] = task;
	}
	mutex_unlock(&probe_mutex);
}

static void check_openers(void)
{
	for (unsigned int i = 0; i < TASKS && openers[i]; i++)
		WARN_ON(refcount_read(&openers[i]->usage) != REFERENCES);
}

/* The opening thread is the leader of its process's one thread. */
static struct kfd_process *create_in(struct mm_struct *mm)
{
	struct kfd_process *process;

	add_opener(current);
	current->mm = mm;
	current->group_leader = current;
	process = kfd_create_process(current);
	current->mm = NULL;
	return process;
}

void *bond_kfd_open(void *mm)
{
	struct bond_kfd *file = probe() ? kzalloc(sizeof(*file), GFP_KERNEL) : NULL;

	if (!file)
		return NULL;
	file->process = create_in(mm);
	if (!IS_ERR(file->process))
		return file;
	kfree(file);
	return NULL;
}

/* A file may be used after its process's exit, by who has got it. */
int bond_kfd_ioctl(void *at)
{
	struct bond_kfd *file = at;

	mutex_lock(&file->process->mutex);
	mutex_unlock(&file->process->mutex);
	return 0;
}

void bond_kfd_close(void *at)
{
	struct bond_kfd *file = at;

	kfd_unref_process(file->process);
	kfree(file);
}

/* ---- lookups ---- */

static int use(struct kfd_process *process)
{
	if (!process)
		return -ESRCH;
	kfd_process_evict_queues(process, 0);
	kfd_unref_process(process);
	return 0;
}

int bond_kfd_quiesce(void *mm)
{
	return use(kfd_lookup_process_by_mm(mm));
}

/* A debugger, by a thread of the process. */
int bond_kfd_debug(void *mm)
{
	int error;

	add_opener(current);
	current->mm = mm;
	error = use(kfd_lookup_process_by_pid(NULL));
	current->mm = NULL;
	return error;
}

int bond_kfd_interrupt(unsigned int pasid)
{
	return use(kfd_lookup_process_by_pasid(pasid));
}

/* The module goes: its files are closed, and the processes may still be there. */
void bond_kfd_unload(void)
{
	if (!probed)
		return;
	kfd_cleanup_processes();
	kfd_process_destroy_wq();
	check_openers();
	probed = false;
}
