/*
 * common.c - numbers, names and signals of the command line.
 */
#include <ctype.h>
#include <math.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "trace/rule.h"
#include "zoo/defect.h"

void cli_usage(const char *format, ...)
{
	va_list ap;

	fputs("bondfuzz: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs("\n", stderr);
	exit(EXIT_USAGE);
}

uint64_t cli_number(const char *option, const char *text, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || n < min || n > max)
		cli_usage("%s wants a number from %llu to %llu, got '%.40s'", option,
			  (unsigned long long)min, (unsigned long long)max, text);
	return n;
}

enum sim_unlock cli_unlock(const char *text)
{
	static const char *const names[] = {"contract", "queued", "atomic"};

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum sim_unlock)i;
	cli_usage("--unlock is contract, queued or atomic, not '%.40s'", text);
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
		cli_usage("no subject '%.40s'; there are:%s%s", name, known, more);
	return s;
}

const char *cli_wanted(const char *verdict)
{
	if (strcmp(verdict, "any") && !rule_of(verdict))
		cli_usage("no verdict '%.40s': it is RULE, RULE:OBJECT or any; see bondfuzz list "
			  "rules",
			  verdict);
	return verdict;
}

const struct strategy *cli_strategy(const char *name)
{
	const struct strategy *s = strategy_find(name);
	char known[256];
	struct text t = text_init(known, sizeof(known));

	for (unsigned i = 0; !s && strategy_at(i); i++)
		text_putf(&t, " %s", strategy_at(i)->name);
	if (!s)
		cli_usage("no strategy '%.40s'; there are:%s", name, known);
	return s;
}

bool cli_colour(FILE *f)
{
	const char *no = getenv("NO_COLOR");

	return !(no && no[0]) && isatty(fileno(f));
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_nr)
{
	interrupted = 1;
	signal(signal_nr, SIG_DFL);
}

void cli_catch_interrupt(void)
{
	signal(SIGINT, on_interrupt);
	signal(SIGTERM, on_interrupt);
}

bool cli_stop(void)
{
	return interrupted;
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

void cli_put_word(struct text *t, const char *word)
{
	bool plain = word[0] != '\0';

	for (const char *c = word; *c; c++)
		plain &= isalnum((unsigned char)*c) || strchr("/._-+:=@%,", *c);
	if (!plain)
		text_putc(t, '\'');
	for (const char *c = word; *c; c++)
		if (*c == '\'')
			text_puts(t, "'\\''");
		else
			text_putc(t, *c);
	if (!plain)
		text_putc(t, '\'');
}

void cli_defect(const char *name)
{
	if (name && !defect_enable(name))
		cli_usage(defect_build()
				  ? "no defect '%.60s': see bondfuzz list defects"
				  : "defect '%.60s': this build has none; use build/zoo/bondfuzz",
			  name);
}

void cli_known_defect(const char *name)
{
	cli_defect(name);
	defect_enable(NULL);
}

void cli_target(const char *defect, const char *unlock, struct sim_strength *strength)
{
	cli_defect(defect);
	if (unlock)
		strength->unlock = cli_unlock(unlock);
}

double cli_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct exec *cli_exec(void)
{
	static struct exec exec;
	static bool ready;

	if (!ready)
		exec_init(&exec);
	ready = true;
	return &exec;
}
