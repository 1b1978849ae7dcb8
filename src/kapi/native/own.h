/*
 * own.h - readers and grace periods on two counters: an SRCU domain that has no liburcu flavour.
 */
#ifndef KAPI_NATIVE_OWN_H
#define KAPI_NATIVE_OWN_H

/* All zero is its initial state. */
struct own {
	unsigned parity;    /* which counter a reader that comes now goes to */
	unsigned inside[2]; /* readers that are in */
};

/** own_read_lock() - a reader begins; returns what own_read_unlock() wants to know */
unsigned own_read_lock(struct own *o);
/** own_read_unlock() - it ends */
void own_read_unlock(struct own *o, unsigned parity);
/** own_synchronize() - until all readers that are in now have ended; one caller at a time */
void own_synchronize(struct own *o);

#endif
