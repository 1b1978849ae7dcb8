/*
 * misc.c - character devices by name: as much of drivers/char/misc.c as a module can see.
 *
 * Locks: misc_mtx, over the list and around the driver's open(), so that a device which is taken
 * back is not opened any more once misc_deregister() returned.
 *
 * Left out: minor numbers. The module's use count, too, is here: open() takes no use of it, which is
 * the test bench's part.
 */
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>

struct module kapi_this_module = {.refs = 1};

static LIST_HEAD(misc_list);
static DEFINE_MUTEX(misc_mtx);

static bool same_name(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static struct miscdevice *misc_find(const char *name)
{
	struct miscdevice *misc;

	lockdep_assert_held(&misc_mtx);
	list_for_each_entry(misc, &misc_list, list)
		if (same_name(misc->name, name))
			return misc;
	return NULL;
}

int misc_register(struct miscdevice *misc)
{
	int error = -EBUSY;

	mutex_lock(&misc_mtx);
	if (!misc_find(misc->name)) {
		list_add(&misc->list, &misc_list);
		error = 0;
	}
	mutex_unlock(&misc_mtx);
	return error;
}

void misc_deregister(struct miscdevice *misc)
{
	mutex_lock(&misc_mtx);
	list_del(&misc->list);
	mutex_unlock(&misc_mtx);
}

int kapi_misc_open(const char *name, struct inode *inode, struct file *file)
{
	struct miscdevice *misc;
	int error = -ENODEV;

	mutex_lock(&misc_mtx);
	misc = misc_find(name);
	if (misc) {
		file->f_op = misc->fops;
		error = misc->fops->open ? misc->fops->open(inode, file) : 0;
	}
	mutex_unlock(&misc_mtx);
	return error;
}
