/*
 * rwsem.h - reader-writer semaphores. up_write() has a tail as mutex_unlock() has; so has
 * up_read(), whose last reader wakes a waiting writer.
 */
#ifndef LINUX_RWSEM_H
#define LINUX_RWSEM_H

#include <linux/lockdep.h>

struct rw_semaphore {
	struct kapi_lock lock;
};

#define DECLARE_RWSEM(name_) KAPI_DEFINE_LOCK(struct rw_semaphore, name_, KAPI_RWSEM)

#define init_rwsem(s) kapi_lock_init(&(s)->lock, KAPI_RWSEM, KAPI_CLASS(#s))
#define down_read(s)                                                                               \
	kapi_lock(&(s)->lock, KAPI_RWSEM, true, #s, KAPI_SITE("down_read", "down_read(" #s ")"))
#define down_write(s)                                                                              \
	kapi_lock(&(s)->lock, KAPI_RWSEM, false, #s, KAPI_SITE("down_write", "down_write(" #s ")"))
#define up_read(s)                                                                                 \
	kapi_unlock(&(s)->lock, true, KAPI_SITE("up_read", "up_read(" #s ")"),                     \
		    KAPI_SITE("up_read:tail", "up_read(" #s ") still inside"))
#define up_write(s)                                                                                \
	kapi_unlock(&(s)->lock, false, KAPI_SITE("up_write", "up_write(" #s ")"),                  \
		    KAPI_SITE("up_write:tail", "up_write(" #s ") still inside"))
/* Returns: was it taken? */
#define down_read_trylock(s)                                                                       \
	kapi_trylock(&(s)->lock, KAPI_RWSEM, true, #s,                                             \
		     KAPI_SITE("down_read_trylock", "down_read_trylock(" #s ")"))
#define down_write_trylock(s)                                                                      \
	kapi_trylock(&(s)->lock, KAPI_RWSEM, false, #s,                                            \
		     KAPI_SITE("down_write_trylock", "down_write_trylock(" #s ")"))
#define downgrade_write(s)                                                                         \
	kapi_lock_downgrade(&(s)->lock, KAPI_SITE("downgrade_write", "downgrade_write(" #s ")"))
#define rwsem_is_locked(s) kapi_lock_is_locked(&(s)->lock)

#endif
