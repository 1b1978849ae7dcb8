/*
 * uacce_tree.c - the half of the bench in the tree's types: an accelerator that drivers/misc/uacce/uacce.c
 * makes a character device of, reached by the file operations that it registers.
 *
 * The driver core is a count of references on the device: the character device holds one, and a file
 * holds the character device, as chrdev_open() has it. An open may have found the device just before its
 * removal. A bond of the IOMMU is a block of memory; what is behind it is iommu-sva.c, which is not here.
 * The accelerator's driver goes when uacce_remove() has returned: its operations and queues are freed.
 *
 * Left out: mmap of a queue, sysfs, and poll that waits.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uacce.h>

int init_module(void);

struct bond_queue { /* a queue of the hardware */
	int started;
};

struct bond_file {
	struct file file;
	struct inode inode;
	struct cdev *cdev;
};

static struct device parent;
static DEFINE_MUTEX(plug_mutex); /* probe and remove of the accelerator's driver */
static bool loaded;
static struct uacce_device *plugged;
static struct uacce_ops *plugged_ops;
static DEFINE_MUTEX(cdev_mutex);
static struct cdev *cdev; /* what an open finds; under cdev_mutex */

/* ---- the driver core ---- */

void device_initialize(struct device *dev)
{
	kref_init(&dev->kobj.kref);
}

static void free_device(struct kref *kref)
{
	struct device *dev = container_of(kref, struct device, kobj.kref);

	dev->release(dev);
}

void put_device(struct device *dev)
{
	kref_put(&dev->kobj.kref, free_device);
}

struct cdev *cdev_alloc(void)
{
	struct cdev *new = kzalloc(sizeof(*new), GFP_KERNEL);

	if (new)
		kref_init(&new->kobj.kref);
	return new;
}

static void free_cdev(struct kref *kref)
{
	struct cdev *gone = container_of(kref, struct cdev, kobj.kref);
	struct device *dev = container_of(gone->kobj.parent, struct device, kobj);

	kfree(gone);
	put_device(dev);
}

static void put_cdev(struct cdev *old)
{
	kref_put(&old->kobj.kref, free_cdev);
}

int cdev_device_add(struct cdev *new, struct device *dev)
{
	kref_get(&dev->kobj.kref);
	new->kobj.parent = &dev->kobj;
	new->dev = dev->devt;
	mutex_lock(&cdev_mutex);
	cdev = new;
	mutex_unlock(&cdev_mutex);
	return 0;
}

void cdev_device_del(struct cdev *old, struct device *dev)
{
	mutex_lock(&cdev_mutex);
	cdev = NULL;
	mutex_unlock(&cdev_mutex);
	put_cdev(old);
}

/* Returns: the device with a reference, or NULL: there is none. */
static struct cdev *find_cdev(void)
{
	struct cdev *found;

	mutex_lock(&cdev_mutex);
	found = cdev;
	if (found)
		kref_get(&found->kobj.kref);
	mutex_unlock(&cdev_mutex);
	return found;
}

/* ---- the IOMMU ---- */

struct iommu_sva *iommu_sva_bind_device(struct device *parent_dev, struct mm_struct *mm)
{
	struct iommu_sva *bond = kzalloc(sizeof(*bond), GFP_KERNEL);

	if (!bond)
		return ERR_PTR(-ENOMEM);
	bond->dev = parent_dev;
	return bond;
}

u32 iommu_sva_get_pasid(struct iommu_sva *bond)
{
	return bond->dev ? 1 : IOMMU_PASID_INVALID;
}

void iommu_sva_unbind_device(struct iommu_sva *bond)
{
	kfree(bond);
}

/* ---- the accelerator's driver ---- */

static int get_queue(struct uacce_device *uacce, unsigned long pasid, struct uacce_queue *q)
{
	q->priv = kzalloc(sizeof(struct bond_queue), GFP_KERNEL);
	return q->priv ? 0 : -ENOMEM;
}

static void put_queue(struct uacce_queue *q)
{
	kfree(q->priv);
	q->priv = NULL;
}

static int start_queue(struct uacce_queue *q)
{
	struct bond_queue *queue = q->priv;

	WRITE_ONCE(queue->started, 1); /* a register: others may come in between */
	return 0;
}

static void stop_queue(struct uacce_queue *q)
{
	struct bond_queue *queue = q->priv;

	WRITE_ONCE(queue->started, 0);
}

static int is_updated(struct uacce_queue *q)
{
	struct bond_queue *queue = q->priv;

	return READ_ONCE(queue->started);
}

static const struct uacce_ops operations = {
	.get_queue = get_queue,
	.put_queue = put_queue,
	.start_queue = start_queue,
	.stop_queue = stop_queue,
	.is_q_updated = is_updated,
};

static int make_device(struct uacce_ops *ops)
{
	struct uacce_interface interface = {.name = "bench", .flags = UACCE_DEV_SVA, .ops = ops};
	struct uacce_device *new = uacce_alloc(&parent, &interface);

	if (IS_ERR(new))
		return PTR_ERR(new);
	if (uacce_register(new)) {
		uacce_remove(new);
		return -ENODEV;
	}
	plugged = new;
	return 0;
}

/* The operations are memory of the driver's: they go with it. */
static int plug(void)
{
	if (!loaded) {
		init_module();
		loaded = true;
	}
	plugged_ops = kmemdup(&operations, sizeof(operations), GFP_KERNEL);
	if (!plugged_ops)
		return -ENOMEM;
	if (!make_device(plugged_ops))
		return 0;
	kfree(plugged_ops);
	return -ENODEV;
}

int bond_uacce_unplug(void)
{
	struct uacce_device *old;

	mutex_lock(&plug_mutex);
	old = plugged;
	if (old) {
		uacce_remove(old);
		kfree(plugged_ops);
		plugged = NULL;
	}
	mutex_unlock(&plug_mutex);
	return old ? 0 : -ENODEV;
}

static int probe(void)
{
	int error = 0;

	mutex_lock(&plug_mutex);
	if (!plugged)
		error = plug();
	mutex_unlock(&plug_mutex);
	return error;
}

/* ---- files ---- */

static int open_in(struct bond_file *f, struct mm_struct *mm)
{
	int error;

	f->cdev = find_cdev();
	if (!f->cdev)
		return -ENXIO;
	f->inode.i_rdev = f->cdev->dev;
	f->file.f_op = f->cdev->ops;
	f->file.f_mapping = &f->inode.i_data;
	current->mm = mm;
	error = f->file.f_op->open(&f->inode, &f->file);
	current->mm = NULL;
	if (error)
		put_cdev(f->cdev);
	return error;
}

void *bond_uacce_open(void *mm)
{
	struct bond_file *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (f && !probe() && !open_in(f, mm))
		return f;
	kfree(f);
	return NULL;
}

int bond_uacce_start(void *at)
{
	struct bond_file *f = at;

	return f->file.f_op->unlocked_ioctl(&f->file, UACCE_CMD_START_Q, 0);
}

int bond_uacce_put(void *at)
{
	struct bond_file *f = at;

	return f->file.f_op->unlocked_ioctl(&f->file, UACCE_CMD_PUT_Q, 0);
}

int bond_uacce_poll(void *at)
{
	struct bond_file *f = at;

	f->file.f_op->poll(&f->file, NULL);
	return 0;
}

void bond_uacce_close(void *at)
{
	struct bond_file *f = at;

	f->file.f_op->release(&f->inode, &f->file);
	put_cdev(f->cdev);
	kfree(f);
}
