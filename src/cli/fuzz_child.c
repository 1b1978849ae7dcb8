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

#include "cli/fuzz.h"
#include "exec/input.h"
#include "kapi/file.h"

#define BURST 24
#define MINIMIZE_REPLAYS 3000
#define ANOTHER_RUNS 5000
#define COUNTERS 4096

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one)(const uint8_t *data, size_t size));
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed);

static const struct fuzz_options *options;
static struct fuzz_shared *shared;
static struct exec *x;

/* What libFuzzer is told besides the cores' coverage: op x state of its object. */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t extra_counter[COUNTERS];

static void bump(uint32_t id)
{
	uint8_t *c = &extra_counter[id * 2654435761u >> 20];

	*c += *c < 255;
}

/* ---- findings ---- */

static bool is_known(const struct verdict *v)
{
	char signature[160];

	verdict_signature(v, signature, sizeof(signature));
	for (unsigned i = 0; i < shared->findings_nr; i++) {
		if (strcmp(shared->finding[i].signature, signature) != 0)
			continue;
		shared->finding[i].again++;
		return true;
	}
	return shared->findings_nr == FINDINGS_MAX;
}

/*
 * A run too long to be written down stays a seed, and depends on a profile that nobody else has. Another
 * run of the program that shows the same, with the profile that `bondfuzz run` learns, does better.
 */
static bool record_another(const struct program *p, struct program *ret)
{
	struct search s = {
		.strategy = strategy_find("portfolio"), .seed = 1, .runs_max = ANOTHER_RUNS};

	exec_prepare(x, p, options->subject, true);
	exec_search(x, &s);
	return s.first && exec_record(x, s.strategy, s.found_seed, ret);
}

static void take_finding(const struct program *p, const struct strategy *strategy, uint64_t seed)
{
	static struct program readable;
	struct fuzz_finding *f = &shared->finding[shared->findings_nr];
	const struct verdict *v = &x->trace.verdict, found = *v;
	char until[96], signature[160];

	verdict_signature(v, f->signature, sizeof(f->signature));
	snprintf(f->verdict, sizeof(f->verdict), "%s", v->rule);
	snprintf(f->object, sizeof(f->object), "%s", v->object);
	f->runs = shared->runs;
	f->seconds = cli_seconds() - shared->start;
	snprintf(until, sizeof(until), strcmp(v->type, "none") ? "%s:%s" : "%s", v->rule, v->type);
	x->is_known = NULL;
	x->until = until;
	if (exec_record(x, strategy, seed, &readable) || record_another(p, &readable))
		exec_minimize(x, &readable, MINIMIZE_REPLAYS);
	else
		exec_run(x, strategy, seed);
	x->is_known = is_known;
	x->until = NULL;
	verdict_signature(v, signature, sizeof(signature));
	if (strcmp(signature, f->signature) != 0)
		v = &found; /* it is told as it was seen, though its repetition was another */
	if (!cli_save_finding(options->out, &readable, options->subject, options->defect, v,
			      f->file, sizeof(f->file)))
		f->file[0] = '\0';
	__atomic_store_n(&shared->findings_nr, shared->findings_nr + 1, __ATOMIC_RELEASE);
}

/* Did this run break a rule that is not known yet? */
static bool look(const struct program *p, const struct strategy *strategy, uint64_t seed)
{
	shared->runs++;
	shared->steps += x->trace.steps;
	shared->threads += (unsigned)__builtin_popcount(x->lanes);
	if (!x->trace.verdict.rule[0])
		return false;
	if (is_known(&x->trace.verdict))
		return false;
	take_finding(p, strategy, seed);
	return true;
}

/* ---- one input ---- */

static void on_op(unsigned verb, unsigned state)
{
	if (verb < OPS_OF_SUBJECT_MAX)
		shared->ops[verb][state]++;
	bump(verb * OBJECT_STATES + state + 1);
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

static void run_program(const struct program *p)
{
	const char *name = program_name(p, p->strategy);
	const struct strategy *strategy = strategy_find(name[0] ? name : "portfolio");

	/* exec_learn(), but a finding is repeated with the profile that it was found with. */
	for (unsigned i = 0; i < PROFILE_FEW; i++) {
		exec_run(x, exec_teacher(i), exec_teacher_seed(i));
		if (look(p, exec_teacher(i), exec_teacher_seed(i)))
			return;
		profile_learn(&x->profile, &x->trace);
	}
	if (p->deviations_nr) {
		exec_run(x, NULL, 0);
		if (look(p, NULL, 0))
			return;
	}
	for (unsigned i = 0; i < BURST; i++) {
		exec_run(x, strategy, p->seed + i);
		if (look(p, strategy, p->seed + i))
			return;
	}
}

static int one_input(const uint8_t *data, size_t size)
{
	static struct program program;

	bump(0);
	if (!input_parse(options->subject, data, size, &program))
		return 0;
	shared->inputs++;
	exec_prepare(x, &program, options->subject, false);
	run_program(&program);
	if (options->runs && shared->runs >= options->runs)
		_exit(0);
	return 0;
}

/* ---- mutation ---- */

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	if (!options) /* bench: inputs are bytes there */
		return LLVMFuzzerMutate(data, size, max);
	return input_mutate(options->subject, data, size, max, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed)
{
	if (!options)
		return 0;
	return input_crossover(options->subject, a, a_size, b, b_size, out, max, seed);
}

/* ---- the process ---- */

static char *argument(const char *format, unsigned long long n, const char *s)
{
	char *text = NULL;

	if (asprintf(&text, format, s ? s : "", n) < 0)
		abort();
	return text;
}

void fuzz_child(const struct fuzz_options *o, struct fuzz_shared *s, uint64_t seconds)
{
	char *arguments[] = {(char *)"bondfuzz",
			     argument("%s-seed=%llu", o->seed ? o->seed : 1, NULL),
			     argument("%s-max_total_time=%llu", seconds, NULL),
			     argument("%s-max_len=%llu", PROGRAM_TEXT_MAX, NULL),
			     argument("-artifact_prefix=%s/", 0, o->out),
			     (char *)"-len_control=0",
			     (char *)"-timeout=120",
			     (char *)"-rss_limit_mb=0",
			     (char *)"-detect_leaks=0",
			     (char *)"-reload=0",
			     (char *)"-reduce_inputs=0",
			     (char *)"-verbosity=0",
			     (char *)o->corpus,
			     NULL};
	int argc = sizeof(arguments) / sizeof(arguments[0]) - 1;
	char **argv = arguments;

	options = o;
	shared = s;
	x = cli_exec();
	x->watch_op = watch_op;
	x->is_known = is_known;
	if (o->unlock)
		x->strength.unlock = cli_unlock(o->unlock);
	exit(LLVMFuzzerRunDriver(&argc, &argv, one_input));
}
