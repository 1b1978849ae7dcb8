/*
 * fix.h - which of the argued repairs (fix.def) the posted versions have in this run.
 *
 * A repair is a line of its own, `if (fixed(x))` before its statement: read without those lines, the
 * code is as it was posted.
 */
#ifndef POSTED_FIX_H
#define POSTED_FIX_H

enum posted_fix {
	FIX_none,
#define FIX(name, posted, about, predicted, source, help) FIX_##name,
#include "posted/fix.def"
#undef FIX
};

/* Set by a subject as its run begins; it is FIX_none before that. */
extern enum posted_fix posted_fix;

#define fixed(name) (posted_fix == FIX_##name)

#endif
