/*
 * fuzz.h - what the parent and the libFuzzer child of one campaign share.
 *
 * One block of shared memory: the child counts and writes findings into it, the parent reads. So a
 * child that dies loses nothing, and the next one does not report what is known.
 */
#ifndef CLI_FUZZ_H
#define CLI_FUZZ_H

#include "cli/cli.h"

#define FINDINGS_MAX 256
#define OPS_OF_SUBJECT_MAX 64

/* State of an op's first object as it begins. */
enum object_state {
	STATE_NONE,
	STATE_ABSENT,
	STATE_OPEN,
	STATE_BUSY,
	STATE_CLOSING,
	OBJECT_STATES
};

struct fuzz_finding {
	char signature[160];
	char verdict[32];
	char object[32];
	char file[512]; /* empty: it could not be saved */
	uint64_t runs;	/* before it */
	double seconds;
	uint64_t again; /* times that it was seen later */
};

struct fuzz_shared {
	uint64_t runs, steps, threads, inputs;
	double start;
	bool reached; /* the verdict that was asked for; the parent's */
	unsigned findings_nr;
	struct fuzz_finding finding[FINDINGS_MAX];
	uint64_t ops[OPS_OF_SUBJECT_MAX][OBJECT_STATES];
};

struct fuzz_options {
	const struct subject *subject;
	const char *defect, *unlock, *corpus, *out;
	struct sim_strength strength;
	const char *until; /* a verdict that ends the campaign, or NULL */
	uint64_t seconds, runs, seed;
	bool json;
	struct fuzz_without {
		uint32_t feedback; /* a bit for each kind that libFuzzer is not told */
		bool anchors, adapt;
	} without; /* to see what each is worth */
};

/** fuzz_child() - run libFuzzer in this process; does not return */
_Noreturn void fuzz_child(const struct fuzz_options *o, struct fuzz_shared *shared,
			  uint64_t seconds);

#endif
