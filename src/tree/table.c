/*
 * table.c - the subjects of a program of world tree: our drivers, over the tree's own core.
 */
#include <stddef.h>

#include "subject/subject.h"

#define SUBJECTS                                                                                   \
	SUBJECT(notifier)                                                                          \
	SUBJECT(interval)                                                                          \
	SUBJECT(mapper)                                                                            \
	SUBJECT(region)                                                                            \
	SUBJECT(cache)                                                                             \
	SUBJECT(vm)                                                                                \
	SUBJECT(counter)                                                                           \
	SUBJECT(context)                                                                           \
	SUBJECT(pri)                                                                               \
	SUBJECT(classes)                                                                           \
	SUBJECT(threads)                                                                           \
	SUBJECT(plain)                                                                             \
	SUBJECT(mapped)

#define SUBJECT(name) extern const struct subject subject_##name;
SUBJECTS
#undef SUBJECT

const struct subject *const subject_rows[] = {
#define SUBJECT(name) &subject_##name,
	SUBJECTS
#undef SUBJECT
		NULL,
};

/* A core is not here: the tree's is; nor its repairs, and what interprets programs of its own. */
#define SUBJECT(name_) {.name = #name_, .why = "it is a subject of the program bondfuzz alone"},
#define FIX(name, ...) SUBJECT(name)
const struct lack subject_absent[] = {
#include "posted/fix.def"
#include "subject/subject.def"
	{.name = NULL},
};
