/*
 * ordering.h - for the ops of classes.c: what depends on the order in which others see accesses.
 */
#ifndef TREE_CANARY_ORDERING_H
#define TREE_CANARY_ORDERING_H

#include <linux/types.h>

/** ordering_publish() - a value, then the flag that it is there; @bad: without a release */
void ordering_publish(bool bad);
/** ordering_look() - a WARN where the flag is seen and the value is not */
void ordering_look(void);
/** ordering_count() - a plain read and a plain write; @bad: under no lock. A WARN where one was lost. */
void ordering_count(bool bad);

#endif
