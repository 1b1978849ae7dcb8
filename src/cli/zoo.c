/*
 * zoo.c - bondfuzz zoo: how many runs does each defect take?
 *
 * The program of a defect is its corpus file without the schedule, and the search is for the verdict
 * that the file names. One worker process a defect; it writes into memory shared with the parent, so
 * that an interrupted measurement keeps what is there.
 *
 * Three counts, each of runs, as a fault can be met at three depths: reached, the code asked for the
 * switch; triggered, the same program, strategy and seed with the defect off give another trace;
 * detected, the wanted verdict, which ends a trial. Triggered costs a second run and is looked at in
 * the first runs of each trial and in the one that found it only: `compared` says in how many. A
 * defect that leaves a primitive out shows in the trace of every run that reaches it.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign/folder.h"
#include "base/panic.h"
#include "format/json.h"
#include "cli/options.h"
#include "cli/zoo.h"
#include "search/hang.h"
#include "search/search.h"

#define COMPARED_MAX 300 /* runs of a defect, without those that found it */
#define CORPUS_DEFAULT "corpus/zoo"

struct zoo_options {
	bool chosen[DEFECTS], any_chosen;
	const struct strategy *strategy[ZOO_STRATEGIES_MAX];
	unsigned strategies_nr;
	uint64_t trials, runs, jobs;
	const char *corpus, *svg;
	bool json, embedded, signatures;
};

static void choose_defect(const struct cli_option *option, void *options, const char *name)
{
	struct zoo_options *o = options;
	const struct defect_row *row;

	o->any_chosen = true;
	for (unsigned i = 0; (row = defect_row_at(i)); i++) {
		if (strcmp(row->name, name) != 0)
			continue;
		o->chosen[i] = true;
		return;
	}
	quit_usage("no defect '%.60s': see bondfuzz list defects", name);
}

static void add_strategy(const struct cli_option *option, void *options, const char *name)
{
	struct zoo_options *o = options;

	if (o->strategies_nr == ZOO_STRATEGIES_MAX)
		quit_usage("at most %d strategies side by side", ZOO_STRATEGIES_MAX);
	o->strategy[o->strategies_nr++] = cli_strategy(name);
}

static const struct cli_option options[] = {
	{"defect", 'd', "NAME", "only this defect; may be repeated (default: all)",
	 CLI_OWN(choose_defect)},
	{"strategy", 'S', "NAME",
	 "search with this strategy (default portfolio); may be repeated to compare several",
	 CLI_OWN(add_strategy)},
	{"trials", 0, "N", "searches per defect, with independent seeds (default 20)",
	 CLI_NUMBER(zoo_options, trials, 1, 100000)},
	{"runs", 0, "N", "the maximum number of runs per trial (default 20000)",
	 CLI_NUMBER(zoo_options, runs, 1, UINT64_MAX)},
	{"jobs", 'j', "N", "number of processes (default: one per processor)",
	 CLI_NUMBER(zoo_options, jobs, 1, 1000)},
	{"corpus", 0, "DIR", "where NAME.bond of each defect lies (default " CORPUS_DEFAULT ")",
	 CLI_WORD(zoo_options, corpus)},
	{"embedded", 0, NULL,
	 "in each trial, run another generated program concurrently, with at least 12 ops and 3 "
	 "threads in all",
	 CLI_FLAG(zoo_options, embedded)},
	{"signatures", 0, NULL,
	 "minimise the finding of each trial, and print the signatures of each defect",
	 CLI_FLAG(zoo_options, signatures)},
	{"svg", 0, "DIR", "draw survival curves into DIR/STRATEGY.svg (needs gnuplot)",
	 CLI_WORD(zoo_options, svg)},
	{"json", 0, NULL, "print one object per defect on standard output",
	 CLI_FLAG(zoo_options, json)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz zoo",
	.options = options,
	.words = "",
	.help = "Search the program of each defect, without its schedule, for the verdict of the "
		"defect, and print the number of runs. Exit status 0 if every trial found it.",
	.too_many = "name defects with --defect"};

/* ---- a worker ---- */

/* Does the last run differ when the defect is off? */
static bool is_triggered(struct exec *x, const struct zoo_job *job, const struct search *s)
{
	uint64_t hash = trace_hash(&x->trace);

	defect_enable(NULL);
	exec_run(x, &job->how, s->by, s->by_seed);
	defect_enable(job->defect->name);
	return trace_hash(&x->trace) != hash;
}

/* Returns: true when the trial came to its end, found or not. */
static bool run_trial(const struct zoo_options *o, struct exec *x, const struct zoo_job *job,
		      uint64_t index)
{
	struct zoo_result *r = job->result;
	uint64_t compared_max = COMPARED_MAX / o->trials + 1;
	struct search s = {.strategy = job->strategy, .seed = 1 + index * TRIAL_SEEDS};

	for (uint64_t run = 0; run < o->runs && !interrupt_seen(); run++) {
		unsigned long asked = defect_reached();
		bool found = verdict_matches(search_next(x, &job->how, &s), job->wanted);

		r->runs++;
		r->steps += x->trace.steps;
		r->reached += defect_reached() != asked;
		r->first[index] = run + 1;
		if (!search_explored(&s) && (found || run < compared_max)) {
			r->compared++;
			r->triggered += is_triggered(x, job, &s);
		}
		r->missed[index] = !found;
		if (found && o->signatures && !search_explored(&s))
			zoo_sign(x, job, s.by_seed, &r->small[index]);
		if (found || run + 1 == o->runs) {
			search_end(&s);
			return true;
		}
	}
	search_end(&s);
	return false;
}

/* Every strategy has the same program in a trial. */
static void prepare_trial(const struct zoo_options *o, struct exec *x, const struct zoo_job *job,
			  uint64_t index)
{
	static const struct program_shape shape = {.threads_min = 3, .ops_min = 12};
	struct program_shape names = shape;
	static struct program program;
	struct rng rng;

	program = job->program;
	names.strategies = strategy_names();
	rng = rng_init(1 + index);
	if (o->embedded)
		program_embed(&program, &names, &rng);
	program.strategy = 0;
	program.scheduled = false;
	exec_prepare(x, &program, subject_find(job->defect->subject), &job->how);
}

/* A defect: its jobs, one a strategy, stand one after the other. */
static void work(const struct zoo_options *o, const struct zoo_job *jobs)
{
	struct exec *x = exec_process();
	bool goes_on = true;

	must(defect_enable(jobs->defect->name));
	for (uint64_t i = 0; i < o->trials && goes_on; i++) {
		for (unsigned s = 0; s < o->strategies_nr && goes_on; s++) {
			struct zoo_result *r = jobs[s].result;

			prepare_trial(o, x, &jobs[s], i);
			goes_on = run_trial(o, x, &jobs[s], i);
			r->found += goes_on && !r->missed[i];
			r->trials += goes_on;
		}
	}
	for (unsigned s = 0; s < o->strategies_nr; s++)
		jobs[s].result->ended = true;
}

/* ---- the parent ---- */

static void show_progress(const struct zoo_job *jobs, unsigned nr)
{
	unsigned ended = 0;
	uint64_t runs = 0;

	if (!isatty(STDERR_FILENO))
		return;
	for (unsigned i = 0; i < nr; i++) {
		ended += jobs[i].result->ended;
		runs += jobs[i].result->runs;
	}
	fprintf(stderr, "\r\033[K%u of %u searches, %llu runs", ended, nr,
		(unsigned long long)runs);
	fflush(stderr);
}

static pid_t start_worker(const struct zoo_options *o, const struct zoo_job *job)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	must(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM); /* nobody would read what it finds */
		work(o, job);
		_exit(EXIT_CLEAN);
	}
	return pid;
}

/*
 * Every defect once, so many at a time. An interrupt ends the workers, each after its present run.
 *
 * Returns: false when a worker died of itself.
 */
static bool run_workers(const struct zoo_options *o, const struct zoo_job *jobs, unsigned nr)
{
	pid_t *pid = calloc(nr, sizeof(*pid)); /* by the first job of its defect */
	unsigned step = o->strategies_nr, next = 0, running = 0;
	bool ok = true, stop = false;

	must(pid);
	while (running || (next < nr && !stop)) {
		bool first = !stop && interrupt_seen(); /* a second signal would kill a worker */

		stop |= first;

		for (; !stop && next < nr && running < o->jobs; running++, next += step)
			pid[next] = start_worker(o, &jobs[next]);
		for (unsigned i = 0; i < next; i += step) {
			if (pid[i] && first)
				kill(pid[i], SIGTERM);
			if (!pid[i] || waitpid(pid[i], NULL, WNOHANG) != pid[i])
				continue;
			pid[i] = 0;
			running--;
			if (jobs[i].result->ended || stop)
				continue;
			fprintf(stderr, "[harness bug] the search for %s died\n",
				jobs[i].defect->name);
			ok = false;
		}
		show_progress(jobs, nr);
		usleep(20000);
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	free(pid);
	return ok;
}

/* ---- telling ---- */

struct figures {
	struct cli_spread runs;
	double steps;
};

/* A trial that found nothing counts with all its runs. */
static struct figures figures_of(const struct zoo_result *r)
{
	struct figures f;
	uint64_t *first = calloc(r->trials + 1, sizeof(*first));

	must(first);
	memcpy(first, r->first, r->trials * sizeof(*first));
	f.runs = cli_spread(first, r->trials);
	f.steps = (double)r->steps / (double)r->runs;
	free(first);
	return f;
}

/* The runs of each trial; null where it found nothing. */
static json_t *each_trial(const struct zoo_result *r)
{
	json_t *each = json_array();

	for (uint64_t i = 0; i < r->trials; i++)
		json_array_append_new(each, r->missed[i] ? json_null()
							 : json_integer((json_int_t)r->first[i]));
	return each;
}

static void put_json(const struct zoo_job *job)
{
	const struct zoo_result *r = job->result;
	struct figures f = figures_of(r);
	json_t *row = json_object();

	json_object_set_new(row, "defect", json_string(job->defect->name));
	json_object_set_new(row, "strategy", json_string(job->strategy->name));
	json_put_count(row, "trials", r->trials);
	json_put_count(row, "found", r->found);
	json_object_set_new(row, "mean", json_real(f.runs.mean));
	json_put_count(row, "median", f.runs.median);
	json_put_count(row, "max", f.runs.max);
	json_put_count(row, "reached", r->reached);
	json_put_count(row, "triggered", r->triggered);
	json_put_count(row, "detected", r->found);
	json_object_set_new(row, "verdict", json_string(job->wanted));
	json_object_set_new(row, "steps", json_real(f.steps));
	json_put_count(row, "runs", r->runs);
	json_put_count(row, "compared", r->compared);
	json_object_set_new(row, "each", each_trial(r));
	json_object_set_new(row, "shape",
			    json_string(job->sequential ? "sequential" : "concurrent"));
	json_print(row);
}

static void put_row(const struct zoo_job *job)
{
	const struct zoo_result *r = job->result;
	struct figures f = figures_of(r);
	char found[48], triggered[48];

	snprintf(found, sizeof(found), "%llu/%llu", (unsigned long long)r->found,
		 (unsigned long long)r->trials);
	snprintf(triggered, sizeof(triggered), "%llu/%llu", (unsigned long long)r->triggered,
		 (unsigned long long)r->compared);
	printf("%-40s %-9s %7s %9.1f %7llu %7llu %9llu %9s %8llu %6.1f  %s\n", job->defect->name,
	       job->strategy->name, found, f.runs.mean, (unsigned long long)f.runs.median,
	       (unsigned long long)f.runs.max, (unsigned long long)r->reached, triggered,
	       (unsigned long long)r->found, f.steps, job->wanted);
}

static void put_table(const struct zoo_job *jobs, unsigned nr, bool sequential)
{
	bool head = false;

	for (unsigned i = 0; i < nr; i++) {
		if (jobs[i].sequential != sequential || !jobs[i].result->trials)
			continue;
		if (!head)
			printf("%-40s %-9s %7s %9s %7s %7s %9s %9s %8s %6s  %s\n",
			       sequential ? "sequential" : "concurrent", "strategy", "found",
			       "mean", "median", "max", "reached", "triggered", "detected", "steps",
			       "verdict");
		head = true;
		put_row(&jobs[i]);
	}
	if (head)
		puts("");
}

static unsigned found_in_all(const struct zoo_options *o, const struct zoo_job *jobs, unsigned nr,
			     const struct strategy *strategy)
{
	unsigned all = 0;

	for (unsigned i = 0; i < nr; i++)
		all += jobs[i].strategy == strategy && jobs[i].result->found == o->trials;
	return all;
}

static void put_summary(const struct zoo_options *o, const struct zoo_job *jobs, unsigned nr)
{
	for (unsigned s = 0; s < o->strategies_nr; s++)
		printf("%s: %u of %u defects found in every trial\n", o->strategy[s]->name,
		       found_in_all(o, jobs, nr, o->strategy[s]), nr / o->strategies_nr);
}

/* ---- the command ---- */

/* A file that must let another thread go on needs a schedule; one in which a call fails does not. */
static bool needs_no_switch(const struct program *p)
{
	for (unsigned i = 0; i < p->deviations_nr; i++)
		if (p->deviations[i].action == DEVIATION_GOTO)
			return false;
	return !p->strategy;
}

static void load_job(const struct zoo_options *o, const struct defect_row *row, struct zoo_job *job)
{
	struct program *p = &job->program;
	const char *wanted;
	char path[4096];
	int status;

	snprintf(path, sizeof(path), "%s/%s.bond", o->corpus, row->name);
	if ((status = cli_load_program(path, p)))
		exit(status);
	wanted = cli_expected(p, row->name);
	if (!wanted)
		quit_usage("%s: no line 'expect %s: VERDICT'", path, row->name);
	if (!cli_subject_of(path, p, subject_find(row->subject)))
		exit(EXIT_USAGE);
	job->defect = row;
	/* Among others the bug may hit one of their objects first: the type says enough. */
	snprintf(job->wanted, sizeof(job->wanted), "%s", o->embedded ? row->verdict : wanted);
	job->how = hang_expected(&job->how, job->wanted);
	job->how.until = job->wanted;
	job->sequential = needs_no_switch(p);
	p->deviations_nr = 0;
	p->strategy = 0;
	p->seed = 0;
	p->scheduled = false;
}

static void *shared(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(at != MAP_FAILED);
	return at;
}

static unsigned load_jobs(const struct zoo_options *o, struct zoo_job *jobs)
{
	const struct defect_row *row;
	unsigned nr = 0;

	for (unsigned i = 0; (row = defect_row_at(i)); i++) {
		struct zoo_result *r;

		if (o->any_chosen && !o->chosen[i])
			continue;
		for (unsigned s = 0; s < o->strategies_nr; s++) {
			load_job(o, row, &jobs[nr]);
			jobs[nr].strategy = o->strategy[s];
			r = jobs[nr++].result = shared(sizeof(*r));
			r->first = shared(o->trials * sizeof(*r->first));
			r->missed = shared(o->trials * sizeof(*r->missed));
			if (o->signatures)
				r->small = shared(o->trials * sizeof(*r->small));
		}
	}
	return nr;
}

static void check_options(struct zoo_options *o)
{
	struct stat st;

	if (!defect_build())
		quit_usage("this build has no defects; use build/zoo/bondfuzz");
	if (stat(o->corpus, &st) || !S_ISDIR(st.st_mode))
		quit_usage("%s: no such folder: give --corpus", o->corpus);
	if (o->svg && !zoo_can_draw())
		quit_usage("--svg needs gnuplot: install the package gnuplot-nox");
	if (o->svg && !folder_make_path(o->svg))
		quit_file(o->svg, ": this folder cannot be made");
}

int command_zoo(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct zoo_options o = {.trials = 20,
				.runs = 20000,
				.jobs = processors > 0 ? (uint64_t)processors : 1,
				.corpus = CORPUS_DEFAULT};
	struct zoo_job *jobs;
	unsigned nr, all;
	bool ok;

	cli_parse(&syntax, argc, argv, &o);
	if (!o.strategies_nr)
		o.strategy[o.strategies_nr++] = strategy_find("portfolio");
	jobs = calloc((size_t)DEFECTS * o.strategies_nr, sizeof(*jobs));
	must(jobs);
	check_options(&o);
	nr = load_jobs(&o, jobs);
	interrupt_catch();
	ok = run_workers(&o, jobs, nr);
	if (o.signatures) {
		bool good = zoo_put_signatures(jobs, nr, o.json);

		return !ok ? EXIT_HARNESS : good ? EXIT_CLEAN : EXIT_FINDING;
	}
	for (unsigned i = 0; o.json && i < nr; i++)
		if (jobs[i].result->trials)
			put_json(&jobs[i]);
	if (!o.json) {
		put_table(jobs, nr, true);
		put_table(jobs, nr, false);
		put_summary(&o, jobs, nr);
	}
	for (unsigned s = 0; o.svg && s < o.strategies_nr; s++)
		if (!zoo_draw(o.svg, o.strategy[s]->name, jobs, nr))
			return EXIT_USAGE;
	/* The first strategy is asked; others stand beside it for comparison. */
	all = found_in_all(&o, jobs, nr, o.strategy[0]) * o.strategies_nr;
	return !ok ? EXIT_HARNESS : all == nr ? EXIT_CLEAN : EXIT_FINDING;
}
