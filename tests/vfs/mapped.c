/*
 * mapped.c - a character device whose files are mapped, for vfs_test.c. Its object lives from open()
 * to release(); a mapping counts itself, which is right only while the file is kept for it. With
 * mapped_bug on, the object goes with the first close() instead.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "tests/vfs/mapped.h"

struct region {
	atomic_t mappings, flushes;
};

static void region_close(struct vm_area_struct *vma)
{
	struct region *region = vma->vm_private_data;

	WARN_ON(!vma->vm_file || !PAGE_ALIGNED(vma->vm_start));
	WARN_ON(vma->vm_end - vma->vm_start != 2 * PAGE_SIZE);
	atomic_dec(&region->mappings);
}

static const struct vm_operations_struct region_vm_ops = {.close = region_close};

static int mapped_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct region *region = file->private_data;

	lockdep_assert_held(&vma->vm_mm->mmap_lock);
	atomic_inc(&region->mappings);
	vma->vm_ops = &region_vm_ops;
	vma->vm_private_data = region;
	return 0;
}

static int mapped_flush(struct file *file, fl_owner_t id)
{
	struct region *region = file->private_data;

	atomic_inc(&region->flushes);
	if (mapped_bug)
		kfree(region);
	return 0;
}

static long mapped_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct region *region = file->private_data;

	return atomic_read(&region->mappings);
}

static int mapped_release(struct inode *inode, struct file *file)
{
	struct region *region = file->private_data;

	if (mapped_bug)
		return 0;
	WARN_ON(atomic_read(&region->mappings));
	WARN_ON(!atomic_read(&region->flushes));
	kfree(region);
	return 0;
}

static const struct file_operations mapped_fops = {
	.release = mapped_release,
	.unlocked_ioctl = mapped_ioctl,
	.mmap = mapped_mmap,
	.flush = mapped_flush,
};

int mapped_open(struct inode *inode, struct file *file)
{
	struct region *region = kzalloc(sizeof(*region), GFP_KERNEL);

	WARN_ON(!current->mm);
	if (!region)
		return -ENOMEM;
	file->f_op = &mapped_fops;
	file->private_data = region;
	return 0;
}
