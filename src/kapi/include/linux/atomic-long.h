/*
 * atomic-long.h - the same counters of 64 bits. Included by atomic.h.
 */
#ifndef LINUX_ATOMIC_LONG_H
#define LINUX_ATOMIC_LONG_H

#include <linux/compiler.h>

typedef struct {
	long counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;

#define ATOMIC64_INIT(i) ATOMIC_INIT(i)
#define ATOMIC_LONG_INIT(i) ATOMIC_INIT(i)

/* ---- atomic64_t ---- */

#define atomic64_read(v) READ_ONCE((v)->counter)
#define atomic64_set(v, i) WRITE_ONCE((v)->counter, (i))
#define atomic64_read_acquire(v) smp_load_acquire(&(v)->counter)
#define atomic64_set_release(v, i) smp_store_release(&(v)->counter, (i))
#define atomic64_add(i, v)                                                                         \
	((void)kapi_rmw(&(v)->counter, ADD, (long)(i), 0, VOID, "atomic64_add",                    \
			"atomic64_add(" #i ", " #v ")"))
#define atomic64_sub(i, v)                                                                         \
	((void)kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, VOID, "atomic64_sub",                   \
			"atomic64_sub(" #i ", " #v ")"))
#define atomic64_inc(v)                                                                            \
	((void)kapi_rmw(&(v)->counter, ADD, 1l, 0, VOID, "atomic64_inc", "atomic64_inc(" #v ")"))
#define atomic64_dec(v)                                                                            \
	((void)kapi_rmw(&(v)->counter, ADD, -1l, 0, VOID, "atomic64_dec", "atomic64_dec(" #v ")"))
#define atomic64_add_return(i, v)                                                                  \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, FULL, "atomic64_add_return",                   \
		  "atomic64_add_return(" #i ", " #v ")") +                                         \
	 ((i)))
#define atomic64_add_return_relaxed(i, v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELAXED, "atomic64_add_return_relaxed",        \
		  "atomic64_add_return_relaxed(" #i ", " #v ")") +                                 \
	 ((i)))
#define atomic64_add_return_acquire(i, v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, ACQUIRE, "atomic64_add_return_acquire",        \
		  "atomic64_add_return_acquire(" #i ", " #v ")") +                                 \
	 ((i)))
#define atomic64_add_return_release(i, v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELEASE, "atomic64_add_return_release",        \
		  "atomic64_add_return_release(" #i ", " #v ")") +                                 \
	 ((i)))
#define atomic64_sub_return(i, v)                                                                  \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, FULL, "atomic64_sub_return",                  \
		  "atomic64_sub_return(" #i ", " #v ")") +                                         \
	 (-(i)))
#define atomic64_sub_return_relaxed(i, v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELAXED, "atomic64_sub_return_relaxed",       \
		  "atomic64_sub_return_relaxed(" #i ", " #v ")") +                                 \
	 (-(i)))
#define atomic64_sub_return_acquire(i, v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, ACQUIRE, "atomic64_sub_return_acquire",       \
		  "atomic64_sub_return_acquire(" #i ", " #v ")") +                                 \
	 (-(i)))
#define atomic64_sub_return_release(i, v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELEASE, "atomic64_sub_return_release",       \
		  "atomic64_sub_return_release(" #i ", " #v ")") +                                 \
	 (-(i)))
#define atomic64_inc_return(v)                                                                     \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, FULL, "atomic64_inc_return",                           \
		  "atomic64_inc_return(" #v ")") +                                                 \
	 (1))
#define atomic64_inc_return_relaxed(v)                                                             \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, RELAXED, "atomic64_inc_return_relaxed",                \
		  "atomic64_inc_return_relaxed(" #v ")") +                                         \
	 (1))
#define atomic64_inc_return_acquire(v)                                                             \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, ACQUIRE, "atomic64_inc_return_acquire",                \
		  "atomic64_inc_return_acquire(" #v ")") +                                         \
	 (1))
#define atomic64_inc_return_release(v)                                                             \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, RELEASE, "atomic64_inc_return_release",                \
		  "atomic64_inc_return_release(" #v ")") +                                         \
	 (1))
#define atomic64_dec_return(v)                                                                     \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, FULL, "atomic64_dec_return",                          \
		  "atomic64_dec_return(" #v ")") +                                                 \
	 (-1))
#define atomic64_dec_return_relaxed(v)                                                             \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, RELAXED, "atomic64_dec_return_relaxed",               \
		  "atomic64_dec_return_relaxed(" #v ")") +                                         \
	 (-1))
#define atomic64_dec_return_acquire(v)                                                             \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, ACQUIRE, "atomic64_dec_return_acquire",               \
		  "atomic64_dec_return_acquire(" #v ")") +                                         \
	 (-1))
#define atomic64_dec_return_release(v)                                                             \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, RELEASE, "atomic64_dec_return_release",               \
		  "atomic64_dec_return_release(" #v ")") +                                         \
	 (-1))
#define atomic64_fetch_add(i, v)                                                                   \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, FULL, "atomic64_fetch_add",                     \
		 "atomic64_fetch_add(" #i ", " #v ")")
#define atomic64_fetch_add_relaxed(i, v)                                                           \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELAXED, "atomic64_fetch_add_relaxed",          \
		 "atomic64_fetch_add_relaxed(" #i ", " #v ")")
#define atomic64_fetch_add_acquire(i, v)                                                           \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, ACQUIRE, "atomic64_fetch_add_acquire",          \
		 "atomic64_fetch_add_acquire(" #i ", " #v ")")
#define atomic64_fetch_add_release(i, v)                                                           \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELEASE, "atomic64_fetch_add_release",          \
		 "atomic64_fetch_add_release(" #i ", " #v ")")
#define atomic64_fetch_sub(i, v)                                                                   \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, FULL, "atomic64_fetch_sub",                    \
		 "atomic64_fetch_sub(" #i ", " #v ")")
#define atomic64_fetch_sub_relaxed(i, v)                                                           \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELAXED, "atomic64_fetch_sub_relaxed",         \
		 "atomic64_fetch_sub_relaxed(" #i ", " #v ")")
#define atomic64_fetch_sub_acquire(i, v)                                                           \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, ACQUIRE, "atomic64_fetch_sub_acquire",         \
		 "atomic64_fetch_sub_acquire(" #i ", " #v ")")
#define atomic64_fetch_sub_release(i, v)                                                           \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELEASE, "atomic64_fetch_sub_release",         \
		 "atomic64_fetch_sub_release(" #i ", " #v ")")
#define atomic64_fetch_inc(v)                                                                      \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, FULL, "atomic64_fetch_inc",                            \
		 "atomic64_fetch_inc(" #v ")")
#define atomic64_fetch_inc_relaxed(v)                                                              \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, RELAXED, "atomic64_fetch_inc_relaxed",                 \
		 "atomic64_fetch_inc_relaxed(" #v ")")
#define atomic64_fetch_inc_acquire(v)                                                              \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, ACQUIRE, "atomic64_fetch_inc_acquire",                 \
		 "atomic64_fetch_inc_acquire(" #v ")")
#define atomic64_fetch_inc_release(v)                                                              \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, RELEASE, "atomic64_fetch_inc_release",                 \
		 "atomic64_fetch_inc_release(" #v ")")
#define atomic64_fetch_dec(v)                                                                      \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, FULL, "atomic64_fetch_dec",                           \
		 "atomic64_fetch_dec(" #v ")")
#define atomic64_fetch_dec_relaxed(v)                                                              \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, RELAXED, "atomic64_fetch_dec_relaxed",                \
		 "atomic64_fetch_dec_relaxed(" #v ")")
#define atomic64_fetch_dec_acquire(v)                                                              \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, ACQUIRE, "atomic64_fetch_dec_acquire",                \
		 "atomic64_fetch_dec_acquire(" #v ")")
#define atomic64_fetch_dec_release(v)                                                              \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, RELEASE, "atomic64_fetch_dec_release",                \
		 "atomic64_fetch_dec_release(" #v ")")
#define atomic64_fetch_and(i, v)                                                                   \
	kapi_rmw(&(v)->counter, AND, (i), 0, FULL, "atomic64_fetch_and",                           \
		 "atomic64_fetch_and(" #i ", " #v ")")
#define atomic64_fetch_and_relaxed(i, v)                                                           \
	kapi_rmw(&(v)->counter, AND, (i), 0, RELAXED, "atomic64_fetch_and_relaxed",                \
		 "atomic64_fetch_and_relaxed(" #i ", " #v ")")
#define atomic64_fetch_and_acquire(i, v)                                                           \
	kapi_rmw(&(v)->counter, AND, (i), 0, ACQUIRE, "atomic64_fetch_and_acquire",                \
		 "atomic64_fetch_and_acquire(" #i ", " #v ")")
#define atomic64_fetch_and_release(i, v)                                                           \
	kapi_rmw(&(v)->counter, AND, (i), 0, RELEASE, "atomic64_fetch_and_release",                \
		 "atomic64_fetch_and_release(" #i ", " #v ")")
#define atomic64_fetch_or(i, v)                                                                    \
	kapi_rmw(&(v)->counter, OR, (i), 0, FULL, "atomic64_fetch_or",                             \
		 "atomic64_fetch_or(" #i ", " #v ")")
#define atomic64_fetch_or_relaxed(i, v)                                                            \
	kapi_rmw(&(v)->counter, OR, (i), 0, RELAXED, "atomic64_fetch_or_relaxed",                  \
		 "atomic64_fetch_or_relaxed(" #i ", " #v ")")
#define atomic64_fetch_or_acquire(i, v)                                                            \
	kapi_rmw(&(v)->counter, OR, (i), 0, ACQUIRE, "atomic64_fetch_or_acquire",                  \
		 "atomic64_fetch_or_acquire(" #i ", " #v ")")
#define atomic64_fetch_or_release(i, v)                                                            \
	kapi_rmw(&(v)->counter, OR, (i), 0, RELEASE, "atomic64_fetch_or_release",                  \
		 "atomic64_fetch_or_release(" #i ", " #v ")")
#define atomic64_fetch_xor(i, v)                                                                   \
	kapi_rmw(&(v)->counter, XOR, (i), 0, FULL, "atomic64_fetch_xor",                           \
		 "atomic64_fetch_xor(" #i ", " #v ")")
#define atomic64_fetch_xor_relaxed(i, v)                                                           \
	kapi_rmw(&(v)->counter, XOR, (i), 0, RELAXED, "atomic64_fetch_xor_relaxed",                \
		 "atomic64_fetch_xor_relaxed(" #i ", " #v ")")
#define atomic64_fetch_xor_acquire(i, v)                                                           \
	kapi_rmw(&(v)->counter, XOR, (i), 0, ACQUIRE, "atomic64_fetch_xor_acquire",                \
		 "atomic64_fetch_xor_acquire(" #i ", " #v ")")
#define atomic64_fetch_xor_release(i, v)                                                           \
	kapi_rmw(&(v)->counter, XOR, (i), 0, RELEASE, "atomic64_fetch_xor_release",                \
		 "atomic64_fetch_xor_release(" #i ", " #v ")")
#define atomic64_fetch_andnot(i, v)                                                                \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, FULL, "atomic64_fetch_andnot",                       \
		 "atomic64_fetch_andnot(" #i ", " #v ")")
#define atomic64_fetch_andnot_relaxed(i, v)                                                        \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, RELAXED, "atomic64_fetch_andnot_relaxed",            \
		 "atomic64_fetch_andnot_relaxed(" #i ", " #v ")")
#define atomic64_fetch_andnot_acquire(i, v)                                                        \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, ACQUIRE, "atomic64_fetch_andnot_acquire",            \
		 "atomic64_fetch_andnot_acquire(" #i ", " #v ")")
#define atomic64_fetch_andnot_release(i, v)                                                        \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, RELEASE, "atomic64_fetch_andnot_release",            \
		 "atomic64_fetch_andnot_release(" #i ", " #v ")")
#define atomic64_and(i, v)                                                                         \
	((void)kapi_rmw(&(v)->counter, AND, (i), 0, VOID, "atomic64_and",                          \
			"atomic64_and(" #i ", " #v ")"))
#define atomic64_or(i, v)                                                                          \
	((void)kapi_rmw(&(v)->counter, OR, (i), 0, VOID, "atomic64_or",                            \
			"atomic64_or(" #i ", " #v ")"))
#define atomic64_xor(i, v)                                                                         \
	((void)kapi_rmw(&(v)->counter, XOR, (i), 0, VOID, "atomic64_xor",                          \
			"atomic64_xor(" #i ", " #v ")"))
#define atomic64_andnot(i, v)                                                                      \
	((void)kapi_rmw(&(v)->counter, AND, ~(i), 0, VOID, "atomic64_andnot",                      \
			"atomic64_andnot(" #i ", " #v ")"))
#define atomic64_xchg(v, new)                                                                      \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, FULL, "atomic64_xchg",                             \
		 "atomic64_xchg(" #v ", " #new ")")
#define atomic64_cmpxchg(v, old, new)                                                              \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), FULL, "atomic64_cmpxchg",                   \
		 "atomic64_cmpxchg(" #v ", " #old ", " #new ")")
#define atomic64_try_cmpxchg(v, old, new)                                                          \
	kapi_try_cmpxchg(&(v)->counter, old, new, FULL, "atomic64_try_cmpxchg",                    \
			 "atomic64_try_cmpxchg(" #v ", " #old ", " #new ")")
#define atomic64_xchg_relaxed(v, new)                                                              \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, RELAXED, "atomic64_xchg_relaxed",                  \
		 "atomic64_xchg_relaxed(" #v ", " #new ")")
#define atomic64_cmpxchg_relaxed(v, old, new)                                                      \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), RELAXED, "atomic64_cmpxchg_relaxed",        \
		 "atomic64_cmpxchg_relaxed(" #v ", " #old ", " #new ")")
#define atomic64_try_cmpxchg_relaxed(v, old, new)                                                  \
	kapi_try_cmpxchg(&(v)->counter, old, new, RELAXED, "atomic64_try_cmpxchg_relaxed",         \
			 "atomic64_try_cmpxchg_relaxed(" #v ", " #old ", " #new ")")
#define atomic64_xchg_acquire(v, new)                                                              \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, ACQUIRE, "atomic64_xchg_acquire",                  \
		 "atomic64_xchg_acquire(" #v ", " #new ")")
#define atomic64_cmpxchg_acquire(v, old, new)                                                      \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), ACQUIRE, "atomic64_cmpxchg_acquire",        \
		 "atomic64_cmpxchg_acquire(" #v ", " #old ", " #new ")")
#define atomic64_try_cmpxchg_acquire(v, old, new)                                                  \
	kapi_try_cmpxchg(&(v)->counter, old, new, ACQUIRE, "atomic64_try_cmpxchg_acquire",         \
			 "atomic64_try_cmpxchg_acquire(" #v ", " #old ", " #new ")")
#define atomic64_xchg_release(v, new)                                                              \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, RELEASE, "atomic64_xchg_release",                  \
		 "atomic64_xchg_release(" #v ", " #new ")")
#define atomic64_cmpxchg_release(v, old, new)                                                      \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), RELEASE, "atomic64_cmpxchg_release",        \
		 "atomic64_cmpxchg_release(" #v ", " #old ", " #new ")")
#define atomic64_try_cmpxchg_release(v, old, new)                                                  \
	kapi_try_cmpxchg(&(v)->counter, old, new, RELEASE, "atomic64_try_cmpxchg_release",         \
			 "atomic64_try_cmpxchg_release(" #v ", " #old ", " #new ")")
#define atomic64_fetch_add_unless(v, a, u)                                                         \
	kapi_rmw(&(v)->counter, ADD_UNLESS, (long)(a), (u), FULL, "atomic64_fetch_add_unless",     \
		 "atomic64_fetch_add_unless(" #v ", " #a ", " #u ")")
#define atomic64_add_unless(v, a, u)                                                               \
	(kapi_rmw(&(v)->counter, ADD_UNLESS, (long)(a), (u), FULL, "atomic64_add_unless",          \
		  "atomic64_add_unless(" #v ", " #a ", " #u ")") != (u))
#define atomic64_inc_not_zero(v)                                                                   \
	(kapi_rmw(&(v)->counter, ADD_UNLESS, 1l, 0, FULL, "atomic64_inc_not_zero",                 \
		  "atomic64_inc_not_zero(" #v ")") != 0)
#define atomic64_dec_and_test(v)                                                                   \
	(kapi_rmw(&(v)->counter, ADD, -1l, 0, FULL, "atomic64_dec_and_test",                       \
		  "atomic64_dec_and_test(" #v ")") == 1)
#define atomic64_inc_and_test(v)                                                                   \
	(kapi_rmw(&(v)->counter, ADD, 1l, 0, FULL, "atomic64_inc_and_test",                        \
		  "atomic64_inc_and_test(" #v ")") == -1)
#define atomic64_sub_and_test(i, v)                                                                \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, FULL, "atomic64_sub_and_test",                \
		  "atomic64_sub_and_test(" #i ", " #v ")") == (i))
#define atomic64_add_negative(i, v)                                                                \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, FULL, "atomic64_add_negative",                 \
		  "atomic64_add_negative(" #i ", " #v ")") +                                       \
		 (i) <                                                                             \
	 0)

/* ---- atomic_long_t ---- */

#define atomic_long_read(v) READ_ONCE((v)->counter)
#define atomic_long_set(v, i) WRITE_ONCE((v)->counter, (i))
#define atomic_long_read_acquire(v) smp_load_acquire(&(v)->counter)
#define atomic_long_set_release(v, i) smp_store_release(&(v)->counter, (i))
#define atomic_long_add(i, v)                                                                      \
	((void)kapi_rmw(&(v)->counter, ADD, (long)(i), 0, VOID, "atomic_long_add",                 \
			"atomic_long_add(" #i ", " #v ")"))
#define atomic_long_sub(i, v)                                                                      \
	((void)kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, VOID, "atomic_long_sub",                \
			"atomic_long_sub(" #i ", " #v ")"))
#define atomic_long_inc(v)                                                                         \
	((void)kapi_rmw(&(v)->counter, ADD, 1l, 0, VOID, "atomic_long_inc",                        \
			"atomic_long_inc(" #v ")"))
#define atomic_long_dec(v)                                                                         \
	((void)kapi_rmw(&(v)->counter, ADD, -1l, 0, VOID, "atomic_long_dec",                       \
			"atomic_long_dec(" #v ")"))
#define atomic_long_add_return(i, v)                                                               \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, FULL, "atomic_long_add_return",                \
		  "atomic_long_add_return(" #i ", " #v ")") +                                      \
	 ((i)))
#define atomic_long_add_return_relaxed(i, v)                                                       \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELAXED, "atomic_long_add_return_relaxed",     \
		  "atomic_long_add_return_relaxed(" #i ", " #v ")") +                              \
	 ((i)))
#define atomic_long_add_return_acquire(i, v)                                                       \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, ACQUIRE, "atomic_long_add_return_acquire",     \
		  "atomic_long_add_return_acquire(" #i ", " #v ")") +                              \
	 ((i)))
#define atomic_long_add_return_release(i, v)                                                       \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELEASE, "atomic_long_add_return_release",     \
		  "atomic_long_add_return_release(" #i ", " #v ")") +                              \
	 ((i)))
#define atomic_long_sub_return(i, v)                                                               \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, FULL, "atomic_long_sub_return",               \
		  "atomic_long_sub_return(" #i ", " #v ")") +                                      \
	 (-(i)))
#define atomic_long_sub_return_relaxed(i, v)                                                       \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELAXED, "atomic_long_sub_return_relaxed",    \
		  "atomic_long_sub_return_relaxed(" #i ", " #v ")") +                              \
	 (-(i)))
#define atomic_long_sub_return_acquire(i, v)                                                       \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, ACQUIRE, "atomic_long_sub_return_acquire",    \
		  "atomic_long_sub_return_acquire(" #i ", " #v ")") +                              \
	 (-(i)))
#define atomic_long_sub_return_release(i, v)                                                       \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELEASE, "atomic_long_sub_return_release",    \
		  "atomic_long_sub_return_release(" #i ", " #v ")") +                              \
	 (-(i)))
#define atomic_long_inc_return(v)                                                                  \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, FULL, "atomic_long_inc_return",                        \
		  "atomic_long_inc_return(" #v ")") +                                              \
	 (1))
#define atomic_long_inc_return_relaxed(v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, RELAXED, "atomic_long_inc_return_relaxed",             \
		  "atomic_long_inc_return_relaxed(" #v ")") +                                      \
	 (1))
#define atomic_long_inc_return_acquire(v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, ACQUIRE, "atomic_long_inc_return_acquire",             \
		  "atomic_long_inc_return_acquire(" #v ")") +                                      \
	 (1))
#define atomic_long_inc_return_release(v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, RELEASE, "atomic_long_inc_return_release",             \
		  "atomic_long_inc_return_release(" #v ")") +                                      \
	 (1))
#define atomic_long_dec_return(v)                                                                  \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, FULL, "atomic_long_dec_return",                       \
		  "atomic_long_dec_return(" #v ")") +                                              \
	 (-1))
#define atomic_long_dec_return_relaxed(v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, RELAXED, "atomic_long_dec_return_relaxed",            \
		  "atomic_long_dec_return_relaxed(" #v ")") +                                      \
	 (-1))
#define atomic_long_dec_return_acquire(v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, ACQUIRE, "atomic_long_dec_return_acquire",            \
		  "atomic_long_dec_return_acquire(" #v ")") +                                      \
	 (-1))
#define atomic_long_dec_return_release(v)                                                          \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, RELEASE, "atomic_long_dec_return_release",            \
		  "atomic_long_dec_return_release(" #v ")") +                                      \
	 (-1))
#define atomic_long_fetch_add(i, v)                                                                \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, FULL, "atomic_long_fetch_add",                  \
		 "atomic_long_fetch_add(" #i ", " #v ")")
#define atomic_long_fetch_add_relaxed(i, v)                                                        \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELAXED, "atomic_long_fetch_add_relaxed",       \
		 "atomic_long_fetch_add_relaxed(" #i ", " #v ")")
#define atomic_long_fetch_add_acquire(i, v)                                                        \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, ACQUIRE, "atomic_long_fetch_add_acquire",       \
		 "atomic_long_fetch_add_acquire(" #i ", " #v ")")
#define atomic_long_fetch_add_release(i, v)                                                        \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELEASE, "atomic_long_fetch_add_release",       \
		 "atomic_long_fetch_add_release(" #i ", " #v ")")
#define atomic_long_fetch_sub(i, v)                                                                \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, FULL, "atomic_long_fetch_sub",                 \
		 "atomic_long_fetch_sub(" #i ", " #v ")")
#define atomic_long_fetch_sub_relaxed(i, v)                                                        \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELAXED, "atomic_long_fetch_sub_relaxed",      \
		 "atomic_long_fetch_sub_relaxed(" #i ", " #v ")")
#define atomic_long_fetch_sub_acquire(i, v)                                                        \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, ACQUIRE, "atomic_long_fetch_sub_acquire",      \
		 "atomic_long_fetch_sub_acquire(" #i ", " #v ")")
#define atomic_long_fetch_sub_release(i, v)                                                        \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELEASE, "atomic_long_fetch_sub_release",      \
		 "atomic_long_fetch_sub_release(" #i ", " #v ")")
#define atomic_long_fetch_inc(v)                                                                   \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, FULL, "atomic_long_fetch_inc",                         \
		 "atomic_long_fetch_inc(" #v ")")
#define atomic_long_fetch_inc_relaxed(v)                                                           \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, RELAXED, "atomic_long_fetch_inc_relaxed",              \
		 "atomic_long_fetch_inc_relaxed(" #v ")")
#define atomic_long_fetch_inc_acquire(v)                                                           \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, ACQUIRE, "atomic_long_fetch_inc_acquire",              \
		 "atomic_long_fetch_inc_acquire(" #v ")")
#define atomic_long_fetch_inc_release(v)                                                           \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, RELEASE, "atomic_long_fetch_inc_release",              \
		 "atomic_long_fetch_inc_release(" #v ")")
#define atomic_long_fetch_dec(v)                                                                   \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, FULL, "atomic_long_fetch_dec",                        \
		 "atomic_long_fetch_dec(" #v ")")
#define atomic_long_fetch_dec_relaxed(v)                                                           \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, RELAXED, "atomic_long_fetch_dec_relaxed",             \
		 "atomic_long_fetch_dec_relaxed(" #v ")")
#define atomic_long_fetch_dec_acquire(v)                                                           \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, ACQUIRE, "atomic_long_fetch_dec_acquire",             \
		 "atomic_long_fetch_dec_acquire(" #v ")")
#define atomic_long_fetch_dec_release(v)                                                           \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, RELEASE, "atomic_long_fetch_dec_release",             \
		 "atomic_long_fetch_dec_release(" #v ")")
#define atomic_long_fetch_and(i, v)                                                                \
	kapi_rmw(&(v)->counter, AND, (i), 0, FULL, "atomic_long_fetch_and",                        \
		 "atomic_long_fetch_and(" #i ", " #v ")")
#define atomic_long_fetch_and_relaxed(i, v)                                                        \
	kapi_rmw(&(v)->counter, AND, (i), 0, RELAXED, "atomic_long_fetch_and_relaxed",             \
		 "atomic_long_fetch_and_relaxed(" #i ", " #v ")")
#define atomic_long_fetch_and_acquire(i, v)                                                        \
	kapi_rmw(&(v)->counter, AND, (i), 0, ACQUIRE, "atomic_long_fetch_and_acquire",             \
		 "atomic_long_fetch_and_acquire(" #i ", " #v ")")
#define atomic_long_fetch_and_release(i, v)                                                        \
	kapi_rmw(&(v)->counter, AND, (i), 0, RELEASE, "atomic_long_fetch_and_release",             \
		 "atomic_long_fetch_and_release(" #i ", " #v ")")
#define atomic_long_fetch_or(i, v)                                                                 \
	kapi_rmw(&(v)->counter, OR, (i), 0, FULL, "atomic_long_fetch_or",                          \
		 "atomic_long_fetch_or(" #i ", " #v ")")
#define atomic_long_fetch_or_relaxed(i, v)                                                         \
	kapi_rmw(&(v)->counter, OR, (i), 0, RELAXED, "atomic_long_fetch_or_relaxed",               \
		 "atomic_long_fetch_or_relaxed(" #i ", " #v ")")
#define atomic_long_fetch_or_acquire(i, v)                                                         \
	kapi_rmw(&(v)->counter, OR, (i), 0, ACQUIRE, "atomic_long_fetch_or_acquire",               \
		 "atomic_long_fetch_or_acquire(" #i ", " #v ")")
#define atomic_long_fetch_or_release(i, v)                                                         \
	kapi_rmw(&(v)->counter, OR, (i), 0, RELEASE, "atomic_long_fetch_or_release",               \
		 "atomic_long_fetch_or_release(" #i ", " #v ")")
#define atomic_long_fetch_xor(i, v)                                                                \
	kapi_rmw(&(v)->counter, XOR, (i), 0, FULL, "atomic_long_fetch_xor",                        \
		 "atomic_long_fetch_xor(" #i ", " #v ")")
#define atomic_long_fetch_xor_relaxed(i, v)                                                        \
	kapi_rmw(&(v)->counter, XOR, (i), 0, RELAXED, "atomic_long_fetch_xor_relaxed",             \
		 "atomic_long_fetch_xor_relaxed(" #i ", " #v ")")
#define atomic_long_fetch_xor_acquire(i, v)                                                        \
	kapi_rmw(&(v)->counter, XOR, (i), 0, ACQUIRE, "atomic_long_fetch_xor_acquire",             \
		 "atomic_long_fetch_xor_acquire(" #i ", " #v ")")
#define atomic_long_fetch_xor_release(i, v)                                                        \
	kapi_rmw(&(v)->counter, XOR, (i), 0, RELEASE, "atomic_long_fetch_xor_release",             \
		 "atomic_long_fetch_xor_release(" #i ", " #v ")")
#define atomic_long_fetch_andnot(i, v)                                                             \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, FULL, "atomic_long_fetch_andnot",                    \
		 "atomic_long_fetch_andnot(" #i ", " #v ")")
#define atomic_long_fetch_andnot_relaxed(i, v)                                                     \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, RELAXED, "atomic_long_fetch_andnot_relaxed",         \
		 "atomic_long_fetch_andnot_relaxed(" #i ", " #v ")")
#define atomic_long_fetch_andnot_acquire(i, v)                                                     \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, ACQUIRE, "atomic_long_fetch_andnot_acquire",         \
		 "atomic_long_fetch_andnot_acquire(" #i ", " #v ")")
#define atomic_long_fetch_andnot_release(i, v)                                                     \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, RELEASE, "atomic_long_fetch_andnot_release",         \
		 "atomic_long_fetch_andnot_release(" #i ", " #v ")")
#define atomic_long_and(i, v)                                                                      \
	((void)kapi_rmw(&(v)->counter, AND, (i), 0, VOID, "atomic_long_and",                       \
			"atomic_long_and(" #i ", " #v ")"))
#define atomic_long_or(i, v)                                                                       \
	((void)kapi_rmw(&(v)->counter, OR, (i), 0, VOID, "atomic_long_or",                         \
			"atomic_long_or(" #i ", " #v ")"))
#define atomic_long_xor(i, v)                                                                      \
	((void)kapi_rmw(&(v)->counter, XOR, (i), 0, VOID, "atomic_long_xor",                       \
			"atomic_long_xor(" #i ", " #v ")"))
#define atomic_long_andnot(i, v)                                                                   \
	((void)kapi_rmw(&(v)->counter, AND, ~(i), 0, VOID, "atomic_long_andnot",                   \
			"atomic_long_andnot(" #i ", " #v ")"))
#define atomic_long_xchg(v, new)                                                                   \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, FULL, "atomic_long_xchg",                          \
		 "atomic_long_xchg(" #v ", " #new ")")
#define atomic_long_cmpxchg(v, old, new)                                                           \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), FULL, "atomic_long_cmpxchg",                \
		 "atomic_long_cmpxchg(" #v ", " #old ", " #new ")")
#define atomic_long_try_cmpxchg(v, old, new)                                                       \
	kapi_try_cmpxchg(&(v)->counter, old, new, FULL, "atomic_long_try_cmpxchg",                 \
			 "atomic_long_try_cmpxchg(" #v ", " #old ", " #new ")")
#define atomic_long_xchg_relaxed(v, new)                                                           \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, RELAXED, "atomic_long_xchg_relaxed",               \
		 "atomic_long_xchg_relaxed(" #v ", " #new ")")
#define atomic_long_cmpxchg_relaxed(v, old, new)                                                   \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), RELAXED, "atomic_long_cmpxchg_relaxed",     \
		 "atomic_long_cmpxchg_relaxed(" #v ", " #old ", " #new ")")
#define atomic_long_try_cmpxchg_relaxed(v, old, new)                                               \
	kapi_try_cmpxchg(&(v)->counter, old, new, RELAXED, "atomic_long_try_cmpxchg_relaxed",      \
			 "atomic_long_try_cmpxchg_relaxed(" #v ", " #old ", " #new ")")
#define atomic_long_xchg_acquire(v, new)                                                           \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, ACQUIRE, "atomic_long_xchg_acquire",               \
		 "atomic_long_xchg_acquire(" #v ", " #new ")")
#define atomic_long_cmpxchg_acquire(v, old, new)                                                   \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), ACQUIRE, "atomic_long_cmpxchg_acquire",     \
		 "atomic_long_cmpxchg_acquire(" #v ", " #old ", " #new ")")
#define atomic_long_try_cmpxchg_acquire(v, old, new)                                               \
	kapi_try_cmpxchg(&(v)->counter, old, new, ACQUIRE, "atomic_long_try_cmpxchg_acquire",      \
			 "atomic_long_try_cmpxchg_acquire(" #v ", " #old ", " #new ")")
#define atomic_long_xchg_release(v, new)                                                           \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, RELEASE, "atomic_long_xchg_release",               \
		 "atomic_long_xchg_release(" #v ", " #new ")")
#define atomic_long_cmpxchg_release(v, old, new)                                                   \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), RELEASE, "atomic_long_cmpxchg_release",     \
		 "atomic_long_cmpxchg_release(" #v ", " #old ", " #new ")")
#define atomic_long_try_cmpxchg_release(v, old, new)                                               \
	kapi_try_cmpxchg(&(v)->counter, old, new, RELEASE, "atomic_long_try_cmpxchg_release",      \
			 "atomic_long_try_cmpxchg_release(" #v ", " #old ", " #new ")")
#define atomic_long_fetch_add_unless(v, a, u)                                                      \
	kapi_rmw(&(v)->counter, ADD_UNLESS, (long)(a), (u), FULL, "atomic_long_fetch_add_unless",  \
		 "atomic_long_fetch_add_unless(" #v ", " #a ", " #u ")")
#define atomic_long_add_unless(v, a, u)                                                            \
	(kapi_rmw(&(v)->counter, ADD_UNLESS, (long)(a), (u), FULL, "atomic_long_add_unless",       \
		  "atomic_long_add_unless(" #v ", " #a ", " #u ")") != (u))
#define atomic_long_inc_not_zero(v)                                                                \
	(kapi_rmw(&(v)->counter, ADD_UNLESS, 1l, 0, FULL, "atomic_long_inc_not_zero",              \
		  "atomic_long_inc_not_zero(" #v ")") != 0)
#define atomic_long_dec_and_test(v)                                                                \
	(kapi_rmw(&(v)->counter, ADD, -1l, 0, FULL, "atomic_long_dec_and_test",                    \
		  "atomic_long_dec_and_test(" #v ")") == 1)
#define atomic_long_inc_and_test(v)                                                                \
	(kapi_rmw(&(v)->counter, ADD, 1l, 0, FULL, "atomic_long_inc_and_test",                     \
		  "atomic_long_inc_and_test(" #v ")") == -1)
#define atomic_long_sub_and_test(i, v)                                                             \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, FULL, "atomic_long_sub_and_test",             \
		  "atomic_long_sub_and_test(" #i ", " #v ")") == (i))
#define atomic_long_add_negative(i, v)                                                             \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, FULL, "atomic_long_add_negative",              \
		  "atomic_long_add_negative(" #i ", " #v ")") +                                    \
		 (i) <                                                                             \
	 0)

#endif
