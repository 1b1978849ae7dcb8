/*
 * sanitizer.h - what the sanitizers are told, and nothing where there is none.
 */
#ifndef KAPI_SIM_SANITIZER_H
#define KAPI_SIM_SANITIZER_H

#include <stddef.h>

#if __has_feature(address_sanitizer)
#define SIM_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define SIM_ASAN 0
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

/* kapi is never compiled with TSan itself; the build says whether the program is. */
#ifdef BONDFUZZ_TSAN
#include <sanitizer/tsan_interface.h>
void __tsan_write_range(void *at, unsigned long size);
#define SIM_TSAN 1
static inline void san_acquire(const volatile void *at)
{
	__tsan_acquire((void *)at);
}
static inline void san_release(const volatile void *at)
{
	__tsan_release((void *)at);
}
static inline void san_freed(void *at, size_t size)
{
	__tsan_write_range(at, size);
}
#else
#define SIM_TSAN 0
static inline void san_acquire(const volatile void *at)
{
	(void)at;
}
static inline void san_release(const volatile void *at)
{
	(void)at;
}
static inline void san_freed(void *at, size_t size)
{
	(void)at;
	(void)size;
}
#endif

#endif
