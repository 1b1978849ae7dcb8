/*
 * host.h - what the files of this folder share: bondfuzz's side of a tree's code.
 */
#ifndef TREE_HOST_HOST_H
#define TREE_HOST_HOST_H

#include "base/lane.h"
#include "kapi/kapi.h"
#include "tree/bond.h"

/* kernel/task.c: the running thread looks for a signal. */
void bond_task_signal(struct site *site);

/** host_rmw() - the caller is about to read, change and write a word, as one operation */
void host_rmw(const volatile void *at, size_t size, enum kapi_order order, struct site *site);

/* Without libc: a sanitizer would ask who may touch the memory, which bond_range() has done. */
void *host_set(void *to, int value, size_t n);
void *host_move(void *to, const void *from, size_t n);

#endif
