/*
 * sched_test.c - strategies, deviations and profiles.
 *
 * The strategies are held to the arithmetic of their papers on a toy platform: lanes with fixed
 * lists of operations, one word or lock each, driven through choice_next() as the real platform
 * does it. All seeds are fixed, so a statistical test either holds or does not; its bound is a
 * chi-square of six standard deviations.
 *
 * The law of the record: what choice_next() and choice_fails() report, replayed by plain, gives the
 * same run. It is tried on random programs with locks and failing allocations.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/about.h"

#include "sched/choice.h"

ABOUT_HERE

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define WORD OBJECT_OF_BLOCK(1, 8)
#define LOCK OBJECT_OF_BLOCK(2, 16)
#define PRIVATE(lane) OBJECT_OF_BLOCK(16 + (lane), 0)

/* ---- the toy platform ---- */

#define TOY_OPS 40
#define TOY_STEPS STEPS_MAX

static struct site site_store = {.func = "toy", .prim = "store", .text = "x = 1"};
static struct site site_end = {.func = "toy", .prim = "end", .text = "end"};
static struct site sites[] = {
	{.func = "toy_a", .prim = "store"},
	{.func = "toy_b", .prim = "store"},
	{.func = "toy_a", .prim = "mutex_lock"},
	{.func = "toy_a", .prim = "kmalloc"}, /* from here on: may fail */
	{.func = "toy_b", .prim = "kmalloc"},
};
#define SITES_FAIL 3

struct toy {
	struct trace_event op[LANES][TOY_OPS];
	unsigned ops_nr[LANES];
	/* of one run */
	struct choice choice;
	unsigned pos[LANES];
	unsigned owner; /* of the one lock; LANE_MAIN: free */
	unsigned order_nr;
	unsigned char order[TOY_STEPS]; /* who went on; with 0x80: and failed */
	/* recorder */
	struct choice_deviation recorded[DEVIATIONS_MAX];
	unsigned recorded_nr;
};

static struct toy toy, replay;
static struct profile no_profile, profile;
static struct trace trace;

static void toy_add(struct toy *t, unsigned lane, unsigned kind, uint32_t object)
{
	struct trace_event *e = &t->op[lane][t->ops_nr[lane]++];

	*e = (struct trace_event){.site = &site_store,
				  .object = object,
				  .lane = (uint8_t)lane,
				  .kind = (uint8_t)kind,
				  .op = 1};
}

static void toy_add_many(struct toy *t, unsigned lane, unsigned nr, uint32_t object)
{
	while (nr--)
		toy_add(t, lane, EV_store, object);
}

static uint32_t toy_runnable(struct toy *t)
{
	uint32_t set = 0;

	for (unsigned lane = 0; lane < LANES; lane++) {
		const struct trace_event *e = &t->op[lane][t->pos[lane]];

		if (t->pos[lane] >= t->ops_nr[lane])
			continue;
		if (e->kind == EV_lock && t->owner != LANE_MAIN)
			continue;
		set |= 1u << lane;
	}
	return set;
}

static void toy_announce(struct toy *t, unsigned lane)
{
	if (t->pos[lane] < t->ops_nr[lane])
		t->choice.next[lane] = t->op[lane][t->pos[lane]];
	else
		t->choice.next[lane] = (struct trace_event){
			.site = &site_end, .kind = EV_lane_end, .lane = (uint8_t)lane, .op = 99};
}

/* A failed allocation skips the next operation: the program goes another way. */
static void toy_effect(struct toy *t, unsigned lane)
{
	const struct trace_event *e = &t->op[lane][t->pos[lane]++];
	unsigned char mark = (unsigned char)lane;

	if (e->kind == EV_lock)
		t->owner = lane;
	if (e->kind == EV_unlock)
		t->owner = LANE_MAIN;
	if (e->kind == EV_wait && t->pos[LANE_B] < t->ops_nr[LANE_B])
		t->pos[lane]--; /* spins until B is done */
	if (e->kind == EV_alloc && choice_fails(&t->choice, e)) {
		mark |= 0x80;
		t->pos[lane]++;
	}
	assert_true(t->order_nr < TOY_STEPS);
	t->order[t->order_nr++] = mark;
	trace_append(&trace, e);
}

/* The first lane starts by announcing its first operation; a deadlock ends the run. */
static void toy_run(struct toy *t, const char *strategy, const struct profile *p, uint64_t seed)
{
	unsigned lane = LANE_MAIN;
	uint32_t runnable;

	about(ABOUT_RUN, "strategy %s, seed %llu", strategy, (unsigned long long)seed);
	t->choice.strategy = strategy_find(strategy);
	t->choice.profile = p;
	t->order_nr = 0;
	t->recorded_nr = 0;
	memset(t->pos, 0, sizeof(t->pos));
	t->owner = LANE_MAIN;
	trace_reset(&trace);
	choice_begin(&t->choice, seed);
	t->choice.active = 1;
	for (unsigned l = 0; l < LANES; l++) {
		toy_announce(t, l);
		if (lane == LANE_MAIN && t->ops_nr[l])
			lane = l;
	}
	while ((runnable = toy_runnable(t))) {
		lane = choice_next(&t->choice, lane, runnable);
		assert_true(runnable & 1u << lane);
		toy_effect(t, lane);
		toy_announce(t, lane);
	}
}

static void toy_learn(struct toy *t, struct profile *ret)
{
	*ret = (struct profile){0};
	toy_run(t, "plain", &no_profile, 1);
	profile_learn(ret, &trace);
}

static void toy_reset(struct toy *t)
{
	memset(t, 0, sizeof(*t));
}

/* ---- statistics ---- */

#define CELLS_MAX 4096
static unsigned cells[CELLS_MAX];

/* Six standard deviations over the mean of a chi-square with @cells_nr - 1 degrees of freedom. */
static double chi_bound(unsigned cells_nr)
{
	return cells_nr - 1 + 6 * sqrt(2.0 * (cells_nr - 1));
}

/* The lanes in order[] whose operation was in the block of @object (0: any), in base @lanes_nr. */
static unsigned interleaving(const struct toy *t, uint32_t object, unsigned lanes_nr)
{
	unsigned pos[LANES] = {0}, number = 0;

	for (unsigned i = 0; i < t->order_nr; i++) {
		unsigned lane = t->order[i];
		const struct trace_event *e = &t->op[lane][pos[lane]++];

		if (!object || OBJECT_BLOCK(e->object) == OBJECT_BLOCK(object))
			number = number * lanes_nr + (lane - LANE_A);
	}
	return number;
}

/* Chi-square of @runs interleavings against "all @expected of them are equally likely". */
static double chi_uniform(struct toy *t, const char *strategy, uint32_t object, unsigned lanes_nr,
			  unsigned runs, unsigned expected)
{
	double each = (double)runs / expected, chi = 0;
	unsigned met = 0;

	memset(cells, 0, sizeof(cells));
	for (unsigned i = 0; i < runs; i++) {
		unsigned cell;

		toy_run(t, strategy, &profile, i);
		cell = interleaving(t, object, lanes_nr);
		assert_true(cell < CELLS_MAX);
		cells[cell]++;
	}
	for (unsigned i = 0; i < CELLS_MAX; i++) {
		met += cells[i] != 0;
		if (cells[i])
			chi += (cells[i] - each) * (cells[i] - each) / each;
	}
	assert_true(met <= expected);
	return chi + (expected - met) * each;
}

/* ---- strategies ---- */

static void every_row_is_found_by_its_name(void **unused)
{
	const char *const *names = strategy_names();
	unsigned i = 0;

	(void)unused;
	assert_string_equal(names[0], "plain");
	for (; names[i]; i++) {
		assert_string_equal(strategy_at(i)->name, names[i]);
		assert_ptr_equal(strategy_find(names[i]), strategy_at(i));
	}
	assert_null(strategy_at(i));
	assert_null(strategy_find("no such strategy"));
}

static void plain_runs_each_thread_until_it_ends(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 2, WORD);
	toy_add_many(&toy, LANE_B, 2, WORD);
	toy_run(&toy, "plain", &no_profile, 1);
	assert_memory_equal(toy.order, "\1\1\2\2", 4);
	assert_int_equal(choice_default(LANE_B, 1u << LANE_A | 1u << LANE_C), LANE_A);
	assert_int_equal(choice_default(LANE_C, 1u << LANE_A | 1u << LANE_C), LANE_C);
}

/* Nothing is chosen; the seed of "late" is for stores. */
static bool is_plain(const char *name)
{
	return !strcmp(name, "plain") || !strcmp(name, "late");
}

static void the_same_seed_gives_the_same_run(void **unused)
{
	unsigned char order[TOY_STEPS];

	(void)unused;
	toy_reset(&toy);
	for (unsigned lane = LANE_A; lane <= LANE_C; lane++)
		toy_add_many(&toy, lane, 10, WORD);
	toy_learn(&toy, &profile);
	for (const char *const *name = strategy_names(); *name; name++) {
		unsigned differ = 0;

		for (unsigned seed = 0; seed < 50; seed++) {
			toy_run(&toy, *name, &profile, seed);
			memcpy(order, toy.order, sizeof(order));
			toy_run(&toy, *name, &profile, seed + 1000);
			differ += memcmp(order, toy.order, toy.order_nr) != 0;
			toy_run(&toy, *name, &profile, seed);
			assert_memory_equal(order, toy.order, toy.order_nr);
		}
		assert_true(is_plain(*name) ? differ == 0 : differ > 10);
	}
}

static void urw_draws_every_interleaving_equally(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 4, WORD);
	toy_add_many(&toy, LANE_B, 4, WORD);
	toy_learn(&toy, &profile);
	assert_true(chi_uniform(&toy, "urw", 0, 2, 14000, 70) < chi_bound(70));
	assert_true(chi_uniform(&toy, "random", 0, 2, 14000, 70) > 10 * chi_bound(70));

	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 1, WORD);
	toy_add_many(&toy, LANE_B, 2, WORD);
	toy_add_many(&toy, LANE_C, 3, WORD);
	toy_learn(&toy, &profile);
	assert_true(chi_uniform(&toy, "urw", 0, 3, 12000, 60) < chi_bound(60));
	assert_true(chi_uniform(&toy, "random", 0, 3, 12000, 60) > 10 * chi_bound(60));
}

static void urw_without_a_profile_is_random(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 1, WORD);
	toy_add_many(&toy, LANE_B, 9, WORD);
	profile = no_profile;
	/* Of 10 interleavings, the one with A last has 2^-9. */
	assert_true(chi_uniform(&toy, "urw", 0, 2, 4000, 10) > 10 * chi_bound(10));
}

/* @irrelevant private operations before each of 3 on @object, in two lanes. */
static void build_sparse(unsigned irrelevant_a, unsigned irrelevant_b)
{
	toy_reset(&toy);
	for (unsigned i = 0; i < 3; i++) {
		toy_add_many(&toy, LANE_A, irrelevant_a, PRIVATE(LANE_A));
		toy_add(&toy, LANE_A, EV_store, WORD);
		toy_add_many(&toy, LANE_B, irrelevant_b, PRIVATE(LANE_B));
		toy_add(&toy, LANE_B, EV_store, WORD);
	}
	toy_learn(&toy, &profile);
}

static void surw_is_uniform_however_much_else_there_is(void **unused)
{
	static const unsigned irrelevant[][2] = {{0, 0}, {1, 1}, {0, 12}, {12, 3}};

	(void)unused;
	for (unsigned i = 0; i < LENGTH(irrelevant); i++) {
		build_sparse(irrelevant[i][0], irrelevant[i][1]);
		assert_true(chi_uniform(&toy, "surw", WORD, 2, 6000, 20) < chi_bound(20));
	}
	/* urw balances all operations, and so drags the few along: not uniform where they are
	 * uneven. */
	assert_true(chi_uniform(&toy, "urw", WORD, 2, 6000, 20) > 10 * chi_bound(20));
}

static void surw_counts_the_free_of_a_block(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 9, PRIVATE(LANE_A));
	toy_add(&toy, LANE_A, EV_free, OBJECT_OF_BLOCK(1, 0));
	toy_add_many(&toy, LANE_A, 9, PRIVATE(LANE_A));
	toy_add(&toy, LANE_A, EV_store, WORD);
	toy_add_many(&toy, LANE_B, 3, WORD);
	toy_learn(&toy, &profile);
	assert_int_equal(profile.objects_nr, 1);
	assert_int_equal(profile.object[0].count[LANE_A], 2);
	assert_true(chi_uniform(&toy, "surw", WORD, 2, 4000, 10) < chi_bound(10));
}

static void surw_gets_past_locks_and_wrong_counts(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	for (unsigned lane = LANE_A; lane <= LANE_C; lane++)
		for (unsigned i = 0; i < 3; i++) {
			toy_add(&toy, lane, EV_lock, LOCK);
			toy_add_many(&toy, lane, lane, PRIVATE(lane));
			toy_add(&toy, lane, EV_unlock, LOCK);
		}
	toy_learn(&toy, &profile);
	for (unsigned i = 0; i < profile.objects_nr; i++) {
		profile.object[i].count[LANE_A] = 30;
		profile.object[i].count[LANE_B] = 1;
	}
	for (unsigned seed = 0; seed < 500; seed++) {
		toy_run(&toy, "surw", &profile, seed);
		assert_int_equal(toy.order_nr,
				 toy.ops_nr[LANE_A] + toy.ops_nr[LANE_B] + toy.ops_nr[LANE_C]);
	}
}

static void surw_forgets_what_a_thread_that_ended_had_left(void **unused)
{
	unsigned early = 0;

	(void)unused;
	toy_reset(&toy);
	toy_add(&toy, LANE_A, EV_store, WORD);
	toy_add(&toy, LANE_B, EV_store, PRIVATE(LANE_B));
	toy_add(&toy, LANE_B, EV_store, WORD);
	toy_add(&toy, LANE_C, EV_store, WORD);
	toy_learn(&toy, &profile);
	profile.object[0].count[LANE_A] = 30;
	/* C need not wait until B, too, has nothing else to do. */
	for (unsigned seed = 0; seed < 1000; seed++) {
		toy_run(&toy, "surw", &profile, seed);
		early += !memcmp(toy.order, "\1\3\2\2", 4);
	}
	assert_in_range(early, 100, 400);
}

/* A spins until B is done; B may be held back, or of low priority. Only plain would wait for ever.
 */
static void whoever_is_waited_for_has_a_turn(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	toy_add(&toy, LANE_A, EV_store, WORD);
	toy_add_many(&toy, LANE_B, 2, WORD);
	toy_learn(&toy, &profile);
	profile.steps_max = 20;
	toy.ops_nr[LANE_A] = 0;
	toy_add(&toy, LANE_A, EV_wait, PRIVATE(LANE_A));
	toy_add(&toy, LANE_A, EV_store, WORD);
	for (const char *const *name = strategy_names(); *name; name++)
		for (unsigned seed = 0; seed < 200 && !is_plain(*name); seed++)
			toy_run(&toy, *name, &profile, seed);
}

/* The share of @runs in which B's one store comes when A has done @before of its stores. */
static double share_between(const char *strategy, unsigned runs, unsigned before)
{
	unsigned hits = 0;

	for (unsigned seed = 0; seed < runs; seed++) {
		unsigned i = 0;

		toy_run(&toy, strategy, &profile, seed);
		while (toy.order[i] != LANE_B)
			i++;
		hits += i == before;
	}
	return (double)hits / runs;
}

static void pct_keeps_its_bound(void **unused)
{
	unsigned k = 21;

	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 20, PRIVATE(LANE_A));
	toy_add_many(&toy, LANE_B, 1, PRIVATE(LANE_B));
	toy_learn(&toy, &profile);
	assert_int_equal(profile.steps_max, k);
	/* Depth 1: B first, or B last. Depth 2: B in one given gap; half of depth 2 is 1 of 6
	 * depths. */
	assert_true(share_between("pct", 4000, 0) > 1.0 / 2 - 0.03);
	assert_true(share_between("pct", 4000, 20) > 1.0 / 2 / 6);
	for (unsigned gap = 1; gap < 20; gap += 6)
		assert_true(share_between("pct", 12000, gap) > 1.0 / 6 / (2 * k));
	/* What random never sees: B after nineteen of A. */
	assert_true(share_between("random", 4000, 19) == 0);
}

static void pos_delays_an_operation_past_n_others_once_in_n_plus_one(void **unused)
{
	double share;

	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 8, PRIVATE(LANE_A));
	toy_add(&toy, LANE_A, EV_store, WORD);
	toy_add(&toy, LANE_B, EV_store, WORD);
	toy_learn(&toy, &profile);
	share = share_between("pos", 8000, 9);
	assert_true(share > 0.085 && share < 0.115); /* 1/10, random has 1/512 */
	assert_true(share_between("random", 8000, 9) < 0.01);
}

/*
 * Two writers, two writes each, all in conflict: both draw anew after each step, so each step is a
 * fair coin while both are there. Readers do not conflict and keep what they drew: that B waits for
 * two of A has 1/3 then, three priorities of which B's is the least.
 */
static void pos_redraws_what_conflicts(void **unused)
{
	static const double share[16] = {[3] = 1 / 4.0,	 [12] = 1 / 4.0, [5] = 1 / 8.0,
					 [10] = 1 / 8.0, [6] = 1 / 8.0,	 [9] = 1 / 8.0};
	double chi = 0, apart;

	(void)unused;
	for (unsigned kind = 0; kind < 2; kind++) {
		toy_reset(&toy);
		for (unsigned i = 0; i < 4; i++)
			toy_add(&toy, i & 1 ? LANE_A : LANE_B, kind ? EV_load : EV_store, WORD);
		toy_learn(&toy, &profile);
		memset(cells, 0, sizeof(cells));
		for (unsigned seed = 0; seed < 8000; seed++) {
			toy_run(&toy, "pos", &profile, seed);
			cells[interleaving(&toy, 0, 2)]++;
		}
		chi = 0;
		for (unsigned i = 0; i < 16; i++) {
			apart = cells[i] - 8000 * share[i];
			chi += share[i] > 0 ? apart * apart / (8000 * share[i]) : 0;
		}
		assert_true(kind ? chi > 3 * chi_bound(6) : chi < chi_bound(6));
	}
}

static void sticky_leaves_rarely(void **unused)
{
	unsigned switches = 0, steps = 0;

	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 40, WORD);
	toy_add_many(&toy, LANE_B, 40, WORD);
	for (unsigned seed = 0; seed < 2000; seed++) {
		toy_run(&toy, "sticky", &no_profile, seed);
		for (unsigned i = 1; i < toy.order_nr; i++)
			switches += toy.order[i] != toy.order[i - 1];
		steps += toy.order_nr;
	}
	/* The mean of 1/2, 1/4, 1/8, 1/16 is 0.234; less, since one lane is alone at the end. */
	assert_true(switches > 0.15 * steps && switches < 0.24 * steps);
}

/* One delay, nine places, fourteen lanes to begin with, two ways round; of all seeds one in eight. */
static void delay_reaches_every_place_in_one_round(void **unused)
{
	unsigned hits[9] = {0};

	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 8, WORD);
	toy_add(&toy, LANE_B, EV_store, WORD);
	toy_learn(&toy, &profile);
	for (unsigned seed = 0; seed < 8 * 9 * 2 * LANES; seed += 8) {
		unsigned i = 0;

		toy_run(&toy, "delay", &profile, seed);
		while (toy.order[i] != LANE_B)
			i++;
		hits[i]++;
	}
	for (unsigned gap = 0; gap < 9; gap++)
		assert_above(hits[gap], 0);
}

/* A reads early and B writes late: plain never shows the write before the read, random hardly. */
static unsigned written_before_read(const char *strategy)
{
	unsigned hits = 0;

	for (unsigned seed = 0; seed < 1000; seed++) {
		unsigned i = 0, of_b = 0;

		toy_run(&toy, strategy, &profile, seed);
		for (; toy.order[i] != LANE_A; i++)
			of_b++;
		hits += of_b == 13;
	}
	return hits;
}

static void directed_makes_the_pair_that_was_not_seen(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	toy_add(&toy, LANE_A, EV_load, WORD);
	toy_add_many(&toy, LANE_A, 12, PRIVATE(LANE_A));
	toy_add_many(&toy, LANE_B, 12, PRIVATE(LANE_B));
	toy_add(&toy, LANE_B, EV_store, WORD);
	toy_learn(&toy, &profile);
	assert_int_equal(profile.actions_nr, 2);
	assert_true(written_before_read("directed") > 900);
	assert_true(written_before_read("random") < 10);
	/* Once it was seen there is no reason to steer there any more. */
	toy_run(&toy, "directed", &profile, 1);
	profile_learn(&profile, &trace);
	assert_true(written_before_read("directed") < 500);
}

static void portfolio_is_the_strategy_that_it_draws(void **unused)
{
	unsigned drawn[STRATEGIES] = {0}, total = 0, row = 0;

	(void)unused;
	build_sparse(2, 2);
	for (unsigned seed = 0; seed < 2000; seed++) {
		const struct strategy *s;

		toy_run(&toy, "portfolio", &profile, seed);
		s = toy.choice.drawn;
		for (row = 0; strategy_at(row) != s; row++)
			;
		drawn[row]++;
		memcpy(replay.order, toy.order, sizeof(toy.order));
		toy_run(&toy, s->name, &profile, seed);
		assert_memory_equal(replay.order, toy.order, toy.order_nr);
	}
	for (row = 0; strategy_at(row); row++)
		total += strategy_at(row)->weight;
	for (row = 0; strategy_at(row); row++) {
		double expected = 2000.0 * strategy_at(row)->weight / total;

		about(ABOUT_RUN, "%s, drawn %u times of 2000, expected %.0f",
		      strategy_at(row)->name, drawn[row], expected);
		assert_true(fabs(drawn[row] - expected) <= 4 * sqrt(expected));
	}
}

/* ---- deviations ---- */

static struct choice_deviation deviation(unsigned lane, const char *prim, unsigned occurrence,
					 unsigned target)
{
	return (struct choice_deviation){.prim_id = name_id(prim),
					 .lane = (uint8_t)lane,
					 .op = 1,
					 .occurrence = (uint16_t)occurrence,
					 .target = (uint8_t)target};
}

static void deviations_fire_at_their_anchor_and_occurrence(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 4, WORD);
	toy_add_many(&toy, LANE_B, 2, WORD);
	toy.choice.deviation[0] = deviation(LANE_A, "store", 3, LANE_B);
	toy.choice.deviation[1] = deviation(LANE_B, "store", 1, LANE_A);
	toy.choice.deviation[1].func_id = name_id("toy");
	toy.choice.deviations_nr = 2;
	toy_run(&toy, "plain", &no_profile, 1);
	/* B's first store was announced by nobody: B started when A gave way. Its second is the
	 * first. */
	assert_memory_equal(toy.order, "\1\1\2\1\1\2", 6);
	assert_int_equal(choice_stale(&toy.choice), 0);
	toy_run(&toy, "plain", &no_profile, 1);
	assert_memory_equal(toy.order, "\1\1\2\1\1\2", 6);
}

static void deviations_that_cannot_fire_are_stale(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	toy_add_many(&toy, LANE_A, 4, WORD);
	toy_add_many(&toy, LANE_B, 2, WORD);
	toy.choice.deviation[0] = deviation(LANE_A, "store", 5, LANE_B);    /* too many */
	toy.choice.deviation[1] = deviation(LANE_A, "load", 1, LANE_B);	    /* no such primitive */
	toy.choice.deviation[2] = deviation(LANE_A, "store", 1, LANE_C);    /* not runnable */
	toy.choice.deviation[3] = deviation(LANE_A, "store", 1, LANE_NONE); /* never asked */
	toy.choice.deviation[4] = deviation(LANE_A, "store", 2, LANE_B);
	toy.choice.deviation[4].func_id = name_id("another");
	toy.choice.deviation[5] = deviation(LANE_A, "store", 2, LANE_B);
	toy.choice.deviation[5].op = 2;
	toy.choice.deviation[6] = deviation(LANE_A, "store", 3, LANE_B); /* this one fires */
	toy.choice.deviation[7] = deviation(LANE_A, "store", 3, LANE_A); /* there already */
	toy.choice.deviations_nr = 8;
	toy_run(&toy, "plain", &no_profile, 1);
	assert_memory_equal(toy.order, "\1\1\2\2\1\1", 6);
	assert_int_equal(choice_stale(&toy.choice), 7);
	assert_true(toy.choice.deviation[6].fired);
}

static void a_blocked_announcer_is_an_anchor(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	toy_add(&toy, LANE_A, EV_store, WORD);
	toy_add(&toy, LANE_A, EV_lock, LOCK);
	toy.op[LANE_A][1].site = &sites[2];
	toy_add(&toy, LANE_B, EV_lock, LOCK);
	toy_add(&toy, LANE_B, EV_unlock, LOCK);
	toy_add(&toy, LANE_C, EV_store, WORD);
	toy.choice.deviation[0] = deviation(LANE_A, "store", 1, LANE_B);
	toy.choice.deviation[1] = deviation(LANE_B, "store", 1, LANE_A);
	toy.choice.deviation[2] = deviation(LANE_A, "mutex_lock", 1, LANE_C);
	toy.choice.deviations_nr = 3;
	toy_run(&toy, "plain", &no_profile, 1);
	assert_memory_equal(toy.order, "\2\1\3\2\1", 5);
	assert_int_equal(choice_stale(&toy.choice), 0);
}

static void failures_come_by_deviation_and_by_chance(void **unused)
{
	struct trace_event e = {.site = &sites[3], .kind = EV_alloc, .lane = LANE_A, .op = 1};
	struct choice *c = &toy.choice;
	unsigned failed = 0;

	(void)unused;
	toy_reset(&toy);
	c->strategy = strategy_find("plain");
	c->profile = &no_profile;
	c->deviation[0] = deviation(LANE_A, "kmalloc", 2, LANE_NONE);
	c->deviation[1] = deviation(LANE_A, "kmalloc", 2, LANE_B);
	c->deviations_nr = 2;
	choice_begin(c, 1);
	assert_false(choice_fails(c, &e));
	assert_true(choice_fails(c, &e));
	assert_false(choice_fails(c, &e));
	assert_int_equal(choice_stale(c), 1);
	assert_int_equal(c->deviation[1].seen, 0);

	c->fail_one_in = 10;
	for (unsigned i = 0; i < 1000; i++)
		failed += choice_fails(c, &e);
	assert_int_equal(failed, 0);
	c->active = 1;
	for (unsigned i = 0; i < 10000; i++)
		failed += choice_fails(c, &e);
	assert_in_range(failed, 850, 1150);
}

static void nothing_but_plain_while_inactive(void **unused)
{
	struct choice *c = &toy.choice;

	(void)unused;
	toy_reset(&toy);
	c->strategy = strategy_find("random");
	c->profile = &no_profile;
	c->next[LANE_A] = (struct trace_event){.site = &sites[0], .lane = LANE_A, .op = 1};
	c->deviation[0] = deviation(LANE_A, "store", 1, LANE_B);
	c->deviations_nr = 1;
	choice_begin(c, 1);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(choice_next(c, LANE_A, 1u << LANE_A | 1u << LANE_B), LANE_A);
	assert_int_equal(c->deviation[0].seen, 0);
	assert_int_equal(choice_next(c, LANE_A, 1u << LANE_C | 1u << LANE_B), LANE_B);
}

/* ---- the law of the record ---- */

static bool same_place(const struct trace_event *a, const struct trace_event *b)
{
	return a->op == b->op && !strcmp(a->site->func, b->site->func) &&
	       !strcmp(a->site->prim, b->site->prim);
}

/* Occurrences count within lane, op, function and primitive: what the lane did so far, and this. */
static void toy_record(void *arg, const struct trace_event *anchor, unsigned target)
{
	struct toy *t = arg;
	struct choice_deviation *d = &t->recorded[t->recorded_nr++];

	assert_true(t->recorded_nr <= DEVIATIONS_MAX);
	*d = deviation(anchor->lane, anchor->site->prim, 1, target);
	d->func_id = name_id(anchor->site->func);
	d->op = anchor->op;
	if (anchor->kind == EV_lane_end)
		return;
	for (uint32_t i = 0; i < trace.events_nr; i++)
		if (trace.event[i].lane == anchor->lane)
			d->occurrence += same_place(&trace.event[i], anchor);
}

/* Three or four lanes; some operations between lock and unlock, some allocations. */
static void draw_program(struct toy *t, struct rng *r)
{
	unsigned lanes_nr = 3 + rng_below(r, 2);

	toy_reset(t);
	for (unsigned lane = LANE_A; lane < LANE_A + lanes_nr; lane++) {
		unsigned ops_nr = 1 + rng_below(r, 10);
		bool held = false;

		/* What opens a lane is the one operation of its name: nobody announces it. */
		toy_add(t, lane, EV_op_begin, 0);
		t->op[lane][0].site = &site_store;
		for (unsigned i = 1; i < ops_nr; i++) {
			unsigned kind = rng_below(r, 4), s = rng_below(r, SITES_FAIL);

			if (kind == 0) {
				held = !held;
				toy_add(t, lane, held ? EV_lock : EV_unlock, LOCK);
			} else if (kind == 1) {
				toy_add(t, lane, EV_alloc, WORD);
				s = SITES_FAIL + rng_below(r, LENGTH(sites) - SITES_FAIL);
			} else {
				toy_add(t, lane, EV_store, WORD);
			}
			t->op[lane][i].site = &sites[s];
			t->op[lane][i].op = (uint8_t)(1 + i / 5);
		}
	}
}

static void what_is_recorded_replays_by_plain(void **unused)
{
	struct rng r = rng_init(5);
	unsigned deviations = 0, deadlocks = 0, failures = 0, strategies_nr = 0;

	(void)unused;
	while (strategy_at(strategies_nr))
		strategies_nr++;
	for (unsigned i = 0; i < 10000; i++) {
		const char *strategy = strategy_at(i % strategies_nr)->name;
		uint64_t hash;

		draw_program(&toy, &r);
		toy_learn(&toy, &profile);
		replay = toy;
		toy.choice.fail_one_in = 4;
		toy.choice.record = toy_record;
		toy.choice.record_arg = &toy;
		toy_run(&toy, strategy, &profile, i);
		hash = trace_hash(&trace);
		deviations += toy.recorded_nr;

		memcpy(replay.choice.deviation, toy.recorded, sizeof(toy.recorded));
		replay.choice.deviations_nr = (uint16_t)toy.recorded_nr;
		replay.choice.record = toy_record;
		replay.choice.record_arg = &replay;
		toy_run(&replay, "plain", &no_profile, 77);
		assert_int_equal(replay.order_nr, toy.order_nr);
		assert_memory_equal(replay.order, toy.order, toy.order_nr);
		assert_int_equal(choice_stale(&replay.choice), 0);
		assert_true(trace_hash(&trace) == hash);
		/* And the replay records itself. */
		assert_int_equal(replay.recorded_nr, toy.recorded_nr);
		for (unsigned d = 0; d < toy.recorded_nr; d++)
			failures += toy.recorded[d].target == LANE_NONE;
		for (unsigned lane = 0; lane < LANES; lane++)
			if (toy.pos[lane] < toy.ops_nr[lane]) {
				deadlocks++;
				break;
			}
	}
	assert_true(deviations > 40000 && deadlocks > 500 && failures > 2000);
}

/* ---- profile ---- */

static void a_profile_counts_the_threads_and_keeps_the_mean(void **unused)
{
	struct trace_event e = {
		.site = &site_store, .object = WORD, .class = 7, .kind = EV_ref_put};

	(void)unused;
	profile = no_profile;
	for (unsigned run = 0; run < 2; run++) {
		trace_reset(&trace);
		for (unsigned lane = LANE_MAIN; lane <= LANE_B; lane++)
			for (unsigned i = 0; i < (lane == LANE_B ? 3 - run : 1 + run); i++) {
				e.lane = (uint8_t)lane;
				trace_append(&trace, &e);
			}
		e.kind = EV_lane_end;
		trace_append(&trace, &e);
		e.kind = EV_list; /* a note */
		trace_append(&trace, &e);
		e.kind = EV_ref_put;
		e.lane = LANE_MAIN; /* closing */
		trace_append(&trace, &e);
		e.lane = LANE_RCU;
		trace_append(&trace, &e);
		profile_learn(&profile, &trace);
	}
	assert_int_equal(profile.runs, 2);
	assert_int_equal(profile.steps[LANE_MAIN], 0);
	assert_int_equal(profile.steps[LANE_A], 2); /* of 1 and 2 */
	assert_int_equal(profile.steps[LANE_B], 3); /* of 3 and 2 */
	assert_int_equal(profile.steps[LANE_RCU], 0);
	assert_int_equal(profile.refs[LANE_B], 3);
	assert_int_equal(profile.locks[LANE_B], 0);
	assert_int_equal(profile.steps_max, 4);
	assert_int_equal(profile.objects_nr, 2);
	for (unsigned i = 0; i < 2; i++) {
		const struct profile_object *o = &profile.object[i];

		assert_int_equal(o->key, o->is_class ? 7 : WORD);
		assert_true(o->is_ref && !o->is_lock);
		assert_int_equal(o->count[LANE_A], 2);
		assert_int_equal(o->count[LANE_B], 3);
	}
}

static void a_profile_leaves_out_what_one_lane_has_alone(void **unused)
{
	(void)unused;
	toy_reset(&toy);
	for (unsigned i = 0; i < TOY_OPS; i++) {
		toy_add(&toy, LANE_A, EV_store, OBJECT_OF_BLOCK(3, 8 * i));
		toy_add(&toy, LANE_B, EV_store, OBJECT_OF_BLOCK(i < 5 ? 3 : 4, 8 * i));
	}
	toy_learn(&toy, &profile);
	assert_int_equal(profile.objects_nr, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found_by_its_name),
		cmocka_unit_test(plain_runs_each_thread_until_it_ends),
		cmocka_unit_test(the_same_seed_gives_the_same_run),
		cmocka_unit_test(urw_draws_every_interleaving_equally),
		cmocka_unit_test(urw_without_a_profile_is_random),
		cmocka_unit_test(surw_is_uniform_however_much_else_there_is),
		cmocka_unit_test(surw_counts_the_free_of_a_block),
		cmocka_unit_test(surw_gets_past_locks_and_wrong_counts),
		cmocka_unit_test(surw_forgets_what_a_thread_that_ended_had_left),
		cmocka_unit_test(whoever_is_waited_for_has_a_turn),
		cmocka_unit_test(pct_keeps_its_bound),
		cmocka_unit_test(pos_delays_an_operation_past_n_others_once_in_n_plus_one),
		cmocka_unit_test(pos_redraws_what_conflicts),
		cmocka_unit_test(sticky_leaves_rarely),
		cmocka_unit_test(delay_reaches_every_place_in_one_round),
		cmocka_unit_test(directed_makes_the_pair_that_was_not_seen),
		cmocka_unit_test(portfolio_is_the_strategy_that_it_draws),
		cmocka_unit_test(deviations_fire_at_their_anchor_and_occurrence),
		cmocka_unit_test(deviations_that_cannot_fire_are_stale),
		cmocka_unit_test(a_blocked_announcer_is_an_anchor),
		cmocka_unit_test(failures_come_by_deviation_and_by_chance),
		cmocka_unit_test(nothing_but_plain_while_inactive),
		cmocka_unit_test(what_is_recorded_replays_by_plain),
		cmocka_unit_test(a_profile_counts_the_threads_and_keeps_the_mean),
		cmocka_unit_test(a_profile_leaves_out_what_one_lane_has_alone),
	};

	return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
