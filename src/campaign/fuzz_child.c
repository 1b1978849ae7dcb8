/*
 * fuzz_child.c - the campaign itself: libFuzzer's driver with our mutator, in a process of its own.
 *
 * An input is a program text. It is run a burst of times with seeds that follow its own, so that
 * parsing and learning the profile are paid once. A finding does not end anything: it is recorded,
 * minimised, saved under its signature, and the campaign goes on.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"
#include "campaign/fuzz.h"
#include "exec/platform.h"
#include "guide/adapt.h"
#include "guide/archive.h"
#include "guide/feedback.h"
#include "guide/input.h"
#include "kapi/file.h"

#define BURST 24
#define RETURN_ONE_IN 2 /* inputs that are followed by as many runs from where a rare mark was */
#define BURST_OWN 16	/* the same with an input's deviations on top */

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one)(const uint8_t *data, size_t size));
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed);

static const struct fuzz_options *options;
static struct fuzz_shared *shared;
static struct exec *x;
static struct exec_how how; /* of all runs but those of a finding */

/* What libFuzzer is told besides the cores' coverage. */
__attribute__((
	section("__libfuzzer_extra_counters"))) static uint8_t extra_counter[FEEDBACK_COUNTERS];
static struct feedback feedback = {.counter = extra_counter};
static struct adapt adapt;
static struct archive archive;
static struct follow followed; /* by the last run, where it followed one */

/* ---- findings ---- */

static bool is_known(const struct verdict *v)
{
	return fuzz_is_known(shared, v);
}

/* Did this run break a rule that is not known yet? */
static bool look(const struct program *p, const struct strategy *strategy, uint64_t seed)
{
	unsigned news = feedback_take(&feedback, &x->trace);
	bool found = false;

	if (!options->without.returns)
		archive_take(&archive, &feedback, x, strategy, seed);
	shared->runs++;
	shared->steps += x->trace.steps;
	shared->threads += (unsigned)__builtin_popcount(x->lanes);
	if (strategy)
		adapt_learn(&adapt, strategy == follow_strategy() ? followed.then : strategy, news);
	if (x->trace.verdict.rule == RULE_not_modelled)
		stubs_count(&shared->stubs, x->trace.verdict.text);
	else
		found = x->trace.verdict.rule && !is_known(&x->trace.verdict);
	if (found)
		fuzz_take(options, shared, x, &how, p, strategy, seed);
	exec_learn_race(); /* not earlier: a finding is repeated with the points that it had */
	feedback_begin(&feedback);
	return found;
}

/* ---- one input ---- */

static void on_op(unsigned verb, unsigned state)
{
	feedback.event = (uint16_t)(x->trace.events_nr - 1);
	if (verb < OPS_OF_SUBJECT_MAX)
		shared->ops[verb][state]++;
	feedback_mark(&feedback, FEEDBACK_ops, verb, state + 1);
}

static unsigned state_of(const struct op_type *type, const uint32_t *operand)
{
	unsigned kind;

	if (!type->operands_nr || type->operands[0].kind != OPERAND_OBJECT)
		return STATE_NONE;
	kind = type->operands[0].object_kind;
	if (!kapi_file_peek(kind, operand[0]))
		return STATE_ABSENT;
	if (!kapi_file_is_open(kind, operand[0]))
		return STATE_CLOSING;
	return kapi_file_users(kind, operand[0]) > 1 ? STATE_BUSY : STATE_OPEN;
}

static void watch_op(const struct exec *e, unsigned index)
{
	const struct program_op *op = &e->program->ops[index];

	on_op(op->verb, state_of(&e->program->descriptor->ops[op->verb], op->operand));
}

/* exec_learn(), but a finding is repeated with the profile that it was found with. */
static bool learn_profile(const struct program *p)
{
	for (unsigned i = 0; i < PROFILE_FEW; i++) {
		exec_run(x, &how, exec_teacher(i), exec_teacher_seed(i));
		if (look(p, exec_teacher(i), exec_teacher_seed(i)))
			return true;
		profile_learn(&x->profile, &x->trace);
	}
	return false;
}

static const struct strategy *draw_strategy(uint64_t seed)
{
	return options->without.adapt ? strategy_find("portfolio") : adapt_draw(&adapt, seed);
}

/*
 * Back to where a rare mark was seen, and on from there in other ways: so a bug that needs many
 * orders is come to order by order, where each of them shows in a mark.
 */
static void explore(void)
{
	struct rng rng = rng_init(rng_mix(options->seed) ^ shared->runs);
	static struct program p;
	static uint8_t lane[CHOICES_MAX];
	struct follow whole;
	const struct program *from = archive_draw(&archive, &rng, &whole);

	if (!from)
		return;
	p = *from; /* the archive may need the room meanwhile */
	memcpy(lane, whole.lane, whole.prefix);
	whole.lane = lane;
	exec_prepare(x, &p, options->subject, NULL);
	if (learn_profile(&p))
		return;
	for (unsigned i = 0; i < BURST; i++) {
		followed = whole;
		followed.prefix = archive_cut(&whole, &rng);
		followed.seed = rng_next(&rng);
		followed.then = draw_strategy(followed.seed);
		follow_run(x, &how, &followed);
		if (look(&p, follow_strategy(), followed.run_seed))
			return;
	}
}

/* The schedule as it stands, then with other seeds under the same deviations. */
static bool run_own(struct program *p)
{
	uint64_t seed = p->seed;
	bool found = false;

	for (unsigned i = 0; i < (p->strategy ? BURST_OWN : 1) && !found; i++) {
		p->seed = seed + i;
		exec_run(x, &how, NULL, 0);
		found = look(p, NULL, 0);
	}
	p->seed = seed;
	return found;
}

static void run_burst(const struct program *p)
{
	const char *name = program_name(p, p->strategy);
	const struct strategy *portfolio = strategy_find("portfolio");
	const struct strategy *own = name[0] ? strategy_find(name) : portfolio;

	for (unsigned i = 0; i < BURST; i++) {
		uint64_t seed = p->seed + i;
		const struct strategy *strategy = own;

		if (own == portfolio)
			strategy = draw_strategy(seed);
		exec_run(x, &how, strategy, seed);
		if (look(p, strategy, seed))
			return;
	}
}

static void run_program(struct program *p)
{
	if (learn_profile(p) || (p->deviations_nr && run_own(p)))
		return;
	if (!p->deviations_nr || !p->strategy)
		run_burst(p);
}

static int one_input(const uint8_t *data, size_t size)
{
	static struct program program;

	extra_counter[0] = 1; /* a text that does not parse shows something, too */
	if (!input_parse(options->subject, data, size, &program))
		return 0;
	shared->inputs++;
	feedback_begin(&feedback);
	exec_prepare(x, &program, options->subject, NULL);
	run_program(&program);
	if (shared->inputs % RETURN_ONE_IN == 0)
		explore();
	if (options->runs && shared->runs >= options->runs) {
		shared->ended = true;
		_exit(0);
	}
	return 0;
}

/* ---- mutation ---- */

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	if (!options) /* bench: inputs are bytes there */
		return LLVMFuzzerMutate(data, size, max);
	return input_mutate(options->subject, data, size, max, seed,
			    options->without.anchors ? NULL : x, &how);
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
	shared->ended = true;
}

static char *argument(const char *format, unsigned long long n, const char *s)
{
	char *text = NULL;

	if (asprintf(&text, format, s ? s : "", n) < 0)
		abort();
	return text;
}

static void begin(const struct fuzz_options *o, struct fuzz_shared *s)
{
	options = o;
	shared = s;
	x = exec_process();
	how.watch_op = watch_op;
	feedback.off = o->without.feedback;
	if (o->without.swarm)
		input_without_swarm();
	how.is_known = is_known;
	how.strength = o->strength;
	how.strength.races |= o->until && strncmp(o->until, "data_race", 9) == 0;
}

/* A full list takes no other finding: none is searched to its end here. */
void fuzz_merge(const struct fuzz_options *o, struct fuzz_shared *s, int argc, char **argv)
{
	begin(o, s);
	s->findings_nr = FINDINGS_MAX;
	exit(LLVMFuzzerRunDriver(&argc, &argv, one_input));
}

void fuzz_child(const struct fuzz_options *o, struct fuzz_shared *s, uint64_t seconds)
{
	char *arguments[] = {(char *)"bondfuzz",
			     argument("%s-seed=%llu", o->seed ? o->seed : 1, NULL),
			     argument("%s-max_total_time=%llu", seconds, NULL),
			     argument("%s-max_len=%llu", PROGRAM_TEXT_MAX, NULL),
			     argument("-artifact_prefix=%s/died-%llu-", (unsigned)getpid(), o->out),
			     (char *)"-len_control=0",
			     (char *)"-timeout=120",
			     (char *)"-rss_limit_mb=0",
			     (char *)"-detect_leaks=0",
			     (char *)"-reload=1", /* others may keep inputs in the same folder */
			     (char *)"-reduce_inputs=0",
			     (char *)"-verbosity=0",
			     (char *)o->corpus,
			     NULL};
	int argc = sizeof(arguments) / sizeof(arguments[0]) - 1;
	char **argv = arguments;

	begin(o, s);
	atexit(end);
	exit(LLVMFuzzerRunDriver(&argc, &argv, one_input));
}
