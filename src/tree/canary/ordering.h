/*
 * ordering.h - for the ops of classes.c: what depends on the order in which others see accesses.
 */
#ifndef TREE_CANARY_ORDERING_H
#define TREE_CANARY_ORDERING_H

#include <linux/types.h>

/** ordering_count() - a plain read and a plain write; @bad: under no lock. A WARN where one was lost. */
void ordering_count(bool bad);

#endif
