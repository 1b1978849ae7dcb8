/*
 * prove.h - what the parent and the workers of one proof share, and what a state file keeps.
 */
#ifndef CLI_PROVE_H
#define CLI_PROVE_H

#include "cli/cli.h"
#include "search/explore.h"
#include "program/enumerate.h"

#define PROVE_SCOPE_MAX 2048
#define PROVE_FINDINGS_MAX 64
#define PROVE_PROGRAMS_MAX 10000000u

struct prove_finding {
	char signature[SIGNATURE_MAX];
	char verdict[32], object[32];
	char file[512]; /* "": not saved */
	uint32_t program;
	uint32_t ready; /* written last */
};

/* A program is done when its word is not 0: the number of its schedules, and PROVE_BROKEN. */
#define PROVE_BROKEN (1ull << 63)

struct prove_state {
	char scope[PROVE_SCOPE_MAX]; /* in words: a file is of one proof only */
	uint32_t programs_nr;
	uint32_t findings_nr;
	uint32_t stop; /* somebody found what was asked for */
	uint32_t running;
	struct prove_finding finding[PROVE_FINDINGS_MAX];
	uint64_t done[];
};

/** prove_state() - shared by the processes forked later; of @path if it is not NULL, kept there */
struct prove_state *prove_state(const char *path, const char *scope, uint32_t programs_nr);

struct prove_totals {
	uint32_t programs, broken;
	uint64_t schedules;
};

/** prove_totals() - over the programs that are done */
struct prove_totals prove_totals(const struct prove_state *s);

#endif
