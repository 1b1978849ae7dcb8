/*
 * stubs.c - what a campaign did not test: runs that ended where the code under test calls what nobody
 * models. They are no findings and not clean, so the summary names them. The same of runs that ended at
 * a BUG or a hang: those are findings, and hide whatever is behind them.
 */
#include "campaign/stubs.h"

#include <stdio.h>
#include <string.h>

#define WARN_ABOVE 100 /* one run in so many */

static void count(struct stubs *s, const char *text, uint64_t runs)
{
	unsigned i = 0;

	while (i < s->nr && strncmp(s->at[i].text, text, STUBS_TEXT - 1) != 0)
		i++;
	if (i == STUBS_MAX) {
		s->other += runs;
		return;
	}
	if (i == s->nr) {
		snprintf(s->at[i].text, STUBS_TEXT, "%s", text);
		s->nr++;
	}
	s->at[i].runs += runs;
}

void stubs_count(struct stubs *s, const char *text)
{
	s->runs++;
	count(s, text, 1);
}

void stubs_add(struct stubs *s, const struct stubs *more)
{
	s->runs += more->runs;
	s->other += more->other;
	for (unsigned i = 0; i < more->nr; i++)
		count(s, more->at[i].text, more->at[i].runs);
}

void ends_put(const struct stubs *s, uint64_t runs, struct text *t)
{
	for (unsigned i = 0; i < s->nr; i++)
		text_putf(t, "  %s%.*f %% ended at %s: nothing behind it was looked at\n",
			  s->at[i].runs * WARN_ABOVE > runs ? "warning: " : "",
			  s->at[i].runs * WARN_ABOVE > runs ? 0 : 2,
			  100 * (double)s->at[i].runs / (double)(runs ? runs : 1), s->at[i].text);
	if (s->other)
		text_putf(t, "  %llu runs ended at others\n", (unsigned long long)s->other);
}

void stubs_put(const struct stubs *s, uint64_t runs, struct text *t)
{
	for (unsigned i = 0; i < s->nr; i++)
		text_putf(t, "  not modelled: %s: %llu runs\n", s->at[i].text,
			  (unsigned long long)s->at[i].runs);
	if (s->other)
		text_putf(t, "  not modelled: other calls: %llu runs\n",
			  (unsigned long long)s->other);
	if (s->runs * WARN_ABOVE > runs)
		text_putf(t,
			  "  warning: %.1f %% of the runs ended in such a call and tested nothing "
			  "behind "
			  "it: give it a value with --stub NAME=VALUE, or write a model\n",
			  100 * (double)s->runs / (double)(runs ? runs : 1));
}
