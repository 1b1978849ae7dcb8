/*
 * counters.c - the marks of guide/feedback.h in the engine's own terms.
 *
 * libFuzzer reads a section of counters. AFL++ and others that count guards (a build with
 * BONDFUZZ_COVERAGE=trace-pc-guard) are given one guard a mark, and a set mark passes its guard.
 */
#include "pipeline/target.h"

#include <string.h>

#include "guide/feedback.h"

#ifdef BONDFUZZ_GUARDS
static uint8_t counter[FEEDBACK_COUNTERS];
static uint32_t guard[FEEDBACK_COUNTERS];

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop);
void __sanitizer_cov_trace_pc_guard(uint32_t *guard);

/* Before main, as the compiler's own guards: engines want to know how many there are. */
__attribute__((constructor)) static void hand_over(void)
{
	__sanitizer_cov_trace_pc_guard_init(guard, guard + FEEDBACK_COUNTERS);
}

void counters_flush(void)
{
	for (unsigned i = 0; i < FEEDBACK_COUNTERS; i++)
		if (counter[i])
			__sanitizer_cov_trace_pc_guard(&guard[i]);
	memset(counter, 0, sizeof(counter));
}
#else
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counter[FEEDBACK_COUNTERS];

void counters_flush(void)
{
	counter[0] = 1; /* libFuzzer wants to see something, of a text that does not parse too */
}
#endif

static struct feedback feedback = {.counter = counter};

struct feedback *counters_feedback(void)
{
	return &feedback;
}
