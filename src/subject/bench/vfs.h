/*
 * vfs.h - open files of a driver, as the VFS keeps them, for op files of drivers outside.
 *
 * File number @nr of kind @kind is a file of the bench (kapi/file.h) that vfs_open() installed. An ioctl
 * and a mapping use it: the driver's release() comes when the last opener has closed it and the last
 * use is over, never under either. Each close() calls flush(). A mapping that exit takes away drops
 * its use later, from a work, as fput() does. A fork copies mappings, and vm_ops->open() hears of it.
 *
 * The same in world tree, for the half of an op file that is in the tree's types.
 */
#ifndef SUBJECT_BENCH_VFS_H
#define SUBJECT_BENCH_VFS_H

#include <linux/fs.h>
#include <linux/mm_types.h>

#include "kapi/process.h"

/**
 * vfs_open() - an op that opens a file
 * @mm_nr, @mm: the process, used by the caller (mm_ops_use())
 * @open: the driver's: gives file->f_op; current->mm is @mm
 * @released: called after the driver's release(), or NULL: to drop what the file kept
 *
 * Context: may sleep.
 * Returns: 0 and the file is installed; -ENOMEM, or what @open says.
 */
int vfs_open(unsigned kind, unsigned nr, unsigned mm_nr, struct mm_struct *mm,
	     int (*open)(struct inode *inode, struct file *file), void (*released)(unsigned nr));

/** vfs_file_new() - a file that nobody has opened yet, with one reference; NULL: no memory */
struct file *vfs_file_new(const struct file_operations *fops);
/** vfs_file_install() - what vfs_file_new() made becomes file @nr of @kind, open in process @mm_nr */
void vfs_file_install(struct file *file, unsigned kind, unsigned nr, unsigned mm_nr);
/** vfs_file_release() - the last reference is gone: release(), and the file is freed; may sleep */
void vfs_file_release(struct file *file);
#ifdef BOND_TREE
/** vfs_file_get() - a reference on an open file, as fget() has it; NULL: not open */
struct file *vfs_file_get(unsigned kind, unsigned nr);
#endif
/** vfs_file_mm_nr() - whose process opened it; 0: not open */
unsigned vfs_file_mm_nr(unsigned kind, unsigned nr);

/** vfs_close() - close(): flush(), and the last one out releases. Returns: 0, or -ENOENT */
int vfs_close(unsigned kind, unsigned nr);

/** vfs_ioctl() - Returns: what unlocked_ioctl() says, -ENOENT: not open, -ENOTTY: there is none */
long vfs_ioctl(unsigned kind, unsigned nr, unsigned command, unsigned long argument);

/**
 * vfs_with_file() - a system call on an open file, by the process that opened it
 * @work: while the file is held, and current->mm is that process's
 *
 * Returns: what @work says, -ENOENT: not open, or an error: the process has ended.
 */
long vfs_with_file(unsigned kind, unsigned nr, long (*work)(struct file *file, void *arg),
		   void *arg);

/**
 * vfs_mmap() - map @pages pages of @mm from page @start on
 * @mm: with a user of the caller's
 *
 * Context: takes mmap_lock for write and calls the driver's mmap() under it; may sleep.
 * Takes:   a use of the file, until the mapping is closed.
 * Returns: 0, -ENOENT: not open, -ENODEV: the driver has no mmap(), -ENOMEM, or what it says.
 */
int vfs_mmap(unsigned kind, unsigned nr, struct mm_struct *mm, unsigned start, unsigned pages);

/**
 * vfs_munmap() - unmap the pages, and close every mapping of a file that overlaps them
 * @mm: with a user of the caller's
 *
 * Context: takes mmap_lock for write, calls vm_ops->close() under it; may sleep.
 * Returns: how many mappings it closed.
 */
int vfs_munmap(struct mm_struct *mm, unsigned start, unsigned pages);

/**
 * vfs_touch() - the process uses a page of a mapping: vm_ops->fault()
 * @mm: with a user of the caller's
 *
 * Context: takes mmap_lock for read; may sleep. What the driver maps or gives is not kept.
 * Returns: 0, or -EFAULT: nothing is mapped there, or the driver says so.
 */
int vfs_touch(struct mm_struct *mm, unsigned page_nr);

/** vfs_fork() - process @mm_nr was forked: its files of @kind have one opener more */
void vfs_fork(unsigned kind, unsigned mm_nr);

/** vfs_close_all() - for outside_close(): every opener of every file of @kind closes it */
void vfs_close_all(unsigned kind);

/** vfs_settle() - for outside_unload(): what exit left to works is over on return */
void vfs_settle(void);

#endif
