/*
 * coverage.c - see coverage.h. The counters are one section of bytes, which the linker puts marks around.
 */
#include "guide/coverage.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define COUNTERS_MAX (1u << 17) /* what lies behind is not looked at */

extern uint8_t counters[] __asm__("__start___sancov_cntrs") __attribute__((weak));
extern uint8_t counters_end[] __asm__("__stop___sancov_cntrs") __attribute__((weak));

static uint8_t passed[COUNTERS_MAX / 8];

static uint32_t counters_nr(void)
{
	uint64_t nr = (uint64_t)(counters_end - counters);

	return counters ? (uint32_t)(nr < COUNTERS_MAX ? nr : COUNTERS_MAX) : 0;
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

unsigned coverage_take(void)
{
	uint32_t nr = counters_nr(), at = 0;
	unsigned news = 0;

	while (at < nr) {
		uint64_t word;

		if (nr - at >= sizeof(word)) {
			memcpy(&word, counters + at, sizeof(word));
			if (!word) {
				at += sizeof(word);
				continue;
			}
		}
		if (counters[at])
			news += take_one(at);
		at++;
	}
	return news;
}
