/*
 * junit.c - results for whatever shows those of tests: JUnit XML, as Jenkins and GitLab read it.
 *
 * Only the form is here. What is a suite and what a case is said by who writes one: campaigns and
 * findings in triage_junit.c, the corpus and its expect lines in check_junit.c.
 */
#include "format/junit.h"

#include "base/panic.h"
#include "format/visible.h"

static void put_attribute(FILE *f, const char *name, const char *value)
{
	fprintf(f, " %s=\"", name);
	put_markup(f, value, false);
	fputs("\"", f);
}

static void put_counts(FILE *f, const struct junit_counts *c)
{
	fprintf(f, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", c->tests,
		c->failures, c->errors, c->skipped);
}

FILE *junit_begin(char **ret, size_t *ret_len, const struct junit_counts *all)
{
	FILE *f = open_memstream(ret, ret_len);

	must(f);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"bondfuzz\"", f);
	put_counts(f, all);
	fputs(">\n", f);
	return f;
}

void junit_end(FILE *f)
{
	fputs("</testsuites>\n", f);
	must(!ferror(f) && fclose(f) == 0);
}

void junit_begin_suite(FILE *f, const char *name, const struct junit_counts *counts, double seconds,
		       const char *started)
{
	fputs("  <testsuite", f);
	put_attribute(f, "name", name);
	put_counts(f, counts);
	fprintf(f, " time=\"%.3f\"", seconds);
	if (started)
		put_attribute(f, "timestamp", started);
	fputs(">\n", f);
}

void junit_end_suite(FILE *f)
{
	fputs("  </testsuite>\n", f);
}

void junit_begin_case(FILE *f, const char *class, const char *name, double seconds)
{
	fputs("    <testcase", f);
	put_attribute(f, "classname", class);
	put_attribute(f, "name", name);
	fprintf(f, " time=\"%.3f\">\n", seconds);
}

void junit_end_case(FILE *f)
{
	fputs("    </testcase>\n", f);
}

void junit_outcome(FILE *f, const char *element, const char *type, const char *message,
		   const char *text)
{
	fprintf(f, "      <%s", element);
	if (type)
		put_attribute(f, "type", type);
	put_attribute(f, "message", message);
	if (text) {
		fputs(">", f);
		put_markup(f, text, true);
		fprintf(f, "</%s>\n", element);
	} else {
		fputs("/>\n", f);
	}
}
