/*
 * check.c - bondfuzz check: the regression corpus. Every expect line of every file is tried: clean
 * where clean is promised, the verdict where it is, and on clean subjects also many other schedules.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "zoo/defect.h"

#define RUNS_DEFAULT 2000

struct check_options {
	uint64_t runs;
	bool json;
	char **file;
	int files_nr;
};

struct tally {
	unsigned passed, failed, skipped;
};

enum { KEY_RUNS = 256, KEY_JSON };

static const struct argp_option options[] = {
	{"runs", KEY_RUNS, "N", 0,
	 "portfolio runs of each program that a clean subject must stand "
	 "besides its own schedule (default 2000)",
	 0},
	{"json", KEY_JSON, NULL, 0, "one object an expect line on standard output", 0},
	{0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct check_options *o = state->input;

	switch (key) {
	case KEY_RUNS:
		o->runs = cli_number("--runs", arg, 0, UINT64_MAX);
		break;
	case KEY_JSON:
		o->json = true;
		break;
	case ARGP_KEY_ARGS:
		o->file = state->argv + state->next;
		o->files_nr = state->argc - state->next;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	options,
	parse_option,
	"FILE-OR-FOLDER...",
	"Try every expect line of programs. Lines about defects are tried in "
	"zoo builds and counted as skipped elsewhere.",
	NULL,
	NULL,
	NULL};

static void report(const struct check_options *o, const struct exec *x, const char *file,
		   const char *on, const char *wanted, bool ok, const char *why)
{
	json_t *row;

	if (!o->json) {
		if (!ok)
			printf("FAILED %s: on %s expected %s, got %s%s%s%s%s\n", file, on, wanted,
			       x->trace.verdict.rule[0] ? x->trace.verdict.rule : "clean",
			       x->trace.verdict.object[0] && x->trace.verdict.rule[0] ? " " : "",
			       x->trace.verdict.rule[0] ? x->trace.verdict.object : "",
			       why[0] ? "; " : "", why);
		return;
	}
	row = json_object();
	json_object_set_new(row, "file", cli_json_text(file));
	json_object_set_new(row, "on", json_string(on));
	json_object_set_new(row, "expected", json_string(wanted));
	cli_verdict_json(row, x);
	json_object_set_new(row, "stale", json_integer(exec_stale(x)));
	json_object_set_new(row, "ok", json_boolean(ok));
	json_object_set_new(row, "why", json_string(why));
	cli_put_json(row);
}

/* An expectation that cannot be tried: nothing has run. */
static void report_untried(const struct check_options *o, const char *file, const char *on,
			   const char *wanted, const char *why)
{
	json_t *row;

	if (!o->json) {
		printf("FAILED %s: %s%s%s\n", file, on, on[0] ? ": " : "", why);
		return;
	}
	row = json_object();
	json_object_set_new(row, "file", cli_json_text(file));
	json_object_set_new(row, "on", json_string(on));
	json_object_set_new(row, "expected", json_string(wanted));
	json_object_set_new(row, "verdict", json_null());
	json_object_set_new(row, "object", json_null());
	json_object_set_new(row, "signature", json_null());
	json_object_set_new(row, "trace_hash", json_null());
	json_object_set_new(row, "steps", json_integer(0));
	json_object_set_new(row, "stale", json_integer(0));
	json_object_set_new(row, "ok", json_false());
	json_object_set_new(row, "why", json_string(why));
	cli_put_json(row);
}

/* A clean subject is clean whatever the schedule. */
static bool stands_portfolio(struct exec *x, uint64_t runs)
{
	struct search s = {.strategy = strategy_find("portfolio"),
			   .seed = 1,
			   .runs_max = runs,
			   .stop = cli_stop};

	exec_search(x, &s);
	return !s.first;
}

/* Of a repair, clean is said of what it is about (x->until); and the table must say the same. */
static bool check_clean(struct exec *x, const struct check_options *o, const char **ret_why)
{
	if (x->until ? verdict_matches(&x->trace.verdict, x->until) : x->trace.verdict.rule[0])
		return false;
	if (x->subject->posted && !x->subject->about)
		return true;
	if (stands_portfolio(x, o->runs))
		return true;
	*ret_why = "under the portfolio";
	return false;
}

static void check_expect(const struct check_options *o, struct exec *x, const struct program *p,
			 const char *file, const struct program_expect *e, struct tally *tally)
{
	const char *on = program_name(p, e->on), *verdict = program_name(p, e->verdict);
	const struct subject *subject = subject_find(on[0] ? on : p->descriptor->name);
	const struct defect_row *row = NULL;
	const char *why = "";
	char wanted[128];
	bool ok;

	for (unsigned i = 0; !subject && (row = defect_row_at(i)); i++)
		if (strcmp(row->name, on) == 0)
			subject = subject_find(row->subject);
	snprintf(wanted, sizeof(wanted), "%s%s%s", verdict, e->object ? ":" : "",
		 program_name(p, e->object));
	if (!subject) {
		report_untried(o, file, on, wanted, "neither a subject nor a defect");
		tally->failed++;
		return;
	}
	if (subject->descriptor->ops != p->descriptor->ops) {
		report_untried(o, file, on, wanted, "this subject has other ops");
		tally->failed++;
		return;
	}
	if (!defect_enable(row ? row->name : NULL)) {
		tally->skipped++;
		return;
	}
	x->until = strcmp(verdict, "clean") ? wanted : subject->about;
	exec_prepare(x, p, subject, true);
	exec_run(x, NULL, 0);
	if (subject->about && subject->right != !strcmp(verdict, "clean")) {
		ok = false;
		why = "src/posted/fix.def predicts otherwise";
	} else if (strcmp(verdict, "clean") == 0) {
		ok = check_clean(x, o, &why);
	} else {
		ok = verdict_matches(&x->trace.verdict, wanted);
		if (ok && exec_stale(x)) {
			ok = false;
			why = "an anchor is stale";
		}
	}
	defect_enable(NULL);
	report(o, x, file, on[0] ? on : p->descriptor->name, wanted, ok, why);
	if (ok)
		tally->passed++;
	else
		tally->failed++;
}

int command_check(int argc, char **argv)
{
	static struct program program;
	struct check_options o = {.runs = RUNS_DEFAULT};
	struct tally tally = {0};
	struct file_list files;
	bool bad_text = false;

	argv[0] = "bondfuzz check";
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	files = cli_files(o.file, o.files_nr);
	cli_catch_interrupt();
	for (size_t i = 0; i < files.nr && !cli_stop(); i++) {
		if (!cli_load(files.path[i], &program)) {
			bad_text = true;
			continue;
		}
		if (!program.expects_nr) {
			report_untried(&o, files.path[i], "", "",
				       "no expect line: it checks nothing");
			tally.failed++;
		}
		sim_forget_lock_order();
		for (unsigned e = 0; e < program.expects_nr; e++)
			check_expect(&o, cli_exec(), &program, files.path[i], &program.expects[e],
				     &tally);
	}
	if (!o.json)
		printf("%zu files: %u passed, %u failed, %u skipped\n", files.nr, tally.passed,
		       tally.failed, tally.skipped);
	return bad_text ? EXIT_USAGE : tally.failed || cli_stop() ? EXIT_FINDING : EXIT_CLEAN;
}
