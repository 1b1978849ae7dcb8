/*
 * table.c - the subjects of this repository, and the repairs that are subjects of their own. Alone in its file: a program that is linked with a
 * table of its own never takes this one, nor any subject in it, from the archive.
 */
#include "subject/subject.h"

#include <stddef.h>

#define SUBJECT(name) extern const struct subject subject_##name;
#define FIX(name, ...) SUBJECT(name)
#include "posted/fix.def"
#include "subject/subject.def"
#undef FIX
#undef SUBJECT

const struct subject *const subject_rows[] = {
#define SUBJECT(name) &subject_##name,
#define FIX(name, ...) SUBJECT(name)
#include "subject/subject.def"
#include "posted/fix.def"
#undef FIX
#undef SUBJECT
	NULL,
};
