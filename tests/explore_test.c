/*
 * explore_test.c - the explorer's counts are those that one can work out by hand, and it sees what naive
 * enumeration sees, with one execution for each class.
 *
 * Two yardsticks for small random programs. Semantic: the set of outcomes (what every lane did and
 * was told, and the verdict), in which no notion of dependence plays a part. Combinatorial: of
 * programs that always run to their end, as many executions as the naive ones have classes.
 */
#include "tests/laws.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/about.h"
#include "tests/share.h"

#include "search/explore.h"
#include "search/search.h"

ABOUT_HERE

#define PROGRAMS 1000
#define NAIVE_MAX 20000 /* executions; programs with more are drawn again */

/* ---- sets ---- */

struct set {
	size_t nr;
	uint64_t *value;
};

static void set_add(struct set *s, uint64_t value)
{
	if (!(s->nr & (s->nr - 1))) {
		s->value = realloc(s->value, (s->nr ? 2 * s->nr : 1) * sizeof(value));
		assert_non_null(s->value);
	}
	s->value[s->nr++] = value;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void set_settle(struct set *s)
{
	size_t nr = 0;

	if (s->nr)
		qsort(s->value, s->nr, sizeof(*s->value), by_value);
	for (size_t i = 0; i < s->nr; i++)
		if (!nr || s->value[nr - 1] != s->value[i])
			s->value[nr++] = s->value[i];
	s->nr = nr;
}

static bool set_equal(const struct set *a, const struct set *b)
{
	for (size_t i = 0; i < a->nr && i < b->nr; i++)
		if (a->value[i] != b->value[i])
			return false;
	return a->nr == b->nr;
}

static void set_forget(struct set *s)
{
	free(s->value);
	*s = (struct set){0};
}

/* ---- exploring ---- */

struct seen {
	struct set outcomes, classes;
	uint64_t executions;
};

static bool is_reclaim(const struct trace_event *e)
{
	return e->kind == EV_may_fail && e->site && !strcmp(e->site->prim, "find_free_memory");
}

/*
 * What each lane did and was told, whatever the others did meanwhile, and the verdict; of a run that
 * was abandoned while threads ran, the verdict alone: how far the others were is chance.
 */
static uint64_t outcome(const struct trace *t, bool abandoned)
{
	uint64_t lane[LANES] = {0}, hash = 0;
	char signature[SIGNATURE_MAX];

	for (uint32_t i = 0; !abandoned && i < t->events_nr; i++) {
		const struct trace_event *e = &t->event[i];

		/* Whether one had to wait is no outcome; trees are without the choice to reclaim. */
		if (e->kind == EV_blocked || e->kind == EV_unlock_tail || is_reclaim(e))
			continue;
		lane[e->lane] = rng_mix(lane[e->lane] * 31 + e->kind);
		lane[e->lane] = rng_mix(lane[e->lane] + (uint64_t)(int64_t)e->arg);
	}
	for (unsigned i = 0; i < LANES; i++)
		hash = rng_mix(hash * 31 + lane[i]);
	verdict_signature(&t->verdict, signature, sizeof(signature));
	return rng_mix(hash + name_id(signature));
}

static struct explore explored;
static uint32_t explored_bound = EXPLORE_UNBOUNDED;
static unsigned explored_failures;
static bool explored_drawn;

static void look(void *arg, const struct exec *x)
{
	struct seen *s = arg;
	uint64_t executions = trees_counts(&explored.trees).executions;

	if (executions == s->executions)
		return; /* blocked */
	s->executions = executions;
	set_add(&s->outcomes, outcome(&x->trace, x->choice.active));
	set_add(&s->classes, explorer_class(explored.trees.explorer));
}

static void explore(const struct program *p, const struct strategy *strategy, uint64_t runs_max,
		    struct seen *ret)
{
	struct exec *x = laws_exec();
	bool drawn = explored_drawn && strategy == &strategy_dpor;

	*ret = (struct seen){0};
	explored = (struct explore){.trees = {.strategy = strategy,
					      .preemptions_max = explored_bound,
					      .failures_max = explored_failures,
					      .walks = drawn ? EXPLORE_WALKS : 0,
					      .seed = p->ops_nr},
				    .runs_max = runs_max,
				    .each = look,
				    .arg = ret};
	laws_how.until = NULL;
	exec_prepare(x, p, subject_find(p->descriptor->name), NULL);
	exec_explore(x, &laws_how, &explored);
	set_settle(&ret->outcomes);
	set_settle(&ret->classes);
}

static void forget(struct seen *s)
{
	set_forget(&s->outcomes);
	set_forget(&s->classes);
}

/* ---- counts that are known ---- */

static struct program program;

static void counts(const char *name, enum sim_unlock unlock, uint64_t wanted)
{
	struct exec *x = laws_exec();
	struct explore_counts n;
	char path[64];

	snprintf(path, sizeof(path), "../bench/%s.bond", name);
	laws_load(path, &program);
	laws_how.strength.unlock = unlock;
	explored = (struct explore){.trees.strategy = &strategy_dpor};
	exec_prepare(x, &program, subject_find("litmus"), NULL);
	exec_explore(x, &laws_how, &explored);
	laws_how.strength.unlock = SIM_UNLOCK_CONTRACT;
	n = trees_counts(&explored.trees);
	print_message("%s: %llu executions, %llu blocked\n", name, (unsigned long long)n.executions,
		      (unsigned long long)n.blocked);
	assert_true(explored.trees.complete);
	assert_int_equal(explored.findings_nr, 0);
	assert_int_equal(n.executions, wanted);
}

static void executions_are_as_many_as_classes_worked_out_by_hand(void **unused)
{
	(void)unused;
	counts("exit1", SIM_UNLOCK_ATOMIC, 3);
	counts("exit2", SIM_UNLOCK_ATOMIC, 34);
	counts("exit3", SIM_UNLOCK_ATOMIC, 786);
	counts("exit4", SIM_UNLOCK_ATOMIC, 30344);
	counts("own1", SIM_UNLOCK_ATOMIC, 3);
	counts("own2", SIM_UNLOCK_ATOMIC, 12);
	counts("own3", SIM_UNLOCK_ATOMIC, 60);
	counts("own4", SIM_UNLOCK_ATOMIC, 360);
}

static void the_tail_of_an_unlock_is_a_step(void **unused)
{
	(void)unused;
	counts("exit1", SIM_UNLOCK_CONTRACT, 12);
	counts("exit2", SIM_UNLOCK_CONTRACT, 6292);
	counts("own1", SIM_UNLOCK_CONTRACT, 12);
	counts("own2", SIM_UNLOCK_CONTRACT, 480);
}

/*
 * A synchronize begins before a reader, inside it or behind it; inside, its wait ends behind the reader. Two of
 * them commute, but where both wait. With two readers a wait also comes before or behind the end of a reader
 * that it need not wait for.
 */
static void grace_periods_depend_on_readers_only(void **unused)
{
	(void)unused;
	counts("grace1", SIM_UNLOCK_ATOMIC, 1);		/* three synchronize */
	counts("grace2", SIM_UNLOCK_ATOMIC, 3 * 3 + 1); /* two, one reader */
	counts("grace3", SIM_UNLOCK_ATOMIC, 3 * 3 + 2); /* one, two readers */
}

/* ---- a bound on preemptions ---- */

static uint64_t bounded(const struct program *p, uint32_t preemptions)
{
	struct exec *x = laws_exec();

	explored = (struct explore){
		.trees = {.strategy = &strategy_exhaust, .preemptions_max = preemptions}};
	exec_prepare(x, p, subject_find("litmus"), NULL);
	exec_explore(x, &laws_how, &explored);
	assert_true(explored.trees.complete);
	return trees_counts(&explored.trees).executions;
}

/*
 * Two threads of n steps that never block. Without a bound C(2n, n) schedules. Who comes first is
 * free, and so is what follows when one has ended; c preemptions cut the two threads into c + 2 runs of
 * at least one step, so that there are two ways to begin for each way to cut.
 */
static void preemptions_are_counted(void **unused)
{
	static const uint32_t steps = 3; /* litmus_set: begin, load, store */
	uint64_t below = 0;

	(void)unused;
	program_init(&program, subject_find("litmus")->descriptor);
	program.ops[program.ops_nr++] = (struct program_op){.lane = LANE_MAIN};
	for (unsigned lane = LANE_A; lane <= LANE_B; lane++)
		program.ops[program.ops_nr++] =
			(struct program_op){.lane = (uint8_t)lane, .verb = 4};
	assert_null(program_validate(&program));
	assert_string_equal(program.descriptor->ops[4].name, "litmus_set");
	for (uint32_t c = 0; c <= 2 * steps; c++) {
		/* Runs of A and of B, of c + 2 in all; C(2, k - 1) ways to cut 3 steps into k. */
		static const uint64_t cut[] = {0, 1, 2, 1, 0, 0};
		uint64_t more = (c + 3) / 2 < 6 ? 2 * cut[(c + 2) / 2] * cut[(c + 3) / 2] : 0;

		below += more;
		assert_int_equal(bounded(&program, c), below);
	}
	assert_int_equal(below, 20); /* C(6, 3) */
	assert_int_equal(bounded(&program, EXPLORE_UNBOUNDED), 20);
}

/* ---- the same as naive enumeration ---- */

static void draw(uint64_t seed, struct program *ret)
{
	const struct descriptor *d = subject_find("litmus")->descriptor;
	struct rng r = rng_init(seed);
	unsigned mirrors = 1 + rng_below(&r, 2), threads = 2 + rng_below(&r, 2);

	program_init(ret, d);
	for (unsigned i = 0; i < mirrors; i++)
		ret->ops[ret->ops_nr++] = (struct program_op){
			.lane = LANE_MAIN, .result = (uint8_t)i, .operand = {rng_below(&r, 2)}};
	for (unsigned t = 0; t < threads; t++)
		for (unsigned n = 1 + rng_below(&r, threads == 2 ? 2 : 1); n; n--)
			ret->ops[ret->ops_nr++] = (struct program_op){
				.lane = (uint8_t)(LANE_A + t),
				.verb = (uint8_t)(1 + rng_below(&r, d->ops_nr - 1u)),
				.operand = {rng_below(&r, mirrors), rng_below(&r, mirrors)}};
	for (unsigned i = 0; i < ret->ops_nr; i++)
		if (d->ops[ret->ops[i].verb].operands_nr < 2)
			ret->ops[i].operand[1] = 0;
	assert_null(program_validate(ret));
}

static void show(uint64_t seed, const struct seen *naive, const struct seen *reduced)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	program_print(&program, &t);
	print_error("seed %llu\n%snaive: %llu executions, %zu classes, %zu outcomes; "
		    "dpor: %llu executions, %zu classes, %zu outcomes\n",
		    (unsigned long long)seed, data, (unsigned long long)naive->executions,
		    naive->classes.nr, naive->outcomes.nr, (unsigned long long)reduced->executions,
		    reduced->classes.nr, reduced->outcomes.nr);
}

/* TSan says a race once in a process: two explorations cannot be compared. */
static bool races_are_verdicts(void)
{
	return sim_sanitizer() && strcmp(sim_sanitizer(), "ThreadSanitizer") == 0;
}

/* In any order, also the drawn one of a search. */
static bool sees_the_same(uint64_t seed, const struct seen *naive, unsigned findings, bool drawn,
			  struct seen *reduced)
{
	bool same;

	explored_drawn = drawn;
	explore(&program, &strategy_dpor, 0, reduced);
	explored_drawn = false;
	same = explored.trees.complete && findings == explored.findings_nr &&
	       set_equal(&naive->outcomes, &reduced->outcomes);
	/* Where no run ends early each class comes once. */
	if (!findings)
		same &= set_equal(&naive->classes, &reduced->classes) &&
			reduced->executions == reduced->classes.nr;
	if (!same)
		show(seed, naive, reduced);
	return same;
}

static void dpor_sees_what_naive_enumeration_sees(void **unused)
{
	uint64_t naive_all = 0, reduced_all = 0, blocked = 0, verdicts = 0, with_verdicts = 0;
	unsigned done = 0;
	bool ok = true;

	(void)unused;
	if (races_are_verdicts())
		skip();
	for (uint64_t seed = 1; done < by_day(PROGRAMS); seed++) {
		struct seen naive, reduced;

		draw(seed, &program);
		laws_how.strength.unlock = seed % 2 ? SIM_UNLOCK_CONTRACT : SIM_UNLOCK_ATOMIC;
		explore(&program, &strategy_exhaust, NAIVE_MAX, &naive);
		if (explored.trees.complete) {
			unsigned findings = explored.findings_nr;

			for (int drawn = 0; drawn < 2; drawn++) {
				ok &= sees_the_same(seed, &naive, findings, drawn, &reduced);
				reduced_all += reduced.executions;
				blocked += trees_counts(&explored.trees).blocked;
				forget(&reduced);
			}
			done++;
			naive_all += naive.executions;
			verdicts += findings;
			with_verdicts += findings != 0;
		}
		forget(&naive);
	}
	laws_how.strength.unlock = SIM_UNLOCK_CONTRACT;
	print_message(
		"%u programs, %llu of them with %llu verdicts: naive %llu executions, dpor in "
		"two orders %llu and %llu blocked\n",
		done, (unsigned long long)with_verdicts, (unsigned long long)verdicts,
		(unsigned long long)naive_all, (unsigned long long)reduced_all,
		(unsigned long long)blocked);
	assert_true(ok);
	assert_true(with_verdicts > done / 20 && with_verdicts < done / 2);
	assert_true(reduced_all < naive_all / 100);
}

/* ---- real cores ---- */

#define CORE_PROGRAMS 12 /* of a subject */
#define CORE_MAX 4000	 /* executions; programs with more are drawn again */

static void draw_core(const struct subject *s, uint64_t seed, struct program *ret)
{
	static const char *const strategies[] = {"plain", NULL};
	static const struct program_shape shape = {.threads_min = 2,
						   .threads_max = 3,
						   .ops_min = 2,
						   .ops_max = 3,
						   .strategies = strategies};
	struct rng rng = rng_init(seed);

	program_generate(ret, s->descriptor, &shape, &rng);
	ret->scheduled = false;
	ret->strategy = 0;
}

static bool set_within(const struct set *a, const struct set *b)
{
	for (size_t i = 0; i < a->nr; i++)
		if (!bsearch(&a->value[i], b->value, b->nr, sizeof(a->value[0]), by_value))
			return false;
	return true;
}

/* What one preemption shows, dpor has seen. Returns: was the program small enough? */
static bool compare_core(const struct subject *s, uint64_t seed, bool *ok)
{
	struct seen bounded = {0}, reduced;
	bool small;

	draw_core(s, seed, &program);
	program.descriptor = s->descriptor;
	explore(&program, &strategy_dpor, CORE_MAX, &reduced);
	small = explored.trees.complete;
	if (small) {
		explored_bound = 1;
		explore(&program, &strategy_exhaust, CORE_MAX, &bounded);
		explored_bound = EXPLORE_UNBOUNDED;
		if (!set_within(&bounded.outcomes, &reduced.outcomes)) {
			show(seed, &bounded, &reduced);
			*ok = false;
		}
	}
	forget(&bounded);
	forget(&reduced);
	return small;
}

static void dpor_sees_what_a_preemption_shows_of_cores(void **unused)
{
	const struct subject *s;
	bool ok = true;

	(void)unused;
	if (races_are_verdicts())
		skip();
	for (unsigned i = 0; (s = subject_at(i)) && !s->about; i++)
		for (unsigned seed = 1, done = 0; done < CORE_PROGRAMS; seed++)
			done += compare_core(s, seed, &ok);
	assert_true(ok);
}

/* ---- failures ---- */

#define FAILING 2	  /* operations that fail, at most */
#define FAILING_TREE 8000 /* executions */
#define FAILING_RUNS 100

/* On the fiber. Reclaim is no failure of a tree: a run with it does not count. */
static void count_failure(void *arg, const struct trace_event *at, unsigned target)
{
	unsigned *failures = arg;

	if (target == LANE_NONE)
		*failures += is_reclaim(at) ? FAILING + 1 : 1;
}

/* Returns: how many runs had failures, no more than were explored. */
static unsigned fail_by_chance(struct seen *some, uint64_t seed, bool *ok)
{
	struct exec *x = laws_exec();
	unsigned compared = 0, failures = 0;

	x->choice.record = count_failure;
	x->choice.record_arg = &failures;
	for (unsigned run = 0; run < FAILING_RUNS; run++) {
		uint64_t value;

		failures = 0;
		exec_run(x, &laws_how, strategy_find("random"), (uint64_t)run * FAIL_RUNS + 1);
		if (!failures || failures > FAILING)
			continue;
		compared++;
		value = outcome(&x->trace, x->choice.active);
		if (bsearch(&value, some->outcomes.value, some->outcomes.nr, sizeof(value),
			    by_value))
			continue;
		show(seed, some, some);
		*ok = false;
		break;
	}
	x->choice.record = NULL;
	return compared;
}

/* A search of @program ends where its trees do, and had the executions that were explored before. */
static unsigned certify(bool *ok)
{
	struct search s = {.strategy = &strategy_search,
			   .seed = 1,
			   .runs_max = 100000,
			   .failures_max = FAILING};
	struct explore_counts n = trees_counts(&explored.trees);

	if (explored.findings_nr)
		return 0;
	search_run(laws_exec(), &laws_how, &s);
	*ok &= s.trees.complete && !s.first && s.runs < s.runs_max;
	*ok &= s.trees.nr == explored.trees.nr && trees_counts(&s.trees).executions == n.executions;
	return 1;
}

static void what_fails_by_chance_is_seen_in_a_tree(void **unused)
{
	const struct subject *s = subject_find("notifier");
	unsigned compared = 0, programs = 0, certified = 0;
	bool ok = true;

	(void)unused;
	if (races_are_verdicts())
		skip();
	for (uint64_t seed = 1; programs < by_day(40); seed++) {
		struct seen none, some;

		draw_core(s, seed, &program);
		explore(&program, &strategy_dpor, CORE_MAX, &none);
		explored_failures = FAILING;
		explore(&program, &strategy_dpor, FAILING_TREE, &some);
		explored_failures = 0;
		if (explored.trees.complete && explored.trees.nr > 1) {
			ok &= set_within(&none.outcomes, &some.outcomes);
			ok &= some.executions > none.executions;
			compared += fail_by_chance(&some, seed, &ok);
			certified += certify(&ok);
			programs++;
		}
		forget(&none);
		forget(&some);
	}
	print_message("%u programs, %u runs in which something failed by chance, %u certificates\n",
		      programs, compared, certified);
	assert_true(ok);
	assert_true(compared > programs);
	assert_true(certified > programs / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(executions_are_as_many_as_classes_worked_out_by_hand),
		cmocka_unit_test(the_tail_of_an_unlock_is_a_step),
		cmocka_unit_test(grace_periods_depend_on_readers_only),
		cmocka_unit_test(preemptions_are_counted),
		cmocka_unit_test(dpor_sees_what_naive_enumeration_sees),
		cmocka_unit_test(dpor_sees_what_a_preemption_shows_of_cores),
		cmocka_unit_test(what_fails_by_chance_is_seen_in_a_tree),
	};

	return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
