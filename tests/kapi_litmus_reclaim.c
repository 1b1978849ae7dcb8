/*
 * kapi_litmus_reclaim.c - allocations under locks that invalidation callbacks take.
 *
 * The notes are those of the notifiers' core: a client is linked, called, unlinked.
 */
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "litmus.h"

struct user {
	struct mutex lock, own, inner;
	spinlock_t spin;
};

static struct user *user, *other;

static struct user *new_user(void)
{
	struct user *u = kzalloc(sizeof(*u), GFP_KERNEL);

	mutex_init(&u->lock);
	mutex_init(&u->own);
	mutex_init(&u->inner);
	spin_lock_init(&u->spin);
	return u;
}

static void make_users(void)
{
	user = new_user();
	other = new_user();
	KAPI_NOTE(registered, user, 0);
}

static void free_users(void)
{
	KAPI_NOTE(unregistered, user, 0);
	kfree(user);
	kfree(other);
}

static void allocate(gfp_t flags)
{
	kfree(kmalloc(64, flags));
}

/* ---- callbacks ---- */

static void called_with(struct mutex *lock)
{
	KAPI_NOTE(callback_begin, user, 0);
	mutex_lock(lock);
	mutex_unlock(lock);
	KAPI_NOTE(callback_end, user, 0);
}

static void called(void)
{
	called_with(&user->lock);
}

static void called_try(void)
{
	KAPI_NOTE(callback_begin, user, 0);
	if (mutex_trylock(&user->lock))
		mutex_unlock(&user->lock);
	KAPI_NOTE(callback_end, user, 0);
}

static void called_allocates_atomic(void)
{
	KAPI_NOTE(callback_begin, user, 0);
	allocate(GFP_ATOMIC);
	KAPI_NOTE(callback_end, user, 0);
}

static void called_allocates(void)
{
	KAPI_NOTE(callback_begin, user, 0);
	allocate(GFP_KERNEL);
	KAPI_NOTE(callback_end, user, 0);
}

/* release(): exit comes with memory to give back, and waits for nobody who allocates. */
static void released_allocates(void)
{
	KAPI_NOTE(release_begin, user, 0);
	allocate(GFP_KERNEL);
	KAPI_NOTE(release_end, user, 0);
}

/* ---- allocations ---- */

static void allocates_under(struct mutex *lock, gfp_t flags)
{
	mutex_lock(lock);
	allocate(flags);
	mutex_unlock(lock);
}

static void allocates(void)
{
	allocates_under(&user->lock, GFP_KERNEL);
}

static void allocates_nofs(void)
{
	allocates_under(&user->lock, GFP_NOFS);
}

static void allocates_nowait(void)
{
	allocates_under(&user->lock, GFP_NOWAIT);
}

static void allocates_nolockdep(void)
{
	allocates_under(&user->lock, GFP_KERNEL | __GFP_NOLOCKDEP);
}

static void allocates_without_reclaim(void)
{
	unsigned before = memalloc_noreclaim_save();

	allocates();
	memalloc_noreclaim_restore(before);
}

static void allocates_in_nofs_section(void)
{
	unsigned before = memalloc_nofs_save();

	allocates();
	memalloc_nofs_restore(before);
}

static void allocates_under_own(void)
{
	allocates_under(&user->own, GFP_KERNEL);
}

/* The same class, another object. */
static void allocates_under_others(void)
{
	allocates_under(&other->lock, GFP_KERNEL);
}

static void allocates_under_inner(void)
{
	allocates_under(&user->inner, GFP_KERNEL);
}

static void orders_locks(void)
{
	mutex_lock(&user->lock);
	mutex_lock(&user->inner);
	mutex_unlock(&user->inner);
	mutex_unlock(&user->lock);
}

static void waits_for_changes(void)
{
	mutex_lock(&user->lock);
	kapi_notifier_map("mmu_interval_notifier_remove", KAPI_SITE("read_begin", "read_begin()"));
	mutex_unlock(&user->lock);
}

static void waits_before(void)
{
	kapi_notifier_map("mmu_interval_notifier_remove", KAPI_SITE("read_begin", "read_begin()"));
	mutex_lock(&user->lock);
	mutex_unlock(&user->lock);
}

/* ---- while it is not registered ---- */

static void make_and_allocate(void)
{
	user = new_user();
	other = new_user();
	allocates();
	KAPI_NOTE(registered, user, 0);
}

static void leave_and_allocate(void)
{
	KAPI_NOTE(unregistered, user, 0);
	allocates();
	kfree(user);
	kfree(other);
}

static void allocate_and_leave(void)
{
	allocates();
	free_users();
}

/* ---- clients that are no blocks: two on stacks, or two variables ---- */

static char first, second;

static void make_first(void)
{
	make_users();
	KAPI_NOTE(registered, &first, 0);
}

static void first_called_under(struct mutex *lock)
{
	KAPI_NOTE(callback_begin, &first, 0);
	mutex_lock(lock);
	mutex_unlock(lock);
	KAPI_NOTE(callback_end, &first, 0);
	mutex_lock(&user->lock);
	mutex_unlock(&user->lock);
}

static void first_called(void)
{
	first_called_under(&user->own);
}

static void first_called_with_lock(void)
{
	first_called_under(&user->lock);
}

static void allocates_before_second(void)
{
	allocates();
	KAPI_NOTE(registered, &second, 0);
}

#define USERS .begin = make_users, .end = free_users

const struct litmus_case kapi_litmus_reclaim[] = {
	{"memory_is_not_allocated_under_a_lock_of_a_callback",
	 "reclaim_recursion:u@allocate+called_with", NULL,
	 .good = {USERS, .thread = {called, allocates_under_own}},
	 .bad = {USERS, .thread = {called, allocates}}},
	{"memory_is_not_allocated_in_a_callback", "reclaim_recursion:u@allocate", "inside",
	 .good = {USERS, .thread = {called_allocates_atomic}},
	 .bad = {USERS, .thread = {called_allocates}}},
	{"release_is_outside_the_map", "reclaim_recursion:u@allocate", "inside",
	 .good = {USERS, .thread = {released_allocates}},
	 .bad = {USERS, .thread = {called_allocates}}},
	{"no_fs_does_reclaim_no_wait_does_not", "reclaim_recursion:u@allocate+called_with", NULL,
	 .good = {USERS, .thread = {called, allocates_nowait}},
	 .bad = {USERS, .thread = {called, allocates_nofs}}},
	{"a_thread_without_reclaim_may_allocate", "reclaim_recursion:u@allocate+called_with", NULL,
	 .good = {USERS, .thread = {called, allocates_without_reclaim}},
	 .bad = {USERS, .thread = {called, allocates_in_nofs_section}}},
	{"the_flag_that_says_so_is_believed", "reclaim_recursion:u@allocate+called_with", NULL,
	 .good = {USERS, .thread = {called, allocates_nolockdep}},
	 .bad = {USERS, .thread = {called, allocates}}},
	{"reclaim_order_is_between_objects", "reclaim_recursion:u@allocate+called_with", NULL,
	 .good = {USERS, .thread = {called, allocates_under_others}},
	 .bad = {USERS, .thread = {called, allocates}}},
	{"a_callback_that_only_tries_waits_for_nobody", "reclaim_recursion:u@allocate+called_with",
	 NULL, .good = {USERS, .thread = {called_try, allocates}},
	 .bad = {USERS, .thread = {called, allocates}}},
	{"reclaim_order_goes_over_other_locks", "reclaim_recursion:u@allocate+called_with", NULL,
	 .good = {USERS, .thread = {called, allocates_under_inner}},
	 .bad = {USERS, .thread = {called, allocates_under_inner, orders_locks}}},
	{"memory_before_registration_counts_for_nobody", "reclaim_recursion:u@allocate+called_with",
	 NULL, .good = {.begin = make_and_allocate, .thread = {called}, .end = leave_and_allocate},
	 .bad = {.begin = make_users, .thread = {called}, .end = allocate_and_leave}},
	{"who_waits_for_changes_holds_no_lock_of_a_callback",
	 "reclaim_recursion:u@waits_for_changes+called_with", NULL,
	 .good = {USERS, .thread = {called, waits_before}},
	 .bad = {USERS, .thread = {called, waits_for_changes}}},
	{"clients_that_are_no_blocks_are_not_each_other",
	 "reclaim_recursion:u@allocate+first_called_under", NULL,
	 .good = {.begin = make_first,
		  .thread = {first_called, allocates_before_second},
		  .end = free_users},
	 .bad = {.begin = make_first,
		 .thread = {first_called_with_lock, allocates_before_second},
		 .end = free_users}},
	{0},
};
