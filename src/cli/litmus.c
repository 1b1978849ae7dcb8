/*
 * litmus.c - bondfuzz litmus: the platform against litmus tests of the kernel's memory model.
 *
 * Each test is run in strong and in weak memory. What its comment says must never happen and was shown
 * is a finding; what may happen and was not shown is counted, and no fault of the test.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "format/json.h"
#include "cli/options.h"
#include "litmus/search.h"

#define RUNS_DEFAULT 200000
#define MISSING_MAX 256

enum memory { STRONG, WEAK, MEMORIES };

static const char *const memory_names[MEMORIES] = {"strong", "weak"};
static const char *const result_names[] = {"none", "Never", "Sometimes", "Always", "DEADLOCK"};

struct litmus_options {
	uint64_t runs;
	bool json, states, races, quiet;
	const char *memory;
};

static const struct cli_option options[] = {
	{"memory", 'm', "HOW", "strong or weak only (default: both)",
	 CLI_WORD(litmus_options, memory)},
	{"runs", 0, "N",
	 "the most runs of the exhaustive part; if they do not suffice, as many by chance follow "
	 "(default 200000)",
	 CLI_NUMBER(litmus_options, runs, 1, UINT64_MAX)},
	{"races", 0, NULL, "look for data races of plain accesses, too",
	 CLI_FLAG(litmus_options, races)},
	{"states", 0, NULL, "print every final state, and how many runs ended in it",
	 CLI_FLAG(litmus_options, states)},
	{"json", 0, NULL, "one object a test on standard output", CLI_FLAG(litmus_options, json)},
	{"quiet", 'q', NULL, "only tests that show what must never happen, and the summary",
	 CLI_FLAG(litmus_options, quiet)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz litmus",
	.options = options,
	.words = "FILE-OR-FOLDER...",
	.help = "Run litmus tests of the kernel's memory model and compare the states that the "
		"platform shows with the expected result. Exit status 1: a result that must never "
		"happen was shown.",
};

static struct {
	unsigned tests, unread, bad;
	unsigned of[5];	   /* tests by expected result */
	unsigned shown[5]; /* Sometimes and Always: the condition was met; Never: it was */
	unsigned missing_nr;
	struct {
		char name[LITMUS_NAME_MAX];
		unsigned tests;
	} missing[MISSING_MAX];
} total;

static struct litmus_test test;
static struct litmus_outcome outcome[MEMORIES];

/* ---- one test ---- */

/* The memory model allows more than the platform shows; it must not allow less. */
static bool is_bad(const struct litmus_outcome *o)
{
	bool never = test.result == RESULT_NEVER || test.quantifier == LITMUS_NOT_EXISTS;
	bool always = test.result == RESULT_ALWAYS || test.quantifier == LITMUS_FORALL;

	if (test.result == RESULT_DEADLOCK)
		return o->states_nr != 0;
	if (test.result == RESULT_SOMETIMES)
		never = always = false;
	return (never && o->meets) || (always && o->fails) ||
	       (o->races && test.result != RESULT_UNKNOWN && !test.has_race);
}

static const char *observed(const struct litmus_outcome *o)
{
	if (!o->states_nr)
		return "no execution";
	return !o->meets ? "Never" : o->fails ? "Sometimes" : "Always";
}

static void put_part(struct text *t, unsigned i, int value)
{
	const struct litmus_shown *s = &test.shown[i];
	unsigned var = (unsigned)(value - LITMUS_POINTER_BASE) / 16;

	if (s->thread >= 0)
		text_putf(t, "%d:%s=", s->thread, test.thread[s->thread].reg[s->at]);
	else
		text_putf(t, "%s=", test.var[s->at].name);
	if (value >= LITMUS_POINTER_BASE && var < test.vars_nr && value == LITMUS_POINTER(var))
		text_putf(t, "&%s; ", test.var[var].name);
	else
		text_putf(t, "%d; ", value);
}

static void put_states(const struct litmus_outcome *o)
{
	for (unsigned i = 0; i < o->states_nr; i++) {
		char data[4096];
		struct text t = text_init(data, sizeof(data));

		for (unsigned s = 0; s < test.shown_nr; s++)
			put_part(&t, s, o->state[i].shown[s]);
		printf("    %c %8llu  %s\n", o->state[i].meets ? '*' : ' ',
		       (unsigned long long)o->state[i].runs, data);
	}
}

static void put_outcome(const struct litmus_options *o, unsigned memory)
{
	const struct litmus_outcome *out = &outcome[memory];

	printf("  %-6s  %-12s  %3u states, %s after %llu runs", memory_names[memory], observed(out),
	       out->states_nr, out->complete ? "complete" : "not complete",
	       (unsigned long long)out->runs);
	if (out->stuck)
		printf(", %llu stuck", (unsigned long long)out->stuck);
	if (out->faulted)
		printf(", %llu ended by %s", (unsigned long long)out->faulted,
		       rule_name(out->verdict.rule));
	if (o->races)
		printf(", %s", out->races ? "data race" : "no data race");
	puts(is_bad(out) ? "  MUST NEVER HAPPEN" : "");
	if (o->states)
		put_states(out);
}

static json_t *outcome_json(const struct litmus_outcome *out)
{
	json_t *row = json_object();

	json_object_set_new(row, "observed", json_string(observed(out)));
	json_object_set_new(row, "states", json_integer(out->states_nr));
	json_object_set_new(row, "complete", json_boolean(out->complete));
	json_object_set_new(row, "bad", json_boolean(is_bad(out)));
	json_object_set_new(row, "races", json_boolean(out->races));
	json_put_count(row, "runs", out->runs);
	json_put_count(row, "steps", out->steps);
	json_put_count(row, "stuck", out->stuck);
	json_put_count(row, "faulted", out->faulted);
	return row;
}

static bool is_asked(const struct litmus_options *o, unsigned memory)
{
	return !o->memory || strcmp(o->memory, memory_names[memory]) == 0;
}

static void put_json(const struct litmus_options *o, const char *file)
{
	json_t *row = json_object();

	json_object_set_new(row, "file", json_text(file));
	json_object_set_new(row, "test", json_text(test.name));
	json_object_set_new(row, "expected", json_string(result_names[test.result]));
	for (unsigned m = 0; m < MEMORIES; m++)
		if (is_asked(o, m))
			json_object_set_new(row, memory_names[m], outcome_json(&outcome[m]));
	json_print(row);
}

static void put_test(const struct litmus_options *o, const char *file, bool bad)
{
	if (o->json) {
		put_json(o, file);
		return;
	}
	if (o->quiet && !bad)
		return;
	printf("%s: expected %s\n", file, result_names[test.result]);
	for (unsigned m = 0; m < MEMORIES; m++)
		if (is_asked(o, m))
			put_outcome(o, m);
}

static bool run_test(const struct litmus_options *o, unsigned memory)
{
	struct litmus_search search = {
		.test = &test,
		.strength = {.races = o->races, .weak = memory == WEAK},
		.runs_max = o->runs,
		.stop = interrupt_seen,
	};

	if (!is_asked(o, memory))
		return false;
	litmus_search(&search, &outcome[memory]);
	return is_bad(&outcome[memory]);
}

static int judge(const struct litmus_options *o, const char *file)
{
	bool bad = false, meets = false;

	for (unsigned m = 0; m < MEMORIES; m++) {
		bad |= run_test(o, m);
		meets |= is_asked(o, m) && outcome[m].meets;
	}
	total.tests++;
	total.bad += bad;
	total.of[test.result]++;
	total.shown[test.result] += meets;
	put_test(o, file, bad);
	return bad ? EXIT_FINDING : EXIT_CLEAN;
}

/* ---- files ---- */

static int count_missing(const char *name)
{
	unsigned i = 0;

	while (i < total.missing_nr && strcmp(total.missing[i].name, name) != 0)
		i++;
	if (i == MISSING_MAX)
		return EXIT_USAGE;
	if (i == total.missing_nr)
		snprintf(total.missing[total.missing_nr++].name, LITMUS_NAME_MAX, "%s", name);
	total.missing[i].tests++;
	return EXIT_USAGE;
}

static bool read_text(const char *path, char *data, size_t cap, size_t *ret_len)
{
	FILE *f = fopen(path, "re");

	if (!f) {
		fprintf(stderr, "%s: %m\n", path);
		return false;
	}
	*ret_len = fread(data, 1, cap, f);
	if (ferror(f))
		fprintf(stderr, "%s: %m\n", path);
	else if (*ret_len == cap)
		fprintf(stderr, "%s: a test of more than %d bytes\n", path, LITMUS_TEXT_MAX);
	else {
		fclose(f);
		return true;
	}
	fclose(f);
	return false;
}

static int one_file(const void *options, const char *path)
{
	static char text[LITMUS_TEXT_MAX + 1];
	struct litmus_error error = {0};
	size_t len = 0;

	if (read_text(path, text, sizeof(text), &len) && litmus_parse(text, len, &test, &error))
		return judge(options, path);
	total.unread++;
	if (len == sizeof(text) || !error.message[0])
		return EXIT_USAGE;
	fprintf(stderr, "%s:%u:%u: %s\n", path, error.line, error.column, error.message);
	return error.missing[0] ? count_missing(error.missing) : EXIT_USAGE;
}

static void put_summary(void)
{
	printf("%u tests, %u unread, %u show what must never happen; by expected result:",
	       total.tests, total.unread, total.bad);
	for (unsigned i = 0; i < sizeof(result_names) / sizeof(result_names[0]); i++)
		if (total.of[i])
			printf(" %s %u (condition met in %u)", result_names[i], total.of[i],
			       total.shown[i]);
	putchar('\n');
	for (unsigned i = 0; i < total.missing_nr; i++)
		printf("  %u unread for %s()\n", total.missing[i].tests, total.missing[i].name);
}

int command_litmus(int argc, char **argv)
{
	struct litmus_options o = {.runs = RUNS_DEFAULT};
	struct file_list files;
	int status;

	files = cli_files_ending(cli_parse(&syntax, argc, argv, &o), ".litmus");
	if (o.memory && strcmp(o.memory, "strong") != 0 && strcmp(o.memory, "weak") != 0)
		quit_usage("--memory is strong or weak, not '%.40s'", o.memory);
	status = cli_each_file(files, one_file, &o);
	if (!o.json)
		put_summary();
	return status;
}
