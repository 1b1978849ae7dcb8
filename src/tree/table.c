/*
 * table.c - the subjects of a program of world tree: our drivers, over the tree's own core.
 */
#include <stddef.h>

#include "subject/subject.h"

#define SUBJECTS                                                                                   \
	SUBJECT(notifier)                                                                          \
	SUBJECT(mapper)                                                                            \
	SUBJECT(region)                                                                            \
	SUBJECT(cache)                                                                             \
	SUBJECT(vm)                                                                                \
	SUBJECT(context)                                                                           \
	SUBJECT(classes)

#define SUBJECT(name) extern const struct subject subject_##name;
SUBJECTS
#undef SUBJECT

const struct subject *const subject_rows[] = {
#define SUBJECT(name) &subject_##name,
	SUBJECTS
#undef SUBJECT
		NULL,
};
