/*
 * share.h - how many of its runs a test makes in this build.
 *
 * Schedules are the same in every build, to the byte, so a search is made whole in one: the build of
 * reference. The others make the first part of it: what a sanitizer sees, or another compiler breaks,
 * is in the code that each of those runs passes through. `ci/test --night` sets BONDFUZZ_WHOLE, and
 * all builds make all runs. What compares two algorithms over many programs makes a quarter by day.
 */
#ifndef TESTS_SHARE_H
#define TESTS_SHARE_H

#include <stdlib.h>

#define SHARE 20 /* of the runs, one in so many */

/* Returns: @runs in the build of reference and at night, else a part of them, at least one. */
static inline unsigned share(unsigned runs)
{
#ifdef BONDFUZZ_REFERENCE
	return runs;
#else
	return getenv("BONDFUZZ_WHOLE") ? runs : (runs + SHARE - 1) / SHARE;
#endif
}

/* Returns: @runs at night, by day a quarter of them in each build, rounded up. */
static inline unsigned by_day(unsigned runs)
{
	return getenv("BONDFUZZ_WHOLE") ? runs : (runs + 3) / 4;
}

#endif
