/*
 * cleanup.h - locks that are dropped, and memory that is freed, where a variable's scope ends.
 *
 * A guard's constructor is a macro, so that both of its places are in the function that uses it.
 */
#ifndef LINUX_CLEANUP_H
#define LINUX_CLEANUP_H

#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static inline void kapi_guard_end(struct kapi_guard *guard)
{
	if (guard->lock)
		kapi_unlock(guard->lock, guard->read, guard->site, guard->tail);
}

static inline void kapi_guard_end_rcu(struct kapi_guard *guard)
{
	kapi_rcu_read_unlock(guard->site);
}

#define kapi_guard_of(l, kind, shared, take, drop, tail_)                                          \
	({                                                                                         \
		void *lock_ = &(l)->lock;                                                          \
		kapi_lock(lock_, kind, shared, #l, KAPI_SITE(take, "guard " take "(" #l ")"));     \
		(struct kapi_guard){lock_, shared, KAPI_SITE(drop, drop "(" #l ")"), tail_};       \
	})
#define kapi_guard_mutex(l)                                                                        \
	kapi_guard_of(l, KAPI_MUTEX, false, "mutex_lock", "mutex_unlock",                          \
		      KAPI_SITE("mutex_unlock:tail", "mutex_unlock(" #l ") still inside"))
#define kapi_guard_spinlock(l) kapi_guard_of(l, KAPI_SPIN, false, "spin_lock", "spin_unlock", NULL)
#define kapi_guard_spinlock_irq(l) kapi_guard_spinlock(l)
#define kapi_guard_spinlock_irqsave(l) kapi_guard_spinlock(l)
#define kapi_guard_rwsem_read(l)                                                                   \
	kapi_guard_of(l, KAPI_RWSEM, true, "down_read", "up_read",                                 \
		      KAPI_SITE("up_read:tail", "up_read(" #l ") still inside"))
#define kapi_guard_rwsem_write(l)                                                                  \
	kapi_guard_of(l, KAPI_RWSEM, false, "down_write", "up_write",                              \
		      KAPI_SITE("up_write:tail", "up_write(" #l ") still inside"))
#define kapi_guard_rcu()                                                                           \
	({                                                                                         \
		kapi_rcu_read_lock(KAPI_SITE("rcu_read_lock", "guard(rcu)()"));                    \
		(struct kapi_guard){.site = KAPI_SITE("rcu_read_unlock", "rcu_read_unlock()")};    \
	})

#define kapi_end_mutex kapi_guard_end
#define kapi_end_spinlock kapi_guard_end
#define kapi_end_spinlock_irq kapi_guard_end
#define kapi_end_spinlock_irqsave kapi_guard_end
#define kapi_end_rwsem_read kapi_guard_end
#define kapi_end_rwsem_write kapi_guard_end
#define kapi_end_rcu kapi_guard_end_rcu

#define kapi_paste(a, b) a##b
#define kapi_guard_name(line) kapi_paste(guard_, line)
#define __cleanup(func) __attribute__((cleanup(func)))

/* guard(mutex)(&lock): until the end of the scope. */
#define guard(name)                                                                                \
	struct kapi_guard kapi_guard_name(__COUNTER__)                                             \
		__attribute__((cleanup(kapi_end_##name), unused)) = kapi_guard_##name
/* scoped_guard(mutex, &lock) statement */
#define scoped_guard(name, ...)                                                                    \
	for (struct kapi_guard scope_ __cleanup(kapi_end_##name) = kapi_guard_##name(__VA_ARGS__), \
				      *once_ = &scope_;                                            \
	     once_; once_ = NULL)

#define DEFINE_FREE(name, type, free)                                                              \
	static inline void __free_##name(void *p_)                                                 \
	{                                                                                          \
		type _T = *(type *)p_;                                                             \
		free;                                                                              \
	}
#define __free(name) __cleanup(__free_##name)
DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T))
/* Not freed: it is the caller's. */
#define no_free_ptr(p)                                                                             \
	({                                                                                         \
		__auto_type kept_ = (p);                                                           \
		(p) = NULL;                                                                        \
		kept_;                                                                             \
	})
#define return_ptr(p) return no_free_ptr(p)

#endif
