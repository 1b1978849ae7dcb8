/*
 * check_junit.c - the regression corpus as JUnit XML: one suite, a case an expect line, of the class
 * of its file. A line about a defect that this build has not got is skipped; a file whose text is
 * wrong is one case with an error.
 */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "export/check_cases.h"
#include "campaign/folder.h"
#include "format/junit.h"
#include "base/why.h"
#include "base/clock.h"

static char *copy(const char *text)
{
	char *mine = strdup(text);

	must(mine);
	return mine;
}

static struct check_case *add(struct check_cases *c, const char *file, const char *told)
{
	struct check_case *more = reallocarray(c->at, c->nr + 1, sizeof(*more)), *mine;
	double now = clock_seconds();

	must(more);
	c->at = more;
	mine = &c->at[c->nr++];
	*mine = (struct check_case){
		.file = copy(file), .told = copy(told), .seconds = now - c->since};
	c->since = now;
	return mine;
}

void check_case_add(struct check_cases *c, const char *file, const struct expectation *e,
		    enum expect_outcome outcome, const char *told)
{
	struct check_case *mine = add(c, file, told);

	must(asprintf(&mine->line, "%s%s%s", e->on, e->on[0] ? ": " : "expect", e->wanted) >= 0);
	mine->outcome = outcome;
}

void check_case_add_unread(struct check_cases *c, const char *file)
{
	struct check_case *mine = add(c, file, "its text is no program");

	mine->line = copy("is read");
	mine->unread = true;
}

static const char *element_of(const struct check_case *c)
{
	if (c->unread)
		return "error";
	if (c->outcome == EXPECT_SKIPPED)
		return "skipped";
	return c->outcome > EXPECT_REPAIRED ? "failure" : NULL;
}

static struct junit_counts count(const struct check_cases *c)
{
	struct junit_counts n = {.tests = c->nr};

	for (size_t i = 0; i < c->nr; i++) {
		n.errors += c->at[i].unread;
		n.skipped += c->at[i].outcome == EXPECT_SKIPPED;
		n.failures += c->at[i].outcome > EXPECT_REPAIRED;
	}
	return n;
}

static void put_case(FILE *f, const struct check_case *c)
{
	const char *element = element_of(c), *type = expect_outcome_name(c->outcome);

	if (c->unread)
		type = "unreadable";
	else if (c->outcome == EXPECT_SKIPPED)
		type = NULL; /* readers of the format know no type there */
	junit_begin_case(f, c->file, c->line, c->seconds);
	if (element)
		junit_outcome(f, element, type, c->told, NULL);
	junit_end_case(f);
}

static char *text_of(const struct check_cases *c)
{
	struct junit_counts n = count(c);
	double seconds = 0;
	char *text = NULL;
	size_t len;
	FILE *f = junit_begin(&text, &len, &n);

	for (size_t i = 0; i < c->nr; i++)
		seconds += c->at[i].seconds;
	junit_begin_suite(f, "corpus", &n, seconds, NULL);
	for (size_t i = 0; i < c->nr; i++)
		put_case(f, &c->at[i]);
	junit_end_suite(f);
	junit_end(f);
	return text;
}

bool check_write_junit(const struct check_cases *c, const char *path, struct why *why)
{
	char *text = text_of(c);
	bool written =
		!folder_write_file(path, text, strlen(text)) || why_file(why, visible(path), "");

	free(text);
	return written;
}

void check_cases_free(struct check_cases *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		free(c->at[i].file);
		free(c->at[i].line);
		free(c->at[i].told);
	}
	free(c->at);
}
