/*
 * kapi_litmus_shortage.c - an allocation that reclaims: when it may take a page, and in what state it does.
 *
 * The page is taken by a function of this file, and whether memory is short is a choice: so that it was not
 * taken in a good run says that it is never taken there. The order of locks has a table of its own
 * (kapi_litmus_reclaim.c), and is not asked here.
 */
#include <kapi/bench.h>
#include <linux/bug.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "litmus.h"

struct holder {
	struct mutex lock, own;
	spinlock_t spin;
	int depth; /* of reclaims in one thread */
};

static struct holder *holder;
static bool no_page;

static void allocate(gfp_t flags)
{
	kfree(kmalloc(64, flags));
}

/* ---- what takes the page ---- */

static bool take_never(bool dry)
{
	if (!dry)
		WARN_ON("a page was taken");
	return !no_page;
}

/* As an invalidation callback does: under the lock of the client. */
static bool take_locked(bool dry)
{
	if (dry)
		return true;
	mutex_lock(&holder->lock);
	mutex_unlock(&holder->lock);
	return true;
}

static bool take_and_allocate(bool dry, bool with_flag)
{
	if (dry)
		return true;
	WARN_ON(holder->depth++);
	if (!with_flag)
		memalloc_noreclaim_restore(0);
	allocate(GFP_KERNEL);
	holder->depth--;
	return true;
}

static bool take_nested(bool dry)
{
	return take_and_allocate(dry, true);
}

static bool take_without_flag(bool dry)
{
	return take_and_allocate(dry, false);
}

/* ---- before and after ---- */

static void begin_with(bool (*take)(bool dry))
{
	holder = kzalloc(sizeof(*holder), GFP_KERNEL);
	mutex_init(&holder->lock);
	mutex_init(&holder->own);
	spin_lock_init(&holder->spin);
	no_page = false;
	KAPI_NOTE(registered, holder, 0);
	kapi_reclaim_by(take);
}

static void begin_never(void)
{
	begin_with(take_never);
}

static void begin_without_pages(void)
{
	begin_with(take_never);
	no_page = true;
}

static void begin_unlinked(void)
{
	begin_with(take_never);
	KAPI_NOTE(unregistered, holder, 0);
}

static void begin_locked(void)
{
	begin_with(take_locked);
}

static void begin_nested(void)
{
	begin_with(take_nested);
}

static void begin_without_flag(void)
{
	begin_with(take_without_flag);
}

static void end(void)
{
	kapi_reclaim_by(NULL);
	KAPI_NOTE(unregistered, holder, 0);
	kfree(holder);
}

/* ---- allocations ---- */

static void allocates(void)
{
	allocate(GFP_KERNEL);
}

static void allocates_nofs(void)
{
	unsigned before = memalloc_nofs_save();

	allocate(GFP_KERNEL);
	memalloc_nofs_restore(before);
}

static void allocates_under_own(void)
{
	mutex_lock(&holder->own);
	allocate(GFP_KERNEL);
	mutex_unlock(&holder->own);
}

static void allocates_under_lock(void)
{
	mutex_lock(&holder->lock);
	allocate(GFP_KERNEL);
	mutex_unlock(&holder->lock);
}

static void allocates_atomic(void)
{
	spin_lock(&holder->spin);
	allocate(GFP_ATOMIC);
	spin_unlock(&holder->spin);
	rcu_read_lock();
	allocate(GFP_NOWAIT);
	rcu_read_unlock();
}

static void allocates_nowait(void)
{
	allocate(GFP_NOWAIT);
	allocate(GFP_ATOMIC);
}

static void allocates_without_reclaim(void)
{
	unsigned before = memalloc_noreclaim_save();

	allocate(GFP_KERNEL);
	memalloc_noreclaim_restore(before);
}

static void allocates_in_callback(void)
{
	KAPI_NOTE(callback_begin, holder, 0);
	allocate(GFP_KERNEL);
	KAPI_NOTE(callback_end, holder, 0);
}

#define SHORT(begin_, ...)                                                                         \
	{                                                                                          \
		.begin = (begin_), .thread = {__VA_ARGS__}, .end = end, .fail_one_in = 2,          \
		.ignores = RULE_reclaim_recursion                                                  \
	}
#define TAKEN "warn:none@take_never"

const struct litmus_case kapi_litmus_shortage[] = {
	{"atomic_memory_takes_no_page", TAKEN, NULL, .good = SHORT(begin_never, allocates_atomic),
	 .bad = SHORT(begin_never, allocates)},
	{"memory_that_does_not_wait_takes_no_page", TAKEN, NULL,
	 .good = SHORT(begin_never, allocates_nowait), .bad = SHORT(begin_never, allocates_nofs)},
	{"a_thread_without_reclaim_takes_no_page", TAKEN, NULL,
	 .good = SHORT(begin_never, allocates_without_reclaim),
	 .bad = SHORT(begin_never, allocates_under_own)},
	{"a_callback_takes_no_page", TAKEN, NULL, .good = SHORT(begin_never, allocates_in_callback),
	 .bad = SHORT(begin_never, allocates)},
	{"nothing_is_taken_where_nobody_is_linked", TAKEN, NULL,
	 .good = SHORT(begin_unlinked, allocates), .bad = SHORT(begin_never, allocates)},
	{"nothing_is_taken_where_no_page_is", TAKEN, NULL,
	 .good = SHORT(begin_without_pages, allocates), .bad = SHORT(begin_never, allocates)},
	{"the_page_is_taken_under_the_locks_of_the_thread", "deadlock:holder@take_locked", NULL,
	 .good = SHORT(begin_locked, allocates_under_own),
	 .bad = SHORT(begin_locked, allocates_under_lock)},
	{"reclaim_nests_once", "warn:none@take_and_allocate", NULL,
	 .good = SHORT(begin_nested, allocates), .bad = SHORT(begin_without_flag, allocates)},
	{0},
};
