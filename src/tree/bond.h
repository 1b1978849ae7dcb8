/*
 * bond.h - what code compiled with a kernel tree's headers calls in bondfuzz, beside the primitives.
 *
 * Both sides include it: src/tree/kernel (the tree's types, no libc) and src/tree/host (ours). So it
 * uses plain C types alone. The tree's own functions end in kapi/primitive.h; each begins with its
 * site, which is found by the address that it returns to.
 */
#ifndef TREE_BOND_H
#define TREE_BOND_H

#include "kapi/include/kapi/primitive.h"

/* ---- places (host/site.c) ---- */

/** bond_site() - the site of a call, by its return address; never NULL */
struct site *bond_site(const void *pc);
/** bond_site_tail() - the touch that follows an unlock: "mutex_unlock:tail" */
struct site *bond_site_tail(struct site *site);
/** bond_site_text() - the source text of the call: "mutex_lock(&device->lock)" */
const char *bond_site_text(const struct site *site);

/** bond_site_wait() - waiting inside the call: "flush_work:wait" */
struct site *bond_site_wait(struct site *site);

/* The call of the function that stands around this. */
#define BOND_SITE bond_site(__builtin_return_address(0))

/**
 * bond_name() - the first argument of the call at @site, as it is written there
 *
 * Returns: text that goes on behind the argument, as kapi's class names may.
 */
const char *bond_name(const struct site *site);
/** bond_type() - the class of what an allocation at @site makes: of its sizeof, else its function */
struct kapi_class *bond_type(const struct site *site);

/* ---- words ---- */

/** bond_touch() - the primitive at @site begins with the object at @at, which must be live */
void bond_touch(const volatile void *at, struct site *site);
/** bond_load() - glue is about to read a word, as its caller's marked access, which acquires */
void bond_load(const volatile void *at, unsigned long size, struct site *site, const void *pc);
/** bond_range() - a plain access to a range: the memory must be there */
void bond_range(const volatile void *at, unsigned long size, int write, const void *pc);
/** bond_write() - write to a range, which must be there, from memory that nobody looks at; NULL: zeroes */
void bond_write(void *to, const void *from, unsigned long size, const void *pc);
/** bond_block() - Returns: the size of the live block around @at, 0: none. @ret_start: its start. */
unsigned long bond_block(const void *at, void **ret_start);

/**
 * bond_arena() - where the platform's blocks lie
 * @ret_contents: @each bytes for each @entry bytes of it, of memory that no block is
 */
unsigned long bond_arena(unsigned long entry, unsigned long each, unsigned long *ret_contents);

/* ---- memory of processes (host/user.c) ---- */

/** bond_user() - Returns: is there memory of a process at @at, @size bytes of it? */
_Bool bond_user(unsigned long at, unsigned long size);
/**
 * bond_user_fill() - the argument of a system call on open file @nr
 * @how: words that are 0, 1 and then 1 and 0 in turn; from 1 on: all 0, all 1, 1 and 0 in turn, small numbers; 6: the
 *       memory that the last call left
 * @command: of an ioctl: where it names no size, every second @how is a number itself
 */
unsigned long bond_user_fill(unsigned int nr, unsigned int how, unsigned int command);

/* ---- context ---- */

/** bond_verdict() - rule @rule is broken by what happens now; returns where the run survives it */
void bond_verdict(const char *rule, const volatile void *at, const char *text, struct site *site);
/** bond_warn() - WARN: the thread goes on where the run survives it */
void bond_warn(struct site *site);
/** bond_bug() - BUG: it does not go on */
_Noreturn void bond_bug(struct site *site);

/* The flags of the running task, where inline code looks for a signal; the hooks compare with it. */
extern const volatile void *bond_signal_word;

/** bond_lane() - the lane that is running */
unsigned int bond_lane(void);

#endif
