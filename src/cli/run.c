/*
 * run.c - bondfuzz run: replay programs, or search with a strategy, and print the letter.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "cli/options.h"
#include "format/visible.h"
#include "search/failures.h"
#include "search/search.h"
#include "format/json.h"
#include "search/hang.h"
#include "search/minimize.h"

#define RUNS_DEFAULT 20000
#define LINES_LEAST 16 /* of a letter: what stands around the columns takes half of it */

struct run_options {
	const struct subject *subject;
	const struct strategy *strategy;
	const char *until;
	const char *defect;
	const char *save;
	uint64_t seed, runs, repeat, trials, lines, failures;
	struct exec_how how;
	bool json, no_failures, quiet, all, blame;
	enum explain_format format;
};

static void take_format(const struct cli_option *option, void *options, const char *name)
{
	static const char *const names[] = {"text", "md", "html"};
	struct run_options *o = options;
	unsigned i = 0;

	while (i < 3 && strcmp(name, names[i]) != 0)
		i++;
	if (i == 3)
		quit_usage("--format is text, md or html, not '%.40s'", name);
	o->format = (enum explain_format)i;
}

static const struct cli_option options[] = {
	{"subject", 's', "NAME", "use this subject instead of the file's own",
	 CLI_SUBJECT(run_options, subject)},
	{"strategy", 'S', "NAME", "search with this strategy; the file's schedule is discarded",
	 CLI_STRATEGY(run_options, strategy)},
	{"seed", 'n', "N", "seed of the first run (default 1); each next run uses the next seed",
	 CLI_NUMBER(run_options, seed, 0, UINT64_MAX)},
	{"runs", 0, "N", "with --strategy: the maximum number of runs (default 20000)",
	 CLI_NUMBER(run_options, runs, 1, UINT64_MAX)},
	{"until", 0, "VERDICT[:OBJECT]",
	 "ignore other verdicts (default: the one that the file expects, else any)",
	 CLI_VERDICT(run_options, until)},
	CLI_DEFECT(run_options, defect),
	{"no-failures", 0, NULL, "do not inject failures into allocations and device calls",
	 CLI_FLAG(run_options, no_failures)},
	{"failures", 0, "N",
	 "with --strategy search: vary what fails, up to N operations of the threads in an "
	 "execution, and end where all executions were seen",
	 CLI_NUMBER(run_options, failures, 1, FAILURES_MAX)},
	{"repeat", 0, "N", "run N times, and fail unless every run has the same trace",
	 CLI_NUMBER(run_options, repeat, 1, UINT64_MAX)},
	{"trials", 0, "N",
	 "with --strategy: N searches with independent seeds; print mean, median and maximum of "
	 "the runs to the verdict",
	 CLI_NUMBER(run_options, trials, 1, 100000)},
	{"save", 0, "DIR", "minimise the finding, and write it as a program into DIR",
	 CLI_WORD(run_options, save)},
	{"json", 0, NULL, "print one object per file on standard output",
	 CLI_FLAG(run_options, json)},
	{"quiet", 'q', NULL, "print only the summary line, no letter",
	 CLI_FLAG(run_options, quiet)},
	{"all", 0, NULL, "print every event in the letter, and full stacks",
	 CLI_FLAG(run_options, all)},
	{"lines", 0, "N", "the most lines of a letter (default 30)",
	 CLI_NUMBER(run_options, lines, LINES_LEAST, EVENTS_MAX)},
	{"blame", 0, NULL,
	 "print, for each step, how many alternative continuations also fail, and the step that "
	 "made the verdict inevitable",
	 CLI_FLAG(run_options, blame)},
	{"format", 0, "FORMAT",
	 "format of the letter: text (default), md (for a mail or a bug tracker) or html (a "
	 "self-contained page)",
	 CLI_OWN(take_format)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz run",
	.options = options,
	.words = "FILE-OR-FOLDER...",
	.help = "Replay programs with their own schedule, or search for a failing schedule with "
		"--strategy. Print a letter: the failing run in columns, one per thread."};

static void put_option(struct text *t, const char *option, const char *word)
{
	text_putf(t, " %s ", option);
	text_put_shell(t, word);
}

static void replay_line(const struct run_options *o, const char *file, const struct search *s,
			char *ret, size_t cap)
{
	struct text t = text_init(ret, cap);

	text_put_shell(&t, program_invocation_name);
	text_puts(&t, file[0] == '-' ? " run ./" : " run ");
	text_put_shell(&t, file);
	if (o->subject)
		put_option(&t, "--subject", o->subject->descriptor->name);
	if (o->defect)
		put_option(&t, "--defect", o->defect);
	platform_put(&t, &o->how.strength);
	if (o->until)
		put_option(&t, "--until", o->until);
	if (o->no_failures)
		text_puts(&t, " --no-failures");
	if (s)
		text_putf(&t, " --strategy %s --seed %llu --runs 1", s->by->name,
			  (unsigned long long)s->by_seed);
}

/* The last run: that of the file's schedule, or the one that a search has found. */
static struct explain_run how_to_tell(const struct run_options *o, const struct search *s,
				      const char *replay)
{
	return (struct explain_run){.replay = replay,
				    .how = &o->how,
				    .strategy = s ? s->by : NULL,
				    .seed = s ? s->by_seed : 0,
				    .lines = (unsigned)o->lines,
				    .all = o->all};
}

/* The same keys in every row, whatever was found. */
static void put_letter_keys(json_t *row, const struct run_options *o, struct exec *x,
			    const struct search *s, bool found)
{
	struct explain_run how = how_to_tell(o, s, NULL);

	if (found) {
		explain_letter_json(row, x, &how);
	} else {
		json_object_set_new(row, "pivot", json_null());
		json_object_set_new(row, "events", json_array());
	}
	if (o->blame && found)
		explain_blame_json(row, x, &how);
}

/* A schedule that is not reached says nothing of the code, unless the verdict comes all the same. */
static const char *outcome_of(const struct exec *x, bool found, bool other)
{
	if (found)
		return "found";
	if (exec_stale(x))
		return "stale";
	return other ? "other" : "clean";
}

static void put_result(const struct run_options *o, struct exec *x, const char *file,
		       const struct search *s, bool found, double seconds)
{
	bool other = !s && !found && x->trace.verdict.rule;
	json_t *row = json_object();

	json_object_set_new(row, "file", json_text(file));
	json_object_set_new(row, "subject", json_string(x->subject->descriptor->name));
	json_object_set_new(row, "strategy", json_string(s ? s->strategy->name : "file"));
	json_object_set_new(row, "seed",
			    json_integer((json_int_t)(s ? s->seed : x->program->seed)));
	json_object_set_new(row, "runs", json_integer(s ? (json_int_t)s->runs : 1));
	json_object_set_new(row, "first",
			    s	    ? s->first ? json_integer((json_int_t)s->first) : json_null()
				  : found ? json_integer(1)
				    : json_null());
	explain_verdict_json(row, x);
	json_object_set_new(row, "stale", json_integer(exec_stale(x)));
	json_object_set_new(row, "outcome", json_string(outcome_of(x, found, other)));
	json_object_set_new(row, "steps_per_run", json_real((double)x->steps / (double)x->runs));
	json_object_set_new(row, "complete", json_boolean(s && s->trees.complete));
	json_put_count(row, "executions", s ? trees_counts(&s->trees).executions : 0);
	json_object_set_new(row, "others", json_integer(s ? (json_int_t)s->others : other));
	json_put_text(row, "defect", o->defect);
	json_object_set_new(row, "seconds", json_real(seconds));
	explain_ops_json(row, x);
	put_letter_keys(row, o, x, s, found && !o->quiet);
	json_print(row);
}

static void put_summary(FILE *f, struct exec *x, const char *file, const struct search *s,
			bool found, double seconds, const char *until)
{
	const struct verdict *v = &x->trace.verdict;
	char certificate[256];
	struct text t = text_init(certificate, sizeof(certificate));

	fprintf(f, "%s: %s on %s", visible(file), v->rule ? rule_name(v->rule) : "clean",
		x->subject->descriptor->name);
	if (v->rule && v->object[0])
		fprintf(f, " (%s)", v->object);
	if (s)
		fprintf(f, ", %s seed %llu, %llu runs", s->strategy->name,
			(unsigned long long)s->seed, (unsigned long long)s->runs);
	fprintf(f, ", %u visible operations, %.2f s\n", x->trace.steps, seconds);
	if (s && (s->trees.complete || s->failures_max)) {
		search_certify(s, &t);
		fprintf(f, "  %s\n", certificate);
	}
	if (s && s->others)
		fprintf(f, "  %llu runs had another verdict\n", (unsigned long long)s->others);
	else if (!found && v->rule)
		fprintf(f, "  --until asks for another verdict: %s\n", until);
	if (exec_stale(x))
		fprintf(f,
			"  %u anchor%s of its schedule not reached: the schedule is stale; try "
			"bondfuzz repair\n",
			exec_stale(x), exec_stale(x) == 1 ? " is" : "s are");
}

/*
 * The found run as a readable program: recorded, minimised, then run once more for the letter.
 *
 * Returns: false when the run is too long to be written down, and stays a seed.
 */
static bool make_readable(const struct run_options *o, struct exec *x, struct search *s,
			  struct program *readable)
{
	bool whole = exec_record(x, &o->how, s ? s->by : NULL, s ? s->by_seed : 0, readable);

	if (whole)
		exec_minimize(x, &o->how, readable, MINIMIZE_REPLAYS);
	else
		exec_run(x, &o->how, s ? s->by : NULL, s ? s->by_seed : 0);
	return whole;
}

static int save_finding(const struct run_options *o, const struct exec *x, struct program *readable)
{
	char path[4096];
	struct why why;

	if (!program_file_save(o->save, readable, x->subject, o->defect, &o->how, &x->trace.verdict,
			       path, sizeof(path), &why)) {
		notice("%s", why.text);
		return (int)why.status;
	}
	fprintf(stderr, "saved as %s\n", visible(path));
	return EXIT_FINDING;
}

/* The last run, again and again. */
static bool repeat_runs(const struct run_options *o, struct exec *x, const struct search *s)
{
	uint64_t hash = trace_hash(&x->trace);

	if (s && search_explored(s))
		return true; /* nothing was found, and the tree is gone */
	for (uint64_t i = 1; i < o->repeat && !interrupt_seen(); i++) {
		exec_run(x, &o->how, s ? s->by : NULL, s ? s->by_seed : 0);
		if (trace_hash(&x->trace) == hash)
			continue;
		fprintf(stderr, "[harness bug] run %llu gave another trace\n",
			(unsigned long long)i + 1);
		return false;
	}
	return true;
}

/* How many runs does it take? A trial that finds nothing counts with all its runs. */
static int run_trials(const struct run_options *o, struct exec *x, const char *file)
{
	uint64_t *first = calloc(o->trials, sizeof(*first));
	uint64_t found = 0, done = 0;
	double start = clock_seconds(), steps;
	struct cli_spread spread;
	json_t *row;

	must(first);
	for (uint64_t i = 0; i < o->trials && !interrupt_seen(); i++, done++) {
		struct search s = {.strategy = o->strategy,
				   .seed = o->seed + i * TRIAL_SEEDS,
				   .runs_max = o->runs,
				   .failures_max = (unsigned)o->failures,
				   .stop = interrupt_seen};

		search_run(x, &o->how, &s);
		first[i] = s.first ? s.first : s.runs;
		found += s.first != 0;
	}
	spread = cli_spread(first, done);
	free(first);
	steps = (double)x->steps / (double)x->runs;
	if (!o->json) {
		printf("%s: %s on %s, %s: found in %llu of %llu trials, runs to it: mean %.1f "
		       "(upper 95 %% bound %.1f) median "
		       "%llu most %llu; %.1f visible operations a run\n",
		       visible(file), o->how.until ? o->how.until : "any",
		       x->subject->descriptor->name, o->strategy->name, (unsigned long long)found,
		       (unsigned long long)done, spread.mean, spread.bound,
		       (unsigned long long)spread.median, (unsigned long long)spread.max, steps);
		return found ? EXIT_FINDING : EXIT_CLEAN;
	}
	row = json_object();
	json_object_set_new(row, "file", json_text(file));
	json_object_set_new(row, "subject", json_string(x->subject->descriptor->name));
	json_object_set_new(row, "strategy", json_string(o->strategy->name));
	json_object_set_new(row, "until", json_string(o->how.until ? o->how.until : "any"));
	json_put_count(row, "seed", o->seed);
	json_put_count(row, "trials", done);
	json_put_count(row, "found", found);
	json_object_set_new(row, "mean", json_real(spread.mean));
	json_object_set_new(row, "bound", json_real(spread.bound));
	json_put_count(row, "median", spread.median);
	json_put_count(row, "max", spread.max);
	json_object_set_new(row, "steps_per_run", json_real(steps));
	json_object_set_new(row, "seconds", json_real(clock_seconds() - start));
	json_print(row);
	return found ? EXIT_FINDING : EXIT_CLEAN;
}

/* Returns: EXIT_CLEAN; with a message another status, when @file cannot be run. @o: gets what it expects as until. */
static int prepare(struct run_options *o, struct exec *x, const char *file, struct program *program)
{
	const struct subject *subject;
	const char *on;
	int status = cli_load_program(file, program);

	if (status)
		return status;
	subject = cli_subject_of(file, program, o->subject);
	if (!subject)
		return EXIT_USAGE;
	on = o->defect ? o->defect : subject->descriptor->name;
	o->how.no_failures = o->no_failures;
	o->how.until = o->until ? o->until : cli_expected(program, on);
	sim_forget_race_points();
	x->runs = x->steps = 0;
	exec_prepare(x, program, subject, o->strategy || program->strategy ? &o->how : NULL);
	return EXIT_CLEAN;
}

static int run_file(const void *options, const char *file)
{
	struct run_options copy = *(const struct run_options *)options, *o = &copy;
	static struct program program, readable;
	struct exec *x = exec_process();
	struct search search = {.strategy = o->strategy,
				.seed = o->seed,
				.runs_max = o->runs,
				.failures_max = (unsigned)o->failures,
				.stop = interrupt_seen};
	struct search *s = o->strategy ? &search : NULL;
	double start = clock_seconds();
	static char replay[32768]; /* a path, each byte quoted, and the options */
	bool found, whole = true, slow = false;
	int status;

	if ((status = prepare(o, x, file, &program)))
		return status;
	if (s && o->trials)
		return run_trials(o, x, file);
	if (s)
		search_run(x, &o->how, s);
	else
		exec_run(x, &o->how, NULL, 0);
	found = s ? s->first
		  : x->trace.verdict.rule &&
				(!o->how.until || verdict_matches(&x->trace.verdict, o->how.until));
	if (x->trace.verdict.rule == RULE_hang && found) {
		slow = !hang_again(x, &o->how, search.by, search.by_seed);
		found = !slow;
		o->how = hang_how(&o->how);
	}
	if (!(s && !s->runs) && !repeat_runs(o, x, s))
		return EXIT_HARNESS;
	if (slow)
		x->trace.verdict.rule = RULE_NONE;
	if (s && !s->first)
		x->trace.verdict.rule = RULE_NONE;
	if (o->json)
		put_result(o, x, file, s, found, clock_seconds() - start);
	else
		put_summary(o->format == FORMAT_TEXT ? stdout : stderr, x, file, s, found,
			    clock_seconds() - start, o->how.until);
	if (!found)
		return EXIT_CLEAN;
	if ((o->json || o->quiet) && !o->save)
		return EXIT_FINDING; /* who sees no letter needs no short run for it */
	replay_line(o, file, s, replay, sizeof(replay));
	if (s)
		whole = make_readable(o, x, s, &readable);
	else
		readable = program;
	if (!o->json && !o->quiet) {
		struct explain_run how = how_to_tell(o, whole ? NULL : s, replay);

		explain_print(stdout, x, &how, o->format, o->blame);
	}
	return o->save ? save_finding(o, x, &readable) : EXIT_FINDING;
}

int command_run(int argc, char **argv)
{
	struct run_options o = {
		.seed = 1, .runs = RUNS_DEFAULT, .repeat = 1, .lines = LETTER_LINES};
	struct file_list files;

	files = cli_files(cli_parse_platform(&syntax, argc, argv, &o, &o.how.strength));
	if (o.trials && !o.strategy)
		quit_usage("--trials are searches: give --strategy");
	if (o.failures && o.strategy != &strategy_search)
		quit_usage(
			"--failures goes with --strategy search: no other tries all that can fail");
	if (o.failures && o.no_failures)
		quit_usage("--failures and --no-failures contradict each other");
	cli_defect(o.defect);
	return cli_each_file(files, run_file, &o);
}
