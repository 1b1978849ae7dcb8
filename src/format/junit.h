/*
 * junit.h - the parts of JUnit XML that triage and check share. Text from outside goes through
 * put_markup(); tests/data/junit.xsd has the whole of what may be written.
 */
#ifndef FORMAT_JUNIT_H
#define FORMAT_JUNIT_H

#include <stddef.h>
#include <stdio.h>

struct junit_counts {
	size_t tests, failures, errors, skipped;
};

/** junit_begin() - a document to be written, in memory; junit_end() gives its text, for free() */
FILE *junit_begin(char **ret, size_t *ret_len, const struct junit_counts *all);
void junit_end(FILE *f);

/**
 * junit_begin_suite() - open a suite; junit_end_suite() closes it
 * @started: as 2026-01-31T12:00:00Z, or NULL
 */
void junit_begin_suite(FILE *f, const char *name, const struct junit_counts *counts, double seconds,
		       const char *started);
void junit_end_suite(FILE *f);

/** junit_begin_case() - open a case, which passes if nothing more is said before junit_end_case() */
void junit_begin_case(FILE *f, const char *class, const char *name, double seconds);
void junit_end_case(FILE *f);

/**
 * junit_outcome() - why the open case did not pass
 * @element: "failure", "error" or "skipped"
 * @type: one word of a few, or NULL
 * @text: more of it, several lines; or NULL
 */
void junit_outcome(FILE *f, const char *element, const char *type, const char *message,
		   const char *text);

#endif
