/*
 * target.h - what the conventional libFuzzer targets share. One target is one subject; it aborts at
 * the first finding, after the letter, so that any libFuzzer job can keep the input.
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/** target_run() - one input of the subject of that name; aborts when a rule is broken */
int target_run(const char *subject, const uint8_t *data, size_t size);

size_t target_mutate(const char *subject, uint8_t *data, size_t size, size_t max, unsigned seed);
size_t target_cross(const char *subject, const uint8_t *a, size_t a_size, const uint8_t *b,
		    size_t b_size, uint8_t *out, size_t max, unsigned seed);

/* What libFuzzer calls: entry.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed);

#endif
