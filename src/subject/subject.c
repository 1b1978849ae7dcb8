/*
 * subject.c - the table of subjects.
 */
#include "subject/subject.h"

#include <stddef.h>
#include <string.h>

#define SUBJECT(name) extern const struct subject subject_##name;
#include "subject/subject.def"
#undef SUBJECT

static const struct subject *const rows[] = {
#define SUBJECT(name) &subject_##name,
#include "subject/subject.def"
#undef SUBJECT
};

const struct subject *subject_at(unsigned index)
{
	return index < sizeof(rows) / sizeof(rows[0]) ? rows[index] : NULL;
}

const struct subject *subject_find(const char *name)
{
	const struct subject *s;

	for (unsigned i = 0; (s = subject_at(i)); i++)
		if (strcmp(s->descriptor->name, name) == 0)
			return s;
	return NULL;
}
