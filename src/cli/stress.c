/*
 * stress.c - bondfuzz stress: programs on real threads, for as long as there is time.
 *
 * Programs come from files, again and again, or are drawn. Each is given to a process of its own kind
 * (stress_child.c) for some runs with random delays. A program that showed something is told, kept,
 * handed to the simulator if that is wanted, and not run again; the rest goes on.
 *
 * What a clean campaign is worth depends on how much really overlapped, so the summary says that.
 */
#include "base/limits.h"
#include "campaign/stress.h"
#include "format/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"
#include "cli/options.h"
#include "trace/rule.h"

#define SHAPE_THREADS 4
#define SHAPE_OPS 14

static void take_generate(const struct cli_option *option, void *options, const char *number)
{
	struct stress_options *o = options;

	o->generate = true;
	o->programs = cli_number("--generate", number, 0, 1000000000);
}

static void take_confirm(const struct cli_option *option, void *options, const char *runs)
{
	struct stress_options *o = options;

	o->confirm_runs = runs ? cli_number("--confirm", runs, 1, 1000000000) : 100000;
}

static const struct cli_option option_table[] = {
	{"subject", 's', "NAME",
	 "use this subject (default: each program's own; with --generate: all clean ones)",
	 CLI_SUBJECT(stress_options, subject)},
	{"generate", 'g', "N", "generate N programs (0: without end) instead of reading files",
	 CLI_OWN(take_generate)},
	{"time", 't', "SECONDS", "time limit; files are run repeatedly",
	 CLI_NUMBER(stress_options, seconds, 1, 1000000000)},
	{"runs", 0, "N", "stop after N runs", CLI_NUMBER(stress_options, runs, 1, UINT64_MAX)},
	{"repeat", 0, "N", "consecutive runs of a program (default 20)",
	 CLI_NUMBER(stress_options, repeat, 1, 1000000000)},
	{"seed", 'n', "N", "seed of the delays and the generated programs (default 1)",
	 CLI_NUMBER(stress_options, seed, 0, UINT32_MAX)},
	CLI_DEFECT(stress_options, defect),
	{"out", 'o', "DIR",
	 "folder of the findings (default out/stress-SUBJECT; out/stress with programs of several)",
	 CLI_WORD(stress_options, out)},
	{"confirm", 0, "N",
	 "search for the same verdict in the simulator, up to N runs (default 100000)",
	 CLI_OWN_OPTIONAL(take_confirm)},
	{"stuck", 0, "SECONDS", "time limit of a run; longer is a deadlock (default 60)",
	 CLI_NUMBER(stress_options, stuck, 1, 100000)},
	{"json", 0, NULL, "print one object per finding, and a summary, on standard output",
	 CLI_FLAG(stress_options, json)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz stress",
	.options = option_table,
	.words = "[PROGRAM|FOLDER...]",
	.help = "Run programs on real threads, with random delays and without their schedules, "
		"under the sanitizer of this build."};

/* ---- one campaign ---- */

static struct {
	struct stress_options options;
	struct stress_child child;
	double start;
	uint64_t jobs, seed;
	uint64_t skipped; /* files that are known to show something */
	unsigned findings_nr;
	bool full; /* more findings than there is room for */
	struct stress_finding finding[FINDINGS_MAX];
} campaign;

static double elapsed(void)
{
	return clock_seconds() - campaign.start;
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void show_progress(void)
{
	const struct stress_board *b = campaign.child.board;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%.0f s  %llu runs  %llu programs  overlap %.0f %%  %u finding%s",
		elapsed(), (unsigned long long)b->runs_done, (unsigned long long)campaign.jobs,
		share(b->pairs_overlapped, b->pairs), campaign.findings_nr,
		campaign.findings_nr == 1 ? "" : "s");
	fflush(stderr);
}

static void clear_progress(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

/* ---- findings ---- */

static void put_finding(const struct stress_finding *f, const struct subject *subject)
{
	char signature[SIGNATURE_MAX];
	json_t *row = json_object();

	verdict_signature(&f->verdict, signature, sizeof(signature));
	json_object_set_new(row, "signature", json_string(signature));
	json_object_set_new(row, "verdict", json_string(rule_name(f->verdict.rule)));
	json_object_set_new(row, "object", json_string(f->verdict.object));
	json_object_set_new(row, "program", json_text(f->program));
	json_object_set_new(row, "subject", json_string(subject->descriptor->name));
	json_put_count(row, "seed", f->seed);
	json_put_count(row, "runs", f->runs);
	json_object_set_new(row, "seconds", json_real(f->seconds));
	json_object_set_new(row, "file", json_text(f->file));
	json_object_set_new(row, "confirmed",
			    f->confirm_runs ? json_boolean(f->confirmed) : json_null());
	json_put_count(row, "confirm_runs", f->confirm_runs);
	json_object_set_new(row, "replay", json_text(f->replay));
	json_print(row);
}

static void tell_confirmation(const struct stress_finding *f)
{
	if (f->confirmed)
		fprintf(stderr, "  the simulator shows it too, after %llu runs\n  %s\n",
			(unsigned long long)f->confirm_runs, f->replay);
	else
		fprintf(stderr, "  the simulator did not show it in %llu runs\n",
			(unsigned long long)f->confirm_runs);
}

static void tell_finding(const struct stress_finding *f, const struct subject *subject)
{
	char signature[SIGNATURE_MAX];

	clear_progress();
	verdict_signature(&f->verdict, signature, sizeof(signature));
	fprintf(stderr, "found %s after %llu runs, %.1f s: %s, seed %llu\n", signature,
		(unsigned long long)f->runs, f->seconds, f->file[0] ? f->file : f->program,
		(unsigned long long)f->seed);
	if (campaign.options.confirm_runs && !f->again)
		tell_confirmation(f);
	if (campaign.options.json)
		put_finding(f, subject);
}

static void take_finding(const char *name, const struct program *p, const struct subject *subject)
{
	const struct stress_child *c = &campaign.child;
	struct stress_finding *f = &campaign.finding[campaign.findings_nr];
	struct why why;

	if (campaign.findings_nr == FINDINGS_MAX) {
		campaign.full = true;
		return;
	}
	*f = (struct stress_finding){.verdict = c->verdict,
				     .program = name,
				     .seed = c->board->seed_now,
				     .runs = c->board->runs_done,
				     .seconds = elapsed()};
	campaign.findings_nr++;
	if (!stress_save(&campaign.options, p, f, c->report, &why))
		quit_why(&why);
	if (campaign.options.confirm_runs && !f->again)
		stress_confirm(&campaign.options, p, subject, f, c->report);
	stress_note(&campaign.options, f->runs, elapsed(), campaign.findings_nr);
	tell_finding(f, subject);
}

/* ---- programs ---- */

static bool time_left(void)
{
	const struct stress_options *o = &campaign.options;

	return !interrupt_seen() && !campaign.full &&
	       !(o->seconds && elapsed() >= (double)o->seconds) &&
	       !(o->runs && campaign.child.board->runs_done >= o->runs);
}

/* Returns: was it clean? */
static bool run_program(const char *name, const struct program *p, const struct subject *subject)
{
	const struct stress_options *o = &campaign.options;
	uint64_t runs = o->repeat, done = campaign.child.board->runs_done;
	struct program own = *p;
	enum stress_end end;

	if (o->runs && o->runs - done < runs)
		runs = o->runs - done;
	own.descriptor = subject->descriptor;
	end = stress_child_run(&campaign.child, &own, campaign.seed, runs);
	campaign.seed += runs;
	campaign.jobs += end != STRESS_STOPPED;
	if (end == STRESS_FOUND)
		take_finding(name, &own, subject);
	show_progress();
	return end != STRESS_FOUND;
}

/* A verdict that the file expects of its subject as it is; a sighting breaks nothing. */
static bool is_known(const struct program *p, const struct subject *subject)
{
	const char *expected = cli_expected(p, subject->descriptor->name);
	const struct rule_row *rule;

	if (!expected)
		return subject->posted;
	rule = rule_row(rule_of(expected));
	return !rule || !rule->allowed;
}

/* Returns: should the file be run again? */
static bool run_file(const char *path)
{
	static struct program program;
	const struct subject *subject;
	int status;

	if ((status = cli_load_program(path, &program)))
		exit(status);
	subject = cli_subject_of(path, &program, campaign.options.subject);
	if (!subject)
		exit(EXIT_USAGE);
	if (!campaign.options.subject && !campaign.options.defect && is_known(&program, subject)) {
		campaign.skipped++;
		return false;
	}
	return run_program(path, &program, subject);
}

static void run_files(struct cli_words words)
{
	const struct stress_options *o = &campaign.options;
	struct file_list list = cli_files(words);
	size_t left;

	do {
		left = 0;
		for (size_t i = 0; i < list.nr && time_left(); i++) {
			if (list.path[i] && !run_file(list.path[i]))
				list.path[i] = NULL;
			left += list.path[i] != NULL;
		}
	} while (left && (o->seconds || o->runs) && time_left());
}

static const struct subject *subject_of(uint64_t n)
{
	const struct subject *clean[SUBJECTS_MAX], *s;
	unsigned nr = 0;

	if (campaign.options.subject)
		return campaign.options.subject;
	for (unsigned i = 0; (s = subject_at(i)); i++)
		if (!s->posted && !s->about)
			clean[nr++] = s;
	must(nr);
	return clean[n % nr];
}

static void run_drawn(void)
{
	static const char *const strategies[] = {"portfolio", NULL};
	const struct program_shape shape = {.threads_min = 2,
					    .threads_max = SHAPE_THREADS,
					    .ops_min = 3,
					    .ops_max = SHAPE_OPS,
					    .strategies = strategies};
	const struct stress_options *o = &campaign.options;
	static struct program program;

	for (uint64_t n = 0; (!o->programs || n < o->programs) && time_left(); n++) {
		const struct subject *subject = subject_of(n);
		struct rng rng = rng_init(o->seed * TRIAL_SEEDS + n);

		program_generate(&program, subject->descriptor, &shape, &rng);
		run_program("generated", &program, subject);
	}
}

/* ---- the end ---- */

static void put_row(double seconds)
{
	const struct stress_board *b = campaign.child.board;
	json_t *row = json_object();

	json_object_set_new(row, "summary", json_true());
	json_object_set_new(row, "sanitizer",
			    sim_sanitizer() ? json_string(sim_sanitizer()) : json_null());
	json_put_count(row, "seed", campaign.options.seed);
	json_put_count(row, "programs", campaign.jobs);
	json_put_count(row, "skipped", campaign.skipped);
	json_put_count(row, "runs", b->runs_done);
	json_object_set_new(row, "seconds", json_real(seconds));
	json_put_count(row, "findings", campaign.findings_nr);
	json_put_count(row, "pairs", b->pairs);
	json_put_count(row, "pairs_overlapped", b->pairs_overlapped);
	json_put_count(row, "runs_overlapped", b->runs_overlapped);
	json_put_count(row, "notes", b->notes);
	json_put_count(row, "doubts", b->doubts);
	json_put_count(row, "reordered", b->reordered);
	json_put_count(row, "undecided", b->undecided);
	json_print(row);
}

static void put_summary(double seconds)
{
	const struct stress_board *b = campaign.child.board;
	const char *sanitizer = sim_sanitizer();

	clear_progress();
	if (campaign.options.json) {
		put_row(seconds);
		return;
	}
	printf("real threads, %s: %llu programs, %llu runs in %.1f s (%.0f a second), seed %llu, "
	       "%u finding%s\n",
	       sanitizer ? sanitizer : "no sanitizer", (unsigned long long)campaign.jobs,
	       (unsigned long long)b->runs_done, seconds,
	       seconds > 0 ? (double)b->runs_done / seconds : 0,
	       (unsigned long long)campaign.options.seed, campaign.findings_nr,
	       campaign.findings_nr == 1 ? "" : "s");
	printf("  overlap: %.1f %% of %llu pairs of ops, in %.1f %% of the runs\n",
	       share(b->pairs_overlapped, b->pairs), (unsigned long long)b->pairs,
	       share(b->runs_overlapped, b->runs_done));
	printf("  rules over %llu notes: %llu runs needed another order, %llu looks at a bench in "
	       "motion, %llu runs undecided\n",
	       (unsigned long long)b->notes, (unsigned long long)b->reordered,
	       (unsigned long long)b->doubts, (unsigned long long)b->undecided);
	if (campaign.skipped)
		printf("  %llu programs left out: their subject is known to fail them\n",
		       (unsigned long long)campaign.skipped);
	if (campaign.full)
		printf("  ended early: more than %d findings\n", FINDINGS_MAX);
}

/* As of fuzz, a subject has a folder of its own; two drivers of one working folder have two. */
static void name_out(struct stress_options *o)
{
	static char out[128];
	const struct subject *only = o->subject ? o->subject : subject_at(1) ? NULL : subject_at(0);

	if (o->out)
		return;
	snprintf(out, sizeof(out), only ? "out/stress-%s" : "out/stress",
		 only ? only->descriptor->name : "");
	o->out = out;
}

int command_stress(int argc, char **argv)
{
	struct stress_options *o = &campaign.options;
	struct cli_words words;
	struct why why;

	*o = (struct stress_options){.seed = 1, .repeat = 20, .stuck = 60};
	words = cli_parse(&syntax, argc, argv, o);
	name_out(o);
	if (o->generate == (words.nr != 0))
		quit_usage("no program given: name programs or folders, or use --generate");
	if (o->generate && !o->programs && !o->seconds && !o->runs)
		quit_usage("--generate 0 does not end: use --time or --runs");
	cli_defect(o->defect);
	if (!stress_lock(o, &why) || !stress_child_open(&campaign.child, o, &why))
		quit_why(&why);
	campaign.child.progress = show_progress;
	campaign.seed = o->seed * TRIAL_SEEDS;
	campaign.start = clock_seconds();
	if (o->seconds)
		campaign.child.until = campaign.start + (double)o->seconds;
	interrupt_catch();
	if (o->generate)
		run_drawn();
	else
		run_files(words);
	stress_child_close(&campaign.child);
	stress_note(o, campaign.child.board->runs_done, elapsed(), campaign.findings_nr);
	put_summary(elapsed());
	if (interrupt_seen() && !campaign.findings_nr)
		return EXIT_INTERRUPTED;
	return campaign.findings_nr ? EXIT_FINDING : EXIT_CLEAN;
}
