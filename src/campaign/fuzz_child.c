/*
 * fuzz_child.c - the campaign itself: libFuzzer's driver with our mutator, in a process of its own.
 *
 * An input is a program text, and is run a burst of times (pipeline/burst.h). A finding does not end
 * anything: it is recorded, minimised, saved under its signature, and the campaign goes on.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"
#include "campaign/folder.h"
#include "campaign/fuzz.h"
#include "exec/platform.h"
#include "guide/adapt.h"
#include "guide/archive.h"
#include "guide/feedback.h"
#include "guide/input.h"
#include "search/hang.h"

#define SEQUENCES_FIRST 2500 /* runs of short programs, before the first drawn one: from nothing */
#define SEQUENCES_SHARE 3    /* one run in so many is theirs from there on, while there are any */

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one)(const uint8_t *data, size_t size));
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed);

static const struct fuzz_options *options;
static struct fuzz_shared *shared;
static struct fuzz_counts *mine;
static struct exec *x;

/* What libFuzzer is told besides the cores' coverage. */
__attribute__((
	section("__libfuzzer_extra_counters"))) static uint8_t extra_counter[FEEDBACK_COUNTERS];
static struct feedback feedback = {.counter = extra_counter};
static struct adapt adapt;
static struct archive archive;
static struct burst burst;

/* ---- hooks of the burst ---- */

static bool is_known(const struct verdict *v)
{
	return fuzz_is_known(options, shared, mine, v);
}

static void on_op(void *arg, unsigned verb, unsigned state)
{
	(void)arg;
	if (verb < OPS_OF_SUBJECT_MAX)
		mine->ops[verb][state]++;
}

/* Ops of the last run that said no. */
static void count_refused(const struct program *p)
{
	for (unsigned i = 0; i < p->ops_nr; i++) {
		unsigned verb = p->ops[i].verb;

		if (x->last[i] >= 0 || verb >= OPS_OF_SUBJECT_MAX)
			continue;
		mine->refused[verb]++;
		mine->error[verb] = x->last[i];
	}
}

static void count_end(const struct verdict *v)
{
	char signature[SIGNATURE_MAX];

	if (v->rule == RULE_not_modelled)
		stubs_count(&mine->stubs, v->text);
	if (v->rule != RULE_bug && v->rule != RULE_hang)
		return;
	verdict_signature(v, signature, sizeof(signature));
	stubs_count(&mine->ends, signature);
}

static void on_start(void *arg)
{
	(void)arg;
	mine->passed = mine->again = 0;
}

static void on_run(void *arg)
{
	static uint64_t slow;

	(void)arg;
	mine->slow += x->slow - slow;
	slow = x->slow;
	mine->runs++;
	mine->steps += x->trace.steps;
	mine->threads += (unsigned)__builtin_popcount(x->lanes);
	count_end(&x->trace.verdict);
	count_refused(x->program);
	mine->taking = x->trace.verdict.rule == RULE_hang; /* it is still to be confirmed */
	if (options->coverage)
		coverage_keep(mine->coverage);
}

static void on_finding(void *arg, const struct program *p, const struct strategy *strategy,
		       uint64_t seed)
{
	struct exec_how how = burst.how;
	bool slow = false;

	(void)arg;
	mine->taking = true;
	if (x->trace.verdict.rule == RULE_hang) {
		how.strength.hang_ms = 0;
		if (hang_again(x, &how, strategy, seed))
			burst.how = hang_how(&burst.how);
		else
			slow = true;
	}
	mine->slow += slow;
	if (!slow)
		fuzz_take(options, shared, x, &burst.how, p, strategy, seed);
	mine->taking = false;
}

/* ---- one input ---- */

static void end_at_last_run(void)
{
	bool reached = __atomic_load_n(&shared->reached, __ATOMIC_RELAXED);

	if (!reached && (!options->runs || fuzz_runs(shared) < options->runs))
		return;
	mine->ended = true;
	_exit(0);
}

static int one_input(const uint8_t *data, size_t size)
{
	static struct program program;

	extra_counter[0] = 1; /* a text that does not parse shows something, too */
	if (!input_parse(options->subject, data, size, &program))
		return 0;
	mine->inputs++;
	burst_input(&burst, &program);
	end_at_last_run();
	return 0;
}

/* ---- short programs ---- */

/* It becomes an input, which the engine reads and changes as all others. What cannot be kept is not. */
static void keep_input(void *arg, const struct program *p)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));
	uint64_t hash = 0;
	char name[32];
	int at;

	(void)arg;
	program_print(p, &t);
	for (unsigned i = 0; i < t.len; i++)
		hash = rng_mix(hash ^ (uint8_t)t.data[i]);
	snprintf(name, sizeof(name), "short-%016llx", (unsigned long long)hash);
	at = open(options->corpus, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return;
	if (!t.full)
		folder_write(at, name, t.data, t.len);
	close(at);
}

static bool is_their_turn(const struct sequences *s)
{
	uint64_t runs = s->runs[0] + s->runs[1];

	return (!shared->has_inputs && runs < SEQUENCES_FIRST) ||
	       runs * SEQUENCES_SHARE < mine->runs;
}

/* The first child's: until they have had what is theirs, or there are none left. */
static void run_sequences(void)
{
	struct sequences *s = &shared->sequences;

	while (mine == &shared->job[0] && !options->without.sequences && is_their_turn(s) &&
	       burst_sequence(&burst, s))
		end_at_last_run();
}

/* ---- mutation ---- */

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	if (!options) /* bench: inputs are bytes there */
		return LLVMFuzzerMutate(data, size, max);
	run_sequences();
	return input_mutate(options->subject, data, size, max, seed,
			    options->without.anchors ? NULL : x, &burst.how);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed)
{
	if (!options)
		return 0;
	return input_crossover(options->subject, a, a_size, b, b_size, out, max, seed);
}

/* ---- the process ---- */

static void end(void)
{
	mine->ended = true;
}

static char *argument(const char *format, unsigned long long n, const char *s)
{
	char *text = NULL;

	if (asprintf(&text, format, s ? s : "", n) < 0)
		abort();
	return text;
}

static void begin(const struct fuzz_options *o, struct fuzz_shared *s, unsigned job)
{
	options = o;
	shared = s;
	mine = &s->job[job];
	x = exec_process();
	x->subject = o->subject;
	feedback.off = o->without.feedback;
	if (o->without.swarm)
		input_without_swarm();
	burst = (struct burst){.x = x,
			       .how = {.strength = o->strength, .is_known = is_known},
			       .feedback = &feedback,
			       .adapt = o->without.adapt ? NULL : &adapt,
			       .archive = o->without.returns ? NULL : &archive,
			       .search = o->without.search,
			       .accesses = !o->without.accesses,
			       .seed = o->seed,
			       .runs = mine->runs,
			       .inputs = mine->inputs,
			       .op = on_op,
			       .starts = on_start,
			       .ran = on_run,
			       .found = on_finding,
			       .promising = keep_input};
	burst.how.strength.races |= o->until && rule_of(o->until) == RULE_data_race;
}

/* A full list takes no other finding: none is searched to its end here. */
int fuzz_merge(const struct fuzz_options *o, struct fuzz_shared *s, int argc, char **argv)
{
	begin(o, s, 0);
	burst.alone = true;
	burst_begin(&burst);
	s->findings_nr = FINDINGS_MAX;
	return LLVMFuzzerRunDriver(&argc, &argv, one_input);
}

int fuzz_child(const struct fuzz_options *o, struct fuzz_shared *s, unsigned job, uint64_t seconds)
{
	char *arguments[] = {(char *)"bondfuzz",
			     argument("%s-seed=%llu", o->seed ? o->seed : 1, NULL),
			     argument("%s-max_total_time=%llu", seconds, NULL),
			     argument("%s-max_len=%llu", PROGRAM_TEXT_MAX, NULL),
			     argument("-artifact_prefix=%s/died-%llu-", (unsigned)getpid(), o->out),
			     (char *)"-len_control=0",
			     (char *)"-timeout=0", /* wall time; the parent looks at CPU time */
			     (char *)"-rss_limit_mb=0",
			     (char *)"-detect_leaks=0",
			     (char *)"-reload=1", /* others may keep inputs in the same folder */
			     (char *)"-reduce_inputs=0",
			     (char *)"-verbosity=0",
			     (char *)"-print_funcs=0", /* names read the debug info */
			     (char *)o->corpus,
			     NULL};
	int argc = sizeof(arguments) / sizeof(arguments[0]) - 1;
	char **argv = arguments;

	begin(o, s, job);
	burst_begin(&burst);
	if (!job && !s->sequences.descriptor)
		sequences_begin(&s->sequences, o->subject->descriptor);
	s->sequences.no_pairs = o->without.pairs;
	run_sequences();
	atexit(end);
	return LLVMFuzzerRunDriver(&argc, &argv, one_input);
}
