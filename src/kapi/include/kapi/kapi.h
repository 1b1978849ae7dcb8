/*
 * kapi.h - what the kernel-named headers of world kapi are made of, over kapi/primitive.h.
 *
 * The macros in linux/ make one static struct site where they stand, so that a letter can print the
 * code as it is written, and hand it down. Both platforms (sim, native) implement the primitives:
 * announce, then let it take effect. Nothing here promises more than the kernel does.
 */
#ifndef KAPI_KAPI_H
#define KAPI_KAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/site.h"
#include "kapi/bench.h"
#include "kapi/primitive.h"
#include "trace/trace.h"

struct mm_struct;

#define KAPI_CLASS(name_)                                                                          \
	({                                                                                         \
		static struct kapi_class KAPI_KEPT class_ = {.name = (name_)};                     \
		&class_;                                                                           \
	})

/* ---- objects of world kapi: their room is for the native platform, the simulated one has none ---- */

#define KAPI_LOCK_MAGIC 0x4c4f434bu
#define KAPI_QUEUE_MAGIC 0x51554555u
#define KAPI_LATER_MAGIC 0x4c415445u

struct kapi_lock {
	uint32_t magic;
	uint32_t kind;
	union {
		uint64_t align;
		unsigned char bytes[64]; /* a pthread lock */
	} native;
};

#define KAPI_LOCK_INIT(kind_)                                                                      \
	{                                                                                          \
		.magic = KAPI_LOCK_MAGIC, .kind = (kind_)                                          \
	}

/*
 * A variable with or without "static" in front, as the kernel's DEFINE_* allow: the first
 * declaration takes the "static", the second has the value, the last one the semicolon.
 */
#define KAPI_DEFINE(type_, name_, ...)                                                             \
	type_ name_;                                                                               \
	_Pragma("clang diagnostic push")                                                           \
		_Pragma("clang diagnostic ignored \"-Wextern-initializer\"") extern type_ name_ =  \
			__VA_ARGS__;                                                               \
	_Pragma("clang diagnostic pop") extern type_ name_

#define KAPI_DEFINE_LOCK(type_, name_, kind_)                                                      \
	KAPI_DEFINE(type_, name_, {.lock = KAPI_LOCK_INIT(kind_)})

struct kapi_wait {
	uint32_t magic;
	uint32_t done; /* completions left; UINT32_MAX: completed for ever */
	union {
		uint64_t align;
		unsigned char bytes[104]; /* mutex and condition */
	} native;
};

struct kapi_queue {
	uint32_t magic;
	union {
		uint64_t align;
		unsigned char bytes[120]; /* mutex, condition and a count */
	} native;
};

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
	void *room[2];
};

struct srcu_struct {
	unsigned long room;
};

struct work_struct {
	void (*func)(struct work_struct *work);
	void *room[2];
	uint32_t magic;
};

struct workqueue_struct {
	uint32_t magic;
	bool ordered; /* one work at a time, in order */
	void *room;
};

struct timer_list {
	void (*function)(struct timer_list *timer); /* NULL: shut down */
	unsigned long expires;
	void *room[2];
	uint32_t magic;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq; /* for when the timer runs */
};

/* A work that is declared statically: a row of the section bf_works. */
struct kapi_static_work {
	struct work_struct *work;
	void (*func)(struct work_struct *work);
	struct kapi_class *class;
	struct site *run;
};

extern struct workqueue_struct kapi_system_wq, kapi_system_unbound_wq, kapi_system_long_wq;

/* Who runs: a lane's own, all NULL when a run begins. */
struct task_struct {
	struct mm_struct *mm;
	unsigned int flags, state;
	void *queue; /* prepare_to_wait() */
	int uses;    /* of a thread of the kernel */
};

/* Of a scope that ends: linux/cleanup.h. */
struct kapi_guard {
	void *lock; /* NULL: it was not taken */
	bool read;
	struct site *site, *tail;
};
#define PF_MEMALLOC 0x800u /* it reclaims, or must not: its allocations do not */
#define PF_KTHREAD 0x200000u
struct task_struct *kapi_current(void);
/** kapi_become() - this thread runs as @task from now on; NULL: as its own again */
void kapi_become(struct task_struct *task);

/** kapi_thread() - a number below KAPI_THREADS that no other thread has now; a lane's own is its own */
unsigned kapi_thread(void);
#define KAPI_THREADS (LANES + 16)

#endif
