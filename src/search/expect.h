/*
 * expect.h - one expect line of a program: where it is tried, what it wants, and what came of it.
 */
#ifndef SEARCH_EXPECT_H
#define SEARCH_EXPECT_H

#include "exec/exec.h"

/* The worst of its lines is a file's. */
enum expect_outcome {
	EXPECT_HOLDS,
	EXPECT_SKIPPED,	 /* its defect, subject or op is not in this build; why says which */
	EXPECT_REPAIRED, /* held again by a schedule near the file's; expect_judge() never says it */
	EXPECT_STALE,	 /* an anchor of the schedule is not reached */
	EXPECT_LOST,	 /* the schedule is followed, and does not show the verdict */
	EXPECT_BROKEN,	 /* what is promised to be clean is not */
	EXPECT_UNTRIED,	 /* nonsense: it can be tried nowhere */
	EXPECT_OUTCOMES
};

struct expectation {
	const struct subject *subject;
	const char *on;	    /* as the line says it, or the file's own subject; the table's own name,
			   where there is one, which is good as long as the process */
	const char *defect; /* to be on, or NULL; good as long as the process */
	bool clean;	    /* nothing is to be found, or of a repair: not what it is about */
	bool alone; /* no line of the file wants a verdict: its anchors are meant for clean ones */
	char wanted[SIGNATURE_MAX]; /* "clean", or for verdict_matches() */
	const char *why; /* why it cannot be tried, or does not hold; "": no more to say */
};

/** expect_outcome_name() - "holds", "stale", ... */
const char *expect_outcome_name(enum expect_outcome o);

/**
 * expect_read() - what an expect line says
 *
 * Returns: EXPECT_HOLDS when it can be tried here, EXPECT_SKIPPED or EXPECT_UNTRIED when not.
 */
enum expect_outcome expect_read(const struct program *p, const struct program_expect *e,
				struct expectation *ret);

/** expect_wanted() - the verdict of an expect line, for verdict_matches(): RULE[:OBJECT][@PLACE] */
void expect_wanted(const struct program *p, const struct program_expect *e, char *ret, size_t cap);

/**
 * expect_begin() - take a program, and switch on what the line wants
 * @e: expect_read() said that it can be tried
 * @how: gets the @until of the line; the rest is the caller's
 * @profile: learn it
 *
 * Gives: until expect_end() the defects are the line's.
 */
void expect_begin(struct exec *x, const struct program *p, const struct expectation *e,
		  struct exec_how *how, bool profile);
void expect_end(void);

/** expect_judge() - what the last run says of the line; may set its why */
enum expect_outcome expect_judge(const struct exec *x, struct expectation *e);

/**
 * expect_try() - begin, one run of the program's own schedule, judge, end
 *
 * The run stays in @x: trace, and which deviations fired.
 */
enum expect_outcome expect_try(struct exec *x, const struct program *p, struct expectation *e);

#endif
