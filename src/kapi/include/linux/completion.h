/*
 * completion.h - wait for something to be done.
 *
 * complete() touches the completion for the last time before the waiter can return, as the kernel
 * promises: a completion may lie in memory that the waiter frees.
 */
#ifndef LINUX_COMPLETION_H
#define LINUX_COMPLETION_H

#include <linux/compiler.h>

struct completion {
	struct kapi_wait wait;
};

#define init_completion(c) kapi_wait_init(&(c)->wait, KAPI_CLASS(#c))
#define complete(c) kapi_wait_complete(&(c)->wait, false, KAPI_SITE("complete", "complete(" #c ")"))
#define complete_all(c)                                                                            \
	kapi_wait_complete(&(c)->wait, true, KAPI_SITE("complete_all", "complete_all(" #c ")"))
#define wait_for_completion(c)                                                                     \
	kapi_wait_for(&(c)->wait, KAPI_SITE("wait_for_completion", "wait_for_completion(" #c ")"))

#endif
