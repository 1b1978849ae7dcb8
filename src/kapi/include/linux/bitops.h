/*
 * bitops.h - bits of words, one at a time. Those that return nothing order nothing; those that return the
 * old bit are full barriers; __ in front: plain accesses.
 */
#ifndef LINUX_BITOPS_H
#define LINUX_BITOPS_H

#include <linux/atomic.h>

#define BITS_PER_LONG 64
#define BIT(nr) (1ul << (nr))
#define BIT_MASK(nr) (1ul << ((unsigned long)(nr) % BITS_PER_LONG))
#define BIT_WORD(nr) ((unsigned long)(nr) / BITS_PER_LONG)
#define BITS_TO_LONGS(nr) (((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

#define kapi_bit(nr, at, how, mask, order, name, text)                                             \
	(kapi_rmw(&(at)[BIT_WORD(nr)], how, mask, 0, order, name, text) >>                         \
		 ((unsigned long)(nr) % BITS_PER_LONG) &                                           \
	 1)

#define set_bit(nr, at)                                                                            \
	((void)kapi_bit(nr, at, OR, BIT_MASK(nr), VOID, "set_bit", "set_bit(" #nr ", " #at ")"))
#define clear_bit(nr, at)                                                                          \
	((void)kapi_bit(nr, at, AND, ~BIT_MASK(nr), VOID, "clear_bit",                             \
			"clear_bit(" #nr ", " #at ")"))
#define change_bit(nr, at)                                                                         \
	((void)kapi_bit(nr, at, XOR, BIT_MASK(nr), VOID, "change_bit",                             \
			"change_bit(" #nr ", " #at ")"))
#define clear_bit_unlock(nr, at)                                                                   \
	((void)kapi_bit(nr, at, AND, ~BIT_MASK(nr), RELEASE, "clear_bit_unlock",                   \
			"clear_bit_unlock(" #nr ", " #at ")"))
#define test_and_set_bit(nr, at)                                                                   \
	((bool)kapi_bit(nr, at, OR, BIT_MASK(nr), FULL, "test_and_set_bit",                        \
			"test_and_set_bit(" #nr ", " #at ")"))
#define test_and_clear_bit(nr, at)                                                                 \
	((bool)kapi_bit(nr, at, AND, ~BIT_MASK(nr), FULL, "test_and_clear_bit",                    \
			"test_and_clear_bit(" #nr ", " #at ")"))
#define test_and_change_bit(nr, at)                                                                \
	((bool)kapi_bit(nr, at, XOR, BIT_MASK(nr), FULL, "test_and_change_bit",                    \
			"test_and_change_bit(" #nr ", " #at ")"))
#define test_and_set_bit_lock(nr, at)                                                              \
	((bool)kapi_bit(nr, at, OR, BIT_MASK(nr), ACQUIRE, "test_and_set_bit_lock",                \
			"test_and_set_bit_lock(" #nr ", " #at ")"))
#define test_bit(nr, at)                                                                           \
	((bool)(READ_ONCE((at)[BIT_WORD(nr)]) >> ((unsigned long)(nr) % BITS_PER_LONG) & 1))
#define test_bit_acquire(nr, at)                                                                   \
	((bool)(smp_load_acquire(&(at)[BIT_WORD(nr)]) >> ((unsigned long)(nr) % BITS_PER_LONG) & 1))
#define __set_bit(nr, at) ((void)((at)[BIT_WORD(nr)] |= BIT_MASK(nr)))
#define __clear_bit(nr, at) ((void)((at)[BIT_WORD(nr)] &= ~BIT_MASK(nr)))

#endif
