/*
 * kernel.h - the small things that every kernel file uses.
 */
#ifndef LINUX_KERNEL_H
#define LINUX_KERNEL_H

#include <limits.h>

#include <linux/types.h>
#include <linux/printk.h>
#include <linux/errno.h>
#include <linux/bug.h>

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define might_sleep() kapi_might_sleep(KAPI_SITE("might_sleep", "might_sleep()"))
#define non_block_start() kapi_non_block(true)
#define non_block_end() kapi_non_block(false)
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

#endif
