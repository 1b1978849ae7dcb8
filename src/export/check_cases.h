/*
 * check_cases.h - what check remembers of the expect lines that it tried, for the tools that show tests.
 */
#ifndef EXPORT_CHECK_CASES_H
#define EXPORT_CHECK_CASES_H

#include "base/why.h"
#include "search/expect.h"

struct check_case {
	char *file, *line, *told; /* "corpus/a.bond", "hmm: clean", what came of it */
	enum expect_outcome outcome;
	bool unread; /* the file's text is wrong: there are no lines */
	double seconds;
};

/* Zeroed but for since, the time at which the first case begins. */
struct check_cases {
	struct check_case *at;
	size_t nr;
	double since;
};

/** check_case_add() - a line was tried, since the case before it; texts are copied */
void check_case_add(struct check_cases *c, const char *file, const struct expectation *e,
		    enum expect_outcome outcome, const char *told);

/** check_case_add_unread() - a file that is no program; why was said by who read it */
void check_case_add_unread(struct check_cases *c, const char *file);

/** check_write_junit() - JUnit XML; false and @why when it cannot be written */
bool check_write_junit(const struct check_cases *c, const char *path, struct why *why);

/** check_print_ktap() - KTAP version 1 on standard output: what the kernel's test tools read */
void check_print_ktap(const struct check_cases *c);

void check_cases_free(struct check_cases *c);

#endif
