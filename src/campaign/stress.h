/*
 * stress.h - what the files of bondfuzz stress share: its options, its child, its findings.
 */
#ifndef CAMPAIGN_STRESS_H
#define CAMPAIGN_STRESS_H

#include <sys/types.h>

#include "base/limits.h"
#include "base/why.h"
#include "program/program.h"
#include "campaign/finding.h"
#include "stress/board.h"

struct stress_options {
	const struct subject *subject; /* NULL: each program's own, or all clean ones */
	const char *defect, *out;
	uint64_t seconds, runs, seed, repeat, programs, stuck;
	uint64_t confirm_runs; /* 0: findings are not handed to the simulator */
	bool generate, json;
};

/* ---- stress_child.c ---- */

enum stress_end {
	STRESS_DONE,
	STRESS_STOPPED, /* by the user, or the time is up */
	STRESS_FOUND,	/* the child died of something: report and verdict say what */
};

struct stress_child {
	const struct stress_options *options;
	struct stress_board *board;
	int board_fd, log_fd;
	int to, from;
	pid_t pid;    /* 0: none */
	double until; /* when a job ends at the latest; 0: never */
	void (*progress)(void);
	struct verdict verdict;
	char report[STRESS_REPORT_MAX]; /* what the child said on standard error */
};

/** stress_child_open() - the board; false and @why when there is no bondfuzz-native beside this program */
bool stress_child_open(struct stress_child *c, const struct stress_options *o, struct why *why);

/** stress_child_run() - @p on real threads, @runs times from @seed; starts a child if need be */
enum stress_end stress_child_run(struct stress_child *c, const struct program *p, uint64_t seed,
				 uint64_t runs);

/** stress_child_close() - end the child */
void stress_child_close(struct stress_child *c);

/**
 * stress_read_report() - what a sanitizer's report says, as a verdict
 *
 * Returns: false when it is no report of a sanitizer.
 */
bool stress_read_report(const char *report, struct verdict *ret);

/* ---- stress_finding.c ---- */

struct stress_finding {
	struct verdict verdict;
	const char *program; /* a file, or "generated" */
	uint64_t seed;	     /* of the run on real threads */
	uint64_t runs;	     /* on real threads before it */
	double seconds;
	bool again; /* its name was there already */
	bool confirmed;
	uint64_t confirm_runs; /* runs of the simulator to the same verdict; without: all of them */
	struct finding kept;
	char file[4200];   /* where the program lies */
	char replay[4400]; /* the line to paste */
};

/** stress_lock() - false and @why when another campaign writes into the folder for findings */
bool stress_lock(const struct stress_options *o, struct why *why);

/**
 * stress_note() - campaign.json: what this campaign did so far, added to those before it
 *
 * Only where there is a folder: a clean campaign makes none.
 */
void stress_note(const struct stress_options *o, uint64_t runs, double seconds, unsigned findings);

/** stress_save() - program and report into OUT/findings/; false and @why when nothing can be kept there */
bool stress_save(const struct stress_options *o, const struct program *p, struct stress_finding *f,
		 const char *report, struct why *why);

/** stress_confirm() - search for the same verdict in the simulator; prints and keeps the letter */
void stress_confirm(const struct stress_options *o, const struct program *p,
		    const struct subject *subject, struct stress_finding *f, const char *report);

#endif
