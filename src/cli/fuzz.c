/*
 * fuzz.c - bondfuzz fuzz: the parent of a campaign. It keeps the time, shows progress, starts a
 * child again when it dies, and tells the findings.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/panic.h"
#include "campaign/fuzz.h"
#include "format/json.h"
#include "cli/options.h"
#include "guide/feedback.h"
#include "search/search.h"

#define HANG_SECONDS 0.5  /* of CPU time in one run: it may be a hang */
#define TAKING_SECONDS 20 /* more for a finding that is being recorded and minimised */
#define STUCK_SECONDS 150 /* of CPU time without a new run: minimising takes a while */
#define DEATHS_MAX 20
#define TSAN_STATUS 66 /* of a process that saw races, whether it ended by itself or died */

static void leave_out(const struct cli_option *option, void *options, const char *what)
{
	struct fuzz_without *w = &((struct fuzz_options *)options)->without;
	static const char *const kinds[] = {
#define FEEDBACK(name, help) #name,
		FEEDBACK_KINDS_DO(FEEDBACK)
#undef FEEDBACK
	};
	const struct {
		const char *name;
		bool *left_out;
	} parts[] = {{"returns", &w->returns},	{"anchors", &w->anchors},     {"adapt", &w->adapt},
		     {"swarm", &w->swarm},	{"sequences", &w->sequences}, {"pairs", &w->pairs},
		     {"accesses", &w->accesses}};
	const struct strategy *search;
	char name[64];
	uint32_t bits = strcmp(what, "feedback") ? 0 : (1u << FEEDBACK_KINDS) - 1;

	for (unsigned i = 0; i < FEEDBACK_KINDS; i++)
		bits |= (uint32_t)!strcmp(what, kinds[i]) << i;
	w->feedback |= bits;
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(what, parts[i].name) != 0)
			continue;
		*parts[i].left_out = true;
		return;
	}
	snprintf(name, sizeof(name), SEARCH_WITHOUT "%s", what);
	search = search_strategy(name);
	if (search)
		w->search = search;
	else if (!bits)
		quit_usage("--without '%.60s' is unknown: see bondfuzz fuzz --help", what);
}

static const struct cli_option option_table[] = {
	{"subject", 's', "NAME", "the subject to fuzz (see bondfuzz list subjects)",
	 CLI_SUBJECT(fuzz_options, subject)},
	{"time", 't', "SECONDS", "time limit (default 60; 0: until --runs or Ctrl-C)",
	 CLI_NUMBER(fuzz_options, seconds, 0, 1000000000)},
	{"runs", 0, "N", "stop after N runs", CLI_NUMBER(fuzz_options, runs, 1, UINT64_MAX)},
	{"jobs", 'j', "N",
	 "number of fuzzing processes, which share one corpus and know each other's findings "
	 "(default 1)",
	 CLI_NUMBER(fuzz_options, jobs, 1, FUZZ_JOBS_MAX)},
	{"until", 0, "VERDICT", "stop at this verdict: RULE, RULE:OBJECT or any",
	 CLI_VERDICT(fuzz_options, until)},
	{"seed", 'n', "N", "seed of the campaign (default 1)",
	 CLI_NUMBER(fuzz_options, seed, 0, UINT32_MAX)},
	{"corpus", 0, "DIR", "folder of the inputs to read and to keep (default OUT/corpus)",
	 CLI_WORD(fuzz_options, corpus)},
	{"out", 'o', "DIR",
	 "campaign folder: findings, corpus, log (default out/SUBJECT); an existing campaign is "
	 "continued",
	 CLI_WORD(fuzz_options, out)},
	CLI_DEFECT(fuzz_options, defect),
	{"without", 0, "WHAT",
	 "disable one source of guidance, to measure its effect (docs/EXPLORE.md): feedback (all "
	 "of it, or one of ops, handovers, counts, grace and reads), returns (replaying the prefix "
	 "of a run with a rare mark), anchors (deviations at places that an earlier run reached), "
	 "adapt (weights of strategies by their success), swarm (programs without a random part "
	 "of the ops), accesses (one run in eight with every plain access as a scheduling "
	 "point), sequences (short programs first, each once), or of these pairs (two ops in "
	 "two threads), tree (executions of DPOR's tree), order (the tree depth first) or novelty "
	 "(the tree from any node); may be repeated",
	 CLI_OWN(leave_out)},
	{"coverage", 0, "FILE",
	 "write a line for each of the compiler's counters: the address, 1 where a function "
	 "begins, "
	 "1 where a run passed it",
	 CLI_WORD(fuzz_options, coverage)},
	{"json", 0, NULL, "print one object per finding, and a summary, on standard output",
	 CLI_FLAG(fuzz_options, json)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz fuzz",
	.options = option_table,
	.words = "",
	.help = "Generate programs and schedules for a subject, guided by the coverage of its "
		"code. Each finding is stored once, as a readable program.",
	.too_many = "programs to start from go into --corpus"};

/* ---- telling ---- */

static const char *with_commas(uint64_t n, char *ret)
{
	char digits[24];
	int len = sprintf(digits, "%llu", (unsigned long long)n), at = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			ret[at++] = ',';
		ret[at++] = digits[i];
	}
	ret[at] = '\0';
	return ret;
}

static double elapsed(const struct fuzz_shared *s)
{
	return clock_seconds() - s->start;
}

static void tell_finding(const struct fuzz_options *o, const struct fuzz_shared *s,
			 const struct fuzz_finding *f)
{
	uint64_t runs = f->known ? s->all.runs : f->f.runs;
	double seconds = f->known ? elapsed(s) : f->f.seconds;
	char relation[RELATION_MAX] = "";
	struct text t = text_init(relation, sizeof(relation));
	json_t *row;

	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	fprintf(stderr, "%s %s after %llu runs, %.1f s: %s\n", f->known ? "seen again" : "found",
		visible(f->f.signature), (unsigned long long)runs, seconds,
		f->file[0] ? visible(f->file) : "(not saved)");
	finding_put_relation(&f->f, &t);
	if (t.len)
		fprintf(stderr, "  %s\n", relation);
	if (!o->json)
		return;
	row = json_object();
	json_object_set_new(row, "signature", json_string(f->f.signature));
	json_object_set_new(row, "verdict", json_string(f->f.verdict));
	json_object_set_new(row, "object", json_string(f->f.object));
	json_object_set_new(row, "file", json_text(f->file));
	json_put_count(row, "runs", runs);
	json_object_set_new(row, "seconds", json_real(seconds));
	json_object_set_new(row, "known", json_boolean(f->known));
	if (f->f.follows[0])
		json_object_set_new(row, "follows", json_string(f->f.follows));
	if (f->f.akin[0])
		json_object_set_new(row, "akin", json_string(f->f.akin));
	json_object_set_new(row, "first_seen", json_string(f->f.first_seen));
	json_print(row);
}

static void show_progress(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	unsigned seen = fuzz_seen(s);
	char runs[32];
	double t = elapsed(s);

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%s  %.0f%s%.0f s  %s runs  %.0f k/s  %u finding%s",
		o->subject->descriptor->name, t, o->seconds ? "/" : "", (double)o->seconds,
		with_commas(s->all.runs, runs), t > 0 ? (double)s->all.runs / t / 1000 : 0, seen,
		seen == 1 ? "" : "s");
	fflush(stderr);
}

static void put_op_table(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	const struct descriptor *d = o->subject->descriptor;

	printf("\n  %-28s %12s %12s %12s %12s %12s\n", "op x state of its object", "no object",
	       "absent", "open", "in use", "closing");
	for (unsigned v = 0; v < d->ops_nr && v < OPS_OF_SUBJECT_MAX; v++) {
		printf("  %-28s", d->ops[v].name);
		for (unsigned i = 0; i < OBJECT_STATES; i++)
			printf(" %12llu", (unsigned long long)s->all.ops[v][i]);
		printf("\n");
	}
}

/* The finding that it is listed below; "" if none. */
static const char *above(const struct fuzz_finding *f)
{
	return f->f.follows[0] ? f->f.follows : f->f.akin;
}

static void put_finding(const struct fuzz_finding *f)
{
	const char *how = f->f.follows[0] ? "  may follow: "
			  : f->f.akin[0]  ? "  may be the same: "
					  : "";

	printf("  %s%-60s seen %llu times", how, visible(f->f.signature),
	       (unsigned long long)f->times);
	if (f->known)
		printf(", %llu before, first %s", (unsigned long long)f->f.seen,
		       visible(f->f.first_seen));
	printf("  %s\n", visible(f->file));
}

static bool is_listed_below(const struct fuzz_shared *s, const struct fuzz_finding *f)
{
	for (unsigned i = 0; i < s->findings_nr && above(f)[0]; i++)
		if (!above(&s->finding[i])[0] && strcmp(s->finding[i].f.signature, above(f)) == 0)
			return true;
	return false;
}

/* Below each finding those that may follow from it, or may be the same bug. */
static void put_findings(const struct fuzz_shared *s)
{
	for (unsigned i = 0; i < s->findings_nr; i++) {
		const struct fuzz_finding *f = &s->finding[i];

		if (f->unstable || is_listed_below(s, f))
			continue;
		put_finding(f);
		for (unsigned j = 0; j < s->findings_nr && !above(f)[0]; j++)
			if (!s->finding[j].unstable &&
			    strcmp(above(&s->finding[j]), f->f.signature) == 0)
				put_finding(&s->finding[j]);
	}
}

static void put_stubs(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	char data[STUBS_MAX * (STUBS_TEXT + 64) + OPS_OF_SUBJECT_MAX * 160];
	struct text t = text_init(data, sizeof(data));

	stubs_put(&s->all.stubs, s->all.runs, &t);
	ends_put(&s->all.ends, s->all.runs, &t);
	fuzz_refused_put(&s->all, o->subject->descriptor, &t);
	if (s->all.slow)
		text_putf(&t, "  %llu runs were slow: no hang\n", (unsigned long long)s->all.slow);
	fputs(data, stdout);
}

/* Each call of a stub, and how many runs ended there. */
static json_t *stubs_json(const struct stubs *s)
{
	json_t *rows = json_array();

	for (unsigned i = 0; i < s->nr; i++) {
		json_t *row = json_object();

		json_put_text(row, "call", s->at[i].text);
		json_put_count(row, "runs", s->at[i].runs);
		json_array_append_new(rows, row);
	}
	return rows;
}

static void put_summary(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	double t = elapsed(s), runs = s->all.runs ? (double)s->all.runs : 1;
	unsigned seen = fuzz_seen(s);
	char number[32];
	json_t *row;

	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (!o->json) {
		printf("%s: %s runs in %.1f s (%.0f a second), %.1f visible operations and %.1f "
		       "threads "
		       "a run, seed %llu, %u finding%s\n",
		       o->subject->descriptor->name, with_commas(s->all.runs, number), t, runs / t,
		       (double)s->all.steps / runs, (double)s->all.threads / runs,
		       (unsigned long long)o->seed, seen, seen == 1 ? "" : "s");
		put_findings(s);
		if (fuzz_unstable(s))
			printf("  no finding, since no program shows it again: %u, see %s/%s\n",
			       fuzz_unstable(s), visible(o->out), UNSTABLE_FOLDER);
		put_stubs(o, s);
		put_op_table(o, s);
		return;
	}
	row = json_object();
	json_object_set_new(row, "summary", json_true());
	json_object_set_new(row, "subject", json_string(o->subject->descriptor->name));
	json_put_count(row, "seed", o->seed);
	json_put_count(row, "runs", s->all.runs);
	json_object_set_new(row, "seconds", json_real(t));
	json_put_count(row, "findings", seen);
	json_put_count(row, "following", fuzz_following(s));
	json_put_count(row, "akin", fuzz_akin(s));
	json_put_count(row, "unstable", fuzz_unstable(s));
	json_put_count(row, "inputs", s->all.inputs);
	json_put_count(row, "not_modelled", s->all.stubs.runs);
	json_put_count(row, "ended_at_bug", s->all.ends.runs);
	json_put_count(row, "slow", s->all.slow);
	json_object_set_new(row, "stubs", stubs_json(&s->all.stubs));
	json_object_set_new(row, "steps_per_run", json_real((double)s->all.steps / runs));
	json_object_set_new(row, "threads_per_run", json_real((double)s->all.threads / runs));
	json_print(row);
}

/* ---- the child ---- */

static void to_log(const struct fuzz_options *o)
{
	int fd = fuzz_open_log(o);

	must(fd >= 0);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
}

struct job {
	pid_t child;	    /* 0: it has ended, and is not started again */
	uint64_t last_runs; /* as it was looked at last, */
	double last_change; /* and its CPU time when they had changed */
};

static void start_child(const struct fuzz_options *o, struct fuzz_shared *s, struct job *job,
			unsigned number, uint64_t seconds)
{
	pid_t parent = getpid();

	fflush(NULL);
	s->job[number].ended = false;
	job->last_change = 0;
	job->child = fork();
	must(job->child >= 0);
	if (job->child)
		return;
	signal(SIGINT, SIG_IGN);	  /* the parent ends it */
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever ends the parent: the folder is free then */
	if (getppid() != parent)
		_exit(0);
	to_log(o);
	exit(fuzz_child(o, s, number, seconds));
}

/*
 * A child that died of a sanitizer or a signal is a finding of its own; its input lies in OUT. Not one
 * that somebody killed: the user, the system that had no memory left, or we because it was stuck.
 */
static void add_death(const struct fuzz_options *o, struct fuzz_shared *s, int status, pid_t child)
{
	struct fuzz_finding *f = &s->finding[s->findings_nr];
	char how[32];

	snprintf(how, sizeof(how), "%s%d", WIFSIGNALED(status) ? "signal" : "exit",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	for (unsigned i = 0; i < s->findings_nr; i++)
		if (!strcmp(s->finding[i].f.verdict, "process_died") &&
		    !strcmp(s->finding[i].f.where[0], how)) {
			s->finding[i].times++;
			return;
		}
	if (s->findings_nr == FINDINGS_MAX)
		return;
	*f = (struct fuzz_finding){.times = 1};
	snprintf(f->f.verdict, sizeof(f->f.verdict), "process_died");
	snprintf(f->f.where[0], sizeof(f->f.where[0]), "%s", how);
	snprintf(f->f.signature, sizeof(f->f.signature), "process_died@%s", how);
	snprintf(f->f.slug, sizeof(f->f.slug), "process_died-%s", how);
	snprintf(f->f.subject, sizeof(f->f.subject), "%s", o->subject->descriptor->name);
	snprintf(f->f.defect, sizeof(f->f.defect), "%s", o->defect ? o->defect : "");
	fuzz_options_text(&o->strength, f->f.options, sizeof(f->f.options));
	finding_now(f->f.first_seen);
	strcpy(f->f.last_seen, f->f.first_seen);
	f->f.runs = s->all.runs;
	f->f.seconds = elapsed(s);
	fuzz_keep_death(o, f, child);
	s->findings_nr++;
}

static void take_death(const struct fuzz_options *o, struct fuzz_shared *s, int status, pid_t child)
{
	fuzz_adopt(o, s);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		fputs("bondfuzz: the fuzzing process was killed, which is no finding; it starts "
		      "again\n",
		      stderr);
		return;
	}
	fuzz_lock(s);
	add_death(o, s, status, child);
	fuzz_unlock(s);
}

/* Those that were seen for the first time in this session. */
static void tell_new(const struct fuzz_options *o, struct fuzz_shared *s)
{
	static bool told[FINDINGS_MAX];

	for (unsigned i = 0; i < __atomic_load_n(&s->findings_nr, __ATOMIC_ACQUIRE); i++) {
		if (told[i] || !s->finding[i].times || s->finding[i].unstable)
			continue;
		told[i] = true;
		tell_finding(o, s, &s->finding[i]);
		s->reached |= fuzz_is_wanted(o, &s->finding[i]);
	}
}

/* CPU time of @child, in seconds; 0: it has ended. */
static double cpu_seconds(pid_t child)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(child, &clock) || clock_gettime(clock, &t))
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* CPU time of a child since its last run ended. */
static double cpu_of_run(const struct fuzz_shared *s, struct job *job, unsigned number)
{
	double cpu = cpu_seconds(job->child) - job->last_change;

	if (s->job[number].runs == job->last_runs)
		return cpu;
	job->last_runs = s->job[number].runs;
	job->last_change += cpu;
	return 0;
}

static bool time_left(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	if (interrupt_seen() || s->reached || (o->runs && fuzz_runs(s) >= o->runs))
		return false;
	return !o->seconds || elapsed(s) < (double)o->seconds;
}

static struct {
	struct job job[FUZZ_JOBS_MAX];
	unsigned deaths;
} children;

/* The first child has the campaign's seed; each other one, and each that comes for one that died, its own. */
static void start(const struct fuzz_options *o, struct fuzz_shared *s, unsigned number)
{
	uint64_t left = o->seconds ? o->seconds - (uint64_t)elapsed(s) : 0;
	struct fuzz_options again = *o;

	again.seed = (uint32_t)(o->seed + children.deaths + number * 1000003u);
	start_child(&again, s, &children.job[number], number, left);
}

/* It ended by itself, or died, and goes on then. */
static void take_end(const struct fuzz_options *o, struct fuzz_shared *s, unsigned number,
		     int status)
{
	pid_t child = children.job[number].child;

	children.job[number].child = 0;
	if (status == 0 ||
	    (s->job[number].ended && WIFEXITED(status) && WEXITSTATUS(status) == TSAN_STATUS))
		return;
	s->job[number].taking = false;
	if (!interrupt_seen())
		take_death(o, s, status, child);
	children.deaths++;
	if (time_left(o, s) && children.deaths < DEATHS_MAX)
		start(o, s, number);
}

static void end_all(const struct fuzz_options *o, struct fuzz_shared *s)
{
	for (unsigned i = 0; i < s->jobs_nr; i++) {
		if (!children.job[i].child)
			continue;
		kill(children.job[i].child, SIGKILL);
		waitpid(children.job[i].child, NULL, 0);
		children.job[i].child = 0;
	}
	fuzz_adopt(o, s);
}

/* Returns: how many children there are. */
static unsigned look_at_children(const struct fuzz_options *o, struct fuzz_shared *s)
{
	unsigned alive = 0;

	for (unsigned i = 0; i < s->jobs_nr; i++) {
		struct job *job = &children.job[i];
		int status;

		if (!job->child)
			continue;
		if (waitpid(job->child, &status, WNOHANG) == job->child) {
			take_end(o, s, i, status);
		} else if (cpu_of_run(s, job, i) > STUCK_SECONDS) {
			kill(job->child, SIGKILL);
			waitpid(job->child, &status, 0);
			take_end(o, s, i, status);
		}
		alive += job->child != 0;
	}
	return alive;
}

/* Is a child in a run that may turn out to be a hang? */
static bool any_may_hang(const struct fuzz_shared *s)
{
	for (unsigned i = 0; i < s->jobs_nr; i++)
		if (children.job[i].child && cpu_of_run(s, &children.job[i], i) > HANG_SECONDS)
			return true;
	return false;
}

/* What is being made or confirmed is finished, within bounds: it would be lost. */
static bool is_over(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	static double since; /* the end was asked for; 0: it was not */
	double spare = s->all.taking ? TAKING_SECONDS : 0;

	if ((interrupt_seen() || s->reached) && since == 0)
		since = clock_seconds();
	if (since > 0 && clock_seconds() - since >= spare)
		return true;
	if (!o->seconds || elapsed(s) <= (double)o->seconds + 5)
		return false;
	return elapsed(s) > (double)o->seconds + 5 + TAKING_SECONDS ||
	       (!s->all.taking && !any_may_hang(s));
}

static void campaign(const struct fuzz_options *o, struct fuzz_shared *s)
{
	for (unsigned i = 0; i < s->jobs_nr; i++)
		start(o, s, i);
	for (;;) {
		unsigned alive = look_at_children(o, s);

		fuzz_sum(s);
		tell_new(o, s);
		fuzz_keep(o, s, false);
		if (!alive)
			break;
		if (is_over(o, s))
			end_all(o, s);
		show_progress(o, s);
		usleep(200000);
	}
	tell_new(o, s);
}

static void put_coverage(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	FILE *f = o->coverage ? fopen(o->coverage, "w") : NULL;
	bool good;

	if (!o->coverage)
		return;
	good = f && coverage_write(f, s->all.coverage);
	if (f && fclose(f))
		good = false;
	if (!good)
		quit_usage("--coverage %s: it cannot be written, or this program has no counters",
			   visible(o->coverage));
}

int command_fuzz(int argc, char **argv)
{
	struct fuzz_options o = {.seconds = 60, .seed = 1, .jobs = 1};
	struct fuzz_shared *s;
	struct why why;

	cli_parse_platform(&syntax, argc, argv, &o, &o.strength);
	if (!o.subject && !subject_at(1))
		o.subject = subject_at(0);
	if (!o.subject)
		quit_usage("no subject given: use --subject (see bondfuzz list subjects)");
	cli_defect(o.defect);
	s = fuzz_share((unsigned)o.jobs);
	if (!fuzz_open(&o, s, &why))
		quit_why(&why);
	s->start = clock_seconds();
	interrupt_catch();
	campaign(&o, s);
	fuzz_keep(&o, s, true);
	put_summary(&o, s);
	put_coverage(&o, s);
	if (interrupt_seen())
		return EXIT_INTERRUPTED;
	if (!s->all.inputs && !s->all.runs)
		quit_usage("%s: no input was run: see fuzz.log there", visible(o.out));
	return fuzz_seen(s) + fuzz_following(s) + fuzz_akin(s) ? EXIT_FINDING : EXIT_CLEAN;
}
