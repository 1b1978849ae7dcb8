/*
 * lock.c - spinlocks and reader-writer spinlocks: what their inline functions end in.
 *
 * Interrupts do not exist here: the _irq and _irqsave forms are the plain ones. They forbid nothing
 * that spinning does not forbid. spin_lock_init() is inline, so an entry is made at first use.
 *
 * The kernel's word says only whether the lock is taken, for inline functions that look at it
 * (spin_is_locked(), rwsem_is_locked()); who holds it is the platform's to know. The platform calls
 * lock_mirror() at the moment of the effect.
 */
#include <linux/rwsem.h>
#include <linux/spinlock.h>

#include "tree/kernel/glue.h"

#define SPIN_KIND (KAPI_SPIN | KAPI_INLINE_INIT)
#define RW_KIND (KAPI_RWLOCK | KAPI_INLINE_INIT)

/* The words of a qspinlock, a qrwlock and an rwsem. */
#define QRW_WRITER 0xffu
#define QRW_READER 0x200u
#define RWSEM_WRITER 1l
#define RWSEM_READER 0x100l

void bond_mirror_lock(void *lock, int kind, _Bool written, unsigned int readers)
{
	switch (kind & (KAPI_SLEEPS | KAPI_SHARED)) {
	case KAPI_SPIN:
		*(unsigned int *)lock = written;
		break;
	case KAPI_RWLOCK:
		*(unsigned int *)lock = written ? QRW_WRITER : readers * QRW_READER;
		break;
	case KAPI_RWSEM:
		*(long *)lock = written ? RWSEM_WRITER : readers * RWSEM_READER;
		break;
	}
}

/* ---- spinlocks ---- */

static void spin_take(void *lock, struct site *site)
{
	kapi_lock(lock, SPIN_KIND, 0, bond_name(site), site);
}

static int spin_try(void *lock, struct site *site)
{
	return kapi_trylock(lock, SPIN_KIND, 0, bond_name(site), site);
}

static void drop(void *lock, int read, struct site *site)
{
	kapi_unlock(lock, read, site, NULL);
}

void _raw_spin_lock(raw_spinlock_t *lock)
{
	spin_take(lock, BOND_SITE);
}

void _raw_spin_lock_bh(raw_spinlock_t *lock)
{
	spin_take(lock, BOND_SITE);
}

void _raw_spin_lock_irq(raw_spinlock_t *lock)
{
	spin_take(lock, BOND_SITE);
}

unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *lock)
{
	spin_take(lock, BOND_SITE);
	return 0;
}

int _raw_spin_trylock(raw_spinlock_t *lock)
{
	return spin_try(lock, BOND_SITE);
}

int _raw_spin_trylock_bh(raw_spinlock_t *lock)
{
	return spin_try(lock, BOND_SITE);
}

void _raw_spin_unlock(raw_spinlock_t *lock)
{
	drop(lock, 0, BOND_SITE);
}

void _raw_spin_unlock_bh(raw_spinlock_t *lock)
{
	drop(lock, 0, BOND_SITE);
}

void _raw_spin_unlock_irq(raw_spinlock_t *lock)
{
	drop(lock, 0, BOND_SITE);
}

void _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	drop(lock, 0, BOND_SITE);
}

/* ---- reader-writer spinlocks ---- */

static void rw_take(void *lock, int read, struct site *site)
{
	kapi_lock(lock, RW_KIND, read, bond_name(site), site);
}

static int rw_try(void *lock, int read, struct site *site)
{
	return kapi_trylock(lock, RW_KIND, read, bond_name(site), site);
}

#define RW_FORMS(name, read)                                                                       \
	void _raw_##name##_lock(rwlock_t *lock)                                                    \
	{                                                                                          \
		rw_take(lock, read, BOND_SITE);                                                    \
	}                                                                                          \
	void _raw_##name##_lock_bh(rwlock_t *lock)                                                 \
	{                                                                                          \
		rw_take(lock, read, BOND_SITE);                                                    \
	}                                                                                          \
	void _raw_##name##_lock_irq(rwlock_t *lock)                                                \
	{                                                                                          \
		rw_take(lock, read, BOND_SITE);                                                    \
	}                                                                                          \
	unsigned long _raw_##name##_lock_irqsave(rwlock_t *lock)                                   \
	{                                                                                          \
		rw_take(lock, read, BOND_SITE);                                                    \
		return 0;                                                                          \
	}                                                                                          \
	int _raw_##name##_trylock(rwlock_t *lock)                                                  \
	{                                                                                          \
		return rw_try(lock, read, BOND_SITE);                                              \
	}                                                                                          \
	void _raw_##name##_unlock(rwlock_t *lock)                                                  \
	{                                                                                          \
		drop(lock, read, BOND_SITE);                                                       \
	}                                                                                          \
	void _raw_##name##_unlock_bh(rwlock_t *lock)                                               \
	{                                                                                          \
		drop(lock, read, BOND_SITE);                                                       \
	}                                                                                          \
	void _raw_##name##_unlock_irq(rwlock_t *lock)                                              \
	{                                                                                          \
		drop(lock, read, BOND_SITE);                                                       \
	}                                                                                          \
	void _raw_##name##_unlock_irqrestore(rwlock_t *lock, unsigned long flags)                  \
	{                                                                                          \
		drop(lock, read, BOND_SITE);                                                       \
	}

RW_FORMS(read, 1)
RW_FORMS(write, 0)
