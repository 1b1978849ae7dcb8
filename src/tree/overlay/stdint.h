/*
 * stdint.h - what headers of bondfuzz want of the compiler's, which a tree is compiled without.
 */
#ifndef BOND_STDINT_H
#define BOND_STDINT_H

#include <linux/types.h>
#include <linux/stddef.h>

#endif
