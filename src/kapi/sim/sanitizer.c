/*
 * sanitizer.c - to TSan: what it does not see and should, and what it would see and should not.
 *
 * Marked accesses of our own primitives and of a kernel tree's objects are not instrumented. Such an
 * access is made by somebody else, and is only said here: a relaxed atomic that changes nothing. TSan
 * takes the caller of its function for the place of an atomic, so the real place is entered as a caller
 * of ours; src/exec/race.c leaves san_marked() out of a report.
 *
 * Copies by scheduler, trace and platform are no accesses of the code under test, though its fibers make
 * them: the runtime's own memcpy() and its like, which tell, are replaced. What is instrumented
 * calls __tsan_memcpy().
 */
#include "kapi/sim/sanitizer.h"

#include <string.h>

#if SIM_TSAN

void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
uint8_t __tsan_atomic8_fetch_add(volatile uint8_t *at, uint8_t value, int order);
uint16_t __tsan_atomic16_fetch_add(volatile uint16_t *at, uint16_t value, int order);
uint32_t __tsan_atomic32_fetch_add(volatile uint32_t *at, uint32_t value, int order);
uint64_t __tsan_atomic64_fetch_add(volatile uint64_t *at, uint64_t value, int order);
uint8_t __tsan_atomic8_load(const volatile uint8_t *at, int order);
uint16_t __tsan_atomic16_load(const volatile uint16_t *at, int order);
uint32_t __tsan_atomic32_load(const volatile uint32_t *at, int order);
uint64_t __tsan_atomic64_load(const volatile uint64_t *at, int order);

#define RELAXED 0
#define MARKED(bits)                                                                               \
	do {                                                                                       \
		if (write)                                                                         \
			__tsan_atomic##bits##_fetch_add((void *)(uintptr_t)at, 0, RELAXED);        \
		else                                                                               \
			__tsan_atomic##bits##_load(at, RELAXED);                                   \
	} while (0)

void san_marked(const volatile void *at, size_t size, bool write, const void *pc)
{
	__tsan_func_entry((void *)(uintptr_t)pc);
	if (size == 1)
		MARKED(8);
	else if (size == 2)
		MARKED(16);
	else if (size == 4)
		MARKED(32);
	else if (size == 8)
		MARKED(64);
	__tsan_func_exit();
}

/* ---- copies ---- */

void *memcpy(void *to, const void *from, size_t size)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	char *last = (char *)to + size - 1;
	const char *source = (const char *)from + size - 1;

	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	__asm__ volatile("std; rep movsb; cld" : "+D"(last), "+S"(source), "+c"(size) : : "memory");
	return to;
}

void *memset(void *to, int value, size_t size)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(value) : "memory");
	return to;
}

#endif
