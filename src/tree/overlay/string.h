/*
 * string.h - what headers of bondfuzz want of libc's; the tree has its own.
 */
#ifndef BOND_STRING_H
#define BOND_STRING_H

#include <linux/string.h>

#endif
