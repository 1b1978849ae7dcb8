/*
 * table.c - the subjects of this repository. Alone in its file: a program that is linked with a
 * table of its own never takes this one, nor any subject in it, from the archive.
 */
#include "subject/subject.h"

#include <stddef.h>

#define SUBJECT(name) extern const struct subject subject_##name;
#include "subject/subject.def"
#undef SUBJECT

const struct subject *const subject_rows[] = {
#define SUBJECT(name) &subject_##name,
#include "subject/subject.def"
#undef SUBJECT
	NULL,
};
