/*
 * ordering.h - for the ops of classes.c: what depends on the order in which others see accesses.
 */
#ifndef TREE_CANARY_ORDERING_H
#define TREE_CANARY_ORDERING_H

#include <linux/types.h>

/** ordering_count() - a plain read and a plain write; @bad: under no lock. A WARN where one was lost. */
void ordering_count(bool bad);

/** ordering_begin() - a box in which the threads of the functions below meet. Returns: 0 or -ENOMEM. */
int ordering_begin(void);
/** ordering_end() - after all of them; a WARN where none of two threads saw the other's store */
void ordering_end(void);

/**
 * ordering_publish() - put a new item into the box, so that others find it
 * @way: 0: without a release; 1: behind smp_wmb(); 2: smp_store_release(); 3: rcu_assign_pointer();
 *	 4: under a spinlock, which the reader does not take; 5: without a release, and its contents
 *	 are a copy
 *
 * Returns: 0, -ENOMEM, or -EEXIST: the box has one.
 */
int ordering_publish(unsigned way);
/** ordering_look() - a WARN where the box has an item whose contents are not there */
void ordering_look(void);

/**
 * ordering_cross() - set the flag of side @side, then look at the other one
 * @way: 0: with smp_mb() in between; 1: without; 2, 3: the same, by a bit
 */
void ordering_cross(unsigned side, unsigned way);

/** ordering_sequence() - read a counter by its sequence, then write it; @bad: read it outside, too. Returns: 0. */
int ordering_sequence(bool bad);

#endif
