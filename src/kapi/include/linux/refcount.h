/*
 * refcount.h - counters that complain: an increment from 0 and a decrement below 1 are verdicts.
 */
#ifndef LINUX_REFCOUNT_H
#define LINUX_REFCOUNT_H

#include <linux/compiler.h>

typedef struct {
	int refs;
} refcount_t;

#define refcount_set(r, n)                                                                         \
	kapi_refcount_set(&(r)->refs, (n),                                                         \
			  KAPI_SITE("refcount_set", "refcount_set(" #r ", " #n ")"))
#define refcount_read(r)                                                                           \
	kapi_atomic_read(&(r)->refs, KAPI_SITE("refcount_read", "refcount_read(" #r ")"))
#define refcount_inc(r)                                                                            \
	kapi_refcount_inc(&(r)->refs, KAPI_SITE("refcount_inc", "refcount_inc(" #r ")"))
#define refcount_inc_not_zero(r)                                                                   \
	kapi_refcount_inc_not_zero(                                                                \
		&(r)->refs, KAPI_SITE("refcount_inc_not_zero", "refcount_inc_not_zero(" #r ")"))
#define refcount_dec_and_test(r)                                                                   \
	kapi_refcount_dec_and_test(                                                                \
		&(r)->refs, KAPI_SITE("refcount_dec_and_test", "refcount_dec_and_test(" #r ")"))
#define refcount_dec(r)                                                                            \
	kapi_refcount_dec(&(r)->refs, KAPI_SITE("refcount_dec", "refcount_dec(" #r ")"))

#endif
