/*
 * start.c - at start-up: the platform keeps the words of the tree's objects in step from here on.
 */
#include "tree/host/host.h"

/* kernel/task.c: its members are compiled in the tree's types. */
extern const struct kapi_mirror bond_mirror;

__attribute__((constructor)) static void host_start(void)
{
	kapi_mirror_add(&bond_mirror);
}
