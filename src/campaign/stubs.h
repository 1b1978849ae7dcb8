/*
 * stubs.h - runs of a campaign that ended in a stub, by the call that ended them.
 */
#ifndef CAMPAIGN_STUBS_H
#define CAMPAIGN_STUBS_H

#include <stdint.h>

#include "base/text.h"

#define STUBS_MAX 32
#define STUBS_TEXT 192

struct stubs {
	uint64_t runs;	/* that ended in a stub */
	uint64_t other; /* of those, in calls beyond STUBS_MAX */
	unsigned nr;
	struct {
		char text[STUBS_TEXT]; /* "NAME, called from FUNCTION (file:line)" */
		uint64_t runs;
	} at[STUBS_MAX];
};

/** stubs_count() - a run ended as not_modelled with the text @text */
void stubs_count(struct stubs *s, const char *text);

/** stubs_add() - what @more has counted, too */
void stubs_add(struct stubs *s, const struct stubs *more);

/**
 * stubs_put() - a line for each call, and a warning where they ended more than 1 % of the runs
 * @runs: all runs of the campaign
 */
void stubs_put(const struct stubs *s, uint64_t runs, struct text *t);

/**
 * ends_put() - of runs that ended at a BUG or a hang: what share, and at which; a warning above 1 %
 * @s: counted by signature
 */
void ends_put(const struct stubs *s, uint64_t runs, struct text *t);

#endif
