/*
 * flavour.h - what domain.c needs of a liburcu flavour.
 *
 * liburcu's struct rcu_head clashes with kapi's, and two flavours cannot share a file: so each
 * flavour is one .c file that includes this header and liburcu's, and none of kapi's.
 */
#ifndef KAPI_NATIVE_FLAVOUR_H
#define KAPI_NATIVE_FLAVOUR_H

struct flavour {
	void (*thread_register)(void);
	void (*thread_unregister)(void);
	void (*read_lock)(void);
	void (*read_unlock)(void);
	void (*synchronize)(void);
};

extern const struct flavour flavour_memb; /* RCU */
extern const struct flavour flavour_mb;	  /* the one SRCU domain */

#endif
