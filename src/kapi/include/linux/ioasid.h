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
 *
 * Context: any; takes a spinlock.
 * Returns: the smallest free id, so that ids are reused soon, or INVALID_IOASID.
 */
ioasid_t ioasid_alloc(ioasid_t min, ioasid_t max);

/**
 * ioasid_free() - the id may be given to somebody else at once
 *
 * Context: any; takes a spinlock.
 */
void ioasid_free(ioasid_t ioasid);

#endif
