/*
 * repair.h - a schedule that the code has outgrown: look near it for one that shows the same.
 */
#ifndef SEARCH_REPAIR_H
#define SEARCH_REPAIR_H

#include "search/expect.h"

/* How far from the old schedule the new one lies, in the order in which they are tried. */
enum repair_way {
	REPAIR_NONE,	/* nothing was to be done, or nothing found */
	REPAIR_ANCHORS, /* stale anchors moved to the nearest place that there is */
	REPAIR_SHIFT,	/* one or two anchors that were reached moved, too */
	REPAIR_DROP,	/* one or two deviations left out */
	REPAIR_DRAW,	/* the deviations kept, the rest drawn by the portfolio */
	REPAIR_SEARCH,	/* drawn from nothing */
	REPAIR_WAYS
};

struct repair {
	uint64_t runs_max;  /* the most runs, all lines of all candidates counted */
	bool (*stop)(void); /* NULL, or says that the user wants to stop */
	/* result */
	enum expect_outcome before; /* of the program as it was: the worst of its lines */
	enum repair_way way;
	uint64_t runs;
	char signature
		[SIGNATURE_MAX]; /* of the verdict that is shown now, by the first line that wants one */
};

/** repair_way_name() - a few words */
const char *repair_way_name(enum repair_way way);

/**
 * exec_repair() - give a program a schedule under which all its expect lines hold again
 * @p: gets the schedule; comment, ops and expect lines stay. Untouched when there is none.
 *
 * What is found is the verdict that each line names, with no anchor stale, and clean where clean is
 * promised on that very schedule: so a repaired file never says something else than before.
 *
 * Returns: EXPECT_HOLDS when nothing was to be done, EXPECT_REPAIRED, or what is the matter still:
 * EXPECT_LOST when nothing near or far shows the verdict, EXPECT_STALE when a user stopped it,
 * EXPECT_BROKEN or EXPECT_UNTRIED where no schedule can help, EXPECT_SKIPPED where a line cannot be
 * asked in this build.
 */
enum expect_outcome exec_repair(struct exec *x, struct program *p, struct repair *r);

#endif
