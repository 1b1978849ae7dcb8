/*
 * bytes.c - the entry point of a target for engines that only know bytes: bytes_<subject>.
 */
#include "pipeline/target.h"

#define SEED_BYTES 4 /* rng_of_bytes() */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size <= SEED_BYTES) /* AFL++'s driver begins each process with so few of its own */
		return 0;
	return target_run_bytes(SUBJECT, data, size);
}
