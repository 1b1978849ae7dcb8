/*
 * minimize.c - from a recorded failing run to the program that a person reads.
 *
 * In rounds, until one changes nothing: cut what can be cut (program_minimize(), a replay a
 * question), first all that the signature outlives, then what the symptom does; take out single ops and look for another schedule; take the first schedule with the
 * fewest changes of lane; name threads in the order of their first step and write the program in its
 * canonical form. A cut is taken only if the run becomes cheaper: cost_of().
 *
 * The search for the fewest changes starts from threads sorted by what they do. So its result
 * depends on the ops alone, not on who was called A in the run that was found: equal findings end as
 * equal programs. What is to fail fails in all runs. Left out: schedules at plain accesses.
 */
#include "search/minimize.h"

#include <string.h>

#include "search/another.h"
#include "search/earliest.h"
#include "search/trees.h"
#include "search/hang.h"
#include "search/names.h"

#define ROUNDS_MAX 6
#define DRAWN 8	       /* schedules that the best is taken of where there are too many */
#define DRAW_RUNS 4000 /* for all of them */

struct minimizer {
	struct exec *x;
	struct exec_how how; /* with @until, once the verdict is known */
	struct minimize *m;
	char signature[SIGNATURE_MAX], symptom[SIGNATURE_MAX];
	char until[SIGNATURE_MAX]; /* the symptom */
	enum rule rule;
	uint64_t cost;
	uint64_t answer;   /* what that came to cost; 0: it is the least */
	uint64_t question; /* hash of the program whose schedules were searched last */
	struct another another;
	bool loose; /* it is the symptom that stays */
};

static bool stops(const struct minimizer *k)
{
	return k->m->stop && k->m->stop();
}

/* ---- a run ---- */

static void run(struct minimizer *k, const struct program *p)
{
	exec_prepare(k->x, p, k->x->subject, NULL);
	exec_run(k->x, &k->how, NULL, 0);
}

static bool has_signature(const struct minimizer *k)
{
	char got[SIGNATURE_MAX];

	verdict_signature(&k->x->trace.verdict, got, sizeof(got));
	return strcmp(got, k->signature) == 0;
}

static bool has_symptom(const struct minimizer *k)
{
	return verdict_has_symptom(&k->x->trace.verdict, k->symptom);
}

/* Of ops that are as few as can be the schedule alone says which function meets a NULL. */
static bool has_symptom_somewhere(const struct minimizer *k)
{
	return has_symptom(k) || (k->m->anywhere && k->rule == RULE_null_deref &&
				  k->x->trace.verdict.rule == k->rule);
}

static void take_verdict(struct minimizer *k)
{
	k->rule = k->x->trace.verdict.rule;
	verdict_signature(&k->x->trace.verdict, k->signature, sizeof(k->signature));
	verdict_symptom(&k->x->trace.verdict, k->symptom, sizeof(k->symptom));
}

static uint64_t at_most(uint64_t n, unsigned bits)
{
	return n < 1ull << bits ? n : (1ull << bits) - 1;
}

/* Of the last run, which was one of @p; what weighs most stands first. */
static uint64_t cost_of(const struct exec *x, const struct program *p)
{
	unsigned objects = 0, fails = 0, in_threads = 0;
	uint64_t operands = 0, cost;

	for (unsigned i = 0; i < p->ops_nr; i++) {
		const struct op_type *type = &p->descriptor->ops[p->ops[i].verb];

		objects += type->gives >= 0;
		in_threads += p->ops[i].lane != LANE_MAIN;
		for (unsigned j = 0; j < type->operands_nr; j++)
			if (type->operands[j].kind != OPERAND_OBJECT)
				operands += at_most(p->ops[i].operand[j], 12);
	}
	for (unsigned i = 0; i < p->deviations_nr; i++)
		fails += p->deviations[i].action == DEVIATION_FAILS;
	cost = (uint64_t)p->ops_nr << 4 | (unsigned)__builtin_popcount(x->lanes);
	cost = cost << 6 | in_threads;
	cost = cost << 6 | objects;
	cost = cost << 11 | at_most(x->choice.switches, 11);
	cost = cost << 8 | fails;
	cost = cost << 13 | at_most(operands, 13);
	return cost << 8 | (p->deviations_nr - exec_stale(x));
}

/* ---- cutting ---- */

static bool keeps(const struct program *p, void *arg)
{
	struct minimizer *k = arg;
	uint64_t cost;

	if (stops(k))
		return false;
	run(k, p);
	if (!(k->loose ? has_symptom(k) : has_signature(k)))
		return false;
	cost = cost_of(k->x, p);
	if (cost >= k->cost)
		return false;
	k->cost = cost;
	return true;
}

/* The same run once more, as the decisions that it has now; @p stays if that does not replay. */
static void rewrite(struct minimizer *k, struct program *p)
{
	static struct program written;

	run(k, p);
	if (exec_record(k->x, &k->how, NULL, 0, &written) && has_signature(k))
		*p = written;
}

static unsigned replays_left(const struct minimizer *k)
{
	return k->m->replays < k->m->replays_max ? k->m->replays_max - k->m->replays : 0;
}

static void cut(struct minimizer *k, struct program *p, bool loose)
{
	k->loose = loose;
	run(k, p);
	k->cost = cost_of(k->x, p);
	k->m->replays += program_minimize(p, keeps, k, replays_left(k));
	run(k, p);
	take_verdict(k);
	rewrite(k, p);
}

/* Another schedule of @p that shows the symptom; written down in @p. */
static bool search(struct minimizer *k, struct program *p)
{
	if (!another_find(&k->another, k->x, &k->how, k->symptom, p))
		return false;
	take_verdict(k);
	return true;
}

/* From the end, as what comes later hangs on what comes first. Returns: was one taken out? */
static bool cut_and_search(struct minimizer *k, struct program *p)
{
	static struct program candidate;

	for (unsigned i = p->ops_nr; i-- > 0 && !stops(k) && !k->how.strength.weak;) {
		candidate = *p;
		program_drop_op(&candidate, i);
		if (candidate.ops_nr && search(k, &candidate)) {
			*p = candidate;
			return true;
		}
	}
	return false;
}

/* ---- fewer threads ---- */

/* Is it there, or with another schedule? Then it is the program. */
static bool take_if_shown(struct minimizer *k, struct program *candidate, struct program *p)
{
	run(k, candidate);
	if (!has_symptom(k) && !search(k, candidate))
		return false;
	take_verdict(k);
	*p = *candidate;
	return true;
}

enum turn { BY_BEGIN, BY_END, FROM_LAST, FROM_FIRST, TURNS };

/* When each op of the last run had its turn; @from: the thread that comes last, or first. */
static void take_turns(const struct minimizer *k, const struct program *p, enum turn turn,
		       unsigned from, uint32_t when[OPS_MAX])
{
	const struct trace *t = &k->x->trace;

	for (unsigned i = 0; i < p->ops_nr; i++)
		when[i] = EVENTS_MAX + i;
	for (uint32_t e = 0; e < t->events_nr; e++) {
		const struct trace_event *at = &t->event[e];

		if (at->kind != (turn == BY_END ? EV_op_end : EV_op_begin) || !at->op ||
		    at->op > k->x->ops_nr[at->lane])
			continue;
		when[k->x->op_of[at->lane][at->op - 1]] = e;
	}
	for (unsigned i = 0; i < p->ops_nr && turn >= FROM_LAST; i++)
		if ((p->ops[i].lane == from) == (turn == FROM_LAST))
			when[i] += 2 * EVENTS_MAX;
}

static bool merge_two(struct minimizer *k, struct program *p, unsigned from, unsigned to)
{
	static struct program candidate;
	uint32_t when[OPS_MAX];

	for (enum turn turn = 0; turn < TURNS && !stops(k); turn++) {
		run(k, p);
		take_turns(k, p, turn, from, when);
		if (program_merge_threads(p, from, to, when, &candidate) &&
		    take_if_shown(k, &candidate, p))
			return true;
	}
	return false;
}

static bool merge_threads(struct minimizer *k, struct program *p)
{
	for (unsigned to = LANE_A; to <= LANE_F; to++)
		for (unsigned from = to + 1; from <= LANE_F; from++)
			if (k->x->lanes >> to & k->x->lanes >> from & 1 &&
			    merge_two(k, p, from, to))
				return true;
	return false;
}

static bool is_first_of_thread(const struct program *p, unsigned index)
{
	return p->ops[index].lane != LANE_MAIN && program_op_number(p, index) == 1;
}

/* What need not be concurrent is done before. */
static bool move_to_setup(struct minimizer *k, struct program *p)
{
	static struct program candidate;

	for (unsigned i = 0; i < p->ops_nr && !stops(k); i++) {
		run(k, p);
		if (__builtin_popcount(k->x->lanes) < 2)
			return false;
		if (is_first_of_thread(p, i) && program_move_to_setup(p, i, &candidate) &&
		    take_if_shown(k, &candidate, p))
			return true;
	}
	return false;
}

/* Under weak memory a seed says which stores come late: another program has others. */
static bool use_fewer_threads(struct minimizer *k, struct program *p)
{
	if (k->how.strength.weak || k->how.strength.granularity != SIM_PRIMITIVES)
		return false;
	return merge_threads(k, p) || move_to_setup(k, p);
}

static void use_one_column(struct minimizer *k, struct program *p)
{
	static struct program candidate;

	if (program_one_column(p, &candidate))
		take_if_shown(k, &candidate, p);
	run(k, p);
	take_verdict(k);
}

/* ---- names ---- */

/* A deviation at every change of lane: it says who runs, whatever the threads are called. */
static bool write_every_switch(struct minimizer *k, struct program *p)
{
	static struct program written;
	struct exec_how how = k->how;
	bool whole;

	how.every_switch = true;
	whole = exec_record(k->x, &how, NULL, 0, &written);
	if (whole)
		*p = written;
	return whole;
}

/* The failing run of @p with its threads named anew; @p stays if that is not the same run. */
static void rename_threads(struct minimizer *k, struct program *p)
{
	static struct program every, renamed, written;
	uint8_t lane_to[LANES];
	unsigned switches;

	run(k, p);
	switches = k->x->choice.switches;
	every = *p;
	if (!write_every_switch(k, &every))
		return;
	names_by_step(k->x, lane_to);
	program_canonical(&every, lane_to, &renamed);
	run(k, &renamed);
	if (!has_signature(k) || k->x->choice.switches != switches ||
	    !exec_record(k->x, &k->how, NULL, 0, &written) || !has_signature(k))
		return;
	names_as_they_are(lane_to);
	program_canonical(&written, lane_to, p);
}

/* ---- the fewest changes of lane ---- */

enum outcome { NONE_SHOWS, ONE_SHOWS, STOPPED };

static bool may_go_on(struct minimizer *k, unsigned bound)
{
	if (k->m->progress)
		k->m->progress(k->m->schedules, bound);
	return k->m->schedules < k->m->schedules_max && !stops(k);
}

/* The run that comes next in the tree: was it one within the bound? */
static bool explore_next(struct minimizer *k, const struct exec_how *how, struct trees *t)
{
	uint64_t blocked = trees_counts(t).blocked;

	trees_run(k->x, how, t);
	k->m->schedules++;
	return trees_counts(t).blocked == blocked;
}

static bool write_explored(struct minimizer *k, const struct exec_how *how, struct trees *t,
			   struct program *ret)
{
	return trees_record(k->x, how, t, ret) && has_symptom_somewhere(k);
}

static enum outcome explore(struct minimizer *k, unsigned bound, struct program *ret)
{
	const struct program *p = k->x->program;
	struct trees t = {
		.strategy = &strategy_switches, .preemptions_max = bound, .run_seed = p->seed};
	struct exec_how how = k->how;
	enum outcome outcome = NONE_SHOWS;

	how.own_failures = true;
	while (outcome == NONE_SHOWS && trees_next(&t, p)) {
		if (!may_go_on(k, bound))
			outcome = STOPPED;
		else if (explore_next(k, &how, &t) && has_symptom_somewhere(k))
			outcome = write_explored(k, &how, &t, ret) ? ONE_SHOWS : STOPPED;
	}
	trees_end(&t);
	return outcome;
}

static enum outcome explore_up_to(struct minimizer *k, unsigned most, struct program *ret)
{
	enum outcome outcome = NONE_SHOWS;

	for (unsigned bound = 0; bound <= most && outcome == NONE_SHOWS; bound++) {
		k->m->excluded = bound;
		outcome = explore(k, bound, ret);
	}
	return outcome;
}

/* ---- the best one ---- */

/* Number @index of the schedules of @sorted that a fixed search meets, cut; its cost, or UINT64_MAX. */
static uint64_t draw(struct minimizer *k, const struct program *sorted, uint64_t *seed,
		     struct program *ret)
{
	const struct strategy *portfolio = strategy_find("portfolio");

	exec_prepare(k->x, sorted, k->x->subject, &k->how);
	while (*seed < DRAW_RUNS && !stops(k)) {
		exec_run(k->x, &k->how, portfolio, ++*seed);
		if (!has_symptom(k) || !exec_record(k->x, &k->how, portfolio, *seed, ret) ||
		    !has_symptom(k))
			continue;
		take_verdict(k);
		cut(k, ret, true);
		return k->cost;
	}
	return UINT64_MAX;
}

/*
 * The best of a few schedules that depend on the ops alone: equal findings end alike though nobody
 * knows the first schedule of all.
 */
static uint64_t draw_best(struct minimizer *k, const struct program *sorted, struct program *ret)
{
	static struct program drawn;
	uint64_t best = UINT64_MAX, seed = 0;

	for (unsigned i = 0; i < DRAWN && seed < DRAW_RUNS && !k->how.strength.weak; i++) {
		uint64_t cost = draw(k, sorted, &seed, &drawn);

		if (cost >= best)
			continue;
		best = cost;
		*ret = drawn;
	}
	return best;
}

static void want_verdict(struct minimizer *k)
{
	verdict_symptom(&k->x->trace.verdict, k->until, sizeof(k->until));
	if (k->until[0])
		k->how.until = k->until;
}

/* What goes on to its end anyhow needs no decision to be left where it is done. */
static void cut_least(struct minimizer *k, struct program *least)
{
	run(k, least);
	take_verdict(k);
	if (k->how.until)
		want_verdict(k);
	cut(k, least, true);
}

/* Sets what @m tells of the search. A question that was asked in the round before has its answer. */
static void take_least(struct minimizer *k, struct program *p)
{
	static struct program sorted, least;
	uint64_t question, cost;

	run(k, p);
	cost = cost_of(k->x, p);
	names_sort(p, &sorted);
	question = program_hash(&sorted);
	if (question != k->question) {
		unsigned switches = k->x->choice.switches;

		k->question = question;
		k->m->schedules = 0;
		k->answer = 0;
		exec_prepare(k->x, &sorted, k->x->subject, NULL);
		k->m->proved = explore_up_to(k, switches, &least) == ONE_SHOWS;
		if (k->m->proved)
			cut_least(k, &least);
		else
			k->answer = draw_best(k, &sorted, &least);
	}
	if (k->answer <= cost)
		*p = least;
	run(k, p);
	take_verdict(k);
}

/* ---- all of it ---- */

static void one_round(struct minimizer *k, struct program *p)
{
	do {
		cut(k, p, false);
		cut(k, p, true);
	} while (cut_and_search(k, p) || use_fewer_threads(k, p));
	use_one_column(k, p);
	take_least(k, p);
	exec_fail_earliest(k->x, &k->how, p);
	rename_threads(k, p);
}

/* What comes first in its run stays first: no other verdict is passed over that it may follow from. */
static bool comes_first(struct minimizer *k, const struct program *p)
{
	struct exec_how how = k->how;
	bool first;

	k->how.until = NULL;
	k->how.is_known = NULL;
	run(k, p);
	first = has_signature(k);
	if (!first)
		k->how = how;
	return first;
}

/* Another schedule of the small program in which it comes first; then that is the program. */
static bool search_first(struct minimizer *k, struct program *p)
{
	static struct program candidate;
	struct exec_how how = k->how;

	if (!k->how.until || sight_find(k->symptom) || stops(k) || k->how.strength.weak)
		return false;
	candidate = *p;
	k->how.until = NULL; /* as in comes_first() */
	k->how.is_known = NULL;
	k->question = 0;
	if (!search(k, &candidate)) {
		k->how = how;
		run(k, p);
		return false;
	}
	*p = candidate;
	return true;
}

static void start(struct minimizer *k, struct program *p)
{
	run(k, p);
	take_verdict(k);
	if (k->rule && sight_find(k->symptom)) {
		want_verdict(k);
	} else if (k->signature[0] && !comes_first(k, p)) {
		run(k, p);
		want_verdict(k);
		search_first(k, p);
	}
}

void exec_minimize_with(struct exec *x, const struct exec_how *how, struct program *p,
			struct minimize *m)
{
	struct minimizer k = {.x = x, .how = *how, .m = m};

	start(&k, p);
	if (x->trace.verdict.rule == RULE_hang)
		k.how = hang_how(&k.how);
	if (k.signature[0])
		for (unsigned round = 0; round < ROUNDS_MAX && !stops(&k); round++) {
			uint64_t before = program_hash(p);

			one_round(&k, p);
			if (program_hash(p) == before && !search_first(&k, p))
				break;
		}
	run(&k, p);
	m->switches = x->choice.switches;
	m->proved |= m->excluded >= m->switches;
}

void exec_minimize(struct exec *x, const struct exec_how *how, struct program *p, unsigned budget)
{
	struct minimize m = {.replays_max = budget, .schedules_max = MINIMIZE_SCHEDULES};

	exec_minimize_with(x, how, p, &m);
}
