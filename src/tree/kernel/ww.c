/*
 * ww.c - mutexes of a ticket: who is younger dies.
 *
 * A lock that is held under an older ticket is refused (-EDEADLK) to a ticket that holds locks
 * already; it backs off and tries again. An older ticket waits for a younger one. Left out: a waiter
 * that must die later, because a third ticket, older than it, got the lock first.
 */
#include <linux/ww_mutex.h>

#include "tree/kernel/glue.h"

/* Returns: 0, or why it may not wait. */
static int may_take(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	struct ww_acquire_ctx *holder = lock->ctx;

	if (!ctx || !holder)
		return 0;
	if (holder == ctx)
		return -EALREADY;
	return ctx->acquired && (long)(ctx->stamp - holder->stamp) > 0 ? -EDEADLK : 0;
}

static void taken(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	lock->ctx = ctx;
	if (ctx)
		ctx->acquired++;
}

static int take(struct ww_mutex *lock, struct ww_acquire_ctx *ctx, bool signals, struct site *site)
{
	int error;

	bond_touch(lock, site);
	bond_sleepable(site);
	error = may_take(lock, ctx);
	if (!error && signals && bond_signal_comes(site))
		error = -EINTR;
	if (error)
		return error;
	kapi_lock(&lock->base, KAPI_MUTEX | KAPI_INLINE_INIT, 0, bond_name(site), site);
	taken(lock, ctx);
	return 0;
}

int ww_mutex_lock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	return take(lock, ctx, false, BOND_SITE);
}

int ww_mutex_lock_interruptible(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	return take(lock, ctx, true, BOND_SITE);
}

int ww_mutex_trylock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	struct site *site = BOND_SITE;
	int ok = kapi_trylock(&lock->base, KAPI_MUTEX | KAPI_INLINE_INIT, 0, bond_name(site), site);

	if (ok)
		taken(lock, ctx);
	return ok;
}

void ww_mutex_unlock(struct ww_mutex *lock)
{
	struct site *site = BOND_SITE;

	bond_touch(lock, site);
	if (lock->ctx)
		lock->ctx->acquired--;
	lock->ctx = NULL;
	kapi_unlock(&lock->base, 0, site, bond_site_tail(site));
}
