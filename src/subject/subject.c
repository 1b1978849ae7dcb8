/*
 * subject.c - finding a subject in whatever table this program was linked with.
 */
#include "subject/subject.h"

#include <stddef.h>
#include <string.h>

const struct lack subject_absent[] __attribute__((weak)) = {{0}};

const struct subject *subject_at(unsigned index)
{
	for (unsigned i = 0; i < index; i++)
		if (!subject_rows[i])
			return NULL;
	return subject_rows[index];
}

const struct subject *subject_find(const char *name)
{
	const struct subject *s;

	for (unsigned i = 0; (s = subject_at(i)); i++)
		if (strcmp(s->descriptor->name, name) == 0)
			return s;
	return NULL;
}

const struct lack *subject_lack(const char *name)
{
	for (const struct lack *l = subject_absent; l->name; l++)
		if (strcmp(l->name, name) == 0)
			return l;
	return NULL;
}
