/*
 * spinlock.h - locks that do not sleep. Their unlock has no tail: the store that frees the lock is
 * the last touch.
 */
#ifndef LINUX_SPINLOCK_H
#define LINUX_SPINLOCK_H

#include <linux/lockdep.h>

typedef struct spinlock {
	struct kapi_lock lock;
} spinlock_t;

#define DEFINE_SPINLOCK(name_) KAPI_DEFINE_LOCK(spinlock_t, name_, KAPI_SPIN)

#define spin_lock_init(l) kapi_lock_init(&(l)->lock, KAPI_SPIN, KAPI_CLASS(#l))
#define kapi_spin_lock(l, text)                                                                    \
	kapi_lock(&(l)->lock, KAPI_SPIN, false, #l, KAPI_SITE("spin_lock", text))
#define kapi_spin_unlock(l, text)                                                                  \
	kapi_unlock(&(l)->lock, false, KAPI_SITE("spin_unlock", text), NULL)
#define spin_lock(l)                                                                               \
	kapi_lock(&(l)->lock, KAPI_SPIN, false, #l, KAPI_SITE("spin_lock", "spin_lock(" #l ")"))
#define spin_unlock(l) kapi_spin_unlock(l, "spin_unlock(" #l ")")

#define spin_trylock(l)                                                                            \
	kapi_trylock(&(l)->lock, KAPI_SPIN, false, #l,                                             \
		     KAPI_SITE("spin_trylock", "spin_trylock(" #l ")"))
#define spin_is_locked(l) kapi_lock_is_locked(&(l)->lock)

/* Readers share; a writer does not wait behind readers that come later than it. */
typedef struct {
	struct kapi_lock lock;
} rwlock_t;

#define DEFINE_RWLOCK(name_) KAPI_DEFINE_LOCK(rwlock_t, name_, KAPI_RWLOCK)

#define rwlock_init(l) kapi_lock_init(&(l)->lock, KAPI_RWLOCK, KAPI_CLASS(#l))
#define read_lock(l)                                                                               \
	kapi_lock(&(l)->lock, KAPI_RWLOCK, true, #l, KAPI_SITE("read_lock", "read_lock(" #l ")"))
#define read_trylock(l)                                                                            \
	kapi_trylock(&(l)->lock, KAPI_RWLOCK, true, #l,                                            \
		     KAPI_SITE("read_trylock", "read_trylock(" #l ")"))
#define read_unlock(l)                                                                             \
	kapi_unlock(&(l)->lock, true, KAPI_SITE("read_unlock", "read_unlock(" #l ")"), NULL)
#define write_lock(l)                                                                              \
	kapi_lock(&(l)->lock, KAPI_RWLOCK, false, #l, KAPI_SITE("write_lock", "write_lock(" #l ")"))
#define write_trylock(l)                                                                           \
	kapi_trylock(&(l)->lock, KAPI_RWLOCK, false, #l,                                           \
		     KAPI_SITE("write_trylock", "write_trylock(" #l ")"))
#define write_unlock(l)                                                                            \
	kapi_unlock(&(l)->lock, false, KAPI_SITE("write_unlock", "write_unlock(" #l ")"), NULL)

/* No interrupt ever comes here: who else takes the lock is another lane. */
#define spin_lock_irq(l) kapi_spin_lock(l, "spin_lock_irq(" #l ")")
#define spin_unlock_irq(l) kapi_spin_unlock(l, "spin_unlock_irq(" #l ")")
#define spin_lock_bh(l) kapi_spin_lock(l, "spin_lock_bh(" #l ")")
#define spin_unlock_bh(l) kapi_spin_unlock(l, "spin_unlock_bh(" #l ")")
#define spin_lock_irqsave(l, flags)                                                                \
	do {                                                                                       \
		(flags) = 0;                                                                       \
		kapi_spin_lock(l, "spin_lock_irqsave(" #l ", " #flags ")");                        \
	} while (0)
#define spin_unlock_irqrestore(l, flags)                                                           \
	do {                                                                                       \
		(void)(flags);                                                                     \
		kapi_spin_unlock(l, "spin_unlock_irqrestore(" #l ", " #flags ")");                 \
	} while (0)

#endif
