/*
 * sanitizer.h - what the sanitizers and the race detector of our own are told.
 */
#ifndef KAPI_SIM_SANITIZER_H
#define KAPI_SIM_SANITIZER_H

#include <stddef.h>
#include <stdint.h>

#include "kapi/sim/old.h"
#include "kapi/sim/race.h"
#include "kapi/sim/weak.h"

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
void __tsan_read_range_pc(void *at, unsigned long size, void *pc);
void __tsan_write_range_pc(void *at, unsigned long size, void *pc);
#define SIM_TSAN 1
/* Between these the lane is in the harness, whose libc calls TSan would see. */
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
static inline void san_harness_begin(void)
{
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
	AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}
static inline void san_harness_end(void)
{
	AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}
#else
#define SIM_TSAN 0
static inline void san_harness_begin(void)
{
}
static inline void san_harness_end(void)
{
}
#endif

/* To TSan: accesses at @pc, a return address, of code that it does not see. */
static inline void san_read(const volatile void *at, size_t size, const void *pc)
{
#if SIM_TSAN
	__tsan_read_range_pc((void *)(uintptr_t)at, size, (void *)(uintptr_t)pc);
#else
	(void)at, (void)size, (void)pc;
#endif
}
static inline void san_write(const volatile void *at, size_t size, const void *pc)
{
#if SIM_TSAN
	__tsan_write_range_pc((void *)(uintptr_t)at, size, (void *)(uintptr_t)pc);
#else
	(void)at, (void)size, (void)pc;
#endif
}
/* A marked one, of 1, 2, 4 or 8 bytes; it orders nothing. */
#if SIM_TSAN
void san_marked(const volatile void *at, size_t size, bool write, const void *pc);
#else
static inline void san_marked(const volatile void *at, size_t size, bool write, const void *pc)
{
	(void)at, (void)size, (void)write, (void)pc;
}
#endif

/*
 * What a primitive orders is said here, once, to TSan, the race detector and the store buffer.
 * san_acquire_only() and san_release_only() are for primitives that tell the store buffer more exactly.
 */
static inline void san_tsan_acquire(const volatile void *at)
{
#if SIM_TSAN
	__tsan_acquire((void *)at);
#else
	(void)at;
#endif
}
static inline void san_acquire_only(const volatile void *at)
{
	san_tsan_acquire(at);
	if (__builtin_expect(race_on, 0))
		race_acquire(at);
}
static inline void san_acquire(const volatile void *at)
{
	san_acquire_only(at);
	if (__builtin_expect(weak_on, 0))
		old_acquire(old_now());
}
/* A marked store: what was before the last write barrier is ordered before who acquires it. */
static inline void san_release_fenced(const volatile void *at)
{
#if SIM_TSAN
	__tsan_release((void *)at);
#endif
	if (race_on)
		race_release_fenced(at);
}
static inline void san_release_only(const volatile void *at)
{
#if SIM_TSAN
	__tsan_release((void *)at);
#endif
	if (__builtin_expect(race_on, 0))
		race_release(at);
}
static inline void san_release(const volatile void *at)
{
	san_release_only(at);
	if (__builtin_expect(weak_on, 0))
		weak_flush();
}

#endif
