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

/** host_marked_read() - the caller is about to read a word, as a marked access that was announced */
void host_marked_read(const volatile void *at, size_t size, const void *pc);
/** host_rmw() - the caller is about to read, change and write a word, as one operation */
void host_rmw(const volatile void *at, size_t size, enum kapi_order order, const void *pc);

/**
 * host_access() - an access of the tree's code, which made it at @pc: first the platform looks at it, then
 * the sanitizer of this build
 */
void host_access(const volatile void *at, size_t size, bool write, const void *pc);
/** host_access_marked() - the same for a READ_ONCE(), a WRITE_ONCE() or an atomic: it takes part in no race */
void host_access_marked(const volatile void *at, size_t size, bool write, const void *pc);
/** host_ask() - the sanitizer's part of them alone */
void host_ask(const volatile void *at, size_t size, bool write);

/**
 * host_range() - a plain access to a range begins: the memory must be there
 *
 * Returns: are its accesses to be told to sim_plain_access() one by one?
 */
bool host_range(const volatile void *at, size_t size, bool write, const void *pc);

/* Without libc: a sanitizer would ask who may touch the memory, which bond_range() has done. */
void *host_set(void *to, int value, size_t n);
void *host_move(void *to, const void *from, size_t n);

#endif
