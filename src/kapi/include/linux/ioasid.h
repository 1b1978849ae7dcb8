/*
 * ioasid.h - the pool of PASIDs. Implemented by core/ioasid.c.
 */
#ifndef LINUX_IOASID_H
#define LINUX_IOASID_H

#include <linux/kernel.h>

typedef unsigned int ioasid_t;

#define INVALID_IOASID ((ioasid_t)-1)
#define IOASID_MAX 15u /* the width of the fake hardware's PASID tables */

/**
 * ioasid_alloc() - take an id out of the pool
 * @min: smallest that will do
 * @max: largest that will do, at most IOASID_MAX
 * @owner: whom it stands for: the mm. Compared only, and named in the trace: it is there until the
 *         last reference is given back
 *
 * Context: any; takes a spinlock.
 * Takes:   a reference, given back with ioasid_free().
 * Returns: the smallest free id, so that ids are reused soon, or INVALID_IOASID.
 */
ioasid_t ioasid_alloc(ioasid_t min, ioasid_t max, const void *owner);

/**
 * ioasid_find_get() - the id that @owner has
 *
 * Context: any; takes a spinlock.
 * Takes:   one more reference on it.
 * Returns: the id, or INVALID_IOASID when @owner has none.
 */
ioasid_t ioasid_find_get(const void *owner);

/**
 * ioasid_free() - give a reference back; after the last one the id may be somebody else's at once
 *
 * Context: any; takes a spinlock.
 */
void ioasid_free(ioasid_t ioasid);

#endif
