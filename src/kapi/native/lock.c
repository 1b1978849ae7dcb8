/*
 * lock.c - locks without readers are pthread mutexes, those with readers are pthread rwlocks.
 *
 * The pthread lock lies in lock->native; all zero is its initial state, so a lock that was
 * initialised statically needs no call. A spinlock is a mutex too: pthread_spinlock_t is not zero
 * when free, and spinning threads starve each other on a small machine.
 *
 * Who holds what is a list of the holding thread's own. pthread's unlock has no touch after the
 * release, the kernel's may have one: a sleeping lock is read once more after a delay, where ASan
 * and TSan see it, so that who frees it because it was free is reported here too.
 */
#include "kapi/native/internal.h"

#include <pthread.h>
#include <string.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(((struct kapi_lock *)0)->native), "no room");
_Static_assert(sizeof(pthread_rwlock_t) <= sizeof(((struct kapi_lock *)0)->native), "no room");

static pthread_mutex_t *mutex_of(struct kapi_lock *lock)
{
	return (pthread_mutex_t *)lock->native.bytes;
}

static pthread_rwlock_t *rwlock_of(struct kapi_lock *lock)
{
	return (pthread_rwlock_t *)lock->native.bytes;
}

/* ---- what this thread holds ---- */

static int held_index(const void *lock)
{
	for (unsigned i = 0; i < native_self.held_nr; i++)
		if (native_self.held[i] == lock)
			return (int)i;
	return -1;
}

bool kapi_lock_held(const void *lock)
{
	return held_index(lock) >= 0;
}

static void hold(struct kapi_lock *lock, struct site *site)
{
	if (native_self.held_nr == HELD_LOCKS_MAX)
		native_fail(RULE_lock_misuse, lock, "more locks held than a thread may hold", site);
	native_self.held[native_self.held_nr++] = lock;
	native_self.spinning += !(lock->kind & KAPI_SLEEPS);
}

static void forget(struct kapi_lock *lock, struct site *site)
{
	int i = held_index(lock);

	if (i < 0)
		native_fail(RULE_lock_misuse, lock,
			    "unlock of a lock that the thread does not hold", site);
	native_self.held[i] = native_self.held[--native_self.held_nr];
	native_self.spinning -= !(lock->kind & KAPI_SLEEPS);
}

/* ---- the primitives ---- */

void kapi_lock_init(void *at, int kind, struct kapi_class *class)
{
	struct kapi_lock *lock = at;

	memset(lock, 0, sizeof(*lock));
	lock->magic = KAPI_LOCK_MAGIC;
	lock->kind = (uint32_t)kind;
	if (kind & KAPI_SHARED)
		must(!pthread_rwlock_init(rwlock_of(lock), NULL));
	else
		must(!pthread_mutex_init(mutex_of(lock), NULL));
}

static void check_lock(struct kapi_lock *lock, struct site *site)
{
	if (lock->magic != KAPI_LOCK_MAGIC)
		native_fail(RULE_lock_misuse, lock, "the lock was never initialised", site);
}

void kapi_lock(void *at, int kind, bool read, const char *name, struct site *site)
{
	struct kapi_lock *lock = at;

	native_step();
	check_lock(lock, site);
	if (lock->kind & KAPI_SLEEPS)
		kapi_might_sleep(site);
	if (kapi_lock_held(lock) && !(read && lock->kind & KAPI_SHARED))
		native_fail(RULE_deadlock, lock, "the thread takes a lock that it holds", site);
	if (!(lock->kind & KAPI_SHARED))
		must(!pthread_mutex_lock(mutex_of(lock)));
	else if (read && pthread_rwlock_rdlock(rwlock_of(lock)))
		native_fail(RULE_deadlock, lock, "the thread takes a lock that it holds", site);
	else if (!read)
		must(!pthread_rwlock_wrlock(rwlock_of(lock)));
	native_effect();
	hold(lock, site);
}

static int try(struct kapi_lock *lock, bool read)
{
	if (!(lock->kind & KAPI_SHARED))
		return pthread_mutex_trylock(mutex_of(lock));
	if (read)
		return pthread_rwlock_tryrdlock(rwlock_of(lock));
	return pthread_rwlock_trywrlock(rwlock_of(lock));
}

bool kapi_trylock(void *at, int kind, bool read, const char *name, struct site *site)
{
	struct kapi_lock *lock = at;

	native_step();
	check_lock(lock, site);
	if (try(lock, read))
		return false;
	hold(lock, site);
	return true;
}

static void unlock_tail(const struct kapi_lock *lock)
{
	native_step();
	(void)*(const volatile uint32_t *)&lock->magic;
}

void kapi_unlock(void *at, bool read, struct site *site, struct site *tail)
{
	struct kapi_lock *lock = at;

	native_step();
	check_lock(lock, site);
	forget(lock, site);
	if (lock->kind & KAPI_SHARED)
		must(!pthread_rwlock_unlock(rwlock_of(lock)));
	else
		must(!pthread_mutex_unlock(mutex_of(lock)));
	if (tail)
		unlock_tail(lock);
}

/* A pthread lock cannot be downgraded: between the two another writer may come. */
void kapi_lock_downgrade(void *at, struct site *site)
{
	struct kapi_lock *lock = at;

	native_step();
	check_lock(lock, site);
	if (!kapi_lock_held(lock))
		native_fail(RULE_lock_misuse, lock,
			    "downgrade of a lock that the thread does not hold", site);
	must(!pthread_rwlock_unlock(rwlock_of(lock)));
	must(!pthread_rwlock_rdlock(rwlock_of(lock)));
}

bool kapi_lock_is_locked(const void *at)
{
	struct kapi_lock *lock = (struct kapi_lock *)(uintptr_t)at;

	if (kapi_lock_held(lock))
		return true;
	if (try(lock, false))
		return true;
	if (lock->kind & KAPI_SHARED)
		must(!pthread_rwlock_unlock(rwlock_of(lock)));
	else
		must(!pthread_mutex_unlock(mutex_of(lock)));
	return false;
}
