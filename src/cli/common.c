/*
 * common.c - numbers and names of the command line.
 */
#include <math.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "search/search.h"
#include "trace/rule.h"
#include "zoo/defect.h"

uint64_t cli_number(const char *option, const char *text, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || n < min || n > max)
		quit_usage("%s wants a number from %llu to %llu, got '%.40s'", option,
			   (unsigned long long)min, (unsigned long long)max, text);
	return n;
}

const struct subject *cli_subject(const char *name)
{
	const struct subject *s = subject_find(name);
	const char *more = "";
	char known[256];
	struct text t = text_init(known, sizeof(known));

	for (unsigned i = 0; !s && subject_at(i); i++)
		if (subject_at(i)->about)
			more = ", and repairs: see bondfuzz list subjects";
		else
			text_putf(&t, " %s", subject_at(i)->descriptor->name);
	if (!s)
		quit_usage("no subject '%.40s'; there are:%s%s", name, known, more);
	return s;
}

const char *cli_wanted(const char *verdict)
{
	if (strcmp(verdict, "any") && !rule_of(verdict))
		quit_usage("no verdict '%.40s': it is RULE, RULE:OBJECT or any; see bondfuzz list "
			   "rules",
			   verdict);
	return verdict;
}

const struct strategy *cli_strategy(const char *name)
{
	const struct strategy *s = search_strategy(name);
	char known[256];
	struct text t = text_init(known, sizeof(known));

	for (unsigned i = 0; !s && strategy_at(i); i++)
		text_putf(&t, " %s", strategy_at(i)->name);
	text_putf(&t, " %s", strategy_search.name);
	if (!s)
		quit_usage("no strategy '%.40s'; there are:%s", name, known);
	return s;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

struct cli_spread cli_spread(uint64_t *count, size_t nr)
{
	double sum = 0, squares = 0, mean;

	if (!nr)
		return (struct cli_spread){0};
	qsort(count, nr, sizeof(*count), by_size);
	for (size_t i = 0; i < nr; i++)
		sum += (double)count[i];
	mean = sum / (double)nr;
	for (size_t i = 0; i < nr; i++)
		squares += ((double)count[i] - mean) * ((double)count[i] - mean);
	return (struct cli_spread){
		.mean = mean,
		.bound = mean + (nr > 1 ? 1.96 * sqrt(squares / (double)(nr - 1) / (double)nr) : 0),
		.median = count[nr / 2],
		.max = count[nr - 1]};
}

void cli_defect(const char *name)
{
	if (name && !defect_enable(name))
		quit_usage(defect_build()
				   ? "no defect '%.60s': see bondfuzz list defects"
				   : "defect '%.60s': this build has none; use build/zoo/bondfuzz",
			   name);
}

void cli_known_defect(const char *name)
{
	cli_defect(name);
	defect_enable(NULL);
}
