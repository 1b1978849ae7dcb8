/*
 * bit_spinlock.h - a bit of a word as a spinlock: each look of who spins is a choice. Who holds it may not
 * sleep; it is no lock of lockdep's, so no order of it is known.
 */
#ifndef LINUX_BIT_SPINLOCK_H
#define LINUX_BIT_SPINLOCK_H

#include <linux/bitops.h>
#include <linux/kernel.h>

#define bit_spin_lock(bit, at)                                                                     \
	do {                                                                                       \
		while (test_and_set_bit_lock(bit, at))                                             \
			while (test_bit(bit, at))                                                  \
				;                                                                  \
		kapi_non_block(true);                                                              \
	} while (0)
#define bit_spin_trylock(bit, at)                                                                  \
	({                                                                                         \
		bool taken_ = !test_and_set_bit_lock(bit, at);                                     \
		if (taken_)                                                                        \
			kapi_non_block(true);                                                      \
		taken_;                                                                            \
	})
#define bit_spin_unlock(bit, at)                                                                   \
	do {                                                                                       \
		clear_bit_unlock(bit, at);                                                         \
		kapi_non_block(false);                                                             \
	} while (0)
#define bit_spin_is_locked(bit, at) test_bit(bit, at)

#endif
