/*
 * fs.h - an open file as its driver sees it. There is no VFS: whoever plays the user owns struct
 * file, calls the driver's file_operations, and keeps the file until its last use as fget() would.
 */
#ifndef LINUX_FS_H
#define LINUX_FS_H

#include <linux/kernel.h>

struct file_operations;
struct module;
struct vm_area_struct;

typedef void *fl_owner_t; /* who closes: only ever compared */

struct inode {
	void *i_private;
};

struct file {
	const struct file_operations *f_op;
	struct inode *f_inode;
	void *private_data;
};

struct file_operations {
	struct module *owner;
	int (*open)(struct inode *inode, struct file *file);
	int (*release)(struct inode *inode, struct file *file);
	long (*unlocked_ioctl)(struct file *file, unsigned int command, unsigned long argument);
	int (*mmap)(struct file *file, struct vm_area_struct *vma); /* under mmap_lock */
	int (*flush)(struct file *file, fl_owner_t id);		    /* at each close() */
};

#define file_inode(file) ((file)->f_inode)

#endif
