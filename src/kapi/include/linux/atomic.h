/*
 * atomic.h - counters without a policy, and read-modify-writes of any word. Operations that return
 * nothing order nothing, and neither does a cmpxchg that fails. _relaxed orders nothing, either; those
 * that return a value are never late under weak memory.
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

/* ---- any word ---- */

/* Returns: what was there. */
#define kapi_rmw(word, how, operand, expected, order, name, text)                                  \
	({                                                                                         \
		__auto_type word_ = (word);                                                        \
		(__typeof__(*word_))kapi_update(                                                   \
			word_, sizeof(*word_), KAPI_UPDATE_##how, (unsigned long)(operand),        \
			(unsigned long)(expected), KAPI_##order, KAPI_SITE(name, text));           \
	})
/* What was there is stored at @old when it is another value. Returns: was it @old's? */
#define kapi_try_cmpxchg(word, old, new, order, name, text)                                        \
	({                                                                                         \
		__auto_type old_ = (old);                                                          \
		__typeof__(*old_) expected_ = *old_,                                               \
				  before_ = kapi_rmw(word, CMPXCHG, new, expected_, order, name,   \
						     text);                                        \
		if (before_ != expected_)                                                          \
			*old_ = before_;                                                           \
		before_ == expected_;                                                              \
	})
#define xchg(p, new) kapi_rmw(p, XCHG, new, 0, FULL, "xchg", "xchg(" #p ", " #new ")")
#define cmpxchg(p, old, new)                                                                       \
	kapi_rmw(p, CMPXCHG, new, old, FULL, "cmpxchg", "cmpxchg(" #p ", " #old ", " #new ")")
#define try_cmpxchg(p, old, new)                                                                   \
	kapi_try_cmpxchg(p, old, new, FULL, "try_cmpxchg",                                         \
			 "try_cmpxchg(" #p ", " #old ", " #new ")")
#define xchg_relaxed(p, new)                                                                       \
	kapi_rmw(p, XCHG, new, 0, RELAXED, "xchg_relaxed", "xchg_relaxed(" #p ", " #new ")")
#define cmpxchg_relaxed(p, old, new)                                                               \
	kapi_rmw(p, CMPXCHG, new, old, RELAXED, "cmpxchg_relaxed",                                 \
		 "cmpxchg_relaxed(" #p ", " #old ", " #new ")")
#define try_cmpxchg_relaxed(p, old, new)                                                           \
	kapi_try_cmpxchg(p, old, new, RELAXED, "try_cmpxchg_relaxed",                              \
			 "try_cmpxchg_relaxed(" #p ", " #old ", " #new ")")
#define xchg_acquire(p, new)                                                                       \
	kapi_rmw(p, XCHG, new, 0, ACQUIRE, "xchg_acquire", "xchg_acquire(" #p ", " #new ")")
#define cmpxchg_acquire(p, old, new)                                                               \
	kapi_rmw(p, CMPXCHG, new, old, ACQUIRE, "cmpxchg_acquire",                                 \
		 "cmpxchg_acquire(" #p ", " #old ", " #new ")")
#define try_cmpxchg_acquire(p, old, new)                                                           \
	kapi_try_cmpxchg(p, old, new, ACQUIRE, "try_cmpxchg_acquire",                              \
			 "try_cmpxchg_acquire(" #p ", " #old ", " #new ")")
#define xchg_release(p, new)                                                                       \
	kapi_rmw(p, XCHG, new, 0, RELEASE, "xchg_release", "xchg_release(" #p ", " #new ")")
#define cmpxchg_release(p, old, new)                                                               \
	kapi_rmw(p, CMPXCHG, new, old, RELEASE, "cmpxchg_release",                                 \
		 "cmpxchg_release(" #p ", " #old ", " #new ")")
#define try_cmpxchg_release(p, old, new)                                                           \
	kapi_try_cmpxchg(p, old, new, RELEASE, "try_cmpxchg_release",                              \
			 "try_cmpxchg_release(" #p ", " #old ", " #new ")")
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()
#define smp_mb__after_spinlock() smp_mb()
#define smp_store_mb(var, value)                                                                   \
	do {                                                                                       \
		WRITE_ONCE(var, value);                                                            \
		smp_mb();                                                                          \
	} while (0)

/* ---- atomic_t ---- */

#define atomic_read_acquire(v) smp_load_acquire(&(v)->counter)
#define atomic_set_release(v, i) smp_store_release(&(v)->counter, (i))
#define atomic_add(i, v)                                                                           \
	((void)kapi_atomic_add(&(v)->counter, (i), KAPI_VOID,                                      \
			       KAPI_SITE("atomic_add", "atomic_add(" #i ", " #v ")")))
#define atomic_sub(i, v)                                                                           \
	((void)kapi_atomic_add(&(v)->counter, -(i), KAPI_VOID,                                     \
			       KAPI_SITE("atomic_sub", "atomic_sub(" #i ", " #v ")")))
#define atomic_add_return(i, v)                                                                    \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, FULL, "atomic_add_return",                     \
		  "atomic_add_return(" #i ", " #v ")") +                                           \
	 ((i)))
#define atomic_add_return_relaxed(i, v)                                                            \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELAXED, "atomic_add_return_relaxed",          \
		  "atomic_add_return_relaxed(" #i ", " #v ")") +                                   \
	 ((i)))
#define atomic_add_return_acquire(i, v)                                                            \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, ACQUIRE, "atomic_add_return_acquire",          \
		  "atomic_add_return_acquire(" #i ", " #v ")") +                                   \
	 ((i)))
#define atomic_add_return_release(i, v)                                                            \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELEASE, "atomic_add_return_release",          \
		  "atomic_add_return_release(" #i ", " #v ")") +                                   \
	 ((i)))
#define atomic_sub_return(i, v)                                                                    \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, FULL, "atomic_sub_return",                    \
		  "atomic_sub_return(" #i ", " #v ")") +                                           \
	 (-(i)))
#define atomic_sub_return_relaxed(i, v)                                                            \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELAXED, "atomic_sub_return_relaxed",         \
		  "atomic_sub_return_relaxed(" #i ", " #v ")") +                                   \
	 (-(i)))
#define atomic_sub_return_acquire(i, v)                                                            \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, ACQUIRE, "atomic_sub_return_acquire",         \
		  "atomic_sub_return_acquire(" #i ", " #v ")") +                                   \
	 (-(i)))
#define atomic_sub_return_release(i, v)                                                            \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELEASE, "atomic_sub_return_release",         \
		  "atomic_sub_return_release(" #i ", " #v ")") +                                   \
	 (-(i)))
#define atomic_inc_return_relaxed(v)                                                               \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, RELAXED, "atomic_inc_return_relaxed",                  \
		  "atomic_inc_return_relaxed(" #v ")") +                                           \
	 (1))
#define atomic_inc_return_acquire(v)                                                               \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, ACQUIRE, "atomic_inc_return_acquire",                  \
		  "atomic_inc_return_acquire(" #v ")") +                                           \
	 (1))
#define atomic_inc_return_release(v)                                                               \
	(kapi_rmw(&(v)->counter, ADD, 1, 0, RELEASE, "atomic_inc_return_release",                  \
		  "atomic_inc_return_release(" #v ")") +                                           \
	 (1))
#define atomic_dec_return_relaxed(v)                                                               \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, RELAXED, "atomic_dec_return_relaxed",                 \
		  "atomic_dec_return_relaxed(" #v ")") +                                           \
	 (-1))
#define atomic_dec_return_acquire(v)                                                               \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, ACQUIRE, "atomic_dec_return_acquire",                 \
		  "atomic_dec_return_acquire(" #v ")") +                                           \
	 (-1))
#define atomic_dec_return_release(v)                                                               \
	(kapi_rmw(&(v)->counter, ADD, -1, 0, RELEASE, "atomic_dec_return_release",                 \
		  "atomic_dec_return_release(" #v ")") +                                           \
	 (-1))
#define atomic_fetch_add(i, v)                                                                     \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, FULL, "atomic_fetch_add",                       \
		 "atomic_fetch_add(" #i ", " #v ")")
#define atomic_fetch_add_relaxed(i, v)                                                             \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELAXED, "atomic_fetch_add_relaxed",            \
		 "atomic_fetch_add_relaxed(" #i ", " #v ")")
#define atomic_fetch_add_acquire(i, v)                                                             \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, ACQUIRE, "atomic_fetch_add_acquire",            \
		 "atomic_fetch_add_acquire(" #i ", " #v ")")
#define atomic_fetch_add_release(i, v)                                                             \
	kapi_rmw(&(v)->counter, ADD, (long)(i), 0, RELEASE, "atomic_fetch_add_release",            \
		 "atomic_fetch_add_release(" #i ", " #v ")")
#define atomic_fetch_sub(i, v)                                                                     \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, FULL, "atomic_fetch_sub",                      \
		 "atomic_fetch_sub(" #i ", " #v ")")
#define atomic_fetch_sub_relaxed(i, v)                                                             \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELAXED, "atomic_fetch_sub_relaxed",           \
		 "atomic_fetch_sub_relaxed(" #i ", " #v ")")
#define atomic_fetch_sub_acquire(i, v)                                                             \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, ACQUIRE, "atomic_fetch_sub_acquire",           \
		 "atomic_fetch_sub_acquire(" #i ", " #v ")")
#define atomic_fetch_sub_release(i, v)                                                             \
	kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, RELEASE, "atomic_fetch_sub_release",           \
		 "atomic_fetch_sub_release(" #i ", " #v ")")
#define atomic_fetch_inc(v)                                                                        \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, FULL, "atomic_fetch_inc", "atomic_fetch_inc(" #v ")")
#define atomic_fetch_inc_relaxed(v)                                                                \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, RELAXED, "atomic_fetch_inc_relaxed",                   \
		 "atomic_fetch_inc_relaxed(" #v ")")
#define atomic_fetch_inc_acquire(v)                                                                \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, ACQUIRE, "atomic_fetch_inc_acquire",                   \
		 "atomic_fetch_inc_acquire(" #v ")")
#define atomic_fetch_inc_release(v)                                                                \
	kapi_rmw(&(v)->counter, ADD, 1l, 0, RELEASE, "atomic_fetch_inc_release",                   \
		 "atomic_fetch_inc_release(" #v ")")
#define atomic_fetch_dec(v)                                                                        \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, FULL, "atomic_fetch_dec", "atomic_fetch_dec(" #v ")")
#define atomic_fetch_dec_relaxed(v)                                                                \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, RELAXED, "atomic_fetch_dec_relaxed",                  \
		 "atomic_fetch_dec_relaxed(" #v ")")
#define atomic_fetch_dec_acquire(v)                                                                \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, ACQUIRE, "atomic_fetch_dec_acquire",                  \
		 "atomic_fetch_dec_acquire(" #v ")")
#define atomic_fetch_dec_release(v)                                                                \
	kapi_rmw(&(v)->counter, ADD, -1l, 0, RELEASE, "atomic_fetch_dec_release",                  \
		 "atomic_fetch_dec_release(" #v ")")
#define atomic_fetch_and(i, v)                                                                     \
	kapi_rmw(&(v)->counter, AND, (i), 0, FULL, "atomic_fetch_and",                             \
		 "atomic_fetch_and(" #i ", " #v ")")
#define atomic_fetch_and_relaxed(i, v)                                                             \
	kapi_rmw(&(v)->counter, AND, (i), 0, RELAXED, "atomic_fetch_and_relaxed",                  \
		 "atomic_fetch_and_relaxed(" #i ", " #v ")")
#define atomic_fetch_and_acquire(i, v)                                                             \
	kapi_rmw(&(v)->counter, AND, (i), 0, ACQUIRE, "atomic_fetch_and_acquire",                  \
		 "atomic_fetch_and_acquire(" #i ", " #v ")")
#define atomic_fetch_and_release(i, v)                                                             \
	kapi_rmw(&(v)->counter, AND, (i), 0, RELEASE, "atomic_fetch_and_release",                  \
		 "atomic_fetch_and_release(" #i ", " #v ")")
#define atomic_fetch_or(i, v)                                                                      \
	kapi_rmw(&(v)->counter, OR, (i), 0, FULL, "atomic_fetch_or",                               \
		 "atomic_fetch_or(" #i ", " #v ")")
#define atomic_fetch_or_relaxed(i, v)                                                              \
	kapi_rmw(&(v)->counter, OR, (i), 0, RELAXED, "atomic_fetch_or_relaxed",                    \
		 "atomic_fetch_or_relaxed(" #i ", " #v ")")
#define atomic_fetch_or_acquire(i, v)                                                              \
	kapi_rmw(&(v)->counter, OR, (i), 0, ACQUIRE, "atomic_fetch_or_acquire",                    \
		 "atomic_fetch_or_acquire(" #i ", " #v ")")
#define atomic_fetch_or_release(i, v)                                                              \
	kapi_rmw(&(v)->counter, OR, (i), 0, RELEASE, "atomic_fetch_or_release",                    \
		 "atomic_fetch_or_release(" #i ", " #v ")")
#define atomic_fetch_xor(i, v)                                                                     \
	kapi_rmw(&(v)->counter, XOR, (i), 0, FULL, "atomic_fetch_xor",                             \
		 "atomic_fetch_xor(" #i ", " #v ")")
#define atomic_fetch_xor_relaxed(i, v)                                                             \
	kapi_rmw(&(v)->counter, XOR, (i), 0, RELAXED, "atomic_fetch_xor_relaxed",                  \
		 "atomic_fetch_xor_relaxed(" #i ", " #v ")")
#define atomic_fetch_xor_acquire(i, v)                                                             \
	kapi_rmw(&(v)->counter, XOR, (i), 0, ACQUIRE, "atomic_fetch_xor_acquire",                  \
		 "atomic_fetch_xor_acquire(" #i ", " #v ")")
#define atomic_fetch_xor_release(i, v)                                                             \
	kapi_rmw(&(v)->counter, XOR, (i), 0, RELEASE, "atomic_fetch_xor_release",                  \
		 "atomic_fetch_xor_release(" #i ", " #v ")")
#define atomic_fetch_andnot(i, v)                                                                  \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, FULL, "atomic_fetch_andnot",                         \
		 "atomic_fetch_andnot(" #i ", " #v ")")
#define atomic_fetch_andnot_relaxed(i, v)                                                          \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, RELAXED, "atomic_fetch_andnot_relaxed",              \
		 "atomic_fetch_andnot_relaxed(" #i ", " #v ")")
#define atomic_fetch_andnot_acquire(i, v)                                                          \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, ACQUIRE, "atomic_fetch_andnot_acquire",              \
		 "atomic_fetch_andnot_acquire(" #i ", " #v ")")
#define atomic_fetch_andnot_release(i, v)                                                          \
	kapi_rmw(&(v)->counter, AND, ~(i), 0, RELEASE, "atomic_fetch_andnot_release",              \
		 "atomic_fetch_andnot_release(" #i ", " #v ")")
#define atomic_and(i, v)                                                                           \
	((void)kapi_rmw(&(v)->counter, AND, (i), 0, VOID, "atomic_and",                            \
			"atomic_and(" #i ", " #v ")"))
#define atomic_or(i, v)                                                                            \
	((void)kapi_rmw(&(v)->counter, OR, (i), 0, VOID, "atomic_or", "atomic_or(" #i ", " #v ")"))
#define atomic_xor(i, v)                                                                           \
	((void)kapi_rmw(&(v)->counter, XOR, (i), 0, VOID, "atomic_xor",                            \
			"atomic_xor(" #i ", " #v ")"))
#define atomic_andnot(i, v)                                                                        \
	((void)kapi_rmw(&(v)->counter, AND, ~(i), 0, VOID, "atomic_andnot",                        \
			"atomic_andnot(" #i ", " #v ")"))
#define atomic_xchg(v, new)                                                                        \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, FULL, "atomic_xchg",                               \
		 "atomic_xchg(" #v ", " #new ")")
#define atomic_cmpxchg(v, old, new)                                                                \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), FULL, "atomic_cmpxchg",                     \
		 "atomic_cmpxchg(" #v ", " #old ", " #new ")")
#define atomic_try_cmpxchg(v, old, new)                                                            \
	kapi_try_cmpxchg(&(v)->counter, old, new, FULL, "atomic_try_cmpxchg",                      \
			 "atomic_try_cmpxchg(" #v ", " #old ", " #new ")")
#define atomic_xchg_relaxed(v, new)                                                                \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, RELAXED, "atomic_xchg_relaxed",                    \
		 "atomic_xchg_relaxed(" #v ", " #new ")")
#define atomic_cmpxchg_relaxed(v, old, new)                                                        \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), RELAXED, "atomic_cmpxchg_relaxed",          \
		 "atomic_cmpxchg_relaxed(" #v ", " #old ", " #new ")")
#define atomic_try_cmpxchg_relaxed(v, old, new)                                                    \
	kapi_try_cmpxchg(&(v)->counter, old, new, RELAXED, "atomic_try_cmpxchg_relaxed",           \
			 "atomic_try_cmpxchg_relaxed(" #v ", " #old ", " #new ")")
#define atomic_xchg_acquire(v, new)                                                                \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, ACQUIRE, "atomic_xchg_acquire",                    \
		 "atomic_xchg_acquire(" #v ", " #new ")")
#define atomic_cmpxchg_acquire(v, old, new)                                                        \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), ACQUIRE, "atomic_cmpxchg_acquire",          \
		 "atomic_cmpxchg_acquire(" #v ", " #old ", " #new ")")
#define atomic_try_cmpxchg_acquire(v, old, new)                                                    \
	kapi_try_cmpxchg(&(v)->counter, old, new, ACQUIRE, "atomic_try_cmpxchg_acquire",           \
			 "atomic_try_cmpxchg_acquire(" #v ", " #old ", " #new ")")
#define atomic_xchg_release(v, new)                                                                \
	kapi_rmw(&(v)->counter, XCHG, (new), 0, RELEASE, "atomic_xchg_release",                    \
		 "atomic_xchg_release(" #v ", " #new ")")
#define atomic_cmpxchg_release(v, old, new)                                                        \
	kapi_rmw(&(v)->counter, CMPXCHG, (new), (old), RELEASE, "atomic_cmpxchg_release",          \
		 "atomic_cmpxchg_release(" #v ", " #old ", " #new ")")
#define atomic_try_cmpxchg_release(v, old, new)                                                    \
	kapi_try_cmpxchg(&(v)->counter, old, new, RELEASE, "atomic_try_cmpxchg_release",           \
			 "atomic_try_cmpxchg_release(" #v ", " #old ", " #new ")")
#define atomic_fetch_add_unless(v, a, u)                                                           \
	kapi_rmw(&(v)->counter, ADD_UNLESS, (long)(a), (u), FULL, "atomic_fetch_add_unless",       \
		 "atomic_fetch_add_unless(" #v ", " #a ", " #u ")")
#define atomic_add_unless(v, a, u)                                                                 \
	(kapi_rmw(&(v)->counter, ADD_UNLESS, (long)(a), (u), FULL, "atomic_add_unless",            \
		  "atomic_add_unless(" #v ", " #a ", " #u ")") != (u))
#define atomic_inc_and_test(v)                                                                     \
	(kapi_rmw(&(v)->counter, ADD, 1l, 0, FULL, "atomic_inc_and_test",                          \
		  "atomic_inc_and_test(" #v ")") == -1)
#define atomic_sub_and_test(i, v)                                                                  \
	(kapi_rmw(&(v)->counter, ADD, -(long)(i), 0, FULL, "atomic_sub_and_test",                  \
		  "atomic_sub_and_test(" #i ", " #v ")") == (i))
#define atomic_add_negative(i, v)                                                                  \
	(kapi_rmw(&(v)->counter, ADD, (long)(i), 0, FULL, "atomic_add_negative",                   \
		  "atomic_add_negative(" #i ", " #v ")") +                                         \
		 (i) <                                                                             \
	 0)

#include <linux/atomic-long.h>

#endif
