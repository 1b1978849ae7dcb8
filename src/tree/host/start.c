/*
 * start.c - at start-up: the platform keeps the words of the tree's objects in step from here on, and
 * stores to the statics of the tree's own files can be late. Those of a bench cannot.
 */
#include "kapi/sim/weak.h"
#include "tree/host/host.h"

/* kernel/task.c: its members are compiled in the tree's types. */
extern const struct kapi_mirror bond_mirror;
/* The linker script of build/merge.py. */
extern char bond_late_data[], bond_late_data_end[], bond_late_bss[], bond_late_bss_end[];

__attribute__((constructor)) static void host_start(void)
{
	kapi_mirror_add(&bond_mirror);
	weak_statics(bond_late_data, bond_late_data_end);
	weak_statics(bond_late_bss, bond_late_bss_end);
}
