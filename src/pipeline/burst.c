/*
 * burst.c - an input is run many times, so that parsing it and learning its profile are paid once.
 *
 * Each run gives its marks to the engine, and is a finding if its verdict is wanted and not known. A
 * finding is repeated with the profile and the race points that it was found with: so those of its own
 * run are learnt behind it.
 */
#include "pipeline/burst.h"

#include <string.h>
#include <stdio.h>

#include "guide/coverage.h"
#include "kapi/file.h"
#include "search/search.h"

#define BURST 24
#define BURST_OWN 16 /* the same with an input's deviations on top */
/* One run in so many, and this one of a short program, has every access as a scheduling point. */
#define WIDE_EVERY 8
#define WIDE_AT 3
#define RETURN_ONE_IN 2 /* inputs that are followed by as many runs from where a rare mark was */

static struct burst *current;
static struct follow followed; /* by the last run, where it followed one */
static unsigned op_news;       /* ops that met an object in a state in which they never had */

/* ---- a run ---- */

static bool is_finding(const struct burst *b)
{
	const struct verdict *v = &b->x->trace.verdict;

	if (!v->rule || v->rule == RULE_not_modelled ||
	    (b->how.until && !verdict_matches(v, b->how.until)))
		return false;
	return !b->how.is_known || !b->how.is_known(v);
}

static void run_begins(struct burst *b)
{
	if (b->starts)
		b->starts(b->arg);
}

/* It is counted and told. Returns: was it a finding? */
static bool run_ended(struct burst *b)
{
	b->runs++;
	if (b->ran)
		b->ran(b->arg);
	return is_finding(b);
}

/* Returns: was the last run a finding? */
static bool look(struct burst *b, const struct program *p, const struct strategy *strategy,
		 uint64_t seed)
{
	unsigned news = feedback_take(b->feedback, &b->x->trace);
	bool found;

	if (b->archive)
		archive_take(b->archive, b->feedback, b->x, strategy, seed);
	if (strategy && b->adapt)
		adapt_learn(b->adapt, strategy == follow_strategy() ? followed.then : strategy,
			    news);
	found = run_ended(b);
	if (found)
		b->found(b->arg, p, strategy, seed);
	exec_learn_race();
	feedback_begin(b->feedback);
	return found;
}

static bool run(struct burst *b, const struct program *p, const struct strategy *strategy,
		uint64_t seed)
{
	run_begins(b);
	exec_run(b->x, &b->how, strategy, seed);
	return look(b, p, strategy, seed);
}

/*
 * A run in which every plain access is a scheduling point, too: a pointer that is read in one step and used in
 * the same is never used after a free else. What it marks belongs to another kind of run, and is dropped.
 * Returns: was it a finding?
 */
static bool run_wide(struct burst *b, const struct program *p)
{
	const struct strategy *strategy = strategy_at(STRATEGY_pos);
	struct sim_strength as_asked = b->how.strength;
	uint64_t seed = b->seed + b->runs;
	bool found;

	b->how.strength.granularity = SIM_ACCESSES;
	run_begins(b);
	exec_run(b->x, &b->how, strategy, seed);
	found = run_ended(b);
	if (found)
		b->found(b->arg, p, strategy, seed);
	b->how.strength = as_asked;
	feedback_begin(b->feedback);
	return found;
}

/* ---- ops ---- */

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

static void watch_op(const struct exec *x, unsigned index)
{
	const struct program_op *op = &x->program->ops[index];
	unsigned state = state_of(&x->program->descriptor->ops[op->verb], op->operand);

	current->feedback->event = (uint16_t)(x->trace.events_nr - 1);
	if (current->op)
		current->op(current->arg, op->verb, state);
	op_news += feedback_mark(current->feedback, FEEDBACK_ops, op->verb, state + 1);
}

/* ---- one input ---- */

/* exec_learn(), but each of its runs is looked at. Returns: was one a finding? */
static bool learn_profile(struct burst *b, const struct program *p)
{
	for (unsigned i = 0; i < PROFILE_FEW; i++) {
		if (run(b, p, exec_teacher(i), exec_teacher_seed(i)))
			return true;
		profile_learn(&b->x->profile, &b->x->trace);
	}
	return false;
}

static const struct strategy *draw_strategy(const struct burst *b, uint64_t seed)
{
	return b->adapt ? adapt_draw(b->adapt, seed) : strategy_find("portfolio");
}

/* The schedule as it stands, then with other seeds under the same deviations. */
static bool run_own(struct burst *b, struct program *p)
{
	uint64_t seed = p->seed;
	bool found = false;

	for (unsigned i = 0; i < (p->strategy ? BURST_OWN : 1) && !found; i++) {
		p->seed = seed + i;
		found = run(b, p, NULL, 0);
	}
	p->seed = seed;
	return found;
}

static void run_burst(struct burst *b, const struct program *p)
{
	const char *name = program_name(p, p->strategy);
	const struct strategy *portfolio = strategy_find("portfolio");
	const struct strategy *own = name[0] ? strategy_find(name) : portfolio;

	for (unsigned i = 0; i < BURST; i++) {
		uint64_t seed = p->seed + i;

		if (b->accesses && i % WIDE_EVERY == WIDE_EVERY - 1
			    ? run_wide(b, p)
			    : run(b, p, own == portfolio ? draw_strategy(b, seed) : own, seed))
			return;
	}
}

static void run_program(struct burst *b, struct program *p)
{
	if (learn_profile(b, p) || (p->deviations_nr && run_own(b, p)))
		return;
	if (!p->deviations_nr || !p->strategy)
		run_burst(b, p);
}

/*
 * Back to where a rare mark was seen, and on from there in other ways: so a bug that needs many
 * orders is come to order by order, where each of them shows in a mark.
 */
static void return_to_rare(struct burst *b)
{
	struct rng rng = rng_init(rng_mix(b->seed) ^ b->runs);
	static struct program p;
	static uint8_t lane[CHOICES_MAX];
	struct follow whole;
	const struct program *from = archive_draw(b->archive, &rng, &whole);

	if (!from)
		return;
	p = *from; /* the archive may need the room meanwhile */
	memcpy(lane, whole.lane, whole.prefix);
	whole.lane = lane;
	exec_prepare(b->x, &p, b->x->subject, NULL);
	if (learn_profile(b, &p))
		return;
	for (unsigned i = 0; i < BURST; i++) {
		followed = whole;
		followed.prefix = archive_cut(&whole, &rng);
		followed.seed = rng_next(&rng);
		followed.then = draw_strategy(b, followed.seed);
		run_begins(b);
		follow_run(b->x, &b->how, &followed);
		if (look(b, &p, follow_strategy(), followed.run_seed))
			return;
	}
}

/* ---- short programs ---- */

#define GROWN_RUNS 4 /* orders of one sequence: only its works and callbacks can differ */
#define PAIR_RUNS 8  /* of two ops in two threads, and twice as many when they come again */
#define MORE_RUNS 12 /* after a run that showed something new */
#define FINDINGS_IN_ONE 4
#define PROMISING_NEWS 4 /* marks and counters that were never seen before */

/* What the last op did: @returned is -1 where it did not end. */
static void look_at_last_op(const struct exec *x, struct sequence_shown *shown)
{
	const struct program *p = x->program;
	unsigned last = p->ops_nr - 1u;

	shown->returned = -1;
	for (uint32_t i = 0; i < x->trace.events_nr; i++) {
		const struct trace_event *e = &x->trace.event[i];

		if (e->lane != p->ops[last].lane || e->op != program_op_number(p, last))
			continue;
		if (e->kind == EV_blocked)
			shown->waited = true;
		if (e->kind == EV_wait && e->arg >= 0)
			shown->waited = false;
		if (e->kind == EV_op_end)
			shown->returned = e->arg;
	}
}

/* What the last op did on its thread: the places that it came to, and what it returned. */
static uint32_t behaviour(const struct exec *x)
{
	const struct program *p = x->program;
	unsigned last = p->ops_nr - 1u, op = program_op_number(p, last);
	uint32_t hash = 1;

	for (uint32_t i = 0; i < x->trace.events_nr; i++) {
		const struct trace_event *e = &x->trace.event[i];

		if (e->lane != p->ops[last].lane || e->op != op)
			continue;
		hash = (hash ^ e->kind ^ (e->kind == EV_op_end ? (uint32_t)e->arg << 8 : 0)) *
		       0x9e3779b1u;
		if (e->site) {
			site_ids(e->site);
			hash = (hash ^ hash >> 15 ^ e->site->func_id * 31 ^ e->site->prim_id) *
			       0x85ebca6bu;
		}
	}
	return hash | 1;
}

static void begin_order(struct burst *b)
{
	feedback_begin(b->feedback);
	coverage_forget();
	op_news = 0;
	run_begins(b);
}

/* A run that ended. Returns: was it a finding? */
static bool look_at_order(struct burst *b, struct search *search, const struct program *p,
			  struct sequence_shown *shown)
{
	bool explored = search && search_explored(search), found;

	if (search) /* what a failure shows is no news: the sequence that it grows from stays likely */
		shown->news += feedback_take(b->feedback, &b->x->trace) + coverage_take() + op_news;
	shown->runs++;
	found = run_ended(b);
	if (found && explored && !search_write_down(b->x, &b->how, search))
		return false; /* the strategies may find a shorter way */
	if (found && search)
		b->found(b->arg, explored ? b->x->program : p, search->by, search->by_seed);
	else if (found)
		b->found(b->arg, p, NULL, 0);
	if (!found && !shown->ended) {
		shown->ended = true;
		look_at_last_op(b->x, shown);
		shown->behaviour = behaviour(b->x);
		shown->can_fail_nr =
			b->x->can_fail_nr < CAN_FAIL_MAX ? b->x->can_fail_nr : CAN_FAIL_MAX;
	}
	return found;
}

/* Returns: was one a finding? */
static bool run_orders(struct burst *b, const struct program *p, unsigned runs,
		       struct sequence_shown *shown)
{
	struct search search = {.strategy = b->search ? b->search : &strategy_search,
				.seed = b->seed + b->runs,
				.small = true};
	struct exec_how how = b->how;
	bool found = false, more = runs < PAIR_RUNS;

	exec_prepare(b->x, p, b->x->subject, NULL);
	for (unsigned i = 0; i < runs && !found; i++) {
		unsigned news = shown->news;

		if (b->accesses && i == WIDE_AT) {
			found = run_wide(b, p);
			shown->runs++;
			continue;
		}
		how.keep_failures = !shown->ended;
		begin_order(b);
		if (!search_next(b->x, &how, &search))
			break;
		found = look_at_order(b, &search, p, shown);
		profile_learn(&b->x->profile, &b->x->trace);
		if (i && shown->news > news && !more) {
			more = true;
			runs += MORE_RUNS;
		}
	}
	search_end(&search);
	exec_learn_race();
	return found;
}

/* Where orders differ, an op's behaviour is that of the run that changes threads only where it must. */
static void run_plain(struct burst *b, const struct program *p, struct sequence_shown *shown)
{
	exec_prepare(b->x, p, b->x->subject, NULL);
	begin_order(b);
	exec_run(b->x, &b->how, NULL, 0);
	look_at_order(b, NULL, p, shown);
	shown->behaviour = behaviour(b->x);
}

static void run_failing(struct burst *b, const struct program *p, struct sequence_shown *shown)
{
	exec_prepare(b->x, p, b->x->subject, NULL);
	begin_order(b);
	exec_run(b->x, &b->how, NULL, 0);
	look_at_order(b, NULL, p, shown);
}

static unsigned runs_of(const struct sequences *s)
{
	return s->kind == SEQUENCE_GROWN ? GROWN_RUNS : PAIR_RUNS << s->pass;
}

bool burst_sequence(struct burst *b, struct sequences *s)
{
	static struct program p;
	struct sequence_shown shown = {.returned = -1, .can_fail = b->x->can_fail};

	if (s->over || !sequences_next(s, &p))
		return false;
	if (s->kind == SEQUENCE_FAILS)
		run_failing(b, &p, &shown);
	else /* what is behind a finding shows now that it is known */
		for (unsigned i = 0; i < FINDINGS_IN_ONE; i++)
			if (!run_orders(b, &p, runs_of(s), &shown))
				break;
	if (s->kind == SEQUENCE_GROWN && shown.ended && shown.runs > 1)
		run_plain(b, &p, &shown);
	if (b->promising && shown.news >= PROMISING_NEWS)
		b->promising(b->arg, &p);
	sequences_ran(s, &shown);
	return true;
}

void burst_begin(struct burst *b)
{
	current = b;
	b->how.watch_op = watch_op;
	if (!b->alone)
		return;
	b->adapt = NULL;
	b->archive = NULL;
	b->accesses = false; /* their seeds count the runs */
}

void burst_input(struct burst *b, struct program *p)
{
	b->inputs++;
	feedback_begin(b->feedback);
	if (b->alone)
		sim_forget_race_points();
	exec_prepare(b->x, p, b->x->subject, NULL);
	run_program(b, p);
	if (b->archive && b->inputs % RETURN_ONE_IN == 0)
		return_to_rare(b);
}
