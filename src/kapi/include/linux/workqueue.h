/*
 * workqueue.h - functions that run later, in a context that may sleep.
 *
 * A queued work runs any time later, on one of three workers; works of one queue may overlap unless
 * it is ordered. A work may free itself. jiffies stands still, so a delay is only whether there is
 * one: then the work is queued by a timer, any time later.
 */
#ifndef LINUX_WORKQUEUE_H
#define LINUX_WORKQUEUE_H

#include <linux/timer.h>

typedef void (*work_func_t)(struct work_struct *work);

#define kapi_run_site(func_)                                                                       \
	({                                                                                         \
		static struct site KAPI_KEPT site_ = {                                             \
			.func = "worker", .prim = "work", .text = #func_ "()"};                    \
		&site_;                                                                            \
	})

#define INIT_WORK(w, f) kapi_work_init((w), (f), KAPI_CLASS(#w), kapi_run_site(f))
#define INIT_WORK_ONSTACK(w, f) INIT_WORK(w, f)
#define destroy_work_on_stack(w) ((void)(w))
#define INIT_DELAYED_WORK(w, f)                                                                    \
	kapi_delayed_init(&(w)->work, &(w)->timer, (f), KAPI_CLASS(#w), kapi_run_site(f))

#define KAPI_WORK_INIT(f)                                                                          \
	{                                                                                          \
		.func = (f), .magic = KAPI_LATER_MAGIC                                             \
	}
/* As DEFINE_MUTEX: a "static" in front goes to the first declaration. */
#define DECLARE_WORK(name_, f)                                                                     \
	KAPI_DEFINE(struct work_struct, name_, KAPI_WORK_INIT(f));                                 \
	static struct kapi_class KAPI_KEPT name_##_class = {.name = #name_};                       \
	static struct site KAPI_KEPT name_##_site = {                                              \
		.func = "worker", .prim = "work", .text = #f "()"};                                \
	static const struct kapi_static_work __attribute__((section("bf_works"), used))            \
	name_##_row = {&(name_), (f), &name_##_class, &name_##_site}

#define to_delayed_work(w) container_of(w, struct delayed_work, work)

#define queue_work(wq, w)                                                                          \
	kapi_work_queue((wq), (w), NULL, 0, #w,                                                    \
			KAPI_SITE("queue_work", "queue_work(" #wq ", " #w ")"))
#define schedule_work(w)                                                                           \
	kapi_work_queue(&kapi_system_wq, (w), NULL, 0, #w,                                         \
			KAPI_SITE("schedule_work", "schedule_work(" #w ")"))
#define work_pending(w)                                                                            \
	kapi_work_is_pending((w), 0, #w, KAPI_SITE("work_pending", "work_pending(" #w ")"))
#define flush_work(w)                                                                              \
	kapi_work_flush((w), 0, #w, KAPI_SITE("flush_work", "flush_work(" #w ")"),                 \
			KAPI_SITE("flush_work:wait", "flush_work(" #w ")"))
#define cancel_work(w)                                                                             \
	kapi_work_cancel((w), 0, #w, KAPI_SITE("cancel_work", "cancel_work(" #w ")"), NULL)
#define cancel_work_sync(w)                                                                        \
	kapi_work_cancel((w), 0, #w, KAPI_SITE("cancel_work_sync", "cancel_work_sync(" #w ")"),    \
			 KAPI_SITE("cancel_work_sync:wait", "cancel_work_sync(" #w ")"))

#define queue_delayed_work(wq, w, delay)                                                           \
	kapi_delayed_queue((wq), &(w)->work, &(w)->timer, (delay), false, NULL, 0, #w,             \
			   KAPI_SITE("queue_delayed_work",                                         \
				     "queue_delayed_work(" #wq ", " #w ", " #delay ")"))
#define schedule_delayed_work(w, delay)                                                            \
	kapi_delayed_queue(                                                                        \
		&kapi_system_wq, &(w)->work, &(w)->timer, (delay), false, NULL, 0, #w,             \
		KAPI_SITE("schedule_delayed_work", "schedule_delayed_work(" #w ", " #delay ")"))
#define mod_delayed_work(wq, w, delay)                                                             \
	kapi_delayed_queue(                                                                        \
		(wq), &(w)->work, &(w)->timer, (delay), true, NULL, 0, #w,                         \
		KAPI_SITE("mod_delayed_work", "mod_delayed_work(" #wq ", " #w ", " #delay ")"))
#define delayed_work_pending(w)                                                                    \
	kapi_work_is_pending(&(w)->work, 0, #w,                                                    \
			     KAPI_SITE("delayed_work_pending", "delayed_work_pending(" #w ")"))
#define flush_delayed_work(w)                                                                      \
	kapi_delayed_flush(&(w)->work, &(w)->timer, 0, #w,                                         \
			   KAPI_SITE("flush_delayed_work", "flush_delayed_work(" #w ")"),          \
			   KAPI_SITE("flush_delayed_work:wait", "flush_delayed_work(" #w ")"))
#define cancel_delayed_work(w)                                                                     \
	kapi_delayed_cancel(&(w)->work, &(w)->timer, 0, #w,                                        \
			    KAPI_SITE("cancel_delayed_work", "cancel_delayed_work(" #w ")"), NULL)
#define cancel_delayed_work_sync(w)                                                                \
	kapi_delayed_cancel(                                                                       \
		&(w)->work, &(w)->timer, 0, #w,                                                    \
		KAPI_SITE("cancel_delayed_work_sync", "cancel_delayed_work_sync(" #w ")"),         \
		KAPI_SITE("cancel_delayed_work_sync:wait", "cancel_delayed_work_sync(" #w ")"))

#define WQ_UNBOUND 0x02
#define WQ_FREEZABLE 0x04
#define WQ_MEM_RECLAIM 0x08
#define WQ_HIGHPRI 0x10
#define WQ_CPU_INTENSIVE 0x20
#define WQ_SYSFS 0x40

#define system_wq (&kapi_system_wq)
#define system_unbound_wq (&kapi_system_unbound_wq)
#define system_long_wq (&kapi_system_long_wq)

#define kapi_new_wq(ordered, name)                                                                 \
	kapi_wq_alloc((ordered), KAPI_CLASS("sizeof(struct workqueue_struct)"),                    \
		      KAPI_SITE(name, name "()"))
#define alloc_workqueue(format, flags, ...) kapi_new_wq(false, "alloc_workqueue")
#define alloc_ordered_workqueue(format, ...) kapi_new_wq(true, "alloc_ordered_workqueue")
#define create_workqueue(name) kapi_new_wq(false, "create_workqueue")
#define create_singlethread_workqueue(name) kapi_new_wq(true, "create_singlethread_workqueue")
#define destroy_workqueue(wq)                                                                      \
	kapi_wq_destroy((wq), KAPI_SITE("destroy_workqueue", "destroy_workqueue(" #wq ")"),        \
			KAPI_SITE("destroy_workqueue:wait", "destroy_workqueue(" #wq ")"),         \
			KAPI_SITE("destroy_workqueue:free", "destroy_workqueue(" #wq ") frees"))
#define flush_workqueue(wq)                                                                        \
	kapi_wq_flush((wq), false, KAPI_SITE("flush_workqueue", "flush_workqueue(" #wq ")"),       \
		      KAPI_SITE("flush_workqueue:wait", "flush_workqueue(" #wq ")"))
#define drain_workqueue(wq)                                                                        \
	kapi_wq_flush((wq), true, KAPI_SITE("drain_workqueue", "drain_workqueue(" #wq ")"),        \
		      KAPI_SITE("drain_workqueue:wait", "drain_workqueue(" #wq ")"))
#define flush_scheduled_work() flush_workqueue(system_wq)

#endif
