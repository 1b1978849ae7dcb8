/*
 * stddef.h - what headers of bondfuzz want of the compiler's, which a tree is compiled without.
 */
#ifndef BOND_STDDEF_H
#define BOND_STDDEF_H

#include <linux/types.h>
#include <linux/stddef.h>

#endif
