/*
 * exec.c - lays a program out over the lanes and runs it on the simulated platform.
 *
 * The main lane does the set-up lines, starts the threads, and then closes everything, as a careful
 * driver would; what is live after that has leaked. The oracle hears every note as it is written.
 */
#include "exec/exec.h"

#include <errno.h>
#include <string.h>

#include "base/panic.h"
#include "exec/place.h"
#include "exec/race.h"

const struct exec_how exec_default;

/* ---- what runs on the fibers ---- */

static void run_op(struct exec *x, unsigned lane, unsigned number)
{
	unsigned index = x->op_of[lane][number];
	const struct program_op *op = &x->program->ops[index];
	struct subject_call call = {
		.operand = op->operand, .result = op->result, .lane = (uint8_t)lane};

	sim_op_begin(number + 1, &x->site[index]);
	if (x->how->watch_op)
		x->how->watch_op(x, index);
	x->last[index] = x->subject->op(op->verb, &call);
	sim_op_end(x->last[index], &x->site[index]);
}

#define TRIES 8 /* of an op that is alone */

static bool is_stuck(struct exec *x, unsigned index)
{
	const struct program_op *op = &x->program->ops[index];
	struct subject_call call = {
		.operand = op->operand, .result = op->result, .lane = LANE_MAIN};

	for (unsigned try = 0; try < TRIES && x->last[index] == -EAGAIN; try++) {
		sim_op_begin(x->ops_nr[LANE_MAIN] + 1u, &x->site[index]);
		x->last[index] = x->subject->op(op->verb, &call);
		sim_op_end(x->last[index], &x->site[index]);
	}
	return x->last[index] == -EAGAIN;
}

/* All is quiet: what found others in its way, and finds them still, is stuck. */
static void ask_for_progress(struct exec *x)
{
	const struct program *p = x->program;

	for (unsigned i = 0; i < p->ops_nr; i++)
		if (p->descriptor->ops[p->ops[i].verb].alone && x->last[i] == -EAGAIN &&
		    is_stuck(x, i))
			sim_report(
				RULE_no_progress, 0, -1, x->site[i].func,
				"repeated where nobody else runs it ends with -EAGAIN each time");
}

static void run_close(struct exec *x)
{
	static struct site site = {"close", "begin", "close everything", 0, 0, NULL, 0};

	sim_op_begin(x->ops_nr[LANE_MAIN] + 1u, &site);
	x->subject->close();
	sim_op_end(0, &site);
	sim_check_leaks();
}

static void body(void *arg, unsigned lane)
{
	struct exec *x = arg;

	if (lane == LANE_MAIN)
		x->subject->begin();
	for (unsigned i = 0; i < x->ops_nr[lane]; i++)
		run_op(x, lane, i);
	if (lane != LANE_MAIN)
		return;
	sim_threads(x->lanes, x->first);
	if (sim_is_at_rest()) {
		if (x->subject->at_rest)
			sim_at_rest(x->subject->at_rest);
		ask_for_progress(x);
	}
	run_close(x);
}

/* What was over by then, or began, is what a rule is about: its function, else that of the note. */
static void report(const struct exec *x, const struct model_finding *f,
		   const struct trace_event *note)
{
	const struct trace_event *e = f->earlier >= 0 ? &x->trace.event[f->earlier] : note;

	if (f->rule)
		sim_report(f->rule, f->object, f->earlier, e->site ? e->site->func : NULL, NULL);
}

static void observe(void *arg, const struct trace_event *note)
{
	struct exec *x = arg;
	struct model_finding f = model_note(&x->model, note, (int)(note - x->trace.event));

	report(x, &f, note);
	if (!x->sighting)
		return;
	f = sight_note(&x->sight, x->sighting, note);
	report(x, &f, note);
}

static bool wants(void *arg, const struct verdict *v)
{
	const struct exec_how *how = ((const struct exec *)arg)->how;

	if (how->until && !verdict_matches(v, how->until))
		return false;
	return !how->is_known || !how->is_known(v);
}

/* ---- preparing ---- */

void exec_init(struct exec *x)
{
	memset(x, 0, offsetof(struct exec, trace));
	trace_reset(&x->trace);
}

static void lay_out(struct exec *x)
{
	const struct program *p = x->program;

	x->lanes = 0;
	memset(x->ops_nr, 0, sizeof(x->ops_nr));
	for (unsigned i = 0; i < p->ops_nr; i++) {
		unsigned lane = p->ops[i].lane;

		x->op_of[lane][x->ops_nr[lane]++] = (uint8_t)i;
		x->site[i].func = p->descriptor->ops[p->ops[i].verb].name;
		x->site[i].prim = "begin";
		x->site[i].text = x->site[i].func;
		x->site[i].func_id = 0;
		site_ids(&x->site[i]);
		if (lane != LANE_MAIN)
			x->lanes |= 1u << lane;
		if (x->ops_nr[lane] == 1)
			x->first[lane] = &x->site[i];
	}
}

const struct strategy *exec_teacher(unsigned i)
{
	static const char *const names[] = {"random", "sticky", "random", "pct"};

	return strategy_find(i ? names[i % 4] : "plain");
}

uint64_t exec_teacher_seed(unsigned i)
{
	return (uint64_t)i * FAIL_RUNS; /* a seed of runs without failures */
}

void exec_learn_race(void)
{
	struct sim_race race;

	if (!sim_race(&race))
		return;
	sim_race_point(race.pc[0]);
	sim_race_point(race.pc[1]);
}

void exec_learn(struct exec *x, const struct exec_how *how, unsigned i)
{
	exec_run(x, how, exec_teacher(i), exec_teacher_seed(i));
	exec_learn_race();
	profile_learn(&x->profile, &x->trace);
}

void exec_prepare(struct exec *x, const struct program *program, const struct subject *subject,
		  const struct exec_how *teach)
{
	x->program = program;
	x->subject = subject;
	lay_out(x);
	memset(&x->profile, 0, sizeof(x->profile));
	if (teach)
		sim_forget_race_points();
	/* A hang takes a second and more; where one of the runs hangs, the others would, too. */
	for (unsigned i = 0; teach && i < PROFILE_RUNS; i++) {
		exec_learn(x, teach, i);
		if (x->trace.verdict.rule == RULE_hang)
			break;
	}
}

/* ---- one run ---- */

static unsigned fail_one_in(const struct exec_how *how, uint64_t seed)
{
	return !how->no_failures && seed % FAIL_RUNS == 1 ? FAIL_ONE_IN : 0;
}

/* Who chooses, and which failures and deviations the program brings. */
static void take_schedule(struct exec *x, const struct exec_how *how,
			  const struct strategy *strategy, uint64_t seed)
{
	const char *name = program_name(x->program, x->program->strategy);

	x->choice.deviations_nr = 0;
	x->own = !strategy || how->own_failures;
	if (x->own)
		place_take(&x->choice, x->program, strategy != NULL);
	x->choice.strategy = strategy ? strategy : strategy_find(name[0] ? name : "plain");
	must(x->choice.strategy);
	/* A program without a strategy chooses nothing. */
	if (strategy || (name[0] && x->choice.strategy->fails))
		x->choice.fail_one_in = fail_one_in(how, seed);
	else
		x->choice.fail_one_in = 0;
}

/* On the fiber. */
static void on_failure(void *arg, const struct trace_event *at)
{
	struct exec *x = arg;

	if (x->can_fail_nr < CAN_FAIL_MAX)
		x->can_fail[x->can_fail_nr] =
			place_of(&x->trace, at, x->trace.event + x->trace.events_nr);
	x->can_fail_nr++;
}

static void begin_run(struct exec *x, const struct exec_how *how, uint64_t seed)
{
	x->how = how;
	x->choice.profile = &x->profile;
	x->choice.trace = &x->trace;
	x->choice.explorer = how->explorer;
	x->choice.record_all = how->every_switch;
	x->choice.can_fail = how->keep_failures ? on_failure : NULL;
	if (how->keep_failures)
		x->can_fail_nr = 0;
	x->choice.can_fail_arg = x;
	choice_begin(&x->choice, seed);
	model_reset(&x->model);
	x->sighting = sight_find(how->until);
	sight_reset(&x->sight);
	race_forget();
}

static void end_run(struct exec *x)
{
	struct verdict race;

	if (!x->trace.verdict.rule && race_take(&race) && wants(x, &race))
		x->trace.verdict = race;
	x->how = NULL;
	x->runs++;
	x->steps += x->trace.steps;
}

static void run_once(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		     uint64_t seed)
{
	struct sim_job job = {.choice = &x->choice,
			      .trace = &x->trace,
			      .strength = how->strength,
			      .body = body,
			      .observe = observe,
			      .wants = wants,
			      .arg = x};

	if (how->until && rule_of(how->until) == RULE_data_race)
		job.strength.races = true;
	if (!strategy)
		seed = x->program->seed;
	take_schedule(x, how, strategy, seed);
	if (!strategy && job.strength.granularity == SIM_PRIMITIVES && place_is_plain(x->program))
		job.strength.granularity = SIM_ACCESSES;
	begin_run(x, how, seed);
	memset(x->last, 0, sizeof(x->last));
	sim_run(&job);
	end_run(x);
}

bool exec_may_be_slow(const struct exec *x, const struct exec_how *how, struct exec_how *ret)
{
	if (x->trace.verdict.rule != RULE_hang || how->hang_sure || x->choice.record)
		return false;
	*ret = *how;
	ret->hang_sure = true;
	ret->strength.hang_ms =
		SIM_HANG_AGAIN * (how->strength.hang_ms ? how->strength.hang_ms : SIM_HANG_MS);
	return true;
}

const struct verdict *exec_run(struct exec *x, const struct exec_how *how,
			       const struct strategy *strategy, uint64_t seed)
{
	struct exec_how longer;

	run_once(x, how, strategy, seed);
	if (!how->explorer && exec_may_be_slow(x, how, &longer)) {
		run_once(x, &longer, strategy, seed);
		x->slow += x->trace.verdict.rule != RULE_hang;
	}
	return &x->trace.verdict;
}

const struct descriptor *const *exec_subjects(void)
{
	static const struct descriptor *all[SUBJECTS_MAX + 1];
	const struct subject *s;

	for (unsigned i = 0; (s = subject_at(i)); i++) {
		must(i < SUBJECTS_MAX);
		all[i] = s->descriptor;
	}
	return all;
}

struct exec *exec_process(void)
{
	static struct exec exec;
	static bool ready;

	if (!ready)
		exec_init(&exec);
	ready = true;
	return &exec;
}
