/*
 * known.h - the signatures of findings that are known: those of a campaign, which its processes share in
 * memory, and those of an engine's processes, which share a file with one signature a line.
 *
 * When the set is full the oldest is forgotten: that finding is recorded once more.
 */
#ifndef PIPELINE_KNOWN_H
#define PIPELINE_KNOWN_H

#include "trace/trace.h"

struct known_row {
	char signature[SIGNATURE_MAX];
	unsigned finding; /* the caller's number of it */
};

struct known {
	uint64_t nr; /* added so far */
	struct known_row row[KNOWN_MAX];
};

/** known_add() - from now on @signature is known, as @finding */
void known_add(struct known *k, const char *signature, unsigned finding);

/**
 * known_next() - the rows with a signature, one after the other
 * @at: 0 at first; moved behind what is returned
 *
 * Returns: a row, good until the next known_add(), or NULL: no other row has it.
 */
const struct known_row *known_next(const struct known *k, const char *signature, unsigned *at);

/* ---- the file of an engine's processes ---- */

/** known_file_open() - from now on this file; NULL: nothing is known, and nothing is added */
void known_file_open(const char *path);

/** known_file_refresh() - read it again if others have added something */
void known_file_refresh(void);

/** known_file_has() - is the signature of @v in it? */
bool known_file_has(const struct verdict *v);

/** known_file_add() - one more line; false, with errno, when it cannot be written */
bool known_file_add(const struct verdict *v);

#endif
