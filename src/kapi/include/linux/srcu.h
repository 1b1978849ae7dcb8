/*
 * srcu.h - RCU whose readers may sleep; each srcu_struct is a domain of its own.
 */
#ifndef LINUX_SRCU_H
#define LINUX_SRCU_H

#include <linux/rcupdate.h>

/* A variable that may be static needs no call of init_srcu_struct(). */
#define DEFINE_SRCU(name_) struct srcu_struct name_
#define DEFINE_STATIC_SRCU(name_) static struct srcu_struct name_

/* Returns: 0; -ENOMEM when the schedule says so. */
#define init_srcu_struct(s)                                                                        \
	(kapi_should_fail((s), KAPI_SITE("init_srcu_struct", "init_srcu_struct(" #s ")"))          \
		 ? -ENOMEM                                                                         \
		 : (kapi_srcu_init((s), KAPI_CLASS(#s)), 0))
#define cleanup_srcu_struct(s)                                                                     \
	kapi_srcu_cleanup((s), #s, KAPI_SITE("cleanup_srcu_struct", "cleanup_srcu_struct(" #s ")"))

/* The index is a section's own while it is open: 0 where no other is. */
#define srcu_read_lock(s)                                                                          \
	kapi_srcu_read_lock((s), 0, #s, KAPI_SITE("srcu_read_lock", "srcu_read_lock(" #s ")"))
#define srcu_read_unlock(s, idx)                                                                   \
	kapi_srcu_read_unlock((s), (idx), 0, #s,                                                   \
			      KAPI_SITE("srcu_read_unlock", "srcu_read_unlock(" #s ")"))
/* Any thread may end the section that srcu_down_read() began. */
#define srcu_down_read(s)                                                                          \
	kapi_srcu_read_lock((s), KAPI_READER_MOVES, #s,                                            \
			    KAPI_SITE("srcu_down_read", "srcu_down_read(" #s ")"))
#define srcu_up_read(s, idx)                                                                       \
	kapi_srcu_read_unlock((s), (idx), KAPI_READER_MOVES, #s,                                   \
			      KAPI_SITE("srcu_up_read", "srcu_up_read(" #s ")"))
#define srcu_read_lock_held(s) kapi_srcu_read_held(s)
#define synchronize_srcu_expedited(s) synchronize_srcu(s)
#define srcu_dereference(p, s) kapi_dereference(p, srcu_read_lock_held(s), "srcu_dereference")
#define synchronize_srcu(s)                                                                        \
	kapi_rcu_synchronize((s), #s, KAPI_SITE("synchronize_srcu", "synchronize_srcu(" #s ")"))
#define call_srcu(s, head, func)                                                                   \
	kapi_rcu_call((s), (head), (func), #s,                                                     \
		      KAPI_SITE("call_srcu", "call_srcu(" #s ", " #head ", " #func ")"))
#define srcu_barrier(s) kapi_rcu_barrier((s), #s, KAPI_SITE("srcu_barrier", "srcu_barrier(" #s ")"))

#endif
