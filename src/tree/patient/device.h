/*
 * device.h - character devices of a file of the tree, and system calls on their open files: for the op files that
 * `bondfuzz import` derives. The part without BOND_TREE is for the half in bondfuzz's types.
 */
#ifndef TREE_PATIENT_DEVICE_H
#define TREE_PATIENT_DEVICE_H

#ifdef BOND_TREE
#include <linux/fs.h>

/**
 * device_open() - open the device whose operations are @fops, for vfs_open()
 * @registered: is it the file that registers it (misc_register(), cdev_add(), register_chrdev())?
 *
 * What misc_open() and chrdev_open() do: a miscdevice is in file->private_data, and its list is locked; a cdev is
 * in inode->i_cdev, and kept with its parent while the file is open.
 *
 * Returns: -ENXIO: nobody has registered it; or what fops->open() says.
 */
int device_open(struct inode *inode, struct file *file, const struct file_operations *fops,
		bool registered);

/**
 * device_gives() - a system call that makes a file with the operations @fops becomes an op that gives it
 *
 * Returns: 0, and the file is file @nr of @kind, of process @mm_nr; or the error of @call, -EBADF: it made none.
 */
int device_gives(const struct file_operations *fops, unsigned kind, unsigned nr, unsigned mm_nr,
		 int (*call)(const void *arg), const void *arg);

/** device_ioctl_gives() - an ioctl on file @nr of @kind, as such a call: the file is @result of @given */
int device_ioctl_gives(const struct file_operations *fops, unsigned given, unsigned result,
		       unsigned kind, unsigned nr, unsigned command, unsigned how);

/** device_file_done() - release() of a file is over: what chrdev_open() kept goes */
void device_file_done(struct inode *inode);
#endif

/* What subject/bench/vfs.h has, for the other half: files of one kind, in the process @mm that an op uses. */
struct mm_struct;
int bond_device_close(unsigned kind, unsigned nr);
int bond_device_mmap(unsigned kind, unsigned nr, struct mm_struct *mm, unsigned pages);
int bond_device_munmap(struct mm_struct *mm, unsigned page_nr);
int bond_device_touch(struct mm_struct *mm, unsigned page_nr);
void bond_device_fork(unsigned kind, unsigned mm_nr);
void bond_device_close_all(unsigned kind);
void bond_device_settle(void);

/**
 * bond_device_ioctl() - unlocked_ioctl() of open file @nr of @kind, by the process that opened it
 * @how: what its argument is, see bond_user_fill()
 *
 * Context: may sleep.
 * Returns: what it says; -ENOTTY: there is none, -ENOENT: not open, -ESRCH: the process has ended.
 */
int bond_device_ioctl(unsigned kind, unsigned nr, unsigned command, unsigned how);

/** bond_device_read() - read() of at most 64 bytes. Returns: as bond_device_ioctl(), -EINVAL: there is none */
int bond_device_read(unsigned kind, unsigned nr);
/** bond_device_write() - write() of @how words, filled as @how says. Returns: as bond_device_read() */
int bond_device_write(unsigned kind, unsigned nr, unsigned how);
/** bond_device_poll() - poll() that does not wait. Returns: the events, or as bond_device_read() */
int bond_device_poll(unsigned kind, unsigned nr);

#endif
