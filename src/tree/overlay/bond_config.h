/*
 * bond_config.h - options of the tree's configuration that user space cannot have; included after
 * the tree's kconfig.h and before everything else.
 *
 * Jump labels and static calls patch code, paravirt calls go through a table that boot fills in, and
 * stack protection reads a canary of the kernel's. What each of them chooses is the plain form.
 */
#ifndef BOND_CONFIG_H
#define BOND_CONFIG_H

#undef CONFIG_JUMP_LABEL
#undef CONFIG_PARAVIRT
#undef CONFIG_PARAVIRT_XXL
#undef CONFIG_PARAVIRT_SPINLOCKS

/* Checks of copies, and pages of devices: they look into what is not modelled. */
#undef CONFIG_FORTIFY_SOURCE
#undef CONFIG_HARDENED_USERCOPY
#undef CONFIG_FS_DAX
#undef CONFIG_HUGETLB_PAGE_OPTIMIZE_VMEMMAP

/* non_block_start() and might_sleep() leave something to see. */
#undef CONFIG_DEBUG_ATOMIC_SLEEP
#define CONFIG_DEBUG_ATOMIC_SLEEP 1

#endif
