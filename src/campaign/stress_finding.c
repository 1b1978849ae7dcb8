/*
 * stress_finding.c - what real threads showed is kept, and handed to the simulator.
 *
 * On real threads nothing can be replayed: program and seed show it again with luck. The simulator
 * searches the same program for a schedule with the same verdict, writes that down and makes it
 * small, and from then on it is a finding like any other. The folder is written before that search,
 * which may take long; what it finds is added.
 *
 * A finding whose name is there already, from another program or an earlier campaign, is counted.
 */
#include "campaign/stress.h"
#include "search/minimize.h"
#include "search/search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/panic.h"
#include "campaign/campaign.h"
#include "campaign/folder.h"
#include "format/visible.h"
#include "base/why.h"
#include "base/interrupt.h"
#include "exec/platform.h"
#include "campaign/program_file.h"
#include "explain/explain.h"

/* ---- keeping ---- */

/* One campaign at a time writes into a folder; a clean one never makes it. */
static int locked = -1;

static bool lock_folder(const struct stress_options *o)
{
	if (locked < 0)
		locked = folder_open(AT_FDCWD, o->out);
	return locked < 0 ? errno == ENOENT : !flock(locked, LOCK_EX | LOCK_NB);
}

/* A campaign on the simulator keeps other counts there, and would take our findings for its own. */
static bool is_ours(const struct stress_options *o, struct why *ret_why)
{
	static struct campaign c;
	const char *why = campaign_read(locked, &c);

	if (why && strcmp(why, "missing") != 0)
		return why_usage(ret_why,
				 "%s/" CAMPAIGN_JSON ": %s; move it away, or give another --out",
				 o->out, why);
	if (why || !strncmp(c.build, REAL_THREADS, strlen(REAL_THREADS)))
		return true;
	return why_usage(ret_why,
			 "%s: this folder has a campaign of bondfuzz fuzz of %s; use another --out",
			 o->out, visible(c.subject));
}

bool stress_lock(const struct stress_options *o, struct why *why)
{
	if (!lock_folder(o))
		return why_usage(why, "%s: %s", o->out,
				 errno == EWOULDBLOCK ? "another campaign is running in this folder"
						      : strerror(errno));
	return locked < 0 || is_ours(o, why);
}

/* Returns: -1 and errno where it cannot be */
static int open_findings(const struct stress_options *o)
{
	return folder_make_path(o->out) && lock_folder(o) ? folder_make(locked, FINDING_FOLDER)
							  : -1;
}

void stress_note(const struct stress_options *o, uint64_t runs, double seconds, unsigned findings)
{
	static struct campaign before, now;
	static bool is_read;
	const char *why = NULL;

	if (locked < 0)
		return;
	if (!is_read && campaign_read(locked, &before)) {
		before = (struct campaign){0};
		finding_now(before.started);
	}
	is_read = true;
	now = before;
	snprintf(now.subject, sizeof(now.subject), "%s",
		 o->subject ? o->subject->descriptor->name : "several");
	snprintf(now.defect, sizeof(now.defect), "%s", o->defect ? o->defect : "");
	snprintf(now.build, sizeof(now.build), REAL_THREADS ", %s",
		 sim_sanitizer() ? sim_sanitizer() : "no sanitizer");
	snprintf(now.version, sizeof(now.version), "%s", BONDFUZZ_VERSION);
	finding_now(now.updated);
	now.seed = o->seed;
	now.sessions++;
	now.runs += runs;
	now.seconds += seconds;
	now.findings += findings;
	campaign_note(&now);
	why = campaign_write(locked, &now);
	if (why)
		notice("%s/" CAMPAIGN_JSON ": %s", visible(o->out), why);
}

static void complain(const struct stress_finding *f, const char *why)
{
	if (why)
		notice("%s: %s", f->kept.slug, why);
}

static void describe(const struct stress_options *o, const struct program *p,
		     struct stress_finding *f)
{
	struct finding *k = &f->kept;

	verdict_signature(&f->verdict, k->signature, sizeof(k->signature));
	program_file_slug(&f->verdict, k->slug, sizeof(k->slug));
	snprintf(k->verdict, sizeof(k->verdict), "%s", rule_name(f->verdict.rule));
	snprintf(k->type, sizeof(k->type), "%s", f->verdict.type);
	snprintf(k->object, sizeof(k->object), "%s", f->verdict.object);
	for (unsigned i = 0; i < 2; i++)
		snprintf(k->where[i], sizeof(k->where[i]), "%s", f->verdict.where[i]);
	snprintf(k->subject, sizeof(k->subject), "%s", p->descriptor->name);
	snprintf(k->defect, sizeof(k->defect), "%s", o->defect ? o->defect : "");
	finding_now(k->first_seen);
	strcpy(k->last_seen, k->first_seen);
	k->seen = 1;
	k->runs = f->runs;
	k->seconds = f->seconds;
	k->ops = p->ops_nr;
	k->native = true;
}

static void put_comment(struct program *p, const struct stress_finding *f)
{
	char comment[512];
	struct text t = text_init(comment, sizeof(comment));
	int at;

	text_putf(&t, "# %s\n# on real threads, seed %llu\n", f->kept.signature,
		  (unsigned long long)f->seed);
	at = program_intern(p, t.data, t.len);
	if (at >= 0)
		p->comment = (uint16_t)at;
}

/* The program as it ran: without schedule, and nothing is expected of it. */
static void as_it_ran(struct program *p, const struct stress_finding *f)
{
	p->scheduled = false;
	p->deviations_nr = p->expects_nr = 0;
	p->strategy = 0;
	put_comment(p, f);
}

static bool count_again(int at, struct stress_finding *f)
{
	struct finding before;

	if (finding_read(at, f->kept.slug, &before))
		return false;
	before.seen++;
	snprintf(before.last_seen, sizeof(before.last_seen), "%s", f->kept.last_seen);
	complain(f, finding_update(at, &before));
	return true;
}

static void fill_replay(struct stress_finding *f)
{
	struct text t = text_init(f->replay, sizeof(f->replay));

	finding_replay(&f->kept, program_invocation_name, f->file, &t);
	if (!f->confirmed)
		text_putf(&t, " --seed %llu", (unsigned long long)f->seed / TRIAL_SEEDS);
}

bool stress_save(const struct stress_options *o, const struct program *p, struct stress_finding *f,
		 const char *report, struct why *why)
{
	static struct program found;
	char silent[256];
	int at = open_findings(o);

	if (at < 0)
		return why_file(why, o->out, ": nothing can be kept in this folder");
	describe(o, p, f);
	found = *p;
	as_it_ran(&found, f);
	f->again = count_again(at, f);
	if (!f->again) {
		struct finding_files files = {.found = &found, .letter = report};

		snprintf(silent, sizeof(silent),
			 "%s\non real threads, seed %llu; the process said nothing\n",
			 f->kept.signature, (unsigned long long)f->seed);
		if (!report[0])
			files.letter = silent;

		finding_name(at, &f->kept);
		complain(f, finding_write(at, &f->kept, &files));
	}
	close(at);
	snprintf(f->file, sizeof(f->file), "%s/" FINDING_FOLDER "/%s/found.bond", o->out,
		 f->kept.slug);
	fill_replay(f);
	return true;
}

/* ---- the simulator ---- */

static void put_letter(struct text *t, struct exec *x, const struct explain_run *how,
		       const char *report)
{
	struct letter letter;

	explain_letter(x, how, &letter);
	letter_print(t, &letter);
	text_putf(t, "\nOn real threads:\n\n%s", report);
}

static const char *put_program(int fd, const struct program *p)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	program_print(p, &t);
	must(!t.full);
	return folder_write(fd, "minimal.bond", t.data, t.len);
}

static void add_to_folder(const struct stress_options *o, struct exec *x, struct stress_finding *f,
			  const struct program *minimal, struct explain_run *how,
			  const char *report)
{
	static char data[LETTER_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));
	int at = open_findings(o), fd = folder_open(at, f->kept.slug);
	const char *why = fd < 0 ? strerror(errno) : put_program(fd, minimal);

	snprintf(f->file, sizeof(f->file), "%s/" FINDING_FOLDER "/%s/minimal.bond", o->out,
		 f->kept.slug);
	fill_replay(f);
	how->replay = f->replay;
	put_letter(&t, x, how, report);
	if (!why)
		why = folder_write(fd, "letter.txt", t.data, t.len);
	if (!why)
		why = finding_update(at, &f->kept);
	complain(f, why);
	if (!o->json)
		explain_print(stdout, x, how, FORMAT_TEXT, false);
	if (fd >= 0)
		close(fd);
	close(at);
}

/* The folder keeps its name; all else is the simulator's, which knows the object. */
static void take_simulated(struct stress_finding *f, const struct exec *x)
{
	char slug[sizeof(f->kept.slug)];

	memcpy(slug, f->kept.slug, sizeof(slug));
	finding_describe(&f->kept, x, &x->trace.verdict);
	f->kept.native = false;
	memcpy(f->kept.slug, slug, sizeof(slug));
}

/* The run as a readable program; the last run of @x is the one that was found. */
static struct explain_run make_readable(struct exec *x, const struct exec_how *how,
					struct search *s, struct program *readable)
{
	if (exec_record(x, how, s->by, s->by_seed, readable)) {
		exec_minimize(x, how, readable, MINIMIZE_REPLAYS);
		return (struct explain_run){.how = how};
	}
	exec_run(x, how, s->by, s->by_seed);
	return (struct explain_run){.how = how, .strategy = s->by, .seed = s->by_seed};
}

/*
 * The object's type where it is known; its number is chance. What leaks with what is the platform's. A
 * process that died with nothing said of memory may have used whatever.
 */
static void wanted(const struct verdict *v, char *ret, size_t cap)
{
	bool type = strcmp(v->type, "none") != 0 && v->rule != RULE_leak;

	if (v->rule == RULE_wild_access)
		snprintf(ret, cap, "any");
	else
		snprintf(ret, cap, "%s%s%s", rule_name(v->rule), type ? ":" : "",
			 type ? v->type : "");
}

static void prepare(struct exec *x, struct exec_how *how, const struct program *p,
		    const struct subject *subject, struct stress_finding *f)
{
	struct text t = text_init(f->kept.options, sizeof(f->kept.options));

	sim_forget_race_points();
	how->strength.races = f->verdict.rule == RULE_data_race;
	how->strength.granularity = how->strength.races ? SIM_RACY : SIM_PRIMITIVES;
	platform_put(&t, &how->strength);
	exec_prepare(x, p, subject, how);
}

void stress_confirm(const struct stress_options *o, const struct program *p,
		    const struct subject *subject, struct stress_finding *f, const char *report)
{
	static struct program program, readable;
	struct search s = {.strategy = &strategy_search,
			   .seed = f->seed,
			   .runs_max = o->confirm_runs,
			   .stop = interrupt_seen};
	struct exec *x = exec_process();
	struct exec_how how = exec_default;
	struct explain_run letter;
	char until[80];

	wanted(&f->verdict, until, sizeof(until));
	program = *p;
	as_it_ran(&program, f);
	how.until = until;
	prepare(x, &how, &program, subject, f);
	search_run(x, &how, &s);
	f->confirm_runs = s.runs;
	f->confirmed = s.first != 0;
	if (f->confirmed) {
		letter = make_readable(x, &how, &s, &readable);
		program_file_describe(&readable, subject, o->defect, &how, &x->trace.verdict);
		take_simulated(f, x);
		add_to_folder(o, x, f, &readable, &letter, report);
	}
}
