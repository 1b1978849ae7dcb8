/*
 * guide_test.c - what guides a campaign: the marks of feedback.c, the draws of adapt.c, the runs
 * that archive.c keeps and follow.c repeats, the places of anchor.c.
 *
 * Marks are tried on traces written by hand, each with its neighbour that must not be marked. Draws
 * are counted over fixed seeds. Anchors are held to the run that they were taken from: a deviation
 * that was drawn there must fire there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/about.h"

#include "guide/adapt.h"
#include "guide/anchor.h"
#include "guide/archive.h"
#include "guide/feedback.h"
#include "guide/sequences.h"
#include "tests/laws.h"

ABOUT_HERE

#define WORD OBJECT_OF_BLOCK(1, 8)
#define LOCK OBJECT_OF_BLOCK(2, 16)
#define DOMAIN OBJECT_STATIC

static struct site puts_here = {.func = "guide_a", .prim = "first"};
static struct site takes_there = {.func = "guide_b", .prim = "second"};
static struct site same_name = {.func = "guide_a", .prim = "first", .text = "elsewhere"};

static uint8_t counter[FEEDBACK_COUNTERS];
static struct feedback feedback;
static struct trace trace;

static void forget(uint32_t off)
{
	memset(counter, 0, sizeof(counter));
	feedback = (struct feedback){.counter = counter, .off = off};
	trace_reset(&trace);
}

static void add(struct site *site, unsigned lane, unsigned kind, uint32_t object, int32_t arg)
{
	struct trace_event e = {.site = site,
				.object = object,
				.kind = (uint8_t)kind,
				.lane = (uint8_t)lane,
				.op = 1,
				.arg = arg};

	trace_append(&trace, &e);
}

/* The marks of two operations, in a trace of their own. */
static unsigned news_of(struct site *first, unsigned first_kind, struct site *second,
			unsigned second_lane, unsigned second_kind, uint32_t object)
{
	trace_reset(&trace);
	add(first, LANE_A, first_kind, object, 2);
	add(second, second_lane, second_kind, object, 2);
	return feedback_take(&feedback, &trace);
}

static unsigned counters_set(void)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < FEEDBACK_COUNTERS; i++)
		nr += counter[i];
	return nr;
}

/* ---- marks ---- */

static void a_lock_handed_over_is_news_once(void **unused)
{
	(void)unused;
	forget(0);
	assert_int_equal(news_of(&puts_here, EV_unlock, &takes_there, LANE_A, EV_lock, LOCK), 0);
	assert_int_equal(news_of(&puts_here, EV_lock, &takes_there, LANE_B, EV_unlock, LOCK), 0);
	assert_int_equal(counters_set(), 0);
	assert_int_equal(news_of(&puts_here, EV_unlock, &takes_there, LANE_B, EV_lock, LOCK), 1);
	assert_int_equal(news_of(&puts_here, EV_unlock, &takes_there, LANE_B, EV_lock, LOCK), 0);
	assert_int_equal(counters_set(), 1);
	/* From there to here is another order than from here to there. */
	assert_int_equal(news_of(&takes_there, EV_unlock, &puts_here, LANE_B, EV_lock, LOCK), 1);
}

static void a_word_met_is_news_where_another_thread_wrote_it(void **unused)
{
	(void)unused;
	forget(0);
	assert_int_equal(news_of(&puts_here, EV_load, &takes_there, LANE_B, EV_load, WORD), 0);
	assert_int_equal(news_of(&puts_here, EV_store, &takes_there, LANE_A, EV_load, WORD), 0);
	assert_int_equal(news_of(&puts_here, EV_store, &takes_there, LANE_B, EV_load, WORD), 1);
}

static void marks_are_of_names_and_of_nothing_else(void **unused)
{
	(void)unused;
	forget(0);
	assert_int_equal(news_of(&puts_here, EV_store, &takes_there, LANE_B, EV_load, WORD), 1);
	assert_int_equal(news_of(&same_name, EV_store, &takes_there, LANE_C, EV_load, WORD), 0);
	assert_int_equal(news_of(&puts_here, EV_store, &takes_there, LANE_B, EV_load, WORD + 64),
			 0);
}

static void a_count_is_marked_by_where_it_came_from(void **unused)
{
	(void)unused;
	forget(~(1u << FEEDBACK_counts));
	add(&puts_here, LANE_A, EV_ref_get, WORD, 2);
	add(&puts_here, LANE_A, EV_ref_get, WORD, 3);
	assert_int_equal(feedback_take(&feedback, &trace), 2);
	trace_reset(&trace);
	add(&puts_here, LANE_A, EV_ref_get, WORD, 2);
	add(&takes_there, LANE_A, EV_ref_read, WORD, 2);
	add(&puts_here, LANE_A, EV_ref_get, WORD, 3);
	assert_int_equal(feedback_take(&feedback, &trace), 0);
	add(&puts_here, LANE_A, EV_ref_get, WORD, 4);
	assert_int_equal(feedback_take(&feedback, &trace), 1);
}

static void a_grace_period_is_marked_beside_a_reader(void **unused)
{
	(void)unused;
	forget(0);
	add(&puts_here, LANE_A, EV_reader_begin, DOMAIN, 0);
	add(&puts_here, LANE_A, EV_reader_end, DOMAIN, 0);
	add(&takes_there, LANE_B, EV_synchronize, DOMAIN, 0);
	assert_int_equal(feedback_take(&feedback, &trace), 0);
	trace_reset(&trace);
	add(&puts_here, LANE_A, EV_reader_begin, DOMAIN, 0);
	add(&takes_there, LANE_B, EV_synchronize, DOMAIN, 0);
	assert_int_equal(feedback_take(&feedback, &trace), 1);
}

static void what_is_left_out_is_not_told(void **unused)
{
	(void)unused;
	forget((1u << FEEDBACK_KINDS) - 1);
	assert_int_equal(news_of(&puts_here, EV_store, &takes_there, LANE_B, EV_load, WORD), 0);
	assert_false(feedback_mark(&feedback, FEEDBACK_ops, 1, 2));
	assert_int_equal(counters_set(), 0);
}

static void set_up_is_not_told(void **unused)
{
	(void)unused;
	forget(0);
	add(&puts_here, LANE_MAIN, EV_store, WORD, 0);
	add(&takes_there, LANE_A, EV_load, WORD, 0);
	assert_int_equal(feedback_take(&feedback, &trace), 0);
}

/* ---- who runs next ---- */

#define DRAWS 20000

static unsigned draws_of(const struct adapt *a, const char *name)
{
	unsigned nr = 0;

	for (uint64_t seed = 0; seed < DRAWS; seed++)
		nr += adapt_draw(a, seed) == strategy_find(name);
	return nr;
}

static void who_shows_news_is_drawn_more_often_and_nobody_never(void **unused)
{
	static struct adapt fresh, taught;
	const struct strategy *s;

	(void)unused;
	for (unsigned i = 0; i < 2000; i++)
		for (unsigned row = 0; (s = strategy_at(row)); row++)
			if (strategy_at(row)->weight)
				adapt_learn(&taught, s, !strcmp(s->name, "pos") && i % 2);
	assert_true(draws_of(&taught, "pos") > 2 * draws_of(&fresh, "pos"));
	for (unsigned row = 0; (s = strategy_at(row)); row++)
		assert_int_equal(draws_of(&taught, s->name) > 0, strategy_at(row)->weight > 0);
}

static void without_news_the_portfolio_is_drawn(void **unused)
{
	static struct adapt a;
	unsigned total = 0;

	(void)unused;
	for (unsigned row = 0; strategy_at(row); row++)
		total += strategy_at(row)->weight;
	for (unsigned row = 0; strategy_at(row); row++) {
		unsigned expected = DRAWS * strategy_at(row)->weight / total;
		unsigned slack = DRAWS / 50;

		assert_in_range(draws_of(&a, strategy_at(row)->name) + slack, expected,
				expected + 2 * slack);
	}
}

static unsigned news_of_strategy(const struct adapt *a, const char *name)
{
	unsigned row = 0;

	while (strategy_at(row) != strategy_find(name))
		row++;
	return a->news[row];
}

static void what_was_learnt_long_ago_counts_for_less(void **unused)
{
	static struct adapt a;
	(void)unused;
	for (unsigned i = 0; i < 4000; i++)
		adapt_learn(&a, strategy_find("pos"), true);
	assert_int_equal(news_of_strategy(&a, "pos"), 4000);
	for (unsigned i = 0; i < 40000; i++)
		adapt_learn(&a, strategy_find("surw"), false);
	assert_true(news_of_strategy(&a, "pos") < 2000);
	assert_true(draws_of(&a, "pos") > 0);
}

/* ---- places ---- */

/* Of 40 draws, how many deviations were added, and how many of them fire in the program's own run. */
static void draw_anchors(const char *file, const char *subject, unsigned *ret_added,
			 unsigned *ret_fired)
{
	static struct program program;
	struct exec *x = laws_exec();

	*ret_added = *ret_fired = 0;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct rng rng = rng_init(seed);

		laws_load(file, &program);
		program.deviations_nr = 0;
		x->subject = subject_find(subject);
		if (!anchor_add(x, &laws_how, &program, &rng))
			continue;
		assert_int_equal(program.deviations_nr, 1);
		assert_null(program_validate(&program));
		*ret_added += 1;
		exec_run(x, &laws_how, NULL, 0);
		*ret_fired += choice_stale(&x->choice) == 0;
	}
}

static void a_deviation_that_was_drawn_stands_where_the_run_went_by(void **unused)
{
	unsigned added, fired;

	(void)unused;
	draw_anchors("scenario/2015-device-race.bond", "hmm", &added, &fired);
	print_message("of 40 deviations %u were added, %u fire\n", added, fired);
	assert_true(added >= 36);
	/* Its anchor is met in each, but its target may be blocked there. */
	assert_true(fired >= added * 3 / 4);
}

static void a_program_that_is_full_of_deviations_stays_as_it_is(void **unused)
{
	static struct program program, before;
	struct exec *x = laws_exec();
	struct rng rng = rng_init(1);
	unsigned added = 0;

	(void)unused;
	laws_load("scenario/2015-device-race.bond", &program);
	program.deviations_nr = 0;
	x->subject = subject_find("hmm");
	for (unsigned i = 0; i < 400 && program.deviations_nr < ANCHORS_ADDED_MAX; i++)
		added += anchor_add(x, &laws_how, &program, &rng);
	assert_int_equal(added, ANCHORS_ADDED_MAX);
	before = program;
	assert_false(anchor_add(x, &laws_how, &program, &rng));
	assert_memory_equal(&before, &program, sizeof(program));
}

/* ---- runs that are followed ---- */

#define PROGRAM "scenario/2015-device-race.bond"

static uint8_t lanes[CHOICES_MAX];

/* A run of a strategy, and all that is needed to follow it. */
static struct follow follow_a_run(struct exec *x, struct program *program, uint64_t seed)
{
	struct follow f;

	laws_load(PROGRAM, program);
	exec_prepare(x, program, subject_find("hmm"), &laws_how);
	exec_run(x, &laws_how, strategy_find("sticky"), seed);
	f = follow_of(x, strategy_find("sticky"), seed);
	f.lane = lanes;
	f.prefix = follow_lanes(x, lanes, CHOICES_MAX);
	f.then = strategy_find("random");
	f.seed = seed + 1;
	return f;
}

static void a_run_that_is_followed_to_its_end_is_the_same(void **unused)
{
	static struct program program;
	struct exec *x = laws_exec();
	unsigned failures = 0;

	(void)unused;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct follow f = follow_a_run(x, &program, seed);
		uint64_t hash = trace_hash(&x->trace);

		failures += f.fail_one_in > 0;
		assert_int_equal(f.prefix, x->choice.picks);
		follow_run(x, &laws_how, &f);
		assert_int_equal(trace_hash(&x->trace), hash);
	}
	assert_above(failures, 0);
}

/* Half of the run, then another strategy: the half is the same, and another seed makes another run. */
static void a_prefix_is_repeated_and_then_another_decides(void **unused)
{
	static struct program program;
	static struct choice_made made[CHOICES_MAX];
	struct exec *x = laws_exec();
	unsigned others = 0;

	(void)unused;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct follow f = follow_a_run(x, &program, seed);
		uint64_t hash = trace_hash(&x->trace), again;

		memcpy(made, x->choice.made, sizeof(made));
		f.prefix /= 2;
		follow_run(x, &laws_how, &f);
		again = trace_hash(&x->trace);
		for (uint32_t i = 0; i < f.prefix; i++) {
			assert_int_equal(x->choice.made[i].lane, made[i].lane);
			assert_int_equal(x->choice.made[i].event, made[i].event);
		}
		others += again != hash;
		exec_run(x, &laws_how, follow_strategy(), f.run_seed);
		assert_int_equal(trace_hash(&x->trace), again);
	}
	assert_true(others >= 30);
}

/* ---- the archive ---- */

static struct archive archive;

/* A run that showed these marks, the first one after its first choice, the next after its second. */
static void show(struct exec *x, unsigned first, unsigned nr)
{
	feedback_begin(&feedback);
	for (unsigned i = 0; i < nr; i++)
		feedback.seen[feedback.seen_nr++] =
			(struct feedback_seen){(uint16_t)(first + i), x->choice.made[i].event};
	archive_take(&archive, &feedback, x, strategy_find("sticky"), 1);
}

static unsigned draws_with_prefix(uint32_t prefix)
{
	struct rng rng = rng_init(1);
	struct follow f;
	unsigned nr = 0;

	for (unsigned i = 0; i < 1000; i++) {
		assert_non_null(archive_draw(&archive, &rng, &f));
		nr += f.prefix == prefix;
	}
	return nr;
}

static void what_is_rare_is_drawn_more_often(void **unused)
{
	static struct program program;
	struct exec *x = laws_exec();
	struct rng rng = rng_init(1);
	struct follow f;

	(void)unused;
	memset(&archive, 0, sizeof(archive));
	forget(0);
	assert_null(archive_draw(&archive, &rng, &f));
	follow_a_run(x, &program, 2);
	show(x, 7, 2);
	for (unsigned i = 0; i < 30; i++)
		show(x, 7, 1);
	assert_int_equal(archive.mark[7].hits, 31);
	assert_int_equal(archive.mark[8].hits, 1);
	assert_int_equal(archive.known_nr, 2);
	/* 1/2 against 1/32 */
	assert_in_range(draws_with_prefix(2), 910, 970);
	assert_int_equal(draws_with_prefix(1) + draws_with_prefix(2), 1000);
}

static void a_cut_repeats_some_or_all(void **unused)
{
	struct follow f = {.prefix = 10};
	struct rng rng = rng_init(1);
	unsigned all = 0;

	(void)unused;
	for (unsigned i = 0; i < 1000; i++) {
		uint32_t cut = archive_cut(&f, &rng);

		assert_in_range(cut, 1, 10);
		all += cut == 10;
	}
	assert_in_range(all, 250, 400);
}

static void the_archive_is_bounded_and_gives_up_what_is_common(void **unused)
{
	static struct program program;
	struct exec *x = laws_exec();
	unsigned kept = 0;

	(void)unused;
	memset(&archive, 0, sizeof(archive));
	forget(0);
	follow_a_run(x, &program, 2);
	show(x, 0, 1);
	show(x, 0, 1);
	for (unsigned mark = 1; mark <= ARCHIVE_RUNS; mark++)
		show(x, mark, 1);
	assert_int_equal(archive.mark[0].run, 0);
	for (unsigned mark = 1; mark <= ARCHIVE_RUNS; mark++)
		kept += archive.mark[mark].run > 0;
	assert_int_equal(kept, ARCHIVE_RUNS);
	for (unsigned mark = 1; mark < FEEDBACK_COUNTERS; mark++)
		show(x, mark, 1);
	kept = 0;
	for (unsigned run = 0; run < ARCHIVE_RUNS; run++)
		kept += archive.marks_nr[run];
	assert_int_equal(kept, ARCHIVE_RUNS);
}

/* ---- short programs ---- */

enum { OPEN, CLOSE, BUSY, NEVER, OPS };

static const char *const kinds[] = {"thing"};
static const struct op_type ops[OPS] = {
	[OPEN] = {.name = "open", .gives = 0, .weight = 1},
	[CLOSE] = {.name = "close",
		   .gives = -1,
		   .operands_nr = 1,
		   .operands = {{.kind = OPERAND_OBJECT}},
		   .weight = 4},
	[BUSY] = {.name = "busy",
		  .gives = -1,
		  .operands_nr = 2,
		  .operands = {{.kind = OPERAND_OBJECT}, {.kind = OPERAND_NUMBER, .max = 3}},
		  .weight = 2},
	[NEVER] = {.name = "never", .gives = -1, .weight = 0},
};
static const struct descriptor things = {
	.name = "things", .objects = kinds, .objects_nr = 1, .ops = ops, .ops_nr = OPS};

static struct sequences sequences;

static const struct program_op *last_op(const struct program *p)
{
	return &p->ops[p->ops_nr - 1];
}

/* As a driver that refuses each busy. */
static void tell(const struct program *p, unsigned news)
{
	struct sequence_shown shown = {
		.runs = 1, .news = news, .returned = last_op(p)->verb == BUSY ? -16 : 0};

	sequences_ran(&sequences, &shown);
}

static unsigned thread_ops(const struct program *p)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < p->ops_nr; i++)
		nr += p->ops[i].lane != LANE_MAIN;
	return nr;
}

static void short_programs_come_once_and_end(void **unused)
{
	static uint64_t seen[1u << 14];
	static char data[PROGRAM_TEXT_MAX];
	unsigned nr = 0, pairs = 0;
	struct program p;

	(void)unused;
	sequences_begin(&sequences, &things);
	while (sequences_next(&sequences, &p)) {
		struct text t = text_init(data, sizeof(data));

		assert_null(program_validate(&p));
		assert_int_not_equal(last_op(&p)->verb, NEVER);
		pairs += sequences.kind == SEQUENCE_PAIR;
		tell(&p, 0);
		if (sequences.kind == SEQUENCE_PAIR)
			continue;
		program_print(&p, &t);
		assert_true(nr < sizeof(seen) / sizeof(seen[0]));
		seen[nr] = 0;
		for (unsigned i = 0; i < t.len; i++)
			seen[nr] = rng_mix(seen[nr] ^ (uint8_t)t.data[i]);
		for (unsigned i = 0; i < nr; i++)
			assert_int_not_equal(seen[i], seen[nr]);
		nr++;
	}
	assert_true(sequences.over);
	assert_true(nr > 50);
	assert_true(pairs > 10);
}

static void without_pairs_there_are_only_sequences_of_one_thread(void **unused)
{
	struct program p;
	unsigned nr = 0;

	(void)unused;
	sequences_begin(&sequences, &things);
	sequences.no_pairs = true;
	for (; sequences_next(&sequences, &p); nr++) {
		assert_int_not_equal(sequences.kind, SEQUENCE_PAIR);
		tell(&p, 0);
	}
	assert_true(sequences.over);
	assert_true(nr > 50);
}

static void nothing_stands_behind_an_op_that_was_refused(void **unused)
{
	struct program p;

	(void)unused;
	sequences_begin(&sequences, &things);
	while (sequences_next(&sequences, &p)) {
		for (unsigned i = 0; i + 1u < p.ops_nr && sequences.kind == SEQUENCE_GROWN; i++)
			assert_int_not_equal(p.ops[i].verb, BUSY);
		if (sequences.kind == SEQUENCE_PAIR)
			assert_int_not_equal(last_op(&p)->verb, BUSY);
		tell(&p, 0);
	}
	/* But behind one whose run showed something new. */
	sequences_begin(&sequences, &things);
	while (sequences_next(&sequences, &p)) {
		if (thread_ops(&p) == 2 && p.ops[p.ops_nr - 2].verb == BUSY)
			return;
		tell(&p, 1);
	}
	fail();
}

static void an_op_that_waits_may_get_what_it_waits_for(void **unused)
{
	struct program p;
	bool paired = false;

	(void)unused;
	sequences_begin(&sequences, &things);
	while (sequences_next(&sequences, &p)) {
		bool busy = last_op(&p)->verb == BUSY;
		struct sequence_shown shown = {
			.runs = 1, .returned = busy ? -512 : 0, .waited = busy};

		paired |= busy && sequences.kind == SEQUENCE_PAIR;
		sequences_ran(&sequences, &shown);
	}
	assert_true(paired);
}

static void likely_ops_come_first(void **unused)
{
	struct program p;

	(void)unused;
	sequences_begin(&sequences, &things);
	assert_true(sequences_next(&sequences, &p));
	assert_int_equal(last_op(&p)->verb, CLOSE);
}

/* As a driver that takes every op; what busy does behind close may be known to differ. */
static void tell_behaviour(const struct program *p, bool known, bool differs)
{
	unsigned verb = last_op(p)->verb;
	bool behind_close = thread_ops(p) > 1 && p->ops[p->ops_nr - 2].verb == CLOSE;
	struct sequence_shown shown = {.runs = 1};

	if (known)
		shown.behaviour = 1 + verb + (differs && verb == BUSY && behind_close) * 100;
	sequences_ran(&sequences, &shown);
}

/* A driver that names its functions in one op may have more of them than another op has values. */
static void every_word_of_an_op_comes(void **unused)
{
	static const char *const words[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
					    "k", "l", "m", "n", "o", "p", "q", "r", "s", NULL};
	static const struct op_type both[] = {
		{.name = "open", .gives = 0, .weight = 1},
		{.name = "call",
		 .gives = -1,
		 .operands_nr = 2,
		 .operands = {{.kind = OPERAND_OBJECT}, {.kind = OPERAND_WORD, .words = words}},
		 .weight = 1}};
	static const struct descriptor functions = {
		.name = "functions", .objects = kinds, .objects_nr = 1, .ops = both, .ops_nr = 2};
	uint32_t seen = 0;
	struct program p;

	(void)unused;
	sequences_begin(&sequences, &functions);
	while (sequences_next(&sequences, &p) && seen != (1u << 19) - 1) {
		seen |= (last_op(&p)->verb == 1) << last_op(&p)->operand[1];
		tell_behaviour(&p, false, false);
	}
	assert_int_equal(seen, (1u << 19) - 1);
}

/* How many pairs come before that of two busy ones behind a close? */
static unsigned pairs_before_busy(bool differs)
{
	struct program p;
	unsigned nr = 0;

	sequences_begin(&sequences, &things);
	while (sequences_next(&sequences, &p)) {
		const struct program_op *b = last_op(&p);

		if (sequences.kind == SEQUENCE_PAIR && b[-2].verb == CLOSE && b[-1].verb == BUSY &&
		    b->verb == BUSY)
			return nr;
		nr += sequences.kind == SEQUENCE_PAIR;
		tell_behaviour(&p, true, differs);
	}
	fail();
	return 0;
}

static void pairs_that_notice_the_last_op_come_first(void **unused)
{
	(void)unused;
	assert_true(pairs_before_busy(true) * 2 < pairs_before_busy(false));
}

/* Do longer sequences begin with a close and a busy of one thing both ways round? */
static bool both_orders(bool known)
{
	bool seen[2] = {false, false};
	struct program p;

	sequences_begin(&sequences, &things);
	while (sequences_next(&sequences, &p)) {
		const struct program_op *op = &p.ops[p.ops_nr - thread_ops(&p)];

		if (sequences.kind == SEQUENCE_GROWN && thread_ops(&p) > 2 &&
		    op[0].verb + op[1].verb == CLOSE + BUSY && !op[0].operand[0] &&
		    !op[1].operand[0])
			seen[op[0].verb == BUSY] = true;
		tell_behaviour(&p, known, false);
	}
	return seen[0] && seen[1];
}

static void ops_that_do_not_notice_each_other_have_one_order(void **unused)
{
	(void)unused;
	assert_false(both_orders(true));
	assert_true(both_orders(false));
}

static void what_can_fail_in_the_last_op_fails_once(void **unused)
{
	struct place at = {.site = &puts_here, .occurrence = 1, .lane = LANE_A, .op = 1};
	struct sequence_shown shown = {.runs = 1, .can_fail = &at, .can_fail_nr = 1};
	struct program p;

	(void)unused;
	sequences_begin(&sequences, &things);
	assert_true(sequences_next(&sequences, &p));
	assert_int_equal(p.deviations_nr, 0);
	sequences_ran(&sequences, &shown);
	assert_true(sequences_next(&sequences, &p));
	assert_int_equal(sequences.kind, SEQUENCE_FAILS);
	assert_int_equal(p.deviations_nr, 1);
	assert_int_equal(p.deviations[0].action, DEVIATION_FAILS);
	assert_null(program_validate(&p));
	sequences_ran(&sequences, &shown);
	assert_true(sequences_next(&sequences, &p));
	assert_int_not_equal(sequences.kind, SEQUENCE_FAILS);
	/* Not one of an op before the last: that was tried with the shorter sequence. */
	while (sequences_next(&sequences, &p) && thread_ops(&p) < 2)
		tell(&p, 0);
	sequences_ran(&sequences, &shown);
	assert_true(sequences_next(&sequences, &p));
	assert_int_not_equal(sequences.kind, SEQUENCE_FAILS);
}

/* As after the death of a process that left the data in shared memory. */
static void a_program_that_was_not_told_of_is_left_behind(void **unused)
{
	static struct sequences dead;
	struct program p, next;

	(void)unused;
	sequences_begin(&sequences, &things);
	assert_true(sequences_next(&sequences, &p));
	dead = sequences;
	sequences = dead;
	assert_true(sequences_next(&sequences, &next));
	assert_memory_not_equal(p.ops, next.ops, p.ops_nr * sizeof(p.ops[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock_handed_over_is_news_once),
		cmocka_unit_test(a_word_met_is_news_where_another_thread_wrote_it),
		cmocka_unit_test(marks_are_of_names_and_of_nothing_else),
		cmocka_unit_test(a_count_is_marked_by_where_it_came_from),
		cmocka_unit_test(a_grace_period_is_marked_beside_a_reader),
		cmocka_unit_test(what_is_left_out_is_not_told),
		cmocka_unit_test(set_up_is_not_told),
		cmocka_unit_test(who_shows_news_is_drawn_more_often_and_nobody_never),
		cmocka_unit_test(without_news_the_portfolio_is_drawn),
		cmocka_unit_test(what_was_learnt_long_ago_counts_for_less),
		cmocka_unit_test(a_deviation_that_was_drawn_stands_where_the_run_went_by),
		cmocka_unit_test(a_run_that_is_followed_to_its_end_is_the_same),
		cmocka_unit_test(a_prefix_is_repeated_and_then_another_decides),
		cmocka_unit_test(what_is_rare_is_drawn_more_often),
		cmocka_unit_test(a_cut_repeats_some_or_all),
		cmocka_unit_test(the_archive_is_bounded_and_gives_up_what_is_common),
		cmocka_unit_test(short_programs_come_once_and_end),
		cmocka_unit_test(an_op_that_waits_may_get_what_it_waits_for),
		cmocka_unit_test(without_pairs_there_are_only_sequences_of_one_thread),
		cmocka_unit_test(nothing_stands_behind_an_op_that_was_refused),
		cmocka_unit_test(likely_ops_come_first),
		cmocka_unit_test(every_word_of_an_op_comes),
		cmocka_unit_test(pairs_that_notice_the_last_op_come_first),
		cmocka_unit_test(ops_that_do_not_notice_each_other_have_one_order),
		cmocka_unit_test(what_can_fail_in_the_last_op_fails_once),
		cmocka_unit_test(a_program_that_was_not_told_of_is_left_behind),
		cmocka_unit_test(a_program_that_is_full_of_deviations_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
