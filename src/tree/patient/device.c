/*
 * device.c - the driver core as a file of the tree meets it: miscdevices, character devices, and the counts of their
 * devices. A file that is open keeps what the kernel keeps for it, and no more.
 *
 * There is no sysfs, no bus and no number: a device is found by its operations. Each function is weak, so a bench
 * that has one of its own keeps it.
 *
 * Locks: misc_lock, over open() of a miscdevice, as in the kernel; chrdev_lock inside, over the list alone.
 */
#include "tree/patient/device.h"

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "subject/bench/vfs.h"
#include "tree/bond.h"

#define READ_SIZE 64

static DEFINE_MUTEX(misc_lock);
static LIST_HEAD(misc_devices);
static DEFINE_MUTEX(chrdev_lock);
static LIST_HEAD(chrdevs); /* of struct cdev, by its list */
static struct device nowhere;

/* ---- devices: a count, and who frees them ---- */

static void device_free(struct kref *kref)
{
	struct device *dev = container_of(kref, struct device, kobj.kref);

	if (dev->release)
		dev->release(dev);
	else if (dev->type && dev->type->release)
		dev->type->release(dev);
	else if (dev->class && dev->class->dev_release)
		dev->class->dev_release(dev);
}

void __weak device_initialize(struct device *dev)
{
	kref_init(&dev->kobj.kref);
	dev->kobj.state_initialized = 1;
	mutex_init(&dev->mutex);
}

struct device *__weak get_device(struct device *dev)
{
	if (dev)
		kref_get(&dev->kobj.kref);
	return dev;
}

void __weak put_device(struct device *dev)
{
	if (dev)
		kref_put(&dev->kobj.kref, device_free);
}

int __weak device_add(struct device *dev)
{
	get_device(dev);
	return 0;
}

void __weak device_del(struct device *dev)
{
	put_device(dev);
}

int __weak device_register(struct device *dev)
{
	device_initialize(dev);
	return device_add(dev);
}

void __weak device_unregister(struct device *dev)
{
	device_del(dev);
	put_device(dev);
}

/* ---- miscdevices ---- */

int __weak misc_register(struct miscdevice *misc)
{
	mutex_lock(&misc_lock);
	misc->this_device = &nowhere;
	list_add(&misc->list, &misc_devices);
	mutex_unlock(&misc_lock);
	return 0;
}

void __weak misc_deregister(struct miscdevice *misc)
{
	if (WARN_ON(list_empty(&misc->list)))
		return;
	mutex_lock(&misc_lock);
	list_del(&misc->list);
	mutex_unlock(&misc_lock);
}

/* Returns: -ENXIO: there is none, or what its open() says. */
static int misc_open_by(struct inode *inode, struct file *file, const struct file_operations *fops)
{
	struct miscdevice *misc;
	int error = -ENXIO;

	mutex_lock(&misc_lock);
	list_for_each_entry(misc, &misc_devices, list) {
		if (misc->fops != fops)
			continue;
		file->f_op = fops;
		file->private_data = misc;
		error = fops->open ? fops->open(inode, file) : 0;
		break;
	}
	mutex_unlock(&misc_lock);
	return error;
}

/* ---- character devices ---- */

static void cdev_let_go(struct kref *kref)
{
	struct cdev *cdev = container_of(kref, struct cdev, kobj.kref);
	struct kobject *parent = cdev->kobj.parent;

	if (cdev->kobj.ktype)
		cdev->kobj.ktype->release(&cdev->kobj);
	if (parent)
		put_device(container_of(parent, struct device, kobj));
}

static void cdev_free(struct kobject *kobj)
{
	kfree(container_of(kobj, struct cdev, kobj));
}

static const struct kobj_type allocated = {.release = cdev_free};

static void cdev_begin(struct cdev *cdev)
{
	INIT_LIST_HEAD(&cdev->list);
	kref_init(&cdev->kobj.kref);
	cdev->kobj.state_initialized = 1;
}

void __weak cdev_init(struct cdev *cdev, const struct file_operations *fops)
{
	memset(cdev, 0, sizeof(*cdev));
	cdev_begin(cdev);
	cdev->ops = fops;
}

struct cdev *__weak cdev_alloc(void)
{
	struct cdev *cdev = kzalloc(sizeof(*cdev), GFP_KERNEL);

	if (!cdev)
		return NULL;
	cdev_begin(cdev);
	cdev->kobj.ktype = (struct kobj_type *)&allocated;
	return cdev;
}

void __weak cdev_set_parent(struct cdev *cdev, struct kobject *parent)
{
	cdev->kobj.parent = parent;
}

int __weak cdev_add(struct cdev *cdev, dev_t dev, unsigned count)
{
	if (cdev->kobj.parent)
		get_device(container_of(cdev->kobj.parent, struct device, kobj));
	cdev->dev = dev;
	cdev->count = count;
	mutex_lock(&chrdev_lock);
	list_add(&cdev->list, &chrdevs);
	mutex_unlock(&chrdev_lock);
	return 0;
}

void __weak cdev_del(struct cdev *cdev)
{
	mutex_lock(&chrdev_lock);
	list_del_init(&cdev->list);
	mutex_unlock(&chrdev_lock);
	kref_put(&cdev->kobj.kref, cdev_let_go);
}

int __weak cdev_device_add(struct cdev *cdev, struct device *dev)
{
	int error = 0;

	if (dev->devt) {
		cdev_set_parent(cdev, &dev->kobj);
		error = cdev_add(cdev, dev->devt, 1);
	}
	return error ?: device_add(dev);
}

void __weak cdev_device_del(struct cdev *cdev, struct device *dev)
{
	device_del(dev);
	if (dev->devt)
		cdev_del(cdev);
}

int __weak __register_chrdev(unsigned int major, unsigned int first, unsigned int count,
			     const char *name, const struct file_operations *fops)
{
	struct cdev *cdev = cdev_alloc();

	if (!cdev)
		return -ENOMEM;
	cdev->ops = fops;
	return cdev_add(cdev, MKDEV(major ?: 240, first), count) ?: (major ? 0 : 240);
}

void __weak __unregister_chrdev(unsigned int major, unsigned int first, unsigned int count,
				const char *name)
{
	struct cdev *cdev, *found = NULL;

	mutex_lock(&chrdev_lock);
	list_for_each_entry(cdev, &chrdevs, list)
		if (cdev->dev == MKDEV(major, first))
			found = cdev;
	mutex_unlock(&chrdev_lock);
	if (found)
		cdev_del(found);
}

int __weak alloc_chrdev_region(dev_t *dev, unsigned first, unsigned count, const char *name)
{
	*dev = MKDEV(240, first);
	return 0;
}

/* Returns: a device with these operations, with a reference, or NULL. */
static struct cdev *cdev_find(const struct file_operations *fops)
{
	struct cdev *cdev;

	mutex_lock(&chrdev_lock);
	list_for_each_entry(cdev, &chrdevs, list)
		if (cdev->ops == fops && kref_get_unless_zero(&cdev->kobj.kref)) {
			mutex_unlock(&chrdev_lock);
			return cdev;
		}
	mutex_unlock(&chrdev_lock);
	return NULL;
}

static int chrdev_open_by(struct inode *inode, struct file *file,
			  const struct file_operations *fops)
{
	struct cdev *cdev = cdev_find(fops);
	int error;

	if (!cdev)
		return -ENXIO;
	inode->i_cdev = cdev;
	inode->i_rdev = cdev->dev;
	file->f_op = fops;
	error = fops->open ? fops->open(inode, file) : 0;
	if (error)
		device_file_done(inode);
	return error;
}

void device_file_done(struct inode *inode)
{
	if (inode->i_cdev)
		kref_put(&inode->i_cdev->kobj.kref, cdev_let_go);
	inode->i_cdev = NULL;
}

int device_open(struct inode *inode, struct file *file, const struct file_operations *fops,
		bool registered)
{
	int error;

	file->f_mode = FMODE_READ | FMODE_WRITE;
	if (!registered) {
		file->f_op = fops;
		return fops->open(inode, file);
	}
	error = misc_open_by(inode, file, fops);
	return error == -ENXIO ? chrdev_open_by(inode, file, fops) : error;
}

/* ---- system calls ---- */

struct device_call {
	unsigned nr, command, how;
};

static long call_ioctl(struct file *file, void *arg)
{
	const struct device_call *call = arg;

	if (!file->f_op->unlocked_ioctl)
		return -ENOTTY;
	return file->f_op->unlocked_ioctl(file, call->command,
					  bond_user_fill(call->nr, call->how, call->command));
}

int bond_device_ioctl(unsigned kind, unsigned nr, unsigned command, unsigned how)
{
	struct device_call call = {nr, command, how};

	return (int)vfs_with_file(kind, nr, call_ioctl, &call);
}

struct ioctl_gives {
	unsigned kind, nr, command, how;
};

static int call_gives(const void *arg)
{
	const struct ioctl_gives *call = arg;

	return bond_device_ioctl(call->kind, call->nr, call->command, call->how);
}

int device_ioctl_gives(const struct file_operations *fops, unsigned given, unsigned result,
		       unsigned kind, unsigned nr, unsigned command, unsigned how)
{
	struct ioctl_gives call = {kind, nr, command, how};

	return device_gives(fops, given, result, vfs_file_mm_nr(kind, nr), call_gives, &call);
}

static long call_read(struct file *file, void *arg)
{
	const struct device_call *call = arg;
	loff_t at = 0;

	if (!file->f_op->read)
		return -EINVAL;
	return file->f_op->read(file, (void __user *)bond_user_fill(call->nr, 6, 1), READ_SIZE,
				&at);
}

int bond_device_read(unsigned kind, unsigned nr)
{
	struct device_call call = {nr, 0, 0};

	return (int)vfs_with_file(kind, nr, call_read, &call);
}

static long call_write(struct file *file, void *arg)
{
	const struct device_call *call = arg;
	loff_t at = 0;

	if (!file->f_op->write)
		return -EINVAL;
	return file->f_op->write(file, (void __user *)bond_user_fill(call->nr, call->how, 1),
				 call->how * sizeof(u32), &at);
}

int bond_device_write(unsigned kind, unsigned nr, unsigned how)
{
	struct device_call call = {nr, 0, how};

	return (int)vfs_with_file(kind, nr, call_write, &call);
}

static long call_poll(struct file *file, void *arg)
{
	return file->f_op->poll ? (long)file->f_op->poll(file, NULL) : -EINVAL;
}

int bond_device_poll(unsigned kind, unsigned nr)
{
	return (int)vfs_with_file(kind, nr, call_poll, NULL);
}

int bond_device_close(unsigned kind, unsigned nr)
{
	return vfs_close(kind, nr);
}

int bond_device_mmap(unsigned kind, unsigned nr, struct mm_struct *mm, unsigned pages)
{
	return vfs_mmap(kind, nr, mm, 0, pages);
}

int bond_device_munmap(struct mm_struct *mm, unsigned page_nr)
{
	return vfs_munmap(mm, page_nr, 1);
}

int bond_device_touch(struct mm_struct *mm, unsigned page_nr)
{
	return vfs_touch(mm, page_nr);
}

void bond_device_fork(unsigned kind, unsigned mm_nr)
{
	vfs_fork(kind, mm_nr);
}

void bond_device_close_all(unsigned kind)
{
	vfs_close_all(kind);
}

void bond_device_settle(void)
{
	vfs_settle();
}
