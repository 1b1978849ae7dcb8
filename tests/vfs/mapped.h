/*
 * mapped.h - the driver of mapped.c, for its op file.
 */
#ifndef MAPPED_H
#define MAPPED_H

struct file;
struct inode;

/* By what is wrong with it: nothing, flush() frees, a copy of a mapping is not counted. */
extern int (*const mapped_open[])(struct inode *inode, struct file *file);

#endif
