/*
 * take.h - from a failing run to a program that people read: written down, then made small.
 */
#ifndef PIPELINE_TAKE_H
#define PIPELINE_TAKE_H

#include "exec/exec.h"

struct taken {
	struct program found, minimal; /* equal until take_minimize() */
	struct verdict first;	       /* of the run that was found */
	bool whole;		       /* @found has a schedule; else a strategy and a seed */
	/* How the last run was made: for the letter. */
	struct exec_how how; /* wants this verdict, whatever is known */
	const struct strategy *strategy;
	uint64_t seed;
	char until[SIGNATURE_MAX];
};

/**
 * take_record() - write down the last run of @x, or if that is not possible another run of @p that
 * shows the same
 * @how, @strategy, @seed: of that run
 *
 * Gives: the last run of @x shows the verdict, and is the one that @ret tells of.
 */
void take_record(struct exec *x, const struct exec_how *how, const struct program *p,
		 const struct strategy *strategy, uint64_t seed, struct taken *ret);

/**
 * take_replays() - the text of @p, read back and run as `bondfuzz run` does, shows the verdict again
 * @p: t->found or t->minimal, with its expect lines
 *
 * Leaves @x prepared with what was read, and its last run that one.
 */
bool take_replays(struct exec *x, const struct taken *t, const struct program *p);

/** take_comes_first() - the same, and no other verdict comes before it in that run */
bool take_comes_first(struct exec *x, const struct taken *t, const struct program *p);

/**
 * take_record_first() - look for a run of @p in which no other verdict comes before this one
 *
 * Returns: true, and @t->found is that run; or false, and @t as it was.
 */
bool take_record_first(struct exec *x, struct taken *t, const struct program *p);

/**
 * take_minimize() - make @t->minimal small, if it was recorded; the last run of @x is its
 *
 * It may meet a NULL in another function then: that is the verdict of @t from here on.
 */
void take_minimize(struct exec *x, struct taken *t);

/** take_found() - the small program is of no use: @t->minimal is @t->found again */
void take_found(struct taken *t);

#endif
