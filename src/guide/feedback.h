/*
 * feedback.h - what a run showed, as marks in libFuzzer's extra counters.
 *
 * Coverage of code says little about schedules: after a few runs every line was there, in no order
 * that matters. A mark is a pair that a schedule decides.
 */
#ifndef GUIDE_FEEDBACK_H
#define GUIDE_FEEDBACK_H

#include "trace/trace.h"

#define FEEDBACK_COUNTERS 8192 /* more cost libFuzzer more than they tell */

/* FEEDBACK(name, help): what can be told; each can be left out, to see what it is worth. */
#define FEEDBACK_KINDS_DO(FEEDBACK)                                                                \
	FEEDBACK(ops, "which op met an object in which state")                                     \
	FEEDBACK(handovers, "who released a lock, and who of another thread took it then")         \
	FEEDBACK(counts, "from what to what a count went, and where")                              \
	FEEDBACK(grace, "where a thread was in RCU and SRCU, and what another did there")          \
	FEEDBACK(reads, "who wrote, and who of another thread met that")

enum feedback_kind {
#define FEEDBACK(name, help) FEEDBACK_##name,
	FEEDBACK_KINDS_DO(FEEDBACK)
#undef FEEDBACK
		FEEDBACK_KINDS
};

struct feedback_seen {
	uint16_t mark;	/* the counter's number */
	uint16_t event; /* of the run's trace: where it was seen first */
};

struct feedback {
	uint8_t *counter;		      /* FEEDBACK_COUNTERS; the caller's */
	uint32_t off;			      /* a bit for each kind that is not told */
	uint8_t known[FEEDBACK_COUNTERS / 8]; /* marks of all runs so far */
	uint16_t event;			      /* what is marked next is seen there */
	uint32_t run;			      /* number of the run, from 1 */
	uint32_t last[FEEDBACK_COUNTERS];     /* run that showed it last */
	uint32_t seen_nr;
	struct feedback_seen seen[FEEDBACK_COUNTERS]; /* in this run */
};

/** feedback_begin() - a run starts: it has shown nothing yet */
void feedback_begin(struct feedback *f);

/**
 * feedback_mark() - one mark
 * @what: ids of names, sites, numbers of rows; never addresses
 *
 * Returns: was it never seen before?
 */
bool feedback_mark(struct feedback *f, enum feedback_kind kind, uint32_t what, uint32_t more);

/**
 * feedback_take() - mark what the threads did in a finished run
 *
 * Returns: how many marks were never seen before.
 */
unsigned feedback_take(struct feedback *f, const struct trace *t);

#endif
