/*
 * vfs.c - what the VFS does with a driver's open files (vfs.h).
 *
 * A mapping's vm_ops are ours, in front of the driver's: exit and munmap close a mapping, and its use of
 * the file has to go with it. Under an exit that may run anywhere, so the use is dropped by a work.
 *
 * Left out: mappings that are split, and what fault() maps.
 *
 * Locks: mmap_lock, over the driver's mmap(), open(), close() and fault(); that of a parent before that
 * of its child.
 */
#include "subject/bench/vfs.h"

#include <string.h>

#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kapi/file.h"
#include "subject/bench/mm_ops.h"

struct vfs_file {
	struct file file;
	struct inode inode;
	unsigned kind, nr;
	unsigned mm_nr; /* whose process opened it */
	void (*released)(unsigned nr);
};

struct mapping {
	struct vm_area_struct vma; /* first: exit frees it */
	const struct vm_operations_struct *driver_ops;
	struct vfs_file *file;
};

/* Called with nothing held. A leak is told here: what the bench does next meets the lock that is still held. */
#define DRIVER_RETURNS(call) kapi_driver_returns(KAPI_SITE("return", call))

static uint8_t fputs_due[OBJECT_KINDS_MAX][OBJECTS_MAX]; /* uses that the work is to drop */

static void dup_mappings(struct mm_struct *parent, struct mm_struct *child);

/* ---- open and close ---- */

static int open_as(struct vfs_file *file, struct mm_struct *mm,
		   int (*open)(struct inode *inode, struct file *file))
{
	int error;

	current->mm = mm;
	error = open(&file->inode, &file->file);
	current->mm = NULL;
	DRIVER_RETURNS("open");
	return error;
}

static struct vfs_file *file_new(void)
{
	struct vfs_file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (file)
		process_file_init(&file->file, &file->inode);
	return file;
}

struct file *vfs_file_new(const struct file_operations *fops)
{
	struct vfs_file *file = file_new();

	if (file)
		file->file.f_op = fops;
	return file ? &file->file : NULL;
}

void vfs_file_install(struct file *opened, unsigned kind, unsigned nr, unsigned mm_nr)
{
	struct vfs_file *file = container_of(opened, struct vfs_file, file);

	file->kind = kind;
	file->nr = nr;
	file->mm_nr = mm_nr;
	kapi_file_install(kind, nr, file);
}

int vfs_open(unsigned kind, unsigned nr, unsigned mm_nr, struct mm_struct *mm,
	     int (*open)(struct inode *inode, struct file *file), void (*released)(unsigned nr))
{
	struct vfs_file *file = file_new();
	int error;

	if (!file)
		return -ENOMEM;
	mm_ops_dup_mmap_by(dup_mappings);
	error = open_as(file, mm, open);
	if (error) {
		kfree(file);
		return error;
	}
	file->released = released;
	vfs_file_install(&file->file, kind, nr, mm_nr);
	return 0;
}

void vfs_file_release(struct file *opened)
{
	struct vfs_file *file = container_of(opened, struct vfs_file, file);

	if (opened->f_op->release) {
		opened->f_op->release(&file->inode, opened);
		DRIVER_RETURNS("release");
	}
	if (file->released)
		file->released(file->nr);
	process_file_done(&file->inode);
	kfree(file);
}

/* The last use of a closed file releases it, unless the driver has a reference of its own. */
static void drop_use(unsigned kind, unsigned nr)
{
	struct vfs_file *file = kapi_file_peek(kind, nr);

	if (kapi_file_put(kind, nr) && process_file_put(&file->file))
		vfs_file_release(&file->file);
}

unsigned vfs_file_mm_nr(unsigned kind, unsigned nr)
{
	struct vfs_file *file = kapi_file_get(kind, nr);
	unsigned mm_nr = file ? file->mm_nr : 0;

	if (file)
		drop_use(kind, nr);
	return mm_nr;
}

#ifdef BOND_TREE
struct file *vfs_file_get(unsigned kind, unsigned nr)
{
	struct vfs_file *file = kapi_file_get(kind, nr);

	if (!file)
		return NULL;
	get_file(&file->file);
	drop_use(kind, nr);
	return &file->file;
}
#endif

int vfs_close(unsigned kind, unsigned nr)
{
	struct vfs_file *file = kapi_file_get(kind, nr);

	if (!file)
		return -ENOENT;
	if (file->file.f_op->flush) {
		file->file.f_op->flush(&file->file, file);
		DRIVER_RETURNS("flush");
	}
	if (kapi_file_close(kind, nr))
		drop_use(kind, nr);
	drop_use(kind, nr);
	return 0;
}

long vfs_ioctl(unsigned kind, unsigned nr, unsigned command, unsigned long argument)
{
	struct vfs_file *file = kapi_file_get(kind, nr);
	long error = -ENOTTY;

	if (!file)
		return -ENOENT;
	if (file->file.f_op->unlocked_ioctl) {
		error = file->file.f_op->unlocked_ioctl(&file->file, command, argument);
		DRIVER_RETURNS("ioctl");
	}
	drop_use(kind, nr);
	return error;
}

long vfs_with_file(unsigned kind, unsigned nr, long (*work)(struct file *file, void *arg),
		   void *arg)
{
	struct vfs_file *file = kapi_file_get(kind, nr);
	struct mm_struct *mm;
	long said;

	if (!file)
		return -ENOENT;
	mm = mm_ops_use(file->mm_nr);
	said = IS_ERR(mm) ? PTR_ERR(mm) : 0;
	if (!said) {
		current->mm = mm;
		said = work(&file->file, arg);
		current->mm = NULL;
		DRIVER_RETURNS("system call");
		mm_ops_unuse(file->mm_nr, mm);
	}
	drop_use(kind, nr);
	return said;
}

/* ---- mappings ---- */

static void driver_close(struct mapping *mapping)
{
	if (mapping->driver_ops && mapping->driver_ops->close)
		mapping->driver_ops->close(&mapping->vma);
}

static void drop_due(struct work_struct *work)
{
	for (unsigned kind = 0; kind < OBJECT_KINDS_MAX; kind++)
		for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
			while (kapi_atomic_load(&fputs_due[kind][nr], __ATOMIC_RELAXED)) {
				__atomic_fetch_sub(&fputs_due[kind][nr], 1, __ATOMIC_RELAXED);
				drop_use(kind, nr);
			}
}

static DECLARE_WORK(fput_work, drop_due);
KAPI_STAYS(drop_due);

/* By exit, which frees @vma next. */
static void mapping_close(struct vm_area_struct *vma)
{
	struct mapping *mapping = container_of(vma, struct mapping, vma);

	driver_close(mapping);
	__atomic_fetch_add(&fputs_due[mapping->file->kind][mapping->file->nr], 1, __ATOMIC_RELAXED);
	schedule_work(&fput_work);
}

static const struct vm_operations_struct mapping_ops = {.close = mapping_close};

/* mmap_lock is held for write. */
static void mapping_link(struct mapping *mapping, struct mm_struct *mm)
{
	process_vma_next(&mapping->vma) = process_vmas(mm);
	process_vmas(mm) = &mapping->vma;
}

/* mmap_lock is held for write. */
static int map_locked(struct mapping *mapping, struct mm_struct *mm)
{
	struct vm_area_struct *vma = &mapping->vma;
	struct file *file = &mapping->file->file;
	int error;

	process_vma_init(vma, mm);
	vma->vm_file = file;
	error = file->f_op->mmap(file, vma);
	if (error)
		return error;
	mapping->driver_ops = vma->vm_ops;
	vma->vm_ops = &mapping_ops;
	mapping_link(mapping, mm);
	return 0;
}

static int map_file(struct vfs_file *file, struct mm_struct *mm, unsigned start, unsigned pages)
{
	struct mapping *mapping = kzalloc(sizeof(*mapping), GFP_KERNEL);
	int error;

	if (!mapping)
		return -ENOMEM;
	mapping->file = file;
	mapping->vma.vm_start = process_address(start);
	mapping->vma.vm_end = process_address(start + pages);
	mmap_write_lock(mm);
	error = map_locked(mapping, mm);
	mmap_write_unlock(mm);
	if (error)
		kfree(mapping);
	return error;
}

int vfs_mmap(unsigned kind, unsigned nr, struct mm_struct *mm, unsigned start, unsigned pages)
{
	struct vfs_file *file = kapi_file_get(kind, nr);
	int error = -ENODEV;

	if (!file)
		return -ENOENT;
	if (file->file.f_op->mmap)
		error = map_file(file, mm, start, pages);
	if (error)
		drop_use(kind, nr); /* else the use is the mapping's */
	return error;
}

/* Both mmap_locks are held for write. Without memory for it the child has no mapping. */
static void dup_mapping(const struct mapping *old, struct mm_struct *child)
{
	struct mapping *mapping = kmalloc(sizeof(*mapping), GFP_KERNEL);

	if (!mapping)
		return;
	memcpy(mapping, old, sizeof(*mapping));
	process_vma_init(&mapping->vma, child);
	kapi_file_hold(mapping->file->kind, mapping->file->nr);
	if (mapping->driver_ops && mapping->driver_ops->open)
		mapping->driver_ops->open(&mapping->vma);
	mapping_link(mapping, child);
}

static void dup_mappings(struct mm_struct *parent, struct mm_struct *child)
{
	mmap_write_lock(parent);
	mmap_write_lock(child);
	for (struct vm_area_struct *vma = process_vmas(parent); vma; vma = process_vma_next(vma))
		if (vma->vm_ops == &mapping_ops)
			dup_mapping(container_of(vma, struct mapping, vma), child);
	mmap_write_unlock(child);
	mmap_write_unlock(parent);
}

/* mmap_lock is held for write. Returns: a mapping that nobody finds any more, or NULL. */
static struct mapping *take_mapping(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	for (struct vm_area_struct **at = &process_vmas(mm); *at; at = &process_vma_next(*at)) {
		struct vm_area_struct *vma = *at;

		if (vma->vm_ops != &mapping_ops || vma->vm_start >= end || start >= vma->vm_end)
			continue;
		*at = process_vma_next(vma);
		return container_of(vma, struct mapping, vma);
	}
	return NULL;
}

/* Returns: was there one? */
static bool unmap_one(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct mapping *mapping;

	mmap_write_lock(mm);
	mapping = take_mapping(mm, start, end);
	if (mapping)
		driver_close(mapping);
	mmap_write_unlock(mm);
	if (!mapping)
		return false;
	drop_use(mapping->file->kind, mapping->file->nr);
	kfree(mapping);
	return true;
}

int vfs_munmap(struct mm_struct *mm, unsigned start, unsigned pages)
{
	unsigned end = min(start + pages, (unsigned)MM_PAGES);
	int closed = 0;

	for (unsigned page = start; page < end; page++)
		zap_page(mm, process_address(page));
	while (unmap_one(mm, process_address(start), process_address(end)))
		closed++;
	return closed;
}

/* mmap_lock is held. */
static int fault_in(struct mapping *mapping, unsigned long address)
{
	struct vm_area_struct *vma = &mapping->vma;
	struct vm_fault fault = {
		.vma = vma,
		.address = address,
		.pgoff = vma->vm_pgoff + process_page_nr(address - vma->vm_start),
	};
	vm_fault_t said;

	if (!mapping->driver_ops || !mapping->driver_ops->fault)
		return -EFAULT;
	said = mapping->driver_ops->fault(&fault);
	if (said & VM_FAULT_ERROR)
		return -EFAULT;
	process_fault_page(fault.page);
	return 0;
}

int vfs_touch(struct mm_struct *mm, unsigned page_nr)
{
	unsigned long address = process_address(page_nr);
	struct vm_area_struct *vma;
	int error = -EFAULT;

	mmap_read_lock(mm);
	for (vma = process_vmas(mm); vma; vma = process_vma_next(vma))
		if (vma->vm_ops == &mapping_ops && vma->vm_start <= address &&
		    address < vma->vm_end)
			break;
	if (vma)
		error = fault_in(container_of(vma, struct mapping, vma), address);
	mmap_read_unlock(mm);
	return error;
}

/* ---- a run ---- */

static unsigned file_mm_nr(const void *file)
{
	return ((const struct vfs_file *)file)->mm_nr;
}

void vfs_fork(unsigned kind, unsigned mm_nr)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		struct vfs_file *file = kapi_file_get(kind, nr);

		if (!file)
			continue;
		if (file_mm_nr(file) == mm_nr)
			kapi_file_share(kind, nr);
		drop_use(kind, nr);
	}
}

void vfs_close_all(unsigned kind)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		while (kapi_file_is_open(kind, nr))
			vfs_close(kind, nr);
}

void vfs_settle(void)
{
	flush_scheduled_work();
}
