/*
 * refcount.h - counters that complain: an increment from 0 and a decrement below 1 are verdicts.
 */
#ifndef LINUX_REFCOUNT_H
#define LINUX_REFCOUNT_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

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

/*
 * With a lock that the last one takes before its decrement: nobody finds the object between the two.
 * Returns: was it the last? Then the lock is held.
 */
#define kapi_dec_not_one(word, name, text)                                                         \
	({                                                                                         \
		int *count_ = (word);                                                              \
		struct site *dec_ = KAPI_SITE(name, text);                                         \
		int before_ = (int)kapi_update(count_, sizeof(*count_), KAPI_UPDATE_ADD_UNLESS,    \
					       -1ul, 1, KAPI_RELEASE, dec_);                       \
		if (before_ <= 0)                                                                  \
			kapi_verdict(RULE_refcount, count_, "a decrement below 0", dec_);          \
		before_ != 1;                                                                      \
	})
#define refcount_dec_not_one(r)                                                                    \
	kapi_dec_not_one(&(r)->refs, "refcount_dec_not_one", "refcount_dec_not_one(" #r ")")
#define kapi_refcount_dec_and_lock(word, lock, unlock, name, text)                                 \
	({                                                                                         \
		int *refs_ = (word);                                                               \
		bool zero_ = false;                                                                \
		if (!kapi_dec_not_one(refs_, name, text)) {                                        \
			lock;                                                                      \
			zero_ = kapi_refcount_dec_and_test(refs_,                                  \
							   KAPI_SITE(name ":last", text " last")); \
			if (!zero_)                                                                \
				unlock;                                                            \
		}                                                                                  \
		zero_;                                                                             \
	})
#define refcount_dec_and_mutex_lock(r, lock)                                                       \
	kapi_refcount_dec_and_lock(&(r)->refs, mutex_lock(lock), mutex_unlock(lock),               \
				   "refcount_dec_and_mutex_lock",                                  \
				   "refcount_dec_and_mutex_lock(" #r ", " #lock ")")
#define refcount_dec_and_lock(r, lock)                                                             \
	kapi_refcount_dec_and_lock(&(r)->refs, spin_lock(lock), spin_unlock(lock),                 \
				   "refcount_dec_and_lock",                                        \
				   "refcount_dec_and_lock(" #r ", " #lock ")")
/* The same of a counter that does not complain. */
#define atomic_dec_and_lock(v, lock)                                                               \
	({                                                                                         \
		atomic_t *counter_ = (v);                                                          \
		bool zero_ = false;                                                                \
		if (!atomic_add_unless(counter_, -1, 1)) {                                         \
			spin_lock(lock);                                                           \
			zero_ = atomic_dec_and_test(counter_);                                     \
			if (!zero_)                                                                \
				spin_unlock(lock);                                                 \
		}                                                                                  \
		zero_;                                                                             \
	})

#endif
