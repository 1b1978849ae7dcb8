/*
 * weak.h - delayed stores: who writes, who orders, and when a lane is left.
 */
#ifndef KAPI_SIM_WEAK_H
#define KAPI_SIM_WEAK_H

#include <stdbool.h>
#include <stddef.h>

extern bool weak_on; /* in this run */

/** weak_begin() - a run starts */
void weak_begin(bool on);
/** weak_store() - this lane is about to write */
void weak_store(volatile void *at, size_t size);
/** weak_flush() - all that this lane wrote is seen by everybody from here on */
void weak_flush(void);
/** weak_leave() - another lane goes on: some of what this one wrote is not seen meanwhile */
void weak_leave(void);
/** weak_hides() - is a store of @lane to these bytes undone just now? */
bool weak_hides(const volatile void *at, size_t size, unsigned lane);
/** weak_return() - this lane goes on */
void weak_return(void);

#endif
