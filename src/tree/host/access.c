/*
 * access.c - an access of the tree's code: first the platform looks at it, and TSan hears of it there; then ASan.
 *
 * The tree's objects are the same in each build: their hooks are of KCSAN's. So it is the hooks that ask
 * ASan, behind the platform's own check, whose verdict does not end the process.
 */
#include "kapi/sim/internal.h"
#include "tree/host/host.h"

#if SIM_ASAN

void __asan_loadN(uintptr_t at, size_t size);
void __asan_storeN(uintptr_t at, size_t size);

void host_ask(const volatile void *at, size_t size, bool write)
{
	if (write)
		__asan_storeN((uintptr_t)at, size);
	else
		__asan_loadN((uintptr_t)at, size);
}

#else

void host_ask(const volatile void *at, size_t size, bool write)
{
	(void)at, (void)size, (void)write;
}

#endif

void host_access(const volatile void *at, size_t size, bool write, const void *pc)
{
	sim_access(at, size, write, pc);
	host_ask(at, size, write);
}

void host_access_marked(const volatile void *at, size_t size, bool write, const void *pc)
{
	kapi_mark(at);
	host_access(at, size, write, pc);
}
