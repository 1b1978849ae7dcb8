/*
 * mapped.h - the driver of mapped.c, for its op file and for vfs_test.c.
 */
#ifndef MAPPED_H
#define MAPPED_H

#include <stdbool.h>

struct file;
struct inode;

extern bool mapped_bug; /* of vfs_test.c */
int mapped_open(struct inode *inode, struct file *file);

#endif
