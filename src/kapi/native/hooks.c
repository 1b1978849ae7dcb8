/*
 * hooks.c - cores and subjects call these before every load and store, and to announce their
 * coverage counters. Nobody asks for either here, so they do nothing where the sanitizer's runtime
 * has not the same empty functions already.
 */
#include <stdint.h>

#define HOOK(name, type)                                                                           \
	void __sanitizer_cov_##name(type *at);                                                     \
	__attribute__((weak)) void __sanitizer_cov_##name(type *at)                                \
	{                                                                                          \
		(void)at;                                                                          \
	}

HOOK(load1, uint8_t)
HOOK(load2, uint16_t)
HOOK(load4, uint32_t)
HOOK(load8, uint64_t)
HOOK(load16, __uint128_t)
HOOK(store1, uint8_t)
HOOK(store2, uint16_t)
HOOK(store4, uint32_t)
HOOK(store8, uint64_t)
HOOK(store16, __uint128_t)

#define NOBODY(name)                                                                               \
	void name(void *start, void *stop);                                                        \
	__attribute__((weak)) void name(void *start, void *stop)                                   \
	{                                                                                          \
		(void)start, (void)stop;                                                           \
	}

NOBODY(__sanitizer_cov_8bit_counters_init)
NOBODY(__sanitizer_cov_pcs_init)
