/*
 * bench.h - what a driver and its test bench say beside the kernel's calls, in either world.
 *
 * Plain C types only, and nothing of kapi.h: code that is compiled with a kernel tree's headers
 * includes it, too.
 */
#ifndef KAPI_BENCH_H
#define KAPI_BENCH_H

#include <stdbool.h>

#include "base/site.h"
#include "kapi/primitive.h"
#include "trace/rule.h"

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

/**
 * kapi_rest() - RULE_not_at_rest unless the @size bytes at @word, up to 8, are @value
 * @object: what the word belongs to
 *
 * Context: in a subject's at_rest() only. A pure read: no visible operation, no access.
 */
void kapi_rest(const volatile void *object, const volatile void *word, unsigned size,
	       uint64_t value, struct site *site);
#define AT_REST(object, word, value)                                                               \
	kapi_rest(object, &(word), sizeof(word), value, KAPI_SITE("rest", #word " is " #value))

/*
 * @func, a work, a timer function or a callback, is the kernel's or the test bench's: it stays when a
 * module goes.
 */
#define KAPI_STAYS(func)                                                                           \
	static void (*const func##_stays)(void) __attribute__((section("bf_stays"), used)) =       \
		(void (*)(void))(func)

/**
 * kapi_reclaim_by() - from now on, in this run, an allocation may reclaim a page by @reclaim
 * @reclaim: @dry: only say whether there is a page; else take one from a process
 */
void kapi_reclaim_by(bool (*reclaim)(bool dry));

/**
 * kapi_hardware() - between @begin and its end the fake hardware does one thing
 *
 * A device's access, and a flush, which waits for those that have begun, exclude each other as in
 * hardware: nothing of the kernel is ordered by it, no primitive may stand in between. Where one
 * thread runs at a time it is nothing.
 */
void kapi_hardware(bool begin);

/**
 * kapi_chance() - may what the hardware can do at any time happen here?
 *
 * A visible operation that is answered by the schedule like a failure, and is none. Real threads, and
 * where every schedule is run: no.
 */
bool kapi_chance(const volatile void *at, struct site *site);

/** kapi_driver_returns() - to a caller that holds nothing: a verdict where it left a lock held or a reader open */
void kapi_driver_returns(struct site *site);

/** kapi_is_live() - is @at inside a live block, or not in kmalloc memory at all? No visible op. */
bool kapi_is_live(const volatile void *at);
/** kapi_holds_lock() - does this thread hold a lock? Real threads: not known, so yes. No visible op. */
bool kapi_holds_lock(void);

/* Every __atomic load and store of code under test is made by these two: a marked access. */
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

#endif
