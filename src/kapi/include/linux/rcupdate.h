/*
 * rcupdate.h - RCU: readers that do not sleep, pointers that are published and read in order.
 *
 * Every rcu_dereference() outside a reader is a verdict. A grace period may end at its earliest
 * legal moment or much later; callbacks run on a worker of their own, any time after it.
 */
#ifndef LINUX_RCUPDATE_H
#define LINUX_RCUPDATE_H

#include <linux/kernel.h>

#define rcu_read_lock() kapi_rcu_read_lock(KAPI_SITE("rcu_read_lock", "rcu_read_lock()"))
#define rcu_read_unlock() kapi_rcu_read_unlock(KAPI_SITE("rcu_read_unlock", "rcu_read_unlock()"))
#define rcu_read_lock_held() kapi_rcu_read_held()
#define synchronize_rcu()                                                                          \
	kapi_rcu_synchronize(NULL, NULL, KAPI_SITE("synchronize_rcu", "synchronize_rcu()"))
#define call_rcu(head, func)                                                                       \
	kapi_rcu_call(NULL, (head), (func), NULL,                                                  \
		      KAPI_SITE("call_rcu", "call_rcu(" #head ", " #func ")"))
#define rcu_barrier() kapi_rcu_barrier(NULL, NULL, KAPI_SITE("rcu_barrier", "rcu_barrier()"))

#define kapi_dereference(p, ok, name)                                                              \
	({                                                                                         \
		struct site *site_ = KAPI_SITE(name, name "(" #p ")");                             \
		kapi_rcu_check((ok), &(p), site_);                                                 \
		kapi_load(&(p), site_);                                                            \
		__auto_type value_ = kapi_atomic_load(&(p), __ATOMIC_ACQUIRE);                     \
		kapi_acquire(&(p));                                                                \
		value_;                                                                            \
	})

#define rcu_dereference(p) kapi_dereference(p, rcu_read_lock_held(), "rcu_dereference")
#define rcu_dereference_check(p, c)                                                                \
	kapi_dereference(p, (c) || rcu_read_lock_held(), "rcu_dereference_check")
/* The update side, under the lock that @c asserts: no other writer, so no choice. */
#define rcu_dereference_protected(p, c)                                                            \
	({                                                                                         \
		kapi_rcu_check((c), &(p),                                                          \
			       KAPI_SITE("rcu_dereference_protected",                              \
					 "rcu_dereference_protected(" #p ", " #c ")"));            \
		kapi_atomic_load(&(p), __ATOMIC_RELAXED);                                          \
	})
#define rcu_access_pointer(p) kapi_read_once(p, "rcu_access_pointer(" #p ")")
#define rcu_assign_pointer(p, v)                                                                   \
	do {                                                                                       \
		kapi_store(&(p),                                                                   \
			   KAPI_SITE("rcu_assign_pointer", "rcu_assign_pointer(" #p ", " #v ")")); \
		kapi_atomic_store(&(p), (v), __ATOMIC_RELEASE);                                    \
		kapi_release(&(p));                                                                \
	} while (0)
#define RCU_INIT_POINTER(p, v) kapi_write_once(p, v, "RCU_INIT_POINTER(" #p ", " #v ")")

/* kfree_rcu() is call_rcu() with a callback that frees: the head tells where the block begins. */
#define kfree_rcu(ptr, member)                                                                     \
	do {                                                                                       \
		__auto_type kfree_rcu_ = (ptr);                                                    \
		kapi_rcu_call(NULL, &kfree_rcu_->member, kapi_rcu_free, NULL,                      \
			      KAPI_SITE("kfree_rcu", "kfree_rcu(" #ptr ", " #member ")"));         \
	} while (0)

/** kapi_rcu_free() - the callback of kfree_rcu(): frees the block that holds @head */
void kapi_rcu_free(struct rcu_head *head);

#endif
