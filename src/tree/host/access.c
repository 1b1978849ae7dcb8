/*
 * access.c - an access of the tree's code in a build with a sanitizer.
 *
 * The tree's objects are the same in each build: their hooks are of KCSAN's. So it is the hooks that ask
 * ASan and talk to TSan, behind the platform's own check, whose verdict does not end the process. What
 * data_race() is around TSan does not hear of.
 */
#include "kapi/sim/internal.h"
#include "tree/host/host.h"

#if SIM_ASAN

void __asan_loadN(uintptr_t at, size_t size);
void __asan_storeN(uintptr_t at, size_t size);

void host_ask(const volatile void *at, size_t size, bool write, const void *pc)
{
	(void)pc;
	if (write)
		__asan_storeN((uintptr_t)at, size);
	else
		__asan_loadN((uintptr_t)at, size);
}

void host_ask_marked(const volatile void *at, size_t size, bool write)
{
	host_ask(at, size, write, NULL);
}

#elif SIM_TSAN

void __tsan_read_range_pc(void *at, unsigned long size, void *pc);
void __tsan_write_range_pc(void *at, unsigned long size, void *pc);
uint8_t __tsan_atomic8_fetch_add(volatile uint8_t *at, uint8_t value, int order);
uint16_t __tsan_atomic16_fetch_add(volatile uint16_t *at, uint16_t value, int order);
uint32_t __tsan_atomic32_fetch_add(volatile uint32_t *at, uint32_t value, int order);
uint64_t __tsan_atomic64_fetch_add(volatile uint64_t *at, uint64_t value, int order);
uint8_t __tsan_atomic8_load(const volatile uint8_t *at, int order);
uint16_t __tsan_atomic16_load(const volatile uint16_t *at, int order);
uint32_t __tsan_atomic32_load(const volatile uint32_t *at, int order);
uint64_t __tsan_atomic64_load(const volatile uint64_t *at, int order);

void host_ask(const volatile void *at, size_t size, bool write, const void *pc)
{
	if (sim_self()->marked == MARK_ALL)
		return;
	if (write)
		__tsan_write_range_pc((void *)(uintptr_t)at, size, (void *)(uintptr_t)pc);
	else
		__tsan_read_range_pc((void *)(uintptr_t)at, size, (void *)(uintptr_t)pc);
}

/* A relaxed atomic that changes nothing; what it orders the primitives have said. */
#define MARKED(bits)                                                                               \
	do {                                                                                       \
		if (write)                                                                         \
			__tsan_atomic##bits##_fetch_add((void *)(uintptr_t)at, 0, 0);              \
		else                                                                               \
			__tsan_atomic##bits##_load(at, 0);                                         \
	} while (0)

void host_ask_marked(const volatile void *at, size_t size, bool write)
{
	if (size == 1)
		MARKED(8);
	else if (size == 2)
		MARKED(16);
	else if (size == 4)
		MARKED(32);
	else if (size == 8)
		MARKED(64);
}

#else

void host_ask(const volatile void *at, size_t size, bool write, const void *pc)
{
	(void)at, (void)size, (void)write, (void)pc;
}

void host_ask_marked(const volatile void *at, size_t size, bool write)
{
	(void)at, (void)size, (void)write;
}

#endif

void host_access(const volatile void *at, size_t size, bool write, const void *pc)
{
	sim_access(at, size, write, pc);
	host_ask(at, size, write, pc);
}

void host_access_marked(const volatile void *at, size_t size, bool write, const void *pc)
{
	kapi_mark(at);
	sim_access(at, size, write, pc);
	host_ask_marked(at, size, write);
}
