/*
 * miscdevice.h - character devices by name. Implemented by core/misc.c.
 */
#ifndef LINUX_MISCDEVICE_H
#define LINUX_MISCDEVICE_H

#include <linux/fs.h>
#include <linux/list.h>

#define MISC_DYNAMIC_MINOR 255

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct list_head list;
};

/**
 * misc_register() - let @misc be opened by its name from now on
 * @misc: name and fops set; stays until misc_deregister()
 *
 * Context: may sleep.
 * Returns: 0, or -EBUSY: there is one of that name.
 */
int misc_register(struct miscdevice *misc);

/** misc_deregister() - nobody can open it from here on; what is open stays open. May sleep. */
void misc_deregister(struct miscdevice *misc);

/**
 * kapi_misc_open() - for the test bench: what open() of /dev/@name does
 * @file: private_data NULL; f_op is set
 *
 * Context: may sleep. As in the kernel, the driver's open() runs under the lock of misc_register().
 * Returns: -ENODEV: no such device; or what the driver's open() says.
 */
int kapi_misc_open(const char *name, struct inode *inode, struct file *file);

#endif
