/*
 * triage_junit.c - findings for whatever shows test results: JUnit XML, as Jenkins and GitLab read it.
 *
 * A campaign is a suite. Its first case is the campaign itself, which fails only where its folder
 * is damaged; each finding is a case that failed, with the letter as its text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "cli/triage.h"

static size_t count_findings(const struct gathering *g, size_t campaign)
{
	size_t n = 0;

	for (size_t i = 0; i < g->findings_nr; i++)
		n += g->finding[i].campaign == campaign;
	return n;
}

static size_t count_problems(const struct gathering *g, size_t campaign)
{
	size_t n = 0;

	for (size_t i = 0; i < g->problems_nr; i++)
		n += g->problem[i].campaign == campaign;
	return n;
}

static void put_attribute(FILE *f, const char *name, const char *value)
{
	fprintf(f, " %s=\"", name);
	put_markup(f, value, false);
	fputs("\"", f);
}

static void put_counts(FILE *f, size_t tests, size_t failures, size_t errors)
{
	fprintf(f, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\"", tests, failures,
		errors);
}

static void begin_case(FILE *f, const char *class, const char *name, double seconds)
{
	fputs("    <testcase", f);
	put_attribute(f, "classname", class);
	put_attribute(f, "name", name);
	fprintf(f, " time=\"%.3f\">\n", seconds);
}

static void put_finding(FILE *f, struct gathering *g, const struct kept_finding *k)
{
	char *letter = gather_letter(g, k);

	begin_case(f, k->f.subject, k->f.signature, k->f.seconds);
	fputs("      <failure", f);
	put_attribute(f, "type", k->f.verdict);
	put_attribute(f, "message", k->f.signature);
	fputs(">", f);
	put_markup(f, letter ? letter : "", true);
	fputs("</failure>\n    </testcase>\n", f);
	free(letter);
}

static void put_problems(FILE *f, const struct gathering *g, size_t campaign)
{
	for (size_t i = 0; i < g->problems_nr; i++) {
		const struct problem *p = &g->problem[i];

		if (p->campaign != campaign)
			continue;
		begin_case(f, "bondfuzz.folder", p->path, 0);
		fputs("      <error type=\"unreadable\"", f);
		put_attribute(f, "message", p->why);
		fputs("/>\n    </testcase>\n", f);
	}
}

static void put_suite(FILE *f, struct gathering *g, size_t number)
{
	const struct kept_campaign *c = &g->campaign[number];
	size_t failures = count_findings(g, number), errors = count_problems(g, number);

	fputs("  <testsuite", f);
	put_attribute(f, "name", c->path);
	put_counts(f, 1 + failures + errors, failures, errors);
	fprintf(f, " time=\"%.3f\"", c->c.seconds);
	if (!c->damaged)
		put_attribute(f, "timestamp", c->c.started);
	fputs(">\n", f);
	begin_case(f, c->damaged ? "unknown" : c->c.subject, "campaign", c->c.seconds);
	fprintf(f, "      <system-out>%llu runs in %llu sessions</system-out>\n    </testcase>\n",
		(unsigned long long)c->c.runs, (unsigned long long)c->c.sessions);
	for (size_t i = 0; i < g->findings_nr; i++)
		if (g->finding[i].campaign == number)
			put_finding(f, g, &g->finding[i]);
	put_problems(f, g, number);
	fputs("  </testsuite>\n", f);
}

char *junit_text(struct gathering *g)
{
	size_t loose = count_problems(g, SIZE_MAX);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	must(f);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"bondfuzz\"", f);
	put_counts(f, g->campaigns_nr + g->findings_nr + g->problems_nr, g->findings_nr,
		   g->problems_nr);
	fputs(">\n", f);
	for (size_t i = 0; i < g->campaigns_nr; i++)
		put_suite(f, g, i);
	if (loose) {
		fputs("  <testsuite name=\"folders\"", f);
		put_counts(f, loose, 0, loose);
		fputs(" time=\"0\">\n", f);
		put_problems(f, g, SIZE_MAX);
		fputs("  </testsuite>\n", f);
	}
	fputs("</testsuites>\n", f);
	must(!ferror(f) && fclose(f) == 0);
	return text;
}
