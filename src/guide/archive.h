/*
 * archive.h - runs that got somewhere, by the marks that they showed, to return to and explore from.
 *
 * Ecoffet and others, "First return, then explore", Nature 2021: what was reached once is not left to
 * chance a second time. A bug that needs many orders is come to order by order, where each shows in a
 * mark.
 */
#ifndef GUIDE_ARCHIVE_H
#define GUIDE_ARCHIVE_H

#include "guide/feedback.h"
#include "exec/follow.h"

#define ARCHIVE_RUNS 256

/* A run up to its last mark that is kept. */
struct archive_run {
	struct program program;
	struct follow follow; /* all but prefix and who goes on */
	uint8_t lane[CHOICES_MAX];
};

struct archive_mark {
	uint32_t hits; /* runs that showed it */
	uint16_t run;  /* where it is kept, from 1; 0: nowhere */
	uint16_t prefix;
};

struct archive {
	struct archive_mark mark[FEEDBACK_COUNTERS];
	uint16_t known[FEEDBACK_COUNTERS]; /* those with hits, as they were first seen */
	uint32_t known_nr;
	uint16_t marks_nr[ARCHIVE_RUNS]; /* that are kept with a run; 0: it is free */
	struct archive_run run[ARCHIVE_RUNS];
};

/**
 * archive_take() - learn from the last run of @x, and keep what is rare in it
 * @f: its marks are of that run
 * @strategy, @seed: what exec_run() was called with
 */
void archive_take(struct archive *a, const struct feedback *f, const struct exec *x,
		  const struct strategy *strategy, uint64_t seed);

/**
 * archive_draw() - a mark that is kept, the rarer the likelier
 * @ret: to follow up to it; who goes on is the caller's to say. Good until the next archive_take().
 *
 * Returns: its program, or NULL where nothing is kept.
 */
const struct program *archive_draw(const struct archive *a, struct rng *rng, struct follow *ret);

/**
 * archive_cut() - how many of the choices of @f to repeat this time
 *
 * Mostly fewer than all: what is behind the mark may be lost already by how the run came there.
 */
uint32_t archive_cut(const struct follow *f, struct rng *rng);

#endif
