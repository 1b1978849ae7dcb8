/*
 * statics.c - static data of cores and subjects starts every run as it was at process start.
 *
 * A forced include (kapi/statics.h) puts their writable statics into sections of their own, bf_data
 * and bf_bss; the first run takes a copy. Copied with an own loop: libc's memcpy would report
 * ASan's red zones, and TSan would see it.
 */
#include "base/limits.h"
#include "kapi/sim/internal.h"

extern uint64_t __start_bf_data[] __attribute__((weak)), __stop_bf_data[] __attribute__((weak));
extern uint64_t __start_bf_bss[] __attribute__((weak)), __stop_bf_bss[] __attribute__((weak));

static uint64_t saved[STATICS_MAX / sizeof(uint64_t)];

__attribute__((no_sanitize("address"))) static size_t copy(uint64_t *to, const uint64_t *from,
							   const uint64_t *end)
{
	size_t n = 0;

	for (; from + n < end; n++)
		to[n] = from[n];
	return n;
}

/* The last few bytes of a section that is no multiple of 8 are below the next section's alignment.
 */
static const uint64_t *round_up(const void *end)
{
	return (const uint64_t *)(((uintptr_t)end + 7) & ~(uintptr_t)7);
}

__attribute__((no_sanitize("address"))) void sim_statics_restore(void)
{
	static bool taken;
	size_t data_nr = (size_t)(round_up(__stop_bf_data) - __start_bf_data);
	size_t bss_nr = (size_t)(round_up(__stop_bf_bss) - __start_bf_bss);

	must((data_nr + bss_nr) * sizeof(uint64_t) <= STATICS_MAX);
	if (!(data_nr + bss_nr)) /* nothing is linked that has statics */
		return;
	if (!taken) {
		copy(saved, __start_bf_data, __start_bf_data + data_nr);
		copy(saved + data_nr, __start_bf_bss, __start_bf_bss + bss_nr);
		taken = true;
		return;
	}
	copy(__start_bf_data, saved, saved + data_nr);
	copy(__start_bf_bss, saved + data_nr, saved + data_nr + bss_nr);
}
