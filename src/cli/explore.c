/*
 * explore.c - bondfuzz explore: all schedules of small programs, and what they show.
 *
 * A certificate for a small scope, no search: it ends when everything was seen, and says so. What
 * was seen when it is interrupted, or has used up its runs or its time, is told all the same.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"
#include "cli/options.h"
#include "format/json.h"
#include "format/visible.h"
#include "search/explore.h"
#include "search/failures.h"

struct explore_options {
	struct sim_strength strength;
	const struct subject *subject;
	const struct strategy *strategy;
	const char *defect, *until, *save;
	uint64_t bound, runs, seconds, failures, jobs;
	bool json, quiet;
};

static void take_strategy(const struct cli_option *option, void *options, const char *name)
{
	struct explore_options *o = options;

	if (strcmp(name, strategy_dpor.name) != 0 && strcmp(name, strategy_exhaust.name) != 0)
		quit_usage("--strategy is dpor or exhaust, not '%.40s'", name);
	o->strategy = strcmp(name, strategy_dpor.name) ? &strategy_exhaust : &strategy_dpor;
}

static const struct cli_option options[] = {
	{"subject", 's', "NAME", "use this subject instead of the file's own",
	 CLI_SUBJECT(explore_options, subject)},
	{"strategy", 'S', "NAME",
	 "dpor (default): one schedule of each equivalence class; exhaust (default with --memory "
	 "weak): every schedule",
	 CLI_OWN(take_strategy)},
	{"bound", 0, "N", "with exhaust: the maximum number of preemptions (default: no bound)",
	 CLI_NUMBER(explore_options, bound, 0, STEPS_MAX)},
	{"failures", 0, "N",
	 "let up to N operations of the threads fail in each execution: allocations, device calls, "
	 "waits that a signal or a timeout ends (default 0)",
	 CLI_NUMBER(explore_options, failures, 0, FAILURES_MAX)},
	{"runs", 0, "N", "the maximum number of runs per program",
	 CLI_NUMBER(explore_options, runs, 1, UINT64_MAX)},
	{"time", 0, "SECONDS", "the time limit per program",
	 CLI_NUMBER(explore_options, seconds, 1, 1000000000)},
	{"until", 0, "VERDICT[:OBJECT]",
	 "of the non-fatal verdicts, only this one stops a run (default: each, once)",
	 CLI_VERDICT(explore_options, until)},
	CLI_DEFECT(explore_options, defect),
	{"save", 0, "DIR", "write a program for each verdict into DIR",
	 CLI_WORD(explore_options, save)},
	{"jobs", 'j', "N", "number of processes, a program each (default: one per processor)",
	 CLI_NUMBER(explore_options, jobs, 1, 1000)},
	{"json", 0, NULL, "print one object per file on standard output",
	 CLI_FLAG(explore_options, json)},
	{"quiet", 'q', NULL, "do not print the progress", CLI_FLAG(explore_options, quiet)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz explore",
	.options = options,
	.platform_only = "unlock memory",
	.words = "FILE-OR-FOLDER...",
	.help = "Run every schedule of programs (their own is discarded), and print the number of "
		"schedules and their verdicts."};

/* ---- while it goes on ---- */

struct exploration {
	const struct explore_options *o;
	struct exec_how how;
	const char *file;
	struct explore explore;
	double start, shown;
	bool shows; /* standard error is a terminal: it is asked once, not in every run */
	bool is_shown;
	char saved[EXPLORE_FINDINGS_MAX][512]; /* "": it is not */
	int save_status;		       /* of a finding that was not saved; 0: each was */
};

static void clear_progress(struct exploration *e)
{
	if (e->is_shown)
		fputs("\r\033[K", stderr);
	e->is_shown = false;
}

static void show_progress(struct exploration *e, double now)
{
	const struct explore *p = &e->explore;
	double done = explorer_done(p->trees.explorer);

	fprintf(stderr, "\r\033[K%s: %llu executions, about %.1f %% of ", visible(e->file),
		(unsigned long long)trees_counts(&p->trees).executions, 100 * done);
	if (p->trees.failures_max)
		fprintf(stderr, "set %u of failures", p->trees.nr);
	else
		fprintf(stderr, "all");
	if (done > 0 && !p->trees.failures_max)
		fprintf(stderr, ", %.0f s to go", (now - e->start) * (1 - done) / done);
	e->shown = now;
	e->is_shown = true;
}

static bool stop(void *arg)
{
	struct exploration *e = arg;
	double now;

	if (interrupt_seen())
		return true;
	now = clock_seconds();
	if (e->shows && now - e->shown > 0.5)
		show_progress(e, now);
	return e->o->seconds && now - e->start > (double)e->o->seconds;
}

static void found(void *arg, const struct explore_finding *f, struct program *readable, bool whole)
{
	struct exploration *e = arg;
	char *path = e->saved[e->explore.findings_nr - 1];
	struct why why;

	clear_progress(e);
	if (!whole)
		fprintf(stderr, "%s: too long to be recorded\n", f->signature);
	else if (program_file_save(e->o->save, readable, exec_process()->subject, e->o->defect,
				   &e->how, &f->verdict, path, sizeof(e->saved[0]), &why)) {
		fprintf(stderr, "saved as %s\n", visible(path));
	} else {
		notice("%s", why.text);
		e->save_status = (int)why.status;
	}
}

/* ---- what it showed ---- */

static json_t *verdicts(const struct exploration *e)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < e->explore.findings_nr; i++) {
		const struct explore_finding *f = &e->explore.finding[i];
		json_t *row = json_object();

		json_object_set_new(row, "signature", json_string(f->signature));
		json_object_set_new(row, "verdict", json_string(rule_name(f->verdict.rule)));
		json_object_set_new(row, "object", json_string(f->verdict.object));
		json_put_count(row, "first", f->executions);
		json_put_count(row, "times", f->times);
		json_put_text(row, "saved", e->saved[i]);
		json_array_append_new(all, row);
	}
	return all;
}

static void put_result(const struct exploration *e, double seconds)
{
	const struct explore *p = &e->explore;
	struct explore_counts n = trees_counts(&p->trees);
	json_t *row = json_object();

	json_object_set_new(row, "file", json_text(e->file));
	json_object_set_new(row, "strategy", json_string(p->trees.strategy->name));
	json_put_count(row, "executions", n.executions);
	json_put_count(row, "blocked", n.blocked);
	json_put_count(row, "depth", n.depth);
	if (p->trees.failures_max)
		json_put_count(row, "sets_of_failures", p->trees.nr);
	json_object_set_new(row, "verdicts", verdicts(e));
	json_object_set_new(row, "complete", json_boolean(p->trees.complete));
	json_object_set_new(row, "seconds", json_real(seconds));
	json_print(row);
}

static void put_summary(const struct exploration *e, const struct exec *x, double seconds)
{
	const struct explore *p = &e->explore;
	struct explore_counts n = trees_counts(&p->trees);

	printf("%s: %s on %s, %s: %llu executions, %llu blocked, depth %u, ", visible(e->file),
	       p->findings_nr ? "verdicts" : "clean", x->subject->descriptor->name,
	       p->trees.strategy->name, (unsigned long long)n.executions,
	       (unsigned long long)n.blocked, n.depth);
	if (p->trees.failures_max)
		printf("%u sets of up to %u failures, ", p->trees.nr, p->trees.failures_max);
	printf("%s, %.2f s\n", p->trees.complete ? "complete" : "not complete", seconds);
	for (unsigned i = 0; i < p->findings_nr; i++)
		printf("  %s (%s), first in execution %llu, %llu times\n", p->finding[i].signature,
		       p->finding[i].verdict.object, (unsigned long long)p->finding[i].executions,
		       (unsigned long long)p->finding[i].times);
	if (p->findings_full)
		puts("  and others: there are more than are kept");
}

/* ---- a file ---- */

static int explore_file(const void *options, const char *file)
{
	const struct explore_options *o = options;
	static struct exploration e;
	static struct program program;
	struct exec *x = exec_process();
	const struct subject *subject;
	double seconds;
	int status;

	if ((status = cli_load_program(file, &program)))
		return status;
	subject = cli_subject_of(file, &program, o->subject);
	if (!subject)
		return EXIT_USAGE;
	e = (struct exploration){.o = o,
				 .how = {.strength = o->strength, .until = o->until},
				 .file = file,
				 .shows = !o->quiet && isatty(STDERR_FILENO),
				 .start = clock_seconds()};
	e.explore = (struct explore){
		.trees = {.strategy = o->strategy,
			  .preemptions_max = (uint32_t)o->bound,
			  .failures_max = (unsigned)o->failures},
		.runs_max = o->runs,
		.survive = true,
		.stop = stop,
		.found = o->save ? found : NULL,
		.arg = &e,
	};
	exec_prepare(x, &program, subject, NULL);
	exec_explore(x, &e.how, &e.explore);
	seconds = clock_seconds() - e.start;
	clear_progress(&e);
	if (o->json)
		put_result(&e, seconds);
	else
		put_summary(&e, x, seconds);
	if (e.save_status)
		return e.save_status;
	return e.explore.findings_nr ? EXIT_FINDING : EXIT_CLEAN;
}

/* dpor does not know which orders of late stores are equal, and no schedule file can say which came late. */
static void settle_strategy(struct explore_options *o)
{
	if (o->strength.weak && o->strategy == &strategy_dpor)
		quit_usage("--memory weak goes with --strategy exhaust only");
	if (o->strength.weak && o->save)
		quit_usage("--save does not go with --memory weak: a schedule cannot say which "
			   "store was late");
	if (!o->strategy)
		o->strategy = o->strength.weak ? &strategy_exhaust : &strategy_dpor;
}

int command_explore(int argc, char **argv)
{
	struct explore_options o = {.bound = EXPLORE_UNBOUNDED,
				    .jobs = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN)};
	struct file_list files;

	files = cli_files(cli_parse_platform(&syntax, argc, argv, &o, &o.strength));
	settle_strategy(&o);
	if (o.bound != EXPLORE_UNBOUNDED && o.strategy != &strategy_exhaust)
		quit_usage("--bound goes with --strategy exhaust: equal schedules have different "
			   "preemptions");
	cli_defect(o.defect);
	if (o.jobs > 1 && files.nr > 1)
		o.quiet = true; /* one line of progress is for one program */
	return cli_each_file_at_once(files, explore_file, &o, (unsigned)o.jobs);
}
