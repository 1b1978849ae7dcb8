/*
 * check.c - bondfuzz check: the regression corpus. Every expect line of every file is tried: clean
 * where clean is promised, the verdict where it is, and on clean subjects also many other schedules.
 * A file is told by the worst of its lines: holds, stale, lost, broken; or repaired, with --repair.
 */
#include <stdlib.h>
#include <string.h>

#include "export/check_cases.h"
#include "format/json.h"
#include "cli/options.h"
#include "format/visible.h"
#include "search/failures.h"
#include "search/search.h"

#define RUNS_DEFAULT 2000
#define REPAIR_RUNS 60000

struct check_options {
	uint64_t runs, failures;
	struct check_cases *cases;
	bool json, ktap, quiet, repair;
	const char *junit;
};

#define LACKS_MAX 64

/* Of a line that is clean whatever the schedule, with --failures. */
struct certificate {
	bool complete;
	char text[256]; /* "": there is none */
};

struct tally {
	unsigned passed, failed, skipped; /* lines */
	unsigned complete, certificates;
	unsigned files[EXPECT_OUTCOMES];
	/* Files that are for another program, by what they name. */
	struct {
		const struct lack *lack;
		unsigned files;
	} lacks[LACKS_MAX];
	unsigned lacks_nr;
};

static const struct cli_option options[] = {
	{"runs", 0, "N",
	 "portfolio runs that a clean subject must pass, in addition to the program's own schedule "
	 "(default 2000)",
	 CLI_NUMBER(check_options, runs, 0, UINT64_MAX)},
	{"failures", 0, "N",
	 "make these runs those of the search, with up to N failures in an execution: they end "
	 "where all executions were seen, and that is printed",
	 CLI_NUMBER(check_options, failures, 1, FAILURES_MAX)},
	{"repair", 0, NULL,
	 "repair files whose schedule is stale or lost: search near the schedule, and rewrite the "
	 "file",
	 CLI_FLAG(check_options, repair)},
	{"quiet", 'q', NULL, "do not print files that hold", CLI_FLAG(check_options, quiet)},
	{"json", 0, NULL, "print one object per expect line on standard output",
	 CLI_FLAG(check_options, json)},
	{"ktap", 0, NULL, "print KTAP instead, one result per expect line",
	 CLI_FLAG(check_options, ktap)},
	{"junit", 0, "FILE", "also write JUnit XML, one case per expect line",
	 CLI_WORD(check_options, junit)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz check",
	.options = options,
	.words = "FILE-OR-FOLDER...",
	.help = "Test every expect line of programs. Lines with a defect are tested in zoo builds, "
		"and skipped in other builds."};

/* Keys that a line has whether it was tried or not. */
static json_t *row_of(const char *file, const struct expectation *e, enum expect_outcome outcome)
{
	json_t *row = json_object();

	json_object_set_new(row, "file", json_text(file));
	json_object_set_new(row, "on", json_string(e->on));
	json_object_set_new(row, "expected", json_string(e->wanted));
	json_object_set_new(row, "outcome", json_string(expect_outcome_name(outcome)));
	json_object_set_new(row, "ok", json_boolean(outcome <= EXPECT_REPAIRED));
	json_object_set_new(row, "why", json_string(e->why));
	return row;
}

static bool is_text(const struct check_options *o)
{
	return !o->json && !o->ktap;
}

static void report(const struct check_options *o, const struct exec *x, const char *file,
		   const struct expectation *e, enum expect_outcome outcome,
		   const struct certificate *c)
{
	const struct verdict *v = &x->trace.verdict;
	char told[256];
	json_t *row;

	snprintf(told, sizeof(told), "on %s expected %s, got %s%s%s%s%s", e->on, e->wanted,
		 v->rule ? rule_name(v->rule) : "clean", v->object[0] && v->rule ? " " : "",
		 v->rule ? v->object : "", e->why[0] ? "; " : "", e->why);
	check_case_add(o->cases, file, e, outcome, told);
	if (o->json) {
		row = row_of(file, e, outcome);
		explain_verdict_json(row, x);
		json_object_set_new(row, "stale", json_integer(exec_stale(x)));
		json_object_set_new(row, "complete", json_boolean(c->complete));
		json_print(row);
	} else if (outcome > EXPECT_REPAIRED && is_text(o)) {
		printf("FAILED %s: %s\n", visible(file), told);
	} else if (c->text[0] && is_text(o) && !o->quiet) {
		printf("%s: on %s %s\n", visible(file), e->on, c->text);
	}
}

static void print_row_not_run(const struct check_options *o, const char *file,
			      const struct expectation *e, enum expect_outcome outcome)
{
	static const char *const keys[] = {"verdict", "object", "signature", "trace_hash"};
	json_t *row;

	if (!o->json)
		return;
	row = row_of(file, e, outcome);
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_set_new(row, keys[i], json_null());
	json_put_count(row, "steps", 0);
	json_put_count(row, "stale", 0);
	json_object_set_new(row, "complete", json_false());
	json_print(row);
}

/* An expectation that cannot be tried: nothing has run. */
static void report_untried(const struct check_options *o, const char *file,
			   const struct expectation *e)
{
	check_case_add(o->cases, file, e, EXPECT_UNTRIED, e->why);
	if (is_text(o))
		printf("FAILED %s: %s%s%s\n", visible(file), e->on, e->on[0] ? ": " : "", e->why);
	print_row_not_run(o, file, e, EXPECT_UNTRIED);
}

/* A clean subject is clean whatever the schedule. */
static bool stands_search(const struct check_options *o, struct exec *x, const struct exec_how *how,
			  struct certificate *ret)
{
	struct search s = {.strategy = o->failures ? &strategy_search : strategy_find("portfolio"),
			   .seed = 1,
			   .runs_max = o->runs,
			   .failures_max = (unsigned)o->failures,
			   .stop = interrupt_seen};
	struct text t = text_init(ret->text, sizeof(ret->text));

	search_run(x, how, &s);
	ret->complete = s.trees.complete;
	if (o->failures)
		search_certify(&s, &t);
	return !s.first;
}

static bool is_for_every_schedule(const struct expectation *e)
{
	return e->clean && (!e->subject->posted || e->subject->about);
}

static enum expect_outcome try_line(const struct check_options *o, const struct program *p,
				    struct expectation *e, struct certificate *ret)
{
	struct exec *x = exec_process();
	struct exec_how how = exec_default;
	enum expect_outcome outcome;

	expect_begin(x, p, e, &how, true);
	exec_run(x, &how, NULL, 0);
	outcome = expect_judge(x, e);
	if (outcome == EXPECT_HOLDS && is_for_every_schedule(e) &&
	    !stands_search(o, x, &how, ret)) {
		outcome = EXPECT_BROKEN;
		e->why = o->failures ? "in a search" : "under the portfolio";
	}
	expect_end();
	return outcome;
}

static void count_line(struct tally *tally, enum expect_outcome outcome)
{
	if (outcome == EXPECT_SKIPPED)
		tally->skipped++;
	else if (outcome <= EXPECT_REPAIRED)
		tally->passed++;
	else
		tally->failed++;
}

/* Returns: what the line makes of its file; one of another build's says nothing. */
static enum expect_outcome check_line(const struct check_options *o, const struct program *p,
				      const char *file, const struct program_expect *line,
				      struct tally *tally)
{
	struct certificate certificate = {0};
	struct expectation e;
	enum expect_outcome outcome = expect_read(p, line, &e);

	if (outcome == EXPECT_HOLDS) {
		outcome = try_line(o, p, &e, &certificate);
		report(o, exec_process(), file, &e, outcome, &certificate);
		tally->certificates += certificate.text[0] != '\0';
		tally->complete += certificate.complete;
	} else if (outcome == EXPECT_UNTRIED) {
		report_untried(o, file, &e);
	} else {
		check_case_add(o->cases, file, &e, outcome, e.why);
	}
	count_line(tally, outcome);
	return outcome == EXPECT_SKIPPED ? EXPECT_HOLDS : outcome;
}

static enum expect_outcome check_lines(const struct check_options *o, const struct program *p,
				       const char *file, struct tally *tally)
{
	static const struct expectation none = {.on = "",
						.why = "no expect line: nothing is checked"};
	enum expect_outcome worst = EXPECT_HOLDS;

	if (!p->expects_nr) {
		report_untried(o, file, &none);
		count_line(tally, EXPECT_UNTRIED);
		return EXPECT_UNTRIED;
	}
	for (unsigned i = 0; i < p->expects_nr; i++) {
		enum expect_outcome outcome = check_line(o, p, file, &p->expects[i], tally);

		worst = outcome > worst ? outcome : worst;
	}
	return worst;
}

/* Returns: EXIT_CLEAN, or the status of a repaired file that cannot be written. */
static int check_file(const struct check_options *o, struct program *p, const char *file,
		      struct tally *tally)
{
	struct repair r = {.runs_max = REPAIR_RUNS, .stop = interrupt_seen};
	enum expect_outcome outcome, repaired = EXPECT_HOLDS;
	int status = EXIT_CLEAN;

	if (o->repair)
		repaired = cli_repair(file, p, &r, false, &status);
	outcome = check_lines(o, p, file, tally);
	if (outcome == EXPECT_HOLDS && repaired == EXPECT_REPAIRED)
		outcome = EXPECT_REPAIRED;
	if (outcome == EXPECT_STALE && repaired == EXPECT_LOST)
		outcome = EXPECT_LOST;
	tally->files[outcome]++;
	if (is_text(o) && (outcome != EXPECT_HOLDS || !o->quiet))
		printf("%s: %s%s%s\n", visible(file), expect_outcome_name(outcome),
		       outcome == EXPECT_REPAIRED ? ", " : "",
		       outcome == EXPECT_REPAIRED ? repair_way_name(r.way) : "");
	return status;
}

static void count_lack(struct tally *t, const struct lack *lack)
{
	unsigned i = 0;

	while (i < t->lacks_nr && t->lacks[i].lack != lack)
		i++;
	if (i == LACKS_MAX)
		return;
	t->lacks[i].lack = lack;
	t->lacks[i].files++;
	t->lacks_nr += i == t->lacks_nr;
}

/* A file that may be right, for another program of bondfuzz. */
static void skip_file(const struct check_options *o, const struct lack *lack, const char *file,
		      struct tally *tally)
{
	struct expectation e = {.on = lack->name, .why = lack->why};

	check_case_add(o->cases, file, &e, EXPECT_SKIPPED, lack->why);
	print_row_not_run(o, file, &e, EXPECT_SKIPPED);
	count_line(tally, EXPECT_SKIPPED);
	tally->files[EXPECT_SKIPPED]++;
	count_lack(tally, lack);
	if (is_text(o) && !o->quiet)
		printf("%s: skipped, %s: %s\n", visible(file), lack->name, lack->why);
}

static void print_tally(size_t files, const struct tally *t)
{
	printf("%zu files: %u passed, %u failed, %u skipped\n", files, t->passed, t->failed,
	       t->skipped);
	for (unsigned i = 0, n = 0; i < EXPECT_OUTCOMES; i++)
		if (i != EXPECT_SKIPPED || t->files[i])
			printf("%s %u %s", n++ ? "," : "of the files:", t->files[i],
			       expect_outcome_name(i));
	printf("\n");
	if (t->certificates)
		printf("complete: %u of %u lines that are clean under every schedule\n",
		       t->complete, t->certificates);
	for (unsigned i = 0; i < t->lacks_nr; i++)
		printf("skipped: %u for %s: %s\n", t->lacks[i].files, t->lacks[i].lack->name,
		       t->lacks[i].lack->why);
}

/* Returns: EXIT_CLEAN, or the status of text that is wrong, or of a file that cannot be read or written. */
static int check_path(const struct check_options *o, const char *path, struct tally *tally)
{
	static struct program program;
	const struct lack *lack;
	struct why why;

	if (program_file_load_or_lack(path, &program, &lack, &why))
		return check_file(o, &program, path, tally);
	if (lack) {
		skip_file(o, lack, path, tally);
		return EXIT_CLEAN;
	}
	notice("%s", why.text);
	check_case_add_unread(o->cases, path);
	return (int)why.status;
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

static void must_write_junit(const struct check_cases *c, const char *path)
{
	struct why why;

	if (!check_write_junit(c, path, &why))
		quit_why(&why);
}

int command_check(int argc, char **argv)
{
	struct check_cases cases = {.since = clock_seconds()};
	struct check_options o = {.runs = RUNS_DEFAULT, .cases = &cases};
	struct tally tally = {0};
	struct file_list files;
	int bad = EXIT_CLEAN;
	size_t done;

	files = cli_files(cli_parse(&syntax, argc, argv, &o));
	if (o.json && o.ktap)
		quit_usage("--json and --ktap both want standard output");
	interrupt_catch();
	for (done = 0; done < files.nr && !interrupt_seen(); done++)
		bad = worse(bad, check_path(&o, files.path[done], &tally));
	if (is_text(&o))
		print_tally(done, &tally);
	if (o.ktap)
		check_print_ktap(&cases);
	if (o.junit)
		must_write_junit(&cases, o.junit);
	check_cases_free(&cases);
	if (interrupt_seen()) {
		fprintf(stderr, "interrupted: %zu of %zu files were checked\n", done, files.nr);
		return EXIT_INTERRUPTED;
	}
	return bad ? bad : tally.failed ? EXIT_FINDING : EXIT_CLEAN;
}
