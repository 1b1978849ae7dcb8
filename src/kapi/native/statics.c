/*
 * statics.c - static data of cores and subjects starts every run as it was at process start.
 *
 * A forced include (kapi/statics.h) puts their writable statics into sections of their own; the
 * first run takes a copy. No other thread is there then. Copied with an own loop, which ASan does
 * not see: between statics are its red zones.
 */
#include "base/limits.h"
#include "kapi/native/internal.h"

extern uint64_t __start_bf_data[] __attribute__((weak)), __stop_bf_data[] __attribute__((weak));
extern uint64_t __start_bf_bss[] __attribute__((weak)), __stop_bf_bss[] __attribute__((weak));

static uint64_t saved[STATICS_MAX / sizeof(uint64_t)];

__attribute__((no_sanitize("address"))) static void copy(uint64_t *to, const uint64_t *from,
							 size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		to[i] = from[i];
}

/* The last few bytes are below the next section's alignment. */
static size_t words(const uint64_t *start, const uint64_t *stop)
{
	return ((uintptr_t)stop - (uintptr_t)start + 7) / 8;
}

void native_statics_restore(void)
{
	static bool taken;
	size_t data_nr = words(__start_bf_data, __stop_bf_data);
	size_t bss_nr = words(__start_bf_bss, __stop_bf_bss);

	must((data_nr + bss_nr) * sizeof(uint64_t) <= STATICS_MAX);
	if (!taken) {
		copy(saved, __start_bf_data, data_nr);
		copy(saved + data_nr, __start_bf_bss, bss_nr);
		taken = true;
		return;
	}
	copy(__start_bf_data, saved, data_nr);
	copy(__start_bf_bss, saved + data_nr, bss_nr);
}
