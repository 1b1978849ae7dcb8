/*
 * srcu.h - RCU whose readers may sleep; each srcu_struct is a domain of its own.
 */
#ifndef LINUX_SRCU_H
#define LINUX_SRCU_H

#include <linux/rcupdate.h>

struct srcu_struct {
	struct kapi_rcu domain;
};

#define DEFINE_STATIC_SRCU(name_)                                                                  \
	static struct srcu_struct name_ = {.domain = {.name = #name_, .sleeps = 1}}

#define srcu_read_lock(s)                                                                          \
	({                                                                                         \
		kapi_rcu_read_lock(&(s)->domain,                                                   \
				   KAPI_SITE("srcu_read_lock", "srcu_read_lock(" #s ")"));         \
		0;                                                                                 \
	})
#define srcu_read_unlock(s, idx)                                                                   \
	do {                                                                                       \
		(void)(idx);                                                                       \
		kapi_rcu_read_unlock(&(s)->domain,                                                 \
				     KAPI_SITE("srcu_read_unlock", "srcu_read_unlock(" #s ")"));   \
	} while (0)
#define srcu_read_lock_held(s) kapi_rcu_read_held(&(s)->domain)
#define srcu_dereference(p, s) kapi_dereference(p, srcu_read_lock_held(s), "srcu_dereference")
#define synchronize_srcu(s)                                                                        \
	kapi_rcu_synchronize(&(s)->domain,                                                         \
			     KAPI_SITE("synchronize_srcu", "synchronize_srcu(" #s ")"))
#define call_srcu(s, head, func)                                                                   \
	kapi_rcu_call(&(s)->domain, (head), (func),                                                \
		      KAPI_SITE("call_srcu", "call_srcu(" #s ", " #head ", " #func ")"))
#define srcu_barrier(s)                                                                            \
	kapi_rcu_barrier(&(s)->domain, KAPI_SITE("srcu_barrier", "srcu_barrier(" #s ")"))

#endif
