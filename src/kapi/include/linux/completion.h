/*
 * completion.h - wait for something to be done.
 *
 * complete() touches the completion for the last time before the waiter can return, as the kernel
 * promises: a completion may lie in memory that the waiter frees.
 */
#ifndef LINUX_COMPLETION_H
#define LINUX_COMPLETION_H

#include <linux/jiffies.h>

struct completion {
	struct kapi_wait wait;
};

#define kapi_done(c) &(c)->wait, &(c)->wait.done
#define init_completion(c) kapi_wait_init(kapi_done(c), KAPI_CLASS(#c))
#define reinit_completion(c) kapi_wait_init(kapi_done(c), KAPI_CLASS(#c))
#define DECLARE_COMPLETION_ONSTACK(name)                                                           \
	struct completion name;                                                                    \
	init_completion(&name)
#define complete(c)                                                                                \
	kapi_wait_complete(kapi_done(c), false, 0, #c, KAPI_SITE("complete", "complete(" #c ")"))
#define complete_all(c)                                                                            \
	kapi_wait_complete(kapi_done(c), true, 0, #c,                                              \
			   KAPI_SITE("complete_all", "complete_all(" #c ")"))
#define wait_for_completion(c)                                                                     \
	((void)kapi_wait_for(kapi_done(c), KAPI_WAIT, #c,                                          \
			     KAPI_SITE("wait_for_completion", "wait_for_completion(" #c ")")))
/* Returns: 0, or -ERESTARTSYS. */
#define wait_for_completion_interruptible(c)                                                       \
	(kapi_wait_for(kapi_done(c), KAPI_WAIT_SIGNAL, #c,                                         \
		       KAPI_SITE("wait_for_completion_interruptible",                              \
				 "wait_for_completion_interruptible(" #c ")"))                     \
		 ? -ERESTARTSYS                                                                    \
		 : 0)
/* Returns: 0 when the time is over, else what is left. */
#define wait_for_completion_timeout(c, timeout)                                                    \
	(kapi_wait_for(kapi_done(c), KAPI_WAIT_TIMEOUT, #c,                                        \
		       KAPI_SITE("wait_for_completion_timeout",                                    \
				 "wait_for_completion_timeout(" #c ", " #timeout ")"))             \
		 ? 0ul                                                                             \
		 : max((unsigned long)(timeout), 1ul))
/* Returns: the same, or -ERESTARTSYS. */
#define wait_for_completion_interruptible_timeout(c, timeout)                                      \
	({                                                                                         \
		int end_by_ =                                                                      \
			kapi_wait_for(kapi_done(c), KAPI_WAIT_SIGNAL | KAPI_WAIT_TIMEOUT, #c,      \
				      KAPI_SITE("wait_for_completion_interruptible_timeout",       \
						"wait_for_completion_interruptible_timeout(" #c    \
						", " #timeout ")"));                               \
		end_by_ == KAPI_WAIT_SIGNAL ? (long)-ERESTARTSYS                                   \
		: end_by_		    ? 0l                                                   \
					    : max((long)(timeout), 1l);                                              \
	})
#define try_wait_for_completion(c)                                                                 \
	kapi_wait_try(kapi_done(c), 0, #c,                                                         \
		      KAPI_SITE("try_wait_for_completion", "try_wait_for_completion(" #c ")"))
#define completion_done(c)                                                                         \
	kapi_wait_is_done(kapi_done(c), 0, #c,                                                     \
			  KAPI_SITE("completion_done", "completion_done(" #c ")"))

#endif
