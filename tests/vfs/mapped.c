/*
 * mapped.c - a character device whose files are mapped, for vfs_test.c and for world tree.
 *
 * Its object lives from open() to release(); a mapping counts itself in it, which is right only while
 * the file is kept for it. What a mapping shows is a buffer of its own that fork's copies share: the last
 * close frees it. Each file may be broken in one way: the object goes with the first close() of the
 * file, or a copy of a mapping does not count.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "tests/vfs/mapped.h"

struct region {
	atomic_t mappings, flushes;
	bool frees_in_flush, copies_uncounted;
};

struct buffer {
	struct region *region;
	refcount_t refs; /* mappings that show it */
	int faults;	 /* a counter of events: nobody minds if one is lost */
};

/* ---- mappings ---- */

static void buffer_open(struct vm_area_struct *vma)
{
	struct buffer *buffer = vma->vm_private_data;

	WARN_ON(!vma->vm_file || file_inode(vma->vm_file) == NULL);
	atomic_inc(&buffer->region->mappings);
	if (!buffer->region->copies_uncounted)
		refcount_inc(&buffer->refs);
}

static void buffer_close(struct vm_area_struct *vma)
{
	struct buffer *buffer = vma->vm_private_data;

	WARN_ON(!vma->vm_file || !PAGE_ALIGNED(vma->vm_start));
	WARN_ON(vma->vm_end - vma->vm_start != 2 * PAGE_SIZE);
	atomic_dec(&buffer->region->mappings);
	if (refcount_dec_and_test(&buffer->refs))
		kfree(buffer);
}

static vm_fault_t buffer_fault(struct vm_fault *vmf)
{
	struct buffer *buffer = vmf->vma->vm_private_data;

	WARN_ON(vmf->address < vmf->vma->vm_start || vmf->address >= vmf->vma->vm_end);
	WRITE_ONCE(buffer->faults, READ_ONCE(buffer->faults) + 1);
	return vmf->pgoff ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

static const struct vm_operations_struct buffer_vm_ops = {
	.open = buffer_open,
	.close = buffer_close,
	.fault = buffer_fault,
};

static int mapped_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);

	lockdep_assert_held(&vma->vm_mm->mmap_lock);
	if (!buffer)
		return -ENOMEM;
	buffer->region = file->private_data;
	refcount_set(&buffer->refs, 1);
	atomic_inc(&buffer->region->mappings);
	vma->vm_ops = &buffer_vm_ops;
	vma->vm_private_data = buffer;
	return 0;
}

/* ---- files ---- */

static int mapped_flush(struct file *file, fl_owner_t id)
{
	struct region *region = file->private_data;

	atomic_inc(&region->flushes);
	if (region->frees_in_flush)
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

	WARN_ON(atomic_read(&region->mappings));
	WARN_ON(!atomic_read(&region->flushes));
	kfree(region);
	return 0;
}

static int release_nothing(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct file_operations mapped_fops = {
	.release = mapped_release,
	.unlocked_ioctl = mapped_ioctl,
	.mmap = mapped_mmap,
	.flush = mapped_flush,
};

static const struct file_operations freed_fops = {
	.release = release_nothing,
	.unlocked_ioctl = mapped_ioctl,
	.mmap = mapped_mmap,
	.flush = mapped_flush,
};

static struct region *region_new(struct file *file, const struct file_operations *fops)
{
	struct region *region = kzalloc(sizeof(*region), GFP_KERNEL);

	WARN_ON(!current->mm);
	file->f_op = fops;
	file->private_data = region;
	return region;
}

static int open_rightly(struct inode *inode, struct file *file)
{
	return region_new(file, &mapped_fops) ? 0 : -ENOMEM;
}

static int open_freeing(struct inode *inode, struct file *file)
{
	struct region *region = region_new(file, &freed_fops);

	if (!region)
		return -ENOMEM;
	region->frees_in_flush = true;
	return 0;
}

static int open_uncounted(struct inode *inode, struct file *file)
{
	struct region *region = region_new(file, &mapped_fops);

	if (!region)
		return -ENOMEM;
	region->copies_uncounted = true;
	return 0;
}

int (*const mapped_open[])(struct inode *inode, struct file *file) = {
	open_rightly,
	open_freeing,
	open_uncounted,
};
