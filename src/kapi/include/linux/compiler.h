/*
 * compiler.h - marked accesses and barriers.
 *
 * A marked access is a visible operation and a relaxed atomic, so that TSan stays silent about two
 * marked accesses and speaks when one of the two is plain.
 */
#ifndef LINUX_COMPILER_H
#define LINUX_COMPILER_H

#include "kapi/kapi.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define __rcu
#define __user
#define __must_check __attribute__((warn_unused_result))
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define __maybe_unused __attribute__((unused))

/* With the words of the macro that the source calls. */
#define kapi_read_once(x, text)                                                                    \
	({                                                                                         \
		kapi_load(&(x), KAPI_SITE("READ_ONCE", text));                                     \
		kapi_atomic_load(&(x), __ATOMIC_RELAXED);                                          \
	})
#define kapi_write_once(x, val, text)                                                              \
	do {                                                                                       \
		kapi_store(&(x), KAPI_SITE("WRITE_ONCE", text));                                   \
		kapi_atomic_store(&(x), (val), __ATOMIC_RELAXED);                                  \
	} while (0)

#define READ_ONCE(x) kapi_read_once(x, "READ_ONCE(" #x ")")
#define WRITE_ONCE(x, val) kapi_write_once(x, val, "WRITE_ONCE(" #x ", " #val ")")

/* A plain read that races on purpose: no choice, and nothing that TSan should speak of. */
#define data_race(x) kapi_atomic_load(&(x), __ATOMIC_RELAXED)

/*
 * Barriers order marked accesses, and what is plain beside them: writes before one and a marked
 * store behind it, a marked load before one and reads behind it. They are no choice.
 */
#define smp_wmb() kapi_barrier(KAPI_WMB)
#define smp_rmb() kapi_barrier(KAPI_RMB)
#define smp_mb() kapi_barrier(KAPI_WMB | KAPI_RMB)

#define smp_load_acquire(p)                                                                        \
	({                                                                                         \
		kapi_load((p), KAPI_SITE("smp_load_acquire", "smp_load_acquire(" #p ")"));         \
		__auto_type value_ = kapi_atomic_load((p), __ATOMIC_ACQUIRE);                      \
		kapi_acquire(p);                                                                   \
		value_;                                                                            \
	})

#define smp_store_release(p, v)                                                                    \
	do {                                                                                       \
		kapi_store((p),                                                                    \
			   KAPI_SITE("smp_store_release", "smp_store_release(" #p ", " #v ")"));   \
		kapi_atomic_store((p), (v), __ATOMIC_RELEASE);                                     \
		kapi_release(p);                                                                   \
	} while (0)

#endif
