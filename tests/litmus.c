/*
 * litmus.c - runs a litmus on the simulated platform: one op a lane, nothing between it and kapi.
 *
 * The memory of a run is static, as it is large and a process has one. In a TSan build a race that
 * was reported during a run without a verdict is its verdict; it is not in the trace, as TSan may
 * choose to report it once.
 */
#include "litmus.h"

#include <string.h>

#include "base/panic.h"
#include "exec/race.h"
#include "trace/rule.h"

#define LEARNT_RUNS 8

static struct choice choice;
static struct profile profile;
static struct trace trace;
static bool raised[RULES];

static struct {
	struct choice_deviation *at;
	unsigned nr;
} record;

/* ---- what runs on the fibers ---- */

static struct site begin_site[LANES] = {
	[0 ... LANES - 1] = {.func = "litmus", .prim = "begin", .text = "begins"}};

static void run_op(void (*part)(void), unsigned lane, unsigned number)
{
	sim_op_begin(number, &begin_site[lane]);
	if (part)
		part();
	sim_op_end(0, &begin_site[lane]);
}

static void run_main(const struct litmus *l)
{
	static struct site *first[LANES];
	uint32_t lanes = 0;

	run_op(l->begin, LANE_MAIN, 1);
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		first[LANE_A + i] = &begin_site[LANE_A + i];
		if (l->thread[i])
			lanes |= 1u << (LANE_A + i);
	}
	sim_threads(lanes, first);
	run_op(l->end, LANE_MAIN, 2);
	sim_check_leaks();
}

static void body(void *arg, unsigned lane)
{
	const struct litmus *l = arg;

	if (lane == LANE_MAIN)
		run_main(l);
	else
		run_op(l->thread[lane - LANE_A], lane, 1);
}

static bool wants(void *arg, const struct verdict *v)
{
	const struct litmus *l = arg;

	return !l->ignores || l->ignores != v->rule;
}

/* ---- a run ---- */

bool litmus_raised(enum rule rule)
{
	return raised[rule];
}

static uint64_t recorded_seed; /* says which stores come late, also in the replay */

static const struct verdict *run(const struct litmus *l, uint64_t seed)
{
	struct sim_job job = {.choice = &choice,
			      .trace = &trace,
			      .strength = l->strength,
			      .body = body,
			      .wants = wants,
			      .arg = (void *)l};
	static struct verdict result;

	choice.profile = &profile;
	must(choice.strategy);
	choice_begin(&choice, seed);
	race_forget();
	sim_run(&job);
	if (trace.verdict.rule || !race_take(&result))
		result = trace.verdict;
	raised[result.rule] = true;
	must(trace.events_nr <= EVENTS_MAX && trace.steps <= 4 * STEPS_MAX);
	return &result;
}

const struct verdict *litmus_run(const struct litmus *l, const char *strategy, uint64_t seed)
{
	choice.strategy = strategy_find(strategy);
	choice.fail_one_in = l->fail_one_in;
	choice.deviations_nr = 0;
	return run(l, seed);
}

void litmus_learn(const struct litmus *l)
{
	memset(&profile, 0, sizeof(profile));
	for (unsigned i = 0; i < LEARNT_RUNS; i++) {
		litmus_run(l, "random", i);
		profile_learn(&profile, &trace);
	}
}

const struct trace *litmus_trace(void)
{
	return &trace;
}

/* ---- schedules ---- */

/* Earlier announcements of the anchor's lane have all taken effect, so they stand in the trace. */
static uint16_t occurrence(const struct trace_event *anchor)
{
	uint16_t n = 1;

	for (uint32_t i = 0; i < trace.events_nr; i++) {
		const struct trace_event *e = &trace.event[i];

		n += e->lane == anchor->lane && e->op == anchor->op && event_is_visible(e->kind) &&
		     strcmp(e->site->func, anchor->site->func) == 0 &&
		     strcmp(e->site->prim, anchor->site->prim) == 0;
	}
	return n;
}

static void on_decision(void *arg, const struct trace_event *anchor, unsigned target)
{
	(void)arg;
	if (record.nr >= DEVIATIONS_MAX) {
		record.nr = DEVIATIONS_MAX + 1;
		return;
	}
	record.at[record.nr++] = (struct choice_deviation){
		.func_id = name_id(anchor->site->func),
		.prim_id = name_id(anchor->site->prim),
		.occurrence = occurrence(anchor),
		.lane = anchor->lane,
		.op = anchor->op,
		.target = (uint8_t)target,
	};
}

unsigned litmus_record(const struct litmus *l, const char *strategy, uint64_t seed,
		       struct choice_deviation *ret)
{
	record.at = ret;
	record.nr = 0;
	recorded_seed = seed;
	choice.record = on_decision;
	litmus_run(l, strategy, seed);
	choice.record = NULL;
	return record.nr;
}

const struct verdict *litmus_replay(const struct litmus *l,
				    const struct choice_deviation *deviation, unsigned nr)
{
	must(nr <= DEVIATIONS_MAX);
	choice.strategy = strategy_find("plain");
	choice.fail_one_in = 0;
	choice.deviations_nr = (uint16_t)nr;
	memcpy(choice.deviation, deviation, nr * sizeof(*deviation));
	return run(l, recorded_seed);
}

unsigned litmus_stale(void)
{
	return choice_stale(&choice);
}

/* ---- a search ---- */

static void count(struct litmus_counts *c, const struct verdict *v, uint64_t seed)
{
	char signature[SIGNATURE_MAX];
	unsigned i;

	verdict_signature(v, signature, sizeof(signature));
	for (i = 0; i < c->kinds_nr; i++)
		if (!strcmp(c->kind[i].signature, signature) && !strcmp(c->kind[i].text, v->text))
			break;
	must(i < LITMUS_KINDS_MAX);
	if (i == c->kinds_nr) {
		strcpy(c->kind[i].signature, signature);
		strcpy(c->kind[i].text, v->text);
		c->kind[i].seed = seed;
		c->kinds_nr++;
	}
	c->kind[i].runs++;
}

void litmus_search(const struct litmus *l, const char *strategy, unsigned runs,
		   struct litmus_counts *ret)
{
	*ret = (struct litmus_counts){0};
	for (uint64_t seed = 1; seed <= runs; seed++) {
		const struct verdict *v = litmus_run(l, strategy, seed);

		ret->runs++;
		if (v->rule)
			count(ret, v, seed);
		else
			ret->clean++;
	}
}
