/*
 * known.h - signatures of findings in a file, one a line, that several processes read and add to.
 */
#ifndef PIPELINE_KNOWN_H
#define PIPELINE_KNOWN_H

#include "trace/trace.h"

/** known_open() - from now on this file; NULL: nothing is known, and nothing is added */
void known_open(const char *path);

/** known_refresh() - read it again if others have added something */
void known_refresh(void);

/** known_has() - is the signature of @v in it? */
bool known_has(const struct verdict *v);

/** known_add() - one more line; false, with errno, when it cannot be written */
bool known_add(const struct verdict *v);

#endif
