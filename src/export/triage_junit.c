/*
 * triage_junit.c - findings as JUnit XML, the form of which is junit.c's.
 *
 * A campaign is a suite. Its first case is the campaign itself, which fails only where its folder
 * is damaged; each finding is a case that failed, with the letter as its text.
 */
#include <stdlib.h>

#include "format/junit.h"
#include "export/triage.h"

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

static void put_finding(FILE *f, struct gathering *g, const struct kept_finding *k)
{
	char *letter = gather_letter(g, k);

	junit_begin_case(f, k->f.subject, k->f.signature, k->f.seconds);
	junit_outcome(f, "failure", k->f.verdict, k->f.signature, letter ? letter : "");
	junit_end_case(f);
	free(letter);
}

static void put_problems(FILE *f, const struct gathering *g, size_t campaign)
{
	for (size_t i = 0; i < g->problems_nr; i++) {
		const struct problem *p = &g->problem[i];

		if (p->campaign != campaign)
			continue;
		junit_begin_case(f, "bondfuzz.folder", p->path, 0);
		junit_outcome(f, "error", "unreadable", p->why, NULL);
		junit_end_case(f);
	}
}

static void put_suite(FILE *f, struct gathering *g, size_t number)
{
	const struct kept_campaign *c = &g->campaign[number];
	struct junit_counts n = {.failures = count_findings(g, number),
				 .errors = count_problems(g, number)};

	n.tests = 1 + n.failures + n.errors;
	junit_begin_suite(f, c->path, &n, c->c.seconds, c->damaged ? NULL : c->c.started);
	junit_begin_case(f, c->damaged ? "unknown" : c->c.subject, "campaign", c->c.seconds);
	fprintf(f, "      <system-out>%llu runs in %llu sessions</system-out>\n",
		(unsigned long long)c->c.runs, (unsigned long long)c->c.sessions);
	junit_end_case(f);
	for (size_t i = 0; i < g->findings_nr; i++)
		if (g->finding[i].campaign == number)
			put_finding(f, g, &g->finding[i]);
	put_problems(f, g, number);
	junit_end_suite(f);
}

char *junit_text(struct gathering *g)
{
	struct junit_counts all = {.tests = g->campaigns_nr + g->findings_nr + g->problems_nr,
				   .failures = g->findings_nr,
				   .errors = g->problems_nr};
	size_t loose = count_problems(g, SIZE_MAX), len;
	char *text = NULL;
	FILE *f = junit_begin(&text, &len, &all);

	for (size_t i = 0; i < g->campaigns_nr; i++)
		put_suite(f, g, i);
	if (loose) {
		junit_begin_suite(f, "folders",
				  &(struct junit_counts){.tests = loose, .errors = loose}, 0, NULL);
		put_problems(f, g, SIZE_MAX);
		junit_end_suite(f);
	}
	junit_end(f);
	return text;
}
