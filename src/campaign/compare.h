/*
 * compare.h - two programs, A before a change and B after it: which corpus files changed, and which
 * findings has only one of them.
 */
#ifndef CAMPAIGN_COMPARE_H
#define CAMPAIGN_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

enum compare_side { SIDE_A, SIDE_B, SIDES };

/* What one side says of an expect line or a finding. */
struct compare_word {
	bool known; /* false: this side was not asked, or could not answer */
	char verdict[48];
	char outcome[16]; /* of an expect line: holds, broken, ... */
};

struct compare_line {
	char *file, *on, *expected;
	struct compare_word word[SIDES];
};

enum compare_kind { FOUND_ONLY_A, FOUND_ONLY_B, FOUND_BOTH, FOUND_UNTRIED, COMPARE_KINDS };

struct compare_finding {
	char signature[SIGNATURE_MAX], verdict[48], object[48];
	char file[4200];	/* the minimal program */
	enum compare_side from; /* the campaign that kept this file */
	bool has[SIDES], tried[SIDES];
};

struct compare {
	const char *program[SIDES]; /* to start */
	const char *corpus;	    /* a folder, or NULL */
	const char *subject;	    /* NULL: each that both have */
	const char *out;
	uint64_t seconds; /* of each campaign */
	uint64_t seed;
	uint64_t runs; /* of the search on the other side */
	void (*progress)(const char *what);

	struct compare_line *line;
	size_t lines_nr;
	struct compare_finding *finding;
	size_t findings_nr;
	uint64_t campaign_runs[SIDES];
};

/**
 * compare_run() - check the corpus on both, run the same campaigns, and look for each finding on the
 * side that did not report it
 *
 * Context: starts processes; stops early once interrupt_seen().
 * Returns: NULL, or why it cannot be done; good until the next call.
 */
const char *compare_run(struct compare *c);

/** compare_differs() - do the two sides say different things of an expect line? */
bool compare_differs(const struct compare_line *line);

/** compare_kind() - which side has the finding; untried: the other side cannot run its program */
enum compare_kind compare_kind(const struct compare_finding *f);

/** compare_free() - the lines and findings */
void compare_free(struct compare *c);

#endif
