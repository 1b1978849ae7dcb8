/*
 * lockdep.h - contracts about locks, repeated as assertions.
 */
#ifndef LINUX_LOCKDEP_H
#define LINUX_LOCKDEP_H

#include <linux/bug.h>

#define lockdep_is_held(l) kapi_lock_held(&(l)->lock)
#define lockdep_assert_held(l) WARN_ON(!kapi_lock_held(&(l)->lock))

#endif
