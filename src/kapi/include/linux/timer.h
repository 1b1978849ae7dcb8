/*
 * timer.h - functions that run later, in a context that may not sleep.
 *
 * An armed timer runs any time later: the earliest to expire first, as jiffies stands still.
 */
#ifndef LINUX_TIMER_H
#define LINUX_TIMER_H

#include <linux/jiffies.h>

#define timer_setup(t, f, flags)                                                                   \
	kapi_timer_init((t), (f), KAPI_CLASS(#t), ({                                               \
				static struct site KAPI_KEPT site_ = {                             \
					.func = "worker", .prim = "timer", .text = #f "()"};       \
				&site_;                                                            \
			}))
#define from_timer(var, t, member) container_of(t, __typeof__(*(var)), member)
#define timer_container_of(var, t, member) from_timer(var, t, member)

#define mod_timer(t, when)                                                                         \
	kapi_timer_mod((t), (when), NULL, 0, #t,                                                   \
		       KAPI_SITE("mod_timer", "mod_timer(" #t ", " #when ")"))
#define add_timer(t)                                                                               \
	((void)kapi_timer_mod((t), (t)->expires, NULL, 0, #t,                                      \
			      KAPI_SITE("add_timer", "add_timer(" #t ")")))
#define timer_pending(t)                                                                           \
	kapi_timer_is_pending((t), 0, #t, KAPI_SITE("timer_pending", "timer_pending(" #t ")"))

#define kapi_timer_end(t, shutdown, name)                                                          \
	kapi_timer_delete((t), (shutdown), 0, #t, KAPI_SITE(name, name "(" #t ")"), NULL)
#define kapi_timer_end_sync(t, shutdown, name)                                                     \
	kapi_timer_delete((t), (shutdown), 0, #t, KAPI_SITE(name, name "(" #t ")"),                \
			  KAPI_SITE(name ":wait", name "(" #t ")"))
#define timer_delete(t) kapi_timer_end(t, false, "timer_delete")
#define timer_delete_sync(t) kapi_timer_end_sync(t, false, "timer_delete_sync")
#define timer_shutdown(t) kapi_timer_end(t, true, "timer_shutdown")
#define timer_shutdown_sync(t) kapi_timer_end_sync(t, true, "timer_shutdown_sync")
#define del_timer(t) kapi_timer_end(t, false, "del_timer")
#define del_timer_sync(t) kapi_timer_end_sync(t, false, "del_timer_sync")

#endif
