/*
 * target.h - the targets of other engines (fuzz/): one target is one subject. It aborts at the first
 * finding, after the letter, so that any engine can keep the input.
 *
 * What an engine cannot pass as an option comes from the environment:
 *   BONDFUZZ_UNTIL=VERDICT   only this verdict counts, as in bondfuzz run --until
 *   BONDFUZZ_KNOWN=FILE      signatures, one a line: what is named there is passed over, and what is
 *                            found is added; so one bug does not hide the next
 *   BONDFUZZ_DEFECT=NAME     in a zoo build, switch this defect on
 */
#ifndef PIPELINE_TARGET_H
#define PIPELINE_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "exec/exec.h"
#include "guide/feedback.h"

/** target_run() - one input, a program text; aborts when a rule is broken. Returns: -1: no program */
int target_run(const char *subject, const uint8_t *data, size_t size);

/** target_run_bytes() - one input of any bytes: they are the choices that draw the program */
int target_run_bytes(const char *subject, const uint8_t *data, size_t size);

size_t target_mutate(const char *subject, uint8_t *data, size_t size, size_t max, unsigned seed);
size_t target_cross(const char *subject, const uint8_t *a, size_t a_size, const uint8_t *b,
		    size_t b_size, uint8_t *out, size_t max, unsigned seed);

/** counters_feedback() - what runs show besides coverage, in the engine's own counters */
struct feedback *counters_feedback(void);
/** counters_flush() - after an input, where the engine does not read counters by itself */
void counters_flush(void);

/* What engines call: fuzz/entry.c or fuzz/bytes.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed);

#endif
