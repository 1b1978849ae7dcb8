/*
 * minimize.c - bondfuzz minimize: a failing program made small.
 *
 * First all that takes no time: cuts, and what schedules a few thousand runs reach. Then the proof, or
 * a better schedule: every schedule with fewer changes of lane, as long as the user lets it. An
 * interrupt ends either, and what is best so far is written.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"
#include "format/visible.h"
#include "search/search.h"
#include "format/json.h"
#include "search/minimize.h"

#define RUNS_DEFAULT 20000
#define QUICK 4000	 /* replays, and schedules */
#define PROOF_DEFAULT 10 /* seconds */

struct minimize_options {
	struct exec_how how;
	const struct subject *subject;
	const char *until, *defect, *output;
	uint64_t seconds, runs;
	bool json, quiet;
	const char *file;
};

static const struct cli_option options[] = {
	{"output", 'o', "FILE", "write the program to FILE (default and '-': standard output)",
	 CLI_WORD(minimize_options, output)},
	{"subject", 's', "NAME", "use this subject instead of the file's own",
	 CLI_SUBJECT(minimize_options, subject)},
	{"until", 0, "VERDICT[:OBJECT]",
	 "the verdict to preserve (default: the one that the file expects, else the first one "
	 "seen)",
	 CLI_VERDICT(minimize_options, until)},
	CLI_DEFECT(minimize_options, defect),
	{"runs", 0, "N",
	 "the maximum number of runs of the search, if the file's own schedule does not fail "
	 "(default 20000)",
	 CLI_NUMBER(minimize_options, runs, 1, UINT64_MAX)},
	{"switches-proof", 0, "SECONDS",
	 "time limit for the proof that no schedule has fewer context switches (default 10; 0: "
	 "only a few thousand runs)",
	 CLI_NUMBER(minimize_options, seconds, 0, 1000000000)},
	{"json", 0, NULL, "print one object on standard output, with the program in it",
	 CLI_FLAG(minimize_options, json)},
	{"quiet", 'q', NULL, "print neither summary nor progress",
	 CLI_FLAG(minimize_options, quiet)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz minimize",
	.options = options,
	.words = "FILE",
	.help = "Minimise a failing program while its signature stays the same: ops, threads, "
		"objects, failures, and finally the number of context switches. Exit status 1 with "
		"the minimised program, 0 if nothing fails.",
	.too_many = "one file at a time",
	.words_max = 1};

/* ---- while it goes on ---- */

static double deadline, shown;
static bool shows, is_shown;

static bool is_over(void)
{
	return interrupt_seen() || (deadline > 0 && clock_seconds() > deadline);
}

static void show_progress(uint64_t schedules, unsigned switches)
{
	double now;

	if (!shows || schedules % 256 || (now = clock_seconds()) - shown < 0.2)
		return;
	shown = now;
	is_shown = true;
	fprintf(stderr, "\r\033[K%llu schedules with at most %u context switches",
		(unsigned long long)schedules, switches);
}

static void clear_progress(void)
{
	if (is_shown)
		fputs("\r\033[K", stderr);
	is_shown = false;
}

/* ---- what there was, and what is left ---- */

struct size {
	unsigned ops, threads, switches;
};

static struct size size_of(const struct exec *x)
{
	return (struct size){x->program->ops_nr, (unsigned)__builtin_popcount(x->lanes),
			     x->choice.switches};
}

struct result {
	struct size before, after;
	struct minimize m;
	uint64_t searched; /* runs until it failed, 0: by its own schedule */
	uint64_t runs;	   /* since then */
	double quick, seconds;
};

static void put_summary(const struct minimize_options *o, const struct result *r,
			const struct exec *x)
{
	char signature[SIGNATURE_MAX];

	verdict_signature(&x->trace.verdict, signature, sizeof(signature));
	fprintf(stderr, "%s: %s\n", visible(o->file), visible(signature));
	if (r->searched)
		fprintf(stderr,
			"  its own schedule does not fail; the portfolio found a failure in %llu "
			"runs\n",
			(unsigned long long)r->searched);
	fprintf(stderr,
		"  %u ops, was %u; %u threads, was %u; %u context switches, was %u; %.2f s, of "
		"which %.2f s for the proof\n",
		r->after.ops, r->before.ops, r->after.threads, r->before.threads, r->after.switches,
		r->before.switches, r->seconds, r->seconds - r->quick);
	if (r->m.proved)
		fprintf(stderr, "  least: proved, by %llu schedules\n",
			(unsigned long long)r->m.schedules);
	else
		fprintf(stderr,
			"  not proved minimal: stopped after %llu schedules; none with fewer than "
			"%u switches fails\n",
			(unsigned long long)r->m.schedules, r->m.excluded);
}

static json_t *size_json(const struct size *s)
{
	return json_pack("{s:i,s:i,s:i}", "ops", (int)s->ops, "threads", (int)s->threads,
			 "switches", (int)s->switches);
}

static void put_json(const struct minimize_options *o, const struct result *r, const struct exec *x)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));
	json_t *row = json_object();

	program_print(x->program, &t);
	json_object_set_new(row, "file", json_text(o->file));
	json_object_set_new(row, "subject", json_string(x->subject->descriptor->name));
	json_put_text(row, "defect", o->defect);
	explain_verdict_json(row, x);
	json_object_set_new(row, "before", size_json(&r->before));
	json_object_set_new(row, "after", size_json(&r->after));
	json_put_count(row, "searched", r->searched);
	json_put_count(row, "runs", r->runs);
	json_object_set_new(row, "proved", json_boolean(r->m.proved));
	json_put_count(row, "schedules", r->m.schedules);
	json_put_count(row, "excluded", r->m.excluded);
	json_object_set_new(row, "quick", json_real(r->quick));
	json_object_set_new(row, "seconds", json_real(r->seconds));
	json_object_set_new(row, "program", json_text(t.data));
	json_print(row);
}

/* Returns: the exit status of a file that cannot be written, else EXIT_CLEAN */
static int put_program(const struct minimize_options *o, const struct program *p)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	if (o->output)
		return cli_write_program(o->output, p, true);
	program_print(p, &t);
	if (!o->json)
		fwrite(t.data, 1, t.len, stdout);
	return EXIT_CLEAN;
}

/* ---- the command ---- */

static bool fails(const struct minimize_options *o, const struct exec *x)
{
	return x->trace.verdict.rule &&
	       (!o->how.until || verdict_matches(&x->trace.verdict, o->how.until));
}

/* A failing run of @program, written down; else NULL, with a message. */
static struct program *failing(const struct minimize_options *o, struct exec *x,
			       struct program *program, struct result *r)
{
	static struct program written;
	struct search s = {.strategy = &strategy_search,
			   .seed = 1,
			   .runs_max = o->runs,
			   .stop = interrupt_seen};
	bool own;

	exec_run(x, &o->how, NULL, 0);
	own = fails(o, x);
	if (!own) {
		exec_prepare(x, program, x->subject, &o->how);
		search_run(x, &o->how, &s);
		r->searched = s.runs;
	}
	if (!own && !s.first) {
		fprintf(stderr,
			"%s: nothing fails, neither with its own schedule nor in %llu runs\n",
			o->file, (unsigned long long)s.runs);
		return NULL;
	}
	r->before = size_of(x);
	if (exec_record(x, &o->how, own ? NULL : s.by, own ? 0 : s.by_seed, &written))
		return &written;
	fprintf(stderr,
		"%s: the failing run cannot be recorded as a schedule: too many context switches, "
		"or switches at plain accesses\n",
		o->file);
	return NULL;
}

static void prove(const struct minimize_options *o, struct exec *x, struct program *p,
		  struct result *r)
{
	if (r->m.proved || !o->seconds || interrupt_seen())
		return;
	deadline = clock_seconds() + (double)o->seconds;
	r->m.schedules_max = UINT64_MAX;
	exec_minimize_with(x, &o->how, p, &r->m);
}

static int minimize(const struct minimize_options *o, struct exec *x, struct program *program)
{
	struct result r = {.m = {.replays_max = QUICK,
				 .schedules_max = QUICK,
				 .stop = is_over,
				 .progress = show_progress}};
	struct program *p = failing(o, x, program, &r);
	double start = clock_seconds();
	uint64_t runs = x->runs;
	int status;

	if (!p)
		return interrupt_seen() ? EXIT_INTERRUPTED : EXIT_CLEAN;
	exec_minimize_with(x, &o->how, p, &r.m);
	r.quick = clock_seconds() - start;
	prove(o, x, p, &r);
	clear_progress();
	r.seconds = clock_seconds() - start;
	r.runs = x->runs - runs;
	r.after = size_of(x);
	program_file_describe(p, x->subject, o->defect, &o->how, &x->trace.verdict);
	status = put_program(o, p);
	if (status)
		return status;
	if (o->json)
		put_json(o, &r, x);
	else if (!o->quiet)
		put_summary(o, &r, x);
	return EXIT_FINDING;
}

int command_minimize(int argc, char **argv)
{
	static struct program program;
	struct minimize_options o = {.seconds = PROOF_DEFAULT, .runs = RUNS_DEFAULT};
	struct exec *x = exec_process();
	const struct subject *subject;
	struct cli_words words;
	int status;

	words = cli_parse_platform(&syntax, argc, argv, &o, &o.how.strength);
	if (!words.nr)
		quit_usage("no file given: name a program (*.bond)");
	o.file = words.word[0];
	if (o.output && strcmp(o.output, "-") == 0)
		o.output = NULL;
	cli_defect(o.defect);
	if ((status = cli_load_program(o.file, &program)))
		return status;
	subject = cli_subject_of(o.file, &program, o.subject);
	if (!subject)
		return EXIT_USAGE;
	interrupt_catch();
	shows = !o.quiet && isatty(STDERR_FILENO);
	o.how.until =
		o.until ? o.until
			: cli_expected(&program, o.defect ? o.defect : subject->descriptor->name);
	exec_prepare(x, &program, subject, program.strategy ? &o.how : NULL);
	return minimize(&o, x, &program);
}
