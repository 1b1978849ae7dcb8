/*
 * vfs.c - what the VFS does with a driver's open files (vfs.h).
 *
 * A mapping's vm_ops are ours, in front of the driver's: exit and munmap close a mapping, and its use of
 * the file has to go with it. Under an exit that may run anywhere, so the use is dropped by a work.
 *
 * Locks: mmap_lock, over the driver's mmap() and close(); none of its own.
 */
#include "subject/bench/vfs.h"

#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kapi/file.h"
#include "kapi/process.h"
#include "subject/bench/mm_ops.h"

struct vfs_file {
	struct file file;
	struct inode inode;
	unsigned mm_nr; /* whose process opened it */
	void (*released)(unsigned nr);
};

struct mapping {
	struct vm_area_struct vma; /* first: exit frees it */
	const struct vm_operations_struct *driver_ops;
	unsigned kind, nr; /* of the file */
};

static uint8_t fputs_due[OBJECT_KINDS_MAX][OBJECTS_MAX]; /* uses that the work is to drop */

/* ---- open and close ---- */

static int open_as(struct vfs_file *file, struct mm_struct *mm,
		   int (*open)(struct inode *inode, struct file *file))
{
	int error;

	current->mm = mm;
	error = open(&file->inode, &file->file);
	current->mm = NULL;
	return error;
}

int vfs_open(unsigned kind, unsigned nr, unsigned mm_nr, struct mm_struct *mm,
	     int (*open)(struct inode *inode, struct file *file), void (*released)(unsigned nr))
{
	struct vfs_file *file = kzalloc(sizeof(*file), GFP_KERNEL);
	int error;

	if (!file)
		return -ENOMEM;
	error = open_as(file, mm, open);
	if (error) {
		kfree(file);
		return error;
	}
	file->mm_nr = mm_nr;
	file->released = released;
	kapi_file_install(kind, nr, file);
	return 0;
}

/* Drops a use. The last one of a closed file releases it. */
static void fput(unsigned kind, unsigned nr)
{
	struct vfs_file *file = kapi_file_peek(kind, nr);

	if (!kapi_file_put(kind, nr))
		return;
	if (file->file.f_op->release)
		file->file.f_op->release(&file->inode, &file->file);
	if (file->released)
		file->released(nr);
	kfree(file);
}

int vfs_close(unsigned kind, unsigned nr)
{
	struct vfs_file *file = kapi_file_get(kind, nr);

	if (!file)
		return -ENOENT;
	if (file->file.f_op->flush)
		file->file.f_op->flush(&file->file, file);
	if (kapi_file_close(kind, nr))
		fput(kind, nr);
	fput(kind, nr);
	return 0;
}

long vfs_ioctl(unsigned kind, unsigned nr, unsigned command, unsigned long argument)
{
	struct vfs_file *file = kapi_file_get(kind, nr);
	long error = -ENOTTY;

	if (!file)
		return -ENOENT;
	if (file->file.f_op->unlocked_ioctl)
		error = file->file.f_op->unlocked_ioctl(&file->file, command, argument);
	fput(kind, nr);
	return error;
}

/* ---- mappings ---- */

static void driver_close(struct mapping *mapping)
{
	if (mapping->driver_ops && mapping->driver_ops->close)
		mapping->driver_ops->close(&mapping->vma);
}

static void delayed_fput(struct work_struct *work)
{
	for (unsigned kind = 0; kind < OBJECT_KINDS_MAX; kind++)
		for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
			while (kapi_atomic_load(&fputs_due[kind][nr], __ATOMIC_RELAXED)) {
				__atomic_fetch_sub(&fputs_due[kind][nr], 1, __ATOMIC_RELAXED);
				fput(kind, nr);
			}
}

static DECLARE_WORK(fput_work, delayed_fput);
KAPI_STAYS(delayed_fput);

/* By exit, which frees @vma next. */
static void mapping_close(struct vm_area_struct *vma)
{
	struct mapping *mapping = container_of(vma, struct mapping, vma);

	driver_close(mapping);
	__atomic_fetch_add(&fputs_due[mapping->kind][mapping->nr], 1, __ATOMIC_RELAXED);
	schedule_work(&fput_work);
}

static const struct vm_operations_struct mapping_ops = {.close = mapping_close};

/* mmap_lock is held for write. */
static int mapping_link(struct mapping *mapping, struct vfs_file *file, struct mm_struct *mm)
{
	struct vm_area_struct *vma = &mapping->vma;
	int error = file->file.f_op->mmap(&file->file, vma);

	if (error)
		return error;
	mapping->driver_ops = vma->vm_ops;
	vma->vm_ops = &mapping_ops;
	vma->vm_next = mm->mmap;
	mm->mmap = vma;
	return 0;
}

static int map_file(struct vfs_file *file, const struct mapping *like)
{
	struct mapping *mapping = kzalloc(sizeof(*mapping), GFP_KERNEL);
	struct mm_struct *mm = like->vma.vm_mm;
	int error;

	if (!mapping)
		return -ENOMEM;
	*mapping = *like;
	mapping->vma.vm_file = &file->file;
	mmap_write_lock(mm);
	error = mapping_link(mapping, file, mm);
	mmap_write_unlock(mm);
	if (error)
		kfree(mapping);
	return error;
}

int vfs_mmap(unsigned kind, unsigned nr, struct mm_struct *mm, unsigned start, unsigned pages)
{
	struct vfs_file *file = kapi_file_get(kind, nr);
	struct mapping like = {
		.vma = {.vm_mm = mm,
			.vm_start = process_address(start),
			.vm_end = process_address(start + pages)},
		.kind = kind,
		.nr = nr,
	};
	int error = -ENODEV;

	if (!file)
		return -ENOENT;
	if (file->file.f_op->mmap)
		error = map_file(file, &like);
	if (error)
		fput(kind, nr); /* else the use is the mapping's */
	return error;
}

/* mmap_lock is held for write. Returns: a mapping that nobody finds any more, or NULL. */
static struct mapping *take_mapping(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	for (struct vm_area_struct **at = &mm->mmap; *at; at = &(*at)->vm_next) {
		struct vm_area_struct *vma = *at;

		if (vma->vm_ops != &mapping_ops || vma->vm_start >= end || start >= vma->vm_end)
			continue;
		*at = vma->vm_next;
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
	fput(mapping->kind, mapping->nr);
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
		fput(kind, nr);
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
