/*
 * pasid.h - the pool of PASIDs of the bench, core/ioasid.c, in either world.
 *
 * A kernel tree has another pool under the same name, or none: there ours has a prefix.
 */
#ifndef KAPI_PASID_H
#define KAPI_PASID_H

#ifdef BOND_TREE
#include <linux/sched/mm.h> /* before 6.4 it includes the tree's own */
#undef INVALID_IOASID
#define ioasid_alloc process_ioasid_alloc
#define ioasid_find_get process_ioasid_find_get
#define ioasid_free process_ioasid_free
#include "kapi/include/linux/ioasid.h"
#else
#include <linux/ioasid.h>
#endif

#endif
