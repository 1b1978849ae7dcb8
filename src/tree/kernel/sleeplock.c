/*
 * sleeplock.c - mutexes and read-write semaphores.
 *
 * A signal ends the waiting of the killable and interruptible forms when a strategy lets them fail:
 * before the lock is taken, as the kernel looks for a signal before it sleeps and after each wake-up.
 */
#include <linux/mutex.h>
#include <linux/rwsem.h>

#include "tree/kernel/glue.h"

static void take(void *lock, int kind, int read, struct site *site)
{
	bond_sleepable(site);
	kapi_lock(lock, kind, read, bond_name(site), site);
}

static int take_or_signal(void *lock, int kind, int read, struct site *site)
{
	bond_sleepable(site);
	if (bond_signal_comes(site))
		return -EINTR;
	kapi_lock(lock, kind, read, bond_name(site), site);
	return 0;
}

static int try_take(void *lock, int kind, int read, struct site *site)
{
	return kapi_trylock(lock, kind, read, bond_name(site), site);
}

static void drop(void *lock, int read, struct site *site)
{
	kapi_unlock(lock, read, site, bond_site_tail(site));
}

/* ---- mutexes ---- */

void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	*lock = (struct mutex){};
	kapi_lock_init(lock, KAPI_MUTEX, kapi_class_of(NULL, name));
}

void mutex_lock(struct mutex *lock)
{
	take(lock, KAPI_MUTEX, 0, BOND_SITE);
}

int mutex_lock_interruptible(struct mutex *lock)
{
	return take_or_signal(lock, KAPI_MUTEX, 0, BOND_SITE);
}

int mutex_lock_killable(struct mutex *lock)
{
	return take_or_signal(lock, KAPI_MUTEX, 0, BOND_SITE);
}

int mutex_trylock(struct mutex *lock)
{
	return try_take(lock, KAPI_MUTEX, 0, BOND_SITE);
}

void mutex_unlock(struct mutex *lock)
{
	drop(lock, 0, BOND_SITE);
}

bool mutex_is_locked(struct mutex *lock)
{
	kapi_load(lock, BOND_SITE);
	return kapi_lock_is_locked(lock);
}

/* Returns: 1, with the lock: the count is 0. */
int atomic_dec_and_mutex_lock(atomic_t *count, struct mutex *lock)
{
	struct site *site = BOND_SITE;

	if (arch_atomic_read(count) > 1) {
		kapi_atomic_add(&count->counter, -1, KAPI_FULL, site);
		return 0;
	}
	take(lock, KAPI_MUTEX, 0, site);
	if (!kapi_atomic_add(&count->counter, -1, KAPI_FULL, site))
		return 1;
	drop(lock, 0, site);
	return 0;
}

/* ---- read-write semaphores ---- */

void __init_rwsem(struct rw_semaphore *sem, const char *name, struct lock_class_key *key)
{
	*sem = (struct rw_semaphore){};
	kapi_lock_init(sem, KAPI_RWSEM, kapi_class_of(NULL, name));
}

void down_read(struct rw_semaphore *sem)
{
	take(sem, KAPI_RWSEM, 1, BOND_SITE);
}

void down_write(struct rw_semaphore *sem)
{
	take(sem, KAPI_RWSEM, 0, BOND_SITE);
}

int down_read_interruptible(struct rw_semaphore *sem)
{
	return take_or_signal(sem, KAPI_RWSEM, 1, BOND_SITE);
}

int down_read_killable(struct rw_semaphore *sem)
{
	return take_or_signal(sem, KAPI_RWSEM, 1, BOND_SITE);
}

int down_write_killable(struct rw_semaphore *sem)
{
	return take_or_signal(sem, KAPI_RWSEM, 0, BOND_SITE);
}

int down_read_trylock(struct rw_semaphore *sem)
{
	return try_take(sem, KAPI_RWSEM, 1, BOND_SITE);
}

int down_write_trylock(struct rw_semaphore *sem)
{
	return try_take(sem, KAPI_RWSEM, 0, BOND_SITE);
}

void up_read(struct rw_semaphore *sem)
{
	drop(sem, 1, BOND_SITE);
}

void up_write(struct rw_semaphore *sem)
{
	drop(sem, 0, BOND_SITE);
}

void downgrade_write(struct rw_semaphore *sem)
{
	kapi_lock_downgrade(sem, BOND_SITE);
}
