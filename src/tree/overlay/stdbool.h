/*
 * stdbool.h - what headers of bondfuzz want of the compiler's, which a tree is compiled without.
 */
#ifndef BOND_STDBOOL_H
#define BOND_STDBOOL_H

#include <linux/types.h>
#include <linux/stddef.h>

#endif
