/*
 * entry.c - the three entry points of a target; compiled once for each row of
 * subject.def, with SUBJECT its name: fuzz_<subject> [-runs=N] CORPUS
 */
#include "pipeline/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return target_run(SUBJECT, data, size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return target_mutate(SUBJECT, data, size, max, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed)
{
	return target_cross(SUBJECT, a, a_size, b, b_size, out, max, seed);
}
