/*
 * pool.c - the names of a program, kept in one array inside it.
 *
 * Names follow one another, each with its NUL; pool[0] is the empty name. Nothing is ever taken
 * out: verbs that add names add few (a strategy), and all of them find a name that is there
 * already, so that a program that is mutated for days does not grow.
 */
#include "program/program.h"

#include <string.h>

#include "program/rules.h"

int pool_append(struct program *p, const char *name, size_t len)
{
	size_t at = p->pool_len;

	if (len >= POOL_MAX - at)
		return -1;
	memcpy(p->pool + at, name, len);
	p->pool[at + len] = '\0';
	p->pool_len = (uint16_t)(at + len + 1);
	return (int)at;
}

int program_intern(struct program *p, const char *name, size_t len)
{
	size_t at = 1;

	if (!len)
		return 0;
	while (at < p->pool_len) {
		size_t there = strlen(p->pool + at);

		if (there == len && !memcmp(p->pool + at, name, len))
			return (int)at;
		at += there + 1;
	}
	return pool_append(p, name, len);
}
