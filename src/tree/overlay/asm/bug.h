/*
 * bug.h - the architecture's part of WARN and BUG: calls in place of trapping instructions.
 *
 * Stands before the tree's own asm/bug.h on the include path. asm-generic/bug.h makes everything else
 * of these two.
 */
#ifndef _ASM_X86_BUG_H
#define _ASM_X86_BUG_H

#include <linux/stringify.h>

extern void bond_tree_warn(void);
extern void bond_tree_bug(void) __attribute__((noreturn));

#define HAVE_ARCH_BUG
#define BUG() bond_tree_bug()
#define __WARN_FLAGS(flags)                                                                        \
	do {                                                                                       \
		if (0)                                                                             \
			(void)(flags);                                                             \
		bond_tree_warn();                                                                  \
	} while (0)

#include <asm-generic/bug.h>

#endif
