/*
 * atomic.h - counters without a policy. Operations that return nothing order nothing.
 */
#ifndef LINUX_ATOMIC_H
#define LINUX_ATOMIC_H

#include <linux/compiler.h>

typedef struct {
	int counter;
} atomic_t;

#define ATOMIC_INIT(i)                                                                             \
	{                                                                                          \
		(i)                                                                                \
	}

#define atomic_read(v)                                                                             \
	kapi_atomic_read(&(v)->counter, KAPI_SITE("atomic_read", "atomic_read(" #v ")"))
#define atomic_set(v, i)                                                                           \
	kapi_atomic_set(&(v)->counter, (i), KAPI_SITE("atomic_set", "atomic_set(" #v ", " #i ")"))
#define atomic_inc(v)                                                                              \
	((void)kapi_atomic_add(&(v)->counter, 1, KAPI_VOID,                                        \
			       KAPI_SITE("atomic_inc", "atomic_inc(" #v ")")))
#define atomic_dec(v)                                                                              \
	((void)kapi_atomic_add(&(v)->counter, -1, KAPI_VOID,                                       \
			       KAPI_SITE("atomic_dec", "atomic_dec(" #v ")")))
#define atomic_inc_return(v)                                                                       \
	kapi_atomic_add(&(v)->counter, 1, KAPI_FULL,                                               \
			KAPI_SITE("atomic_inc_return", "atomic_inc_return(" #v ")"))
#define atomic_dec_return(v)                                                                       \
	kapi_atomic_add(&(v)->counter, -1, KAPI_FULL,                                              \
			KAPI_SITE("atomic_dec_return", "atomic_dec_return(" #v ")"))
#define atomic_dec_and_test(v)                                                                     \
	(kapi_atomic_add(&(v)->counter, -1, KAPI_FULL,                                             \
			 KAPI_SITE("atomic_dec_and_test", "atomic_dec_and_test(" #v ")")) == 0)
#define atomic_inc_not_zero(v)                                                                     \
	kapi_atomic_inc_not_zero(&(v)->counter,                                                    \
				 KAPI_SITE("atomic_inc_not_zero", "atomic_inc_not_zero(" #v ")"))

#endif
