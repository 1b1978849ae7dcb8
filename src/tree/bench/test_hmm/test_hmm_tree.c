/*
 * test_hmm_tree.c - the half of the bench in the tree's types: files of lib/test_hmm.c's first device,
 * reached as user space reaches it, by the file operations that the module registers.
 *
 * The device is software: it copies to and from the contents of pages.
 * Memory of the device is not modelled: the module's initialisation stops where it asks for some, and
 * the device is used as it is then, with its file operations and locks, and without chunks.
 *
 * Left out: migration, device-private and exclusive memory, and the module's exit.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "test_hmm_uapi.h"

#include "kapi/process.h"

int init_module(void);

static DEFINE_MUTEX(probe_mutex);
static struct cdev *device; /* the first that was made */

/* ---- what the module asks of the driver core ---- */

void cdev_init(struct cdev *cdev, const struct file_operations *fops)
{
	cdev->ops = fops;
	device = cdev;
}

int alloc_chrdev_region(dev_t *dev, unsigned int first, unsigned int count, const char *name)
{
	*dev = MKDEV(1, first);
	return 0;
}

void unregister_chrdev_region(dev_t from, unsigned int count)
{
}

void device_initialize(struct device *dev)
{
}

int dev_set_name(struct device *dev, const char *format, ...)
{
	return 0;
}

int cdev_device_add(struct cdev *cdev, struct device *dev)
{
	return 0;
}

struct resource *request_free_mem_region(struct resource *base, unsigned long size,
					 const char *name)
{
	return ERR_PTR(-ERANGE);
}

/* ---- a file ---- */

static bool probe(void)
{
	mutex_lock(&probe_mutex);
	if (!device)
		init_module();
	mutex_unlock(&probe_mutex);
	return READ_ONCE(device) != NULL;
}

void *bond_dmirror_open(void *mm)
{
	struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);
	struct inode *inode = kzalloc(sizeof(*inode), GFP_KERNEL);
	int error = -ENOMEM;

	if (file && inode && probe()) {
		inode->i_cdev = device;
		file->f_op = device->ops;
		current->mm = mm;
		error = file->f_op->open(inode, file);
		current->mm = NULL;
	}
	kfree(inode);
	if (!error)
		return file;
	kfree(file);
	return NULL;
}

void bond_dmirror_release(void *at)
{
	struct file *file = at;

	file->f_op->release(NULL, file);
	kfree(file);
}

/* User memory is the bench's own: a buffer of the caller's, on its heap. */
static int command(struct file *file, unsigned int nr, unsigned int page_nr, unsigned int pages)
{
	struct hmm_dmirror_cmd cmd = {.addr = process_address(page_nr), .npages = pages};
	void *user = kmalloc(pages * PAGE_SIZE, GFP_KERNEL);
	int error;

	if (!user)
		return -ENOMEM;
	memset(user, 0, pages * PAGE_SIZE);
	cmd.ptr = (unsigned long)user;
	error = file->f_op->unlocked_ioctl(file, nr, (unsigned long)&cmd);
	kfree(user);
	return error;
}

int bond_dmirror_read(void *file, unsigned int page_nr)
{
	return command(file, HMM_DMIRROR_READ, page_nr, 1);
}

int bond_dmirror_write(void *file, unsigned int page_nr)
{
	return command(file, HMM_DMIRROR_WRITE, page_nr, 1);
}

int bond_dmirror_snapshot(void *file, unsigned int page_nr)
{
	return command(file, HMM_DMIRROR_SNAPSHOT, page_nr, MM_PAGES - page_nr);
}
