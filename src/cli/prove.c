/*
 * prove.c - bondfuzz prove: every small program over some ops, and every schedule within a bound.
 *
 * The programs are counted first, so that it is known how far one is. Then each worker enumerates
 * them all and takes those that nobody has taken; a program is done when all its schedules are. With
 * a state file what is done is never done again, however the last proof ended.
 *
 * What it proves is what it says: that the core as it is compiled here, on this platform, breaks no
 * rule in that scope. As many operations of threads fail in it as --failures says.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/panic.h"
#include "cli/options.h"
#include "format/json.h"
#include "cli/prove.h"
#include "search/failures.h"
#include "trace/rule.h"

struct prove_options {
	struct sim_strength strength;
	const struct subject *subject;
	const char *ops, *objects, *defect, *until, *save, *state;
	uint64_t length, threads, bound, failures, jobs;
	bool json, first;
	struct program_scope scope;
	char text[PROVE_SCOPE_MAX]; /* of the scope */
};

static const struct cli_option options[] = {
	{"subject", 's', "NAME", "the subject to prove", CLI_SUBJECT(prove_options, subject)},
	{"ops", 0, "LIST", "the ops of the threads, separated by commas",
	 CLI_WORD(prove_options, ops)},
	{"objects", 0, "LIST",
	 "objects that the set-up creates: mm=1,device=2 (default: one of each kind that the ops "
	 "need and do not create)",
	 CLI_WORD(prove_options, objects)},
	{"length", 0, "N", "the maximum number of ops of all threads together (default 3)",
	 CLI_NUMBER(prove_options, length, 1, ENUMERATE_OPS_MAX)},
	{"threads", 0, "N", "the maximum number of threads (default 2)",
	 CLI_NUMBER(prove_options, threads, 1, THREADS_MAX)},
	{"bound", 0, "N", "the maximum number of preemptions (default 2)",
	 CLI_NUMBER(prove_options, bound, 0, STEPS_MAX)},
	{"failures", 0, "N",
	 "the maximum number of operations that fail in an execution (default 0)",
	 CLI_NUMBER(prove_options, failures, 0, FAILURES_MAX)},
	{"jobs", 'j', "N", "number of processes (default: one per processor)",
	 CLI_NUMBER(prove_options, jobs, 1, 64)},
	{"state", 0, "FILE", "store the progress in FILE, and continue from it",
	 CLI_WORD(prove_options, state)},
	{"first", 0, NULL, "stop at the first verdict", CLI_FLAG(prove_options, first)},
	{"until", 0, "VERDICT[:OBJECT]", "ignore other verdicts (default: any)",
	 CLI_VERDICT(prove_options, until)},
	CLI_DEFECT(prove_options, defect),
	{"save", 0, "DIR", "write a program for each verdict into DIR",
	 CLI_WORD(prove_options, save)},
	{"json", 0, NULL, "print one object on standard output", CLI_FLAG(prove_options, json)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz prove",
	.options = options,
	.platform_only = "unlock",
	.words = "",
	.help = "Run every program over some ops up to a size, with every schedule within a bound. "
		"Programs that differ only in names count once. Print the number of programs and "
		"schedules, and what is proved.",
	.too_many = "name ops with --ops"};

/* ---- the scope ---- */

static void add_verb(struct program_scope *scope, const char *name)
{
	const struct descriptor *d = scope->descriptor;
	unsigned verb = 0;

	while (verb < d->ops_nr && strcmp(d->ops[verb].name, name) != 0)
		verb++;
	if (verb == d->ops_nr)
		quit_usage("'%s' has no op '%.60s': see bondfuzz list ops", d->name, name);
	if (d->ops[verb].place == PLACE_SETUP)
		quit_usage("'%.60s' is allowed in set-ups only", name);
	for (unsigned i = 0; i < scope->verbs_nr; i++)
		if (scope->verbs[i] == verb)
			quit_usage("'%.60s' is named twice", name);
	if (scope->verbs_nr == sizeof(scope->verbs))
		quit_usage("more ops than a program may have");
	scope->verbs[scope->verbs_nr++] = (uint8_t)verb;
}

static void add_objects(struct program_scope *scope, char *word)
{
	char *number = strchr(word, '=');
	unsigned kind = 0;

	if (!number)
		quit_usage("--objects is KIND=NUMBER,..., not '%.60s'", word);
	*number++ = '\0';
	while (kind < scope->descriptor->objects_nr &&
	       strcmp(scope->descriptor->objects[kind], word) != 0)
		kind++;
	if (kind == scope->descriptor->objects_nr)
		quit_usage("'%s' has no objects '%.60s'", scope->descriptor->name, word);
	scope->objects[kind] = (uint8_t)cli_number("--objects", number, 0, OBJECTS_MAX);
}

static void need_object(struct program_scope *scope, unsigned kind);

/* What an op needs and none of the scope gives is made by the set-up, and what that needs. */
static void need_operands(struct program_scope *scope, const struct op_type *op)
{
	for (unsigned o = 0; o < op->operands_nr; o++)
		if (op->operands[o].kind == OPERAND_OBJECT)
			need_object(scope, op->operands[o].object_kind);
}

static void need_object(struct program_scope *scope, unsigned kind)
{
	const struct descriptor *d = scope->descriptor;

	if (scope->objects[kind])
		return;
	for (unsigned i = 0; i < scope->verbs_nr; i++)
		if (d->ops[scope->verbs[i]].gives == (int)kind)
			return;
	scope->objects[kind] = 1;
	for (unsigned v = 0; v < d->ops_nr; v++)
		if (d->ops[v].gives == (int)kind) {
			need_operands(scope, &d->ops[v]);
			return;
		}
}

static void each_word(struct program_scope *scope, const char *list,
		      void (*add)(struct program_scope *scope, char *word))
{
	char copy[PROVE_SCOPE_MAX], *rest = copy, *word;

	if (strlen(list) >= sizeof(copy) / 2)
		quit_usage("the list is too long");
	strcpy(copy, list);
	while ((word = strsep(&rest, ",")))
		add(scope, word);
}

static void add_verb_word(struct program_scope *scope, char *word)
{
	add_verb(scope, word);
}

static void put_objects(struct text *t, const struct program_scope *scope)
{
	bool any = false;

	for (unsigned k = 0; k < scope->descriptor->objects_nr; k++) {
		if (!scope->objects[k])
			continue;
		text_putf(t, "%s%u %s%s", any ? ", " : "", scope->objects[k],
			  scope->descriptor->objects[k], scope->objects[k] > 1 ? "s" : "");
		any = true;
	}
	if (!any)
		text_puts(t, "nothing set up");
}

static void make_scope(struct prove_options *o)
{
	struct program_scope *scope = &o->scope;
	struct text t = text_init(o->text, sizeof(o->text));
	char unlock[16];

	scope->descriptor = o->subject->descriptor;
	scope->length = (unsigned)o->length;
	scope->threads = (unsigned)o->threads;
	each_word(scope, o->ops, add_verb_word);
	if (o->objects)
		each_word(scope, o->objects, add_objects);
	for (unsigned i = 0; i < scope->verbs_nr; i++)
		need_operands(scope, &scope->descriptor->ops[scope->verbs[i]]);
	text_putf(&t, "%s%s%s: up to %u ops of %s in up to %u threads, with ",
		  scope->descriptor->name, o->defect ? " with " : "", o->defect ? o->defect : "",
		  scope->length, o->ops, scope->threads);
	put_objects(&t, scope);
	platform_word(&o->strength, platform_find("unlock"), unlock);
	text_putf(&t, "; at most %llu preemptions", (unsigned long long)o->bound);
	if (o->failures)
		text_putf(&t, "; at most %llu failures", (unsigned long long)o->failures);
	text_putf(&t, "; unlock %s; verdicts %s", unlock, o->until ? o->until : "any");
	must(!t.full);
}

/* ---- a worker ---- */

struct worker {
	const struct prove_options *o;
	struct prove_state *state;
	uint8_t *taken; /* shared */
	uint32_t at;
	struct exec_how how;
	struct explore explore;
};

static bool stop(void *arg)
{
	const struct worker *w = arg;

	return interrupt_seen() || __atomic_load_n(&w->state->stop, __ATOMIC_RELAXED);
}

static bool is_new(void *arg, const struct explore_finding *f)
{
	const struct worker *w = arg;
	uint32_t nr = __atomic_load_n(&w->state->findings_nr, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < nr && i < PROVE_FINDINGS_MAX; i++)
		if (strcmp(w->state->finding[i].signature, f->signature) == 0)
			return false;
	return true;
}

static void found(void *arg, const struct explore_finding *f, struct program *readable, bool whole)
{
	struct worker *w = arg;
	uint32_t at = __atomic_fetch_add(&w->state->findings_nr, 1, __ATOMIC_ACQ_REL);
	struct prove_finding *mine = &w->state->finding[at];
	struct why why;

	if (at >= PROVE_FINDINGS_MAX)
		return;
	strcpy(mine->signature, f->signature);
	strcpy(mine->verdict, rule_name(f->verdict.rule));
	strcpy(mine->object, f->verdict.object);
	mine->program = w->at;
	if (!w->o->save || !whole ||
	    !program_file_save(w->o->save, readable, w->o->subject, w->o->defect, &w->how,
			       &f->verdict, mine->file, sizeof(mine->file), &why))
		mine->file[0] = '\0';
	__atomic_store_n(&mine->ready, 1, __ATOMIC_RELEASE);
	if (w->o->first)
		__atomic_store_n(&w->state->stop, 1, __ATOMIC_RELAXED);
}

static void prove_program(struct worker *w, const struct program *p)
{
	struct exec *x = exec_process();
	uint64_t word;

	w->explore = (struct explore){.trees = {.strategy = &strategy_exhaust,
						.preemptions_max = (uint32_t)w->o->bound,
						.failures_max = (unsigned)w->o->failures},
				      .survive = true,
				      .stop = stop,
				      .is_new = is_new,
				      .found = found,
				      .arg = w};
	w->how = (struct exec_how){.strength = w->o->strength, .until = w->o->until};
	exec_prepare(x, p, w->o->subject, NULL);
	exec_explore(x, &w->how, &w->explore);
	if (!w->explore.trees.complete)
		return;
	word = trees_counts(&w->explore.trees).executions |
	       (w->explore.findings_nr ? PROVE_BROKEN : 0);
	__atomic_store_n(&w->state->done[w->at], word, __ATOMIC_RELEASE);
}

static bool work_on(void *arg, const struct program *p)
{
	struct worker *w = arg;

	if (!w->state->done[w->at] && !__atomic_exchange_n(&w->taken[w->at], 1, __ATOMIC_RELAXED))
		prove_program(w, p);
	w->at++;
	return !stop(w);
}

static void start_worker(const struct prove_options *o, struct prove_state *state, uint8_t *taken)
{
	static struct worker w;
	pid_t parent = getpid(), child;

	fflush(NULL);
	child = fork();
	must(child >= 0);
	if (child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_INTERRUPTED);
	w = (struct worker){.o = o, .state = state, .taken = taken};
	program_enumerate(&o->scope, work_on, &w);
	fflush(NULL);
	_exit(EXIT_CLEAN);
}

/* ---- the parent ---- */

static bool count_program(void *arg, const struct program *p)
{
	(void)p;
	return ++*(uint32_t *)arg < PROVE_PROGRAMS_MAX && !interrupt_seen();
}

static void show_progress(const struct prove_state *s, uint32_t before, double seconds)
{
	struct prove_totals t = prove_totals(s);
	double now = (double)(t.programs - before);

	fprintf(stderr, "\r\033[K[");
	for (unsigned i = 0; i < 30; i++)
		fputc(i * (uint64_t)s->programs_nr < 30ull * t.programs ? '#' : '.', stderr);
	fprintf(stderr, "] %u of %u programs, %llu schedules", t.programs, s->programs_nr,
		(unsigned long long)t.schedules);
	if (now > 0)
		fprintf(stderr, ", %.0f s to go", (s->programs_nr - t.programs) * seconds / now);
}

/* Returns: the worst status of a worker. */
static int wait_for_workers(struct prove_state *s, uint64_t nr, double start)
{
	uint32_t before = prove_totals(s).programs;
	int worst = EXIT_CLEAN, status;
	bool told = false;

	while (nr) {
		pid_t child = waitpid(-1, &status, WNOHANG);

		if (child > 0) {
			nr--;
			if (!WIFEXITED(status) || WEXITSTATUS(status) == EXIT_HARNESS)
				worst = EXIT_HARNESS;
			continue;
		}
		if (interrupt_seen() && !told) {
			__atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
			told = true;
		}
		if (isatty(STDERR_FILENO))
			show_progress(s, before, clock_seconds() - start);
		usleep(100000);
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	return worst;
}

static bool is_repeated(const struct prove_state *s, uint32_t at)
{
	for (uint32_t i = 0; i < at; i++)
		if (strcmp(s->finding[i].signature, s->finding[at].signature) == 0)
			return true;
	return !s->finding[at].ready;
}

static uint32_t findings_nr(const struct prove_state *s)
{
	return s->findings_nr < PROVE_FINDINGS_MAX ? s->findings_nr : PROVE_FINDINGS_MAX;
}

static void put_json(const struct prove_options *o, const struct prove_state *s, double seconds)
{
	struct prove_totals t = prove_totals(s);
	json_t *row = json_object(), *all = json_array();

	for (uint32_t i = 0; i < findings_nr(s); i++) {
		const struct prove_finding *f = &s->finding[i];
		json_t *one;

		if (is_repeated(s, i))
			continue;
		one = json_object();
		json_object_set_new(one, "signature", json_string(f->signature));
		json_object_set_new(one, "verdict", json_string(f->verdict));
		json_object_set_new(one, "object", json_string(f->object));
		json_put_text(one, "saved", f->file);
		json_array_append_new(all, one);
	}
	json_object_set_new(row, "subject", json_string(o->subject->descriptor->name));
	json_object_set_new(row, "scope", json_string(s->scope));
	json_put_count(row, "programs", s->programs_nr);
	json_put_count(row, "done", t.programs);
	json_put_count(row, "broken", t.broken);
	json_put_count(row, "schedules", t.schedules);
	json_object_set_new(row, "verdicts", all);
	json_object_set_new(row, "complete", json_boolean(t.programs == s->programs_nr));
	json_object_set_new(row, "seconds", json_real(seconds));
	json_print(row);
}

static void put_text(const struct prove_options *o, const struct prove_state *s, double seconds)
{
	char failing[64] = "no allocation fails";
	struct prove_totals t = prove_totals(s);
	unsigned rules = 0;

	for (enum rule rule = RULE_NONE + 1; rule < RULES; rule++)
		rules += !rule_row(rule)->allowed;
	if (o->failures)
		snprintf(failing, sizeof(failing), "no more than %llu operations fail",
			 (unsigned long long)o->failures);
	printf("%s\n%u of %u programs, %llu schedules, %.1f s\n", s->scope, t.programs,
	       s->programs_nr, (unsigned long long)t.schedules, seconds);
	for (uint32_t i = 0; i < findings_nr(s); i++)
		if (!is_repeated(s, i))
			printf("  %s (%s)%s%s\n", s->finding[i].signature, s->finding[i].object,
			       s->finding[i].file[0] ? ", saved as " : "", s->finding[i].file);
	if (s->findings_nr && !t.broken)
		puts("That does not hold: the first program that breaks a rule ended it.");
	else if (s->findings_nr)
		printf("Not proved: %u of these programs break a rule.\n", t.broken);
	else if (t.programs == s->programs_nr)
		printf("What holds now: none of these programs, however it is scheduled within the "
		       "bound, breaks any of the %u rules, as long as %s.\n",
		       rules, failing);
	else
		puts("Nothing is proved yet: not all programs are done.");
}

static int prove(const struct prove_options *o)
{
	double start = clock_seconds();
	uint32_t programs = 0;
	const char *wrong = program_enumerate(&o->scope, count_program, &programs);
	struct prove_state *state;
	uint8_t *taken;
	int status;

	if (wrong)
		quit_usage("impossible scope: %s", wrong);
	if (interrupt_seen())
		return EXIT_INTERRUPTED;
	if (programs == PROVE_PROGRAMS_MAX)
		quit_usage("more than %u programs", PROVE_PROGRAMS_MAX - 1);
	if (!programs)
		quit_usage("no program is possible: every op needs an object that nothing creates");
	state = prove_state(o->state, o->text, programs);
	taken = mmap(NULL, programs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(taken != MAP_FAILED);
	for (uint64_t i = 0; i < o->jobs; i++)
		start_worker(o, state, taken);
	status = wait_for_workers(state, o->jobs, start);
	if (o->json)
		put_json(o, state, clock_seconds() - start);
	else
		put_text(o, state, clock_seconds() - start);
	if (status != EXIT_CLEAN)
		return status;
	if (state->findings_nr)
		return EXIT_FINDING;
	return prove_totals(state).programs == programs ? EXIT_CLEAN : EXIT_INTERRUPTED;
}

int command_prove(int argc, char **argv)
{
	struct prove_options o = {.length = 3,
				  .threads = 2,
				  .bound = 2,
				  .jobs = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN)};

	cli_parse_platform(&syntax, argc, argv, &o, &o.strength);
	if (!o.subject || !o.ops)
		quit_usage("prove needs --subject and --ops");
	if (o.jobs > 64)
		o.jobs = 64;
	cli_defect(o.defect);
	make_scope(&o);
	interrupt_catch();
	return prove(&o);
}
