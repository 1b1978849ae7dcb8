/*
 * burst.h - one input of a fuzzer: its program is run a burst of times, and each run is looked at.
 *
 * The same for `bondfuzz fuzz` and for the targets of other engines; what they differ in are the fields
 * that they set and the hooks.
 */
#ifndef PIPELINE_BURST_H
#define PIPELINE_BURST_H

#include "guide/adapt.h"
#include "guide/archive.h"
#include "guide/feedback.h"
#include "guide/sequences.h"

/* State of an op's first object as it begins. */
enum object_state {
	STATE_NONE,
	STATE_ABSENT,
	STATE_OPEN,
	STATE_BUSY,
	STATE_CLOSING,
	OBJECT_STATES
};

struct burst {
	struct exec *x;
	struct exec_how how; /* @until and @is_known say which verdict is a finding */
	struct feedback *feedback;
	struct adapt *adapt; /* learns which strategies show news; NULL: the portfolio draws them */
	struct archive *archive;       /* of runs to return to; NULL: none is */
	const struct strategy *search; /* of short programs; NULL: strategy_search */
	bool accesses;		       /* some runs have every plain access as a scheduling point */
	bool alone;    /* what an input shows depends on it alone: no adapt, archive or accesses */
	uint64_t seed; /* of the returns */
	uint64_t runs, inputs; /* so far */
	/* An op began, the state of its first object is an enum object_state; NULL: nobody listens. */
	void (*op)(void *arg, unsigned verb, unsigned state);
	/* A run begins; NULL: nobody listens. */
	void (*starts)(void *arg);
	/* A run ended, and the burst has not looked at it yet; NULL: nobody listens. */
	void (*ran)(void *arg);
	/* The last run of @x is a finding; strategy and seed are those of exec_run(). */
	void (*found)(void *arg, const struct program *p, const struct strategy *strategy,
		      uint64_t seed);
	/* A short program showed much that was new, and may be a good input; NULL: nobody listens. */
	void (*promising)(void *arg, const struct program *p);
	void *arg;
};

/** burst_begin() - before the first input; @b stays in use until the process ends, one a process */
void burst_begin(struct burst *b);

/**
 * burst_input() - run the program of one input: to learn its profile, under its own schedule, with seeds
 * that follow its own; after every second input return to an earlier run, if there is an archive
 *
 * The burst ends at a finding.
 */
void burst_input(struct burst *b, struct program *p);

/**
 * burst_sequence() - run the next short program, in orders that differ, until one is a finding
 *
 * Context: not while the engine runs an input, whose coverage this would be.
 *
 * Returns: false when there is none left.
 */
bool burst_sequence(struct burst *b, struct sequences *s);

#endif
