/*
 * kapi.h - what the kernel-named headers call, and what both platforms (sim, native) implement.
 *
 * The macros in linux/ make one static struct site where they stand, so that a letter can print the
 * code as it is written, and hand it down. Each function here is one primitive: announce, then let
 * it take effect. Nothing here promises more than the kernel does.
 */
#ifndef KAPI_KAPI_H
#define KAPI_KAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/site.h"
#include "trace/trace.h"

struct mm_struct;

/* Sites keep no state of the code under test: a section of their own, not restored between runs. */
#define KAPI_KEPT __attribute__((section("bf_kept")))

#define KAPI_SITE(prim_, text_)                                                                    \
	({                                                                                         \
		static struct site KAPI_KEPT site_ = {.func = __func__,                            \
						      .prim = (prim_),                             \
						      .text = (text_),                             \
						      .file = __FILE__,                            \
						      .line = __LINE__};                           \
		&site_;                                                                            \
	})

/* A lock class, or the type of a block: one per place that makes such things. */
struct kapi_class {
	const char *name; /* as written: "&device->mutex", "sizeof(*bond)" */
	uint32_t id;	  /* name_id of the clean name, 0 until first use */
	uint8_t index;	  /* of the class table, set with id */
	char clean[31];	  /* "device->mutex", "bond" */
};

#define KAPI_CLASS(name_)                                                                          \
	({                                                                                         \
		static struct kapi_class KAPI_KEPT class_ = {.name = (name_)};                     \
		&class_;                                                                           \
	})

/* ---- locks ---- */

#define KAPI_LOCK_MAGIC 0x4c4f434bu

enum kapi_lock_kind {
	KAPI_SPIN,  /* does not sleep; unlock's last touch is the one that frees it */
	KAPI_MUTEX, /* sleeps; unlock may touch it once more after it is free */
	KAPI_RWSEM, /* as a mutex, with readers */
};

struct kapi_lock {
	uint32_t magic;
	uint8_t owner;	  /* lane + 1 of the writer, 0: none */
	uint8_t kind;	  /* enum kapi_lock_kind */
	uint16_t readers; /* bits of lanes */
	struct kapi_class *class;
	union {
		uint64_t align;
		unsigned char bytes[56]; /* a pthread lock on the native platform */
	} native;
};

#define KAPI_LOCK_INIT(kind_, class_)                                                              \
	{                                                                                          \
		.magic = KAPI_LOCK_MAGIC, .kind = (kind_), .class = (class_)                       \
	}

/*
 * A lock that is a variable, with or without "static" in front, as the kernel's DEFINE_* allow: the
 * first declaration takes the "static", the class comes in between, the last one has the value.
 */
#define KAPI_DEFINE_LOCK(type_, name_, kind_)                                                      \
	type_ name_;                                                                               \
	static struct kapi_class KAPI_KEPT name_##_class = {.name = #name_};                       \
	_Pragma("clang diagnostic push") _Pragma(                                                  \
		"clang diagnostic ignored \"-Wextern-initializer\"") extern type_ name_ = {        \
		.lock = KAPI_LOCK_INIT(kind_, &name_##_class)} _Pragma("clang diagnostic pop")

void kapi_lock_init(struct kapi_lock *lock, enum kapi_lock_kind kind, struct kapi_class *class);
void kapi_lock(struct kapi_lock *lock, bool read, struct site *site);
bool kapi_trylock(struct kapi_lock *lock, bool read, struct site *site);
/* @tail: the site of the touch after the release; NULL for locks that have none. */
void kapi_unlock(struct kapi_lock *lock, bool read, struct site *site, struct site *tail);
bool kapi_lock_held(const struct kapi_lock *lock);

/* ---- shared words ---- */

enum kapi_order {
	KAPI_RELAXED,
	KAPI_ACQUIRE,
	KAPI_RELEASE,
	KAPI_FULL,
	KAPI_VOID, /* as relaxed, and the caller does not look at the result: others may see it late */
};

int kapi_atomic_read(const int *word, struct site *site);
void kapi_atomic_set(int *word, int value, struct site *site);
/* Returns: the new value. @delta may be negative. */
int kapi_atomic_add(int *word, int delta, enum kapi_order order, struct site *site);
/* Adds one unless the word is 0. Returns: was it added? */
bool kapi_atomic_inc_not_zero(int *word, struct site *site);

/* refcount_t: the same with the kernel's saturation, and a verdict where the kernel warns. */
void kapi_refcount_set(int *word, int value, struct site *site);
void kapi_refcount_inc(int *word, struct site *site);
bool kapi_refcount_inc_not_zero(int *word, struct site *site);
bool kapi_refcount_dec_and_test(int *word, struct site *site);
void kapi_refcount_dec(int *word, struct site *site);

/* A marked load or store is about to be made by the caller, as a relaxed atomic. */
void kapi_load(const volatile void *at, struct site *site);
void kapi_store(const volatile void *at, struct site *site);
/*
 * The next access of this lane is a marked one, if it is to @at: whoever looks at accesses cannot
 * tell by itself. So every __atomic load and store of code under test stands in these two.
 */
void kapi_mark(const volatile void *at);
#define kapi_atomic_load(at, order)                                                                \
	({                                                                                         \
		__auto_type marked_ = (at);                                                        \
		kapi_mark(marked_);                                                                \
		__atomic_load_n(marked_, (order));                                                 \
	})
#define kapi_atomic_store(at, value, order)                                                        \
	do {                                                                                       \
		__auto_type marked_ = (at);                                                        \
		__typeof__(__atomic_load_n(marked_, __ATOMIC_RELAXED)) stored_ = (value);          \
		kapi_mark(marked_);                                                                \
		__atomic_store_n(marked_, stored_, (order));                                       \
	} while (0)

/* A full barrier is both of the first. KAPI_IO: as before a device is told, for devices only. */
enum kapi_barrier { KAPI_WMB = 1, KAPI_RMB = 2, KAPI_IO = 4 };
void kapi_barrier(unsigned how);

/*
 * Orders what the sanitizer sees: right after an acquiring load, and right after a releasing store, which
 * is ordered itself; nobody else goes on between the two.
 */
void kapi_acquire(const volatile void *at);
void kapi_release(const volatile void *at);

/* ---- grace periods ---- */

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
	uint64_t grace;	   /* of the platform */
	struct site *site; /* who queued it */
};

/* One domain: RCU itself, or one srcu_struct. Zeroed but for its name. */
struct kapi_rcu {
	const char *name;
	struct kapi_rcu *next; /* domains in use in this run */
	uint32_t object;       /* id in the trace */
	uint32_t readers;      /* bits of lanes inside a reader */
	uint8_t used;
	uint8_t sleeps; /* readers may sleep (SRCU) */
	uint8_t nest[LANES];
	uint64_t since[LANES]; /* when the outermost reader began */
	uint8_t parity[LANES]; /* of the grace period that it began in */
	struct rcu_head *head, **tail;
	uint64_t running[LANES]; /* workers: grace of the callback inside which they are, 0: none */
	uint64_t sequence;	 /* of grace periods */
	unsigned char tags[4];	 /* addresses for the sanitizer's ordering */
	void *native;
};

extern struct kapi_rcu kapi_rcu_domain; /* what rcu_read_lock() enters */

void kapi_rcu_read_lock(struct kapi_rcu *domain, struct site *site);
void kapi_rcu_read_unlock(struct kapi_rcu *domain, struct site *site);
bool kapi_rcu_read_held(const struct kapi_rcu *domain);
void kapi_rcu_synchronize(struct kapi_rcu *domain, struct site *site);
void kapi_rcu_call(struct kapi_rcu *domain, struct rcu_head *head,
		   void (*func)(struct rcu_head *head), struct site *site);
void kapi_rcu_barrier(struct kapi_rcu *domain, struct site *site);
/* A verdict unless @ok: an RCU-protected pointer is read outside the reader that protects it. */
void kapi_rcu_check(bool ok, const volatile void *at, struct site *site);

/* ---- waiting ---- */

struct kapi_wait {
	uint32_t magic;
	uint32_t done; /* completions left; UINT32_MAX: completed for ever */
	struct kapi_class *class;
	unsigned char native[96];
};

/* How a wait may end before what it waits for has come: when the schedule lets it fail. */
enum kapi_wait_how {
	KAPI_WAIT,	   /* never; a wait queue's may wake up for nothing */
	KAPI_WAIT_SIGNAL,  /* by a signal */
	KAPI_WAIT_TIMEOUT, /* by a timeout, which comes at the latest when nobody can go on */
};

void kapi_wait_init(struct kapi_wait *wait, struct kapi_class *class);
/* Returns: false when a signal or timeout came instead. */
bool kapi_wait_for(struct kapi_wait *wait, enum kapi_wait_how how, struct site *site);
/* Takes a completion that is there already. Returns: was one there? */
bool kapi_wait_try(struct kapi_wait *wait, struct site *site);
bool kapi_wait_is_done(struct kapi_wait *wait, struct site *site);
void kapi_wait_complete(struct kapi_wait *wait, bool all, struct site *site);

/*
 * A wait queue. Who waits stands in it from kapi_queue_begin() to kapi_queue_end(), and looks at
 * its condition meanwhile: a wake-up in between is not lost.
 */
struct kapi_queue {
	uint32_t magic;
	struct kapi_class *class;
	union {
		uint64_t align;
		unsigned char bytes[112]; /* mutex, condition and a count on the native platform */
	} native;
};

#define KAPI_QUEUE_MAGIC 0x51554555u

void kapi_queue_init(struct kapi_queue *queue, struct kapi_class *class);
/* Stand in the queue. The waiter is awake until kapi_queue_sleep(). */
void kapi_queue_begin(struct kapi_queue *queue, struct site *site);
/*
 * Sleep until woken, and stand in the queue again.
 * Returns: false when a signal or timeout came instead.
 */
bool kapi_queue_sleep(struct kapi_queue *queue, enum kapi_wait_how how, struct site *site);
/* Leave the queue: touches it, whoever may have freed it because the condition was true. */
void kapi_queue_end(struct kapi_queue *queue, struct site *site);
void kapi_queue_wake(struct kapi_queue *queue, struct site *site);
/* Does anyone stand in it? */
bool kapi_queue_is_used(struct kapi_queue *queue, struct site *site);

/* ---- what runs later ---- */

#define KAPI_LATER_MAGIC 0x4c415445u

struct work_struct {
	void (*func)(struct work_struct *work);
	struct kapi_class *class;
	struct site *site; /* of its runs */
	uint32_t magic;
};

/* The platform's table says what is queued on it. */
struct workqueue_struct {
	struct kapi_class *class;
	uint32_t magic;
	bool ordered; /* one work at a time, in order */
};

struct timer_list {
	void (*function)(struct timer_list *timer); /* NULL: shut down */
	unsigned long expires;
	struct kapi_class *class;
	struct site *site; /* of its runs */
	uint32_t magic;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq; /* for when the timer runs */
};

extern struct workqueue_struct kapi_system_wq, kapi_system_unbound_wq, kapi_system_long_wq;

void kapi_work_init(struct work_struct *work, void (*func)(struct work_struct *work),
		    struct kapi_class *class, struct site *site);
/* Returns: false when it was queued already. */
bool kapi_work_queue(struct workqueue_struct *wq, struct work_struct *work, struct site *site);
bool kapi_work_is_pending(struct work_struct *work, struct site *site);
/* Waits for its last instance. @wait: the site of waiting. Returns: was there anything to wait for? */
bool kapi_work_flush(struct work_struct *work, struct site *site, struct site *wait);
/* Takes it back; with @wait, also waits for the instance that runs. Returns: was it queued? */
bool kapi_work_cancel(struct work_struct *work, struct site *site, struct site *wait);

void kapi_delayed_init(struct delayed_work *work, void (*func)(struct work_struct *work),
		       struct kapi_class *class, struct site *site);
/* @again: arm it anew if it is queued (mod_delayed_work). Returns: was it queued, with @again; else
 * is it now? */
bool kapi_delayed_queue(struct workqueue_struct *wq, struct delayed_work *work, unsigned long delay,
			bool again, struct site *site);
bool kapi_delayed_flush(struct delayed_work *work, struct site *site, struct site *wait);
bool kapi_delayed_cancel(struct delayed_work *work, struct site *site, struct site *wait);

/* Returns: NULL when a strategy lets it fail. */
struct workqueue_struct *kapi_wq_alloc(bool ordered, struct kapi_class *class, struct site *site);
/* Waits for what was queued before; @drain: until nothing is queued at all. */
void kapi_wq_flush(struct workqueue_struct *wq, bool drain, struct site *site, struct site *wait);
/* Drains it and frees it. */
void kapi_wq_destroy(struct workqueue_struct *wq, struct site *site, struct site *wait,
		     struct site *free);

void kapi_timer_init(struct timer_list *timer, void (*function)(struct timer_list *timer),
		     struct kapi_class *class, struct site *site);
/* Arms it, anew if it is armed. Returns: was it armed? */
bool kapi_timer_mod(struct timer_list *timer, unsigned long expires, struct site *site);
bool kapi_timer_is_pending(struct timer_list *timer, struct site *site);
/*
 * Disarms it; with @wait, also waits while it runs; with @shutdown, for ever.
 * Returns: was it armed?
 */
bool kapi_timer_delete(struct timer_list *timer, bool shutdown, struct site *site,
		       struct site *wait);

/* ---- memory ---- */

/* Returns: @size bytes aligned to 16, zeroed if @zero, or NULL when a strategy lets it fail. */
void *kapi_alloc(size_t size, bool zero, struct kapi_class *type, struct site *site);
/* NULL is ignored. */
void kapi_free(const void *at, struct site *site);

/* ---- context and complaints ---- */

void kapi_might_sleep(struct site *site);
/* From @begin to its end this lane may not sleep. They nest. */
void kapi_non_block(bool begin);

/* Who runs: a lane's own, all NULL when a run begins. */
struct task_struct {
	struct mm_struct *mm;
};
struct task_struct *kapi_current(void);

/** kapi_thread() - a number below KAPI_THREADS that no other thread has now; a lane's own is its own */
unsigned kapi_thread(void);
#define KAPI_THREADS (LANES + 16)

/* A rule of the kernel is broken: WARN and BUG end the run with a verdict. */
void kapi_warn(enum rule rule, struct site *site);
/* The code under test calls @name, which nobody models: the run ends, neither clean nor a finding. */
_Noreturn void kapi_not_modelled(const char *name, struct site *site);

/* ---- for subjects: what a driver's test bench says beside the kernel's calls ---- */

/**
 * kapi_note_NAME() - write the note NAME of event.def for the rules, about the object @at or NULL
 *
 * One function for each note, so that code which was compiled with another event.def does not link.
 */
#define EVENT_VISIBLE(kind)
#define EVENT_NOTE(kind) void kapi_note_##kind(const volatile void *at, int arg, struct site *site);
#define EVENT(kind, class, text) EVENT_##class(kind)
#include "trace/event.def"
#undef EVENT
#undef EVENT_NOTE
#undef EVENT_VISIBLE
#define KAPI_NOTE(kind, at, arg) kapi_note_##kind(at, arg, KAPI_SITE("note", #kind))

/** kapi_object() - the number of the block that holds @at: the way to put a second object in a
 * note's arg */
int kapi_object(const volatile void *at);

/** kapi_name() - call the block at @at "<type><number>" in letters and verdicts */
void kapi_name(const volatile void *at, const char *type, unsigned number);

/** kapi_should_fail() - a visible operation that a strategy may let fail, such as a device call */
bool kapi_should_fail(const volatile void *at, struct site *site);

/**
 * kapi_hardware() - between @begin and its end the fake hardware does one thing
 *
 * A device's access, and a flush, which waits for those that have begun, exclude each other as in
 * hardware: nothing of the kernel is ordered by it, no primitive may stand in between. Where one
 * thread runs at a time it is nothing.
 */
void kapi_hardware(bool begin);

/** kapi_is_live() - is @at inside a live block, or not in kmalloc memory at all? No visible op. */
bool kapi_is_live(const volatile void *at);

/**
 * kapi_verdict() - a rule is broken by what happens now
 *
 * Ends the run if the verdict is wanted and not known; else it returns, and the run goes on.
 */
void kapi_verdict(enum rule rule, const volatile void *at, const char *text, struct site *site);

#endif
