/*
 * mutex.h - sleeping locks.
 *
 * mutex_unlock() makes the mutex available and then may touch it once more: who frees the memory
 * because the mutex was free frees it too early. The kernel says so (Documentation/locking); the
 * touch is an operation of its own here, "mutex_unlock:tail".
 */
#ifndef LINUX_MUTEX_H
#define LINUX_MUTEX_H

#include <linux/lockdep.h>

struct mutex {
	struct kapi_lock lock;
};

#define DEFINE_MUTEX(name_) KAPI_DEFINE_LOCK(struct mutex, name_, KAPI_MUTEX)

#define mutex_init(m) kapi_lock_init(&(m)->lock, KAPI_MUTEX, KAPI_CLASS(#m))
#define mutex_lock(m)                                                                              \
	kapi_lock(&(m)->lock, KAPI_MUTEX, false, #m, KAPI_SITE("mutex_lock", "mutex_lock(" #m ")"))
#define mutex_trylock(m)                                                                           \
	kapi_trylock(&(m)->lock, KAPI_MUTEX, false, #m,                                            \
		     KAPI_SITE("mutex_trylock", "mutex_trylock(" #m ")"))
#define mutex_unlock(m)                                                                            \
	kapi_unlock(&(m)->lock, false, KAPI_SITE("mutex_unlock", "mutex_unlock(" #m ")"),          \
		    KAPI_SITE("mutex_unlock:tail", "mutex_unlock(" #m ") still inside"))
/* A signal comes when the schedule says so. Returns: 0, or -EINTR without the lock. */
#define mutex_lock_interruptible(m)                                                                \
	(kapi_signal_pending(KAPI_SITE("mutex_lock_interruptible:signal",                          \
				       "mutex_lock_interruptible(" #m ") signal?"))                \
		 ? -EINTR                                                                          \
		 : (kapi_lock(&(m)->lock, KAPI_MUTEX, false, #m,                                   \
			      KAPI_SITE("mutex_lock_interruptible",                                \
					"mutex_lock_interruptible(" #m ")")),                      \
		    0))
#define mutex_lock_killable(m)                                                                     \
	(kapi_signal_pending(                                                                      \
		 KAPI_SITE("mutex_lock_killable:signal", "mutex_lock_killable(" #m ") signal?"))   \
		 ? -EINTR                                                                          \
		 : (kapi_lock(&(m)->lock, KAPI_MUTEX, false, #m,                                   \
			      KAPI_SITE("mutex_lock_killable", "mutex_lock_killable(" #m ")")),    \
		    0))
#define mutex_destroy(m) WARN_ON(mutex_is_locked(m))
#define mutex_is_locked(m) kapi_lock_is_locked(&(m)->lock)

#endif
