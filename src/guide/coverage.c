/*
 * coverage.c - see coverage.h. The counters are one section of bytes, which the linker puts marks around.
 */
#include "guide/coverage.h"

#include <stdbool.h>
#include <string.h>

extern uint8_t counters[] __asm__("__start___sancov_cntrs") __attribute__((weak));
extern uint8_t counters_end[] __asm__("__stop___sancov_cntrs") __attribute__((weak));

/* The compiler's table: a row for each counter, in the same order. */
struct pc {
	uintptr_t at;
	uintptr_t is_function; /* bit 0: a function begins here */
};
extern const struct pc pcs[] __asm__("__start___sancov_pcs") __attribute__((weak));
extern const struct pc pcs_end[] __asm__("__stop___sancov_pcs") __attribute__((weak));
extern const char program_start[] __asm__("__ehdr_start") __attribute__((weak));

static uint8_t passed[COVERAGE_MAX / 8];

static uint32_t counters_nr(void)
{
	uint64_t nr = (uint64_t)(counters_end - counters);

	return counters ? (uint32_t)(nr < COVERAGE_MAX ? nr : COVERAGE_MAX) : 0;
}

void coverage_forget(void)
{
	memset(counters, 0, counters_nr());
}

static unsigned take_one(uint32_t at)
{
	uint8_t bit = (uint8_t)(1u << at % 8);
	bool known = passed[at / 8] & bit;

	counters[at] = 0;
	passed[at / 8] |= bit;
	return !known;
}

/* The first counter from @at on that is not 0; @nr: there is none. */
static uint32_t next(uint32_t at, uint32_t nr)
{
	uint64_t word;

	while (nr - at >= sizeof(word)) {
		memcpy(&word, counters + at, sizeof(word));
		if (word)
			break;
		at += sizeof(word);
	}
	while (at < nr && !counters[at])
		at++;
	return at;
}

unsigned coverage_take(void)
{
	uint32_t nr = counters_nr();
	unsigned news = 0;

	for (uint32_t at = next(0, nr); at < nr; at = next(at + 1, nr))
		news += take_one(at);
	return news;
}

void coverage_keep(uint8_t *kept)
{
	uint32_t nr = counters_nr();

	for (uint32_t at = next(0, nr); at < nr; at = next(at + 1, nr))
		kept[at / 8] |= (uint8_t)(1u << at % 8);
	for (uint32_t i = 0; i < (nr + 7) / 8; i++)
		kept[i] |= passed[i];
}

/* Where the program was linked to be: one that is moved when it starts was linked for 0. */
static uintptr_t moved_by(void)
{
	uintptr_t start = (uintptr_t)program_start;

	return start > 0x100000000 ? start : 0;
}

uint32_t coverage_write(FILE *f, const uint8_t *kept)
{
	uint32_t nr = counters_nr();

	if (!pcs || (uint64_t)(pcs_end - pcs) < nr)
		return 0;
	for (uint32_t at = 0; at < nr; at++)
		fprintf(f, "0x%llx %u %u\n", (unsigned long long)(pcs[at].at - moved_by()),
			(unsigned)(pcs[at].is_function & 1),
			(unsigned)(kept[at / 8] >> at % 8 & 1));
	return nr;
}
