/*
 * kref.h - a reference count with a release function.
 */
#ifndef LINUX_KREF_H
#define LINUX_KREF_H

#include <linux/refcount.h>

struct kref {
	refcount_t refcount;
};

#define kref_init(k)                                                                               \
	kapi_refcount_set(&(k)->refcount.refs, 1, KAPI_SITE("kref_init", "kref_init(" #k ")"))
#define kref_read(k)                                                                               \
	kapi_atomic_read(&(k)->refcount.refs, KAPI_SITE("kref_read", "kref_read(" #k ")"))
#define kref_get(k)                                                                                \
	kapi_refcount_inc(&(k)->refcount.refs, KAPI_SITE("kref_get", "kref_get(" #k ")"))
#define kref_get_unless_zero(k)                                                                    \
	kapi_refcount_inc_not_zero(&(k)->refcount.refs, KAPI_SITE("kref_get_unless_zero",          \
								  "kref_get_unless_zero(" #k ")"))
#define kref_put(k, release)                                                                       \
	({                                                                                         \
		struct kref *kref_ = (k);                                                          \
		bool last_ = kapi_refcount_dec_and_test(                                           \
			&kref_->refcount.refs,                                                     \
			KAPI_SITE("kref_put", "kref_put(" #k ", " #release ")"));                  \
		if (last_)                                                                         \
			(release)(kref_);                                                          \
		last_;                                                                             \
	})

/* @release is called with the lock held, and drops it. */
#define kapi_kref_put_locked(k, release, last)                                                     \
	({                                                                                         \
		struct kref *kref_ = (k);                                                          \
		bool last_ = (last);                                                               \
		if (last_)                                                                         \
			(release)(kref_);                                                          \
		last_;                                                                             \
	})
#define kref_put_mutex(k, release, lock)                                                           \
	kapi_kref_put_locked(k, release,                                                           \
			     kapi_refcount_dec_and_lock(&kref_->refcount.refs, mutex_lock(lock),   \
							mutex_unlock(lock), "kref_put_mutex",      \
							"kref_put_mutex(" #k ", " #release         \
							", " #lock ")"))
#define kref_put_lock(k, release, lock)                                                            \
	kapi_kref_put_locked(k, release,                                                           \
			     kapi_refcount_dec_and_lock(&kref_->refcount.refs, spin_lock(lock),    \
							spin_unlock(lock), "kref_put_lock",        \
							"kref_put_lock(" #k ", " #release          \
							", " #lock ")"))

#endif
