/*
 * program_test.c - laws of src/program/: what is printed parses, what is drawn is valid, what is
 * minimised stays so; and the place and words of every strict error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "program/draw.h"
#include "program_descriptor.h"

#define LAW_RUNS 100000
#define DIGITS_OF(n) #n
#define DIGITS(n) DIGITS_OF(n)
#define HEAD "bondfuzz 1\nsubject toy\n"
#define CAST HEAD "mm0 = mm_create\ndevice0 = dev_register 0\nbond0 = sva_bind device0 mm0\n"
#define PLAY CAST "A: mm_exit mm0\nB: sva_unbind bond0\n"

static char text_buffer[2][PROGRAM_TEXT_MAX + 1];

static const char *printed(const struct program *p, unsigned buffer, size_t *len)
{
	struct text t = text_init(text_buffer[buffer], sizeof(text_buffer[buffer]));

	program_print(p, &t);
	assert_false(t.full);
	*len = t.len;
	return t.data;
}

static void must_parse(const char *text, size_t len, struct program *ret)
{
	struct program_error error = {0};

	if (!program_parse(text, len, &toy_names, ret, &error))
		fail_msg("%u:%u: %s in\n%.*s", error.line, error.column, error.message, (int)len,
			 text);
}

static void check_law(const struct program *p)
{
	const char *fault = program_validate(p), *first, *second;
	static struct program again;
	size_t len, len_again;

	if (fault)
		fail_msg("%s", fault);
	first = printed(p, 0, &len);
	must_parse(first, len, &again);
	second = printed(&again, 1, &len_again);
	if (len != len_again || memcmp(first, second, len))
		fail_msg("printed\n%s\nand then\n%s", first, second);
}

/* Deviations come from runs; here from the names that a parser could meet. */
static void add_deviations(struct program *p, struct rng *rng)
{
	static const char *const names[] = {"kzalloc", "up_write:tail", "mmu_notifier_free", "f"};
	unsigned nr = rng_below(rng, 6);

	while (nr--) {
		struct program_deviation *v = &p->deviations[p->deviations_nr];
		unsigned op = rng_below(rng, p->ops_nr);
		const char *name = names[rng_below(rng, 4)];

		if (p->ops[op].lane == LANE_MAIN)
			continue;
		v->lane = p->ops[op].lane;
		v->op = (uint8_t)program_op_number(p, op);
		if (rng_chance(rng, 5)) {
			v->lane = LANE_SRCU1;
			v->op = (uint8_t)(1 + rng_below(rng, 255));
		}
		v->action = rng_chance(rng, 3) ? DEVIATION_FAILS : DEVIATION_GOTO;
		v->target = p->ops[p->ops_nr - 1].lane;
		v->primitive = (uint16_t)program_intern(p, name, strlen(name));
		v->function = rng_chance(rng, 2) ? v->primitive : 0;
		v->occurrence = (uint16_t)(1 + rng_below(rng, UINT16_MAX));
		p->deviations_nr++;
	}
}

static void print_then_parse_prints_the_same_bytes(void **state)
{
	static struct program pool[16];
	static struct program child;
	struct rng rng = rng_init(1);

	(void)state;
	for (unsigned i = 0; i < LAW_RUNS; i++) {
		struct program *p = &pool[i % 16];

		if (i < 16 || rng_chance(&rng, 8)) {
			program_generate(p, &toy, &toy_shape, &rng);
			check_law(p);
			add_deviations(p, &rng);
		}
		check_law(p);
		program_mutate(p, &toy_shape, &rng);
		check_law(p);
		program_crossover(p, &pool[i < 16 ? 0 : rng_below(&rng, 16)], &child, &rng);
		check_law(&child);
		if (rng_chance(&rng, 4))
			*p = child;
	}
}

static void generated_programs_keep_their_shape(void **state)
{
	struct rng rng = rng_init(2);
	struct program p;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		unsigned lanes = 0, ops = 0;

		program_generate(&p, &toy, &toy_shape, &rng);
		for (unsigned j = 0; j < p.ops_nr; j++)
			if (p.ops[j].lane != LANE_MAIN) {
				lanes |= 1u << p.ops[j].lane;
				ops++;
			}
		assert_in_range(__builtin_popcount(lanes), 2, 4);
		assert_in_range(ops, 3, 12);
		assert_true(p.scheduled);
	}
}

static bool same_op(const struct program_op *a, const struct program_op *b)
{
	return a->lane == b->lane && a->verb == b->verb && a->result == b->result &&
	       !memcmp(a->operand, b->operand,
		       toy_ops[a->verb].operands_nr * sizeof(a->operand[0]));
}

/* Its lines in their order, and what stands between them names none of its threads and objects. */
static void an_embedded_program_keeps_its_lines_and_gets_company(void **state)
{
	static const struct program_shape crowd = {
		.threads_min = 4, .ops_min = 14, .strategies = toy_strategies};
	struct rng rng = rng_init(4);
	struct program p, alone;
	unsigned crowded = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		unsigned kept = 0, lanes = 0, ops = 0, own = 0;

		program_generate(&alone, &toy, &toy_shape, &rng);
		for (unsigned j = 0; j < alone.ops_nr; j++)
			own |= 1u << alone.ops[j].lane;
		p = alone;
		program_embed(&p, &crowd, &rng);
		check_law(&p);
		for (unsigned j = 0; j < p.ops_nr; j++) {
			if (kept < alone.ops_nr && same_op(&p.ops[j], &alone.ops[kept]))
				kept++;
			else
				assert_true(p.ops[j].lane == LANE_MAIN ||
					    !(own >> p.ops[j].lane & 1));
			lanes |= p.ops[j].lane == LANE_MAIN ? 0 : 1u << p.ops[j].lane;
			ops += p.ops[j].lane != LANE_MAIN;
		}
		assert_int_equal(kept, alone.ops_nr);
		crowded += __builtin_popcount(lanes) >= 4 && ops >= 12;
	}
	assert_in_range(crowded, 18000, 20000); /* else no number was free for their objects */
}

static void an_op_of_weight_zero_is_not_drawn(void **state)
{
	struct rng rng = rng_init(3);
	struct program p;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		program_generate(&p, &toy, &toy_shape, &rng);
		for (unsigned j = 0; j < p.ops_nr; j++)
			assert_string_not_equal(toy_ops[p.ops[j].verb].name, "mm_fork");
	}
}

/* Two threads that name the same object: without them there is nothing to race for. */
static bool shares_an_object(const struct program *p)
{
	unsigned users[3][OBJECTS_MAX] = {{0}};

	for (unsigned i = 0; i < p->ops_nr; i++) {
		const struct op_type *type = &toy_ops[p->ops[i].verb];

		for (unsigned j = 0; p->ops[i].lane != LANE_MAIN && j < type->operands_nr; j++)
			if (type->operands[j].kind == OPERAND_OBJECT)
				users[type->operands[j].object_kind][p->ops[i].operand[j]] |=
					1u << p->ops[i].lane;
	}
	for (unsigned i = 0; i < 3 * OBJECTS_MAX; i++)
		if (__builtin_popcount(users[i / OBJECTS_MAX][i % OBJECTS_MAX]) > 1)
			return true;
	return false;
}

/* Swarm testing: half of the programs are drawn from a random part of the ops, whole ones never. */
static void half_of_the_programs_leave_ops_out(void **state)
{
	unsigned swarm = 0, off[256] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		struct rng rng = rng_init(seed), again = rng_init(seed);
		struct draw some = draw_init(&toy, false, &rng);
		struct draw all = draw_init(&toy, true, &again);
		bool leaves_out = false;

		for (unsigned verb = 0; verb < toy.ops_nr; verb++) {
			bool is_off = !(some.enabled[verb / 32] >> verb % 32 & 1);

			assert_true(all.enabled[verb / 32] >> verb % 32 & 1);
			off[verb] += is_off;
			leaves_out |= is_off;
		}
		swarm += leaves_out;
	}
	assert_in_range(swarm, 400, 550);
	for (unsigned verb = 0; verb < toy.ops_nr; verb++)
		assert_in_range(off[verb], 120, 220); /* a third of the half */
}

static void most_generated_programs_share_an_object(void **state)
{
	struct rng rng = rng_init(4);
	unsigned shared = 0;
	struct program p;

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		program_generate(&p, &toy, &toy_shape, &rng);
		shared += shares_an_object(&p);
	}
	assert_in_range(shared, 8500, 10000);
}

static void the_same_seed_gives_the_same_program(void **state)
{
	struct program p, q;
	size_t len_p, len_q;

	(void)state;
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct rng rng_p = rng_init(seed), rng_q = rng_init(seed);

		memset(&p, 0x00, sizeof(p));
		memset(&q, 0xff, sizeof(q));
		program_generate(&p, &toy, &toy_shape, &rng_p);
		program_generate(&q, &toy, &toy_shape, &rng_q);
		program_mutate(&p, &toy_shape, &rng_p);
		program_mutate(&q, &toy_shape, &rng_q);
		assert_string_equal(printed(&p, 0, &len_p), printed(&q, 1, &len_q));
	}
}

/* Any bytes are a program, the same one each time; those behind the last one used change nothing. */
static void any_bytes_draw_a_program(void **state)
{
	struct rng rng = rng_init(8);
	unsigned others = 0;
	struct program p;
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		uint8_t bytes[400];
		size_t size = rng_below(&rng, sizeof(bytes) - 1);
		struct rng one, same, longer;

		for (size_t n = 0; n < sizeof(bytes); n++)
			bytes[n] = (uint8_t)rng_next(&rng);
		one = same = rng_of_bytes(bytes, size);
		longer = rng_of_bytes(bytes, sizeof(bytes));
		program_generate(&p, &toy, &toy_shape, &one);
		assert_null(program_validate(&p));
		printed(&p, 0, &len);
		program_generate(&p, &toy, &toy_shape, &same);
		assert_string_equal(printed(&p, 1, &len), text_buffer[0]);
		program_generate(&p, &toy, &toy_shape, &longer);
		if (one.byte != one.end)
			assert_string_equal(printed(&p, 1, &len), text_buffer[0]);
		else
			others += strcmp(printed(&p, 1, &len), text_buffer[0]) != 0;
	}
	assert_true(others > 500);
}

static void mutation_does_not_stand_still_or_run_away(void **state)
{
	struct rng rng = rng_init(5);
	unsigned changed = 0;
	struct program p;
	size_t len;

	(void)state;
	program_generate(&p, &toy, &toy_shape, &rng);
	printed(&p, 1, &len);
	for (unsigned i = 0; i < 10000; i++) {
		program_mutate(&p, &toy_shape, &rng);
		changed += strcmp(printed(&p, 0, &len), text_buffer[1]) != 0;
		strcpy(text_buffer[1], text_buffer[0]);
	}
	assert_in_range(changed, 9000, 10000);
	assert_in_range(p.pool_len, 1, 64);
}

static bool has_verb(const struct program *p, const char *name)
{
	for (unsigned i = 0; i < p->ops_nr; i++)
		if (!strcmp(toy_ops[p->ops[i].verb].name, name))
			return true;
	return false;
}

static bool keeps_exit_unbind_and_a_deviation(const struct program *p, void *calls)
{
	++*(unsigned *)calls;
	assert_null(program_validate(p));
	return has_verb(p, "mm_exit") && has_verb(p, "sva_unbind") && p->deviations_nr;
}

static void check_nothing_more_can_go(const struct program *p)
{
	for (unsigned i = 0; i < p->ops_nr; i++) {
		struct program less = *p;
		unsigned calls = 0;

		program_drop_op(&less, i);
		assert_false(keeps_exit_unbind_and_a_deviation(&less, &calls));
	}
}

static void minimize_keeps_the_property_and_is_idempotent(void **state)
{
	struct rng rng = rng_init(6);
	unsigned done = 0;

	(void)state;
	while (done < 500) {
		unsigned calls = 0, budget = 10000;
		struct program p;
		size_t len;

		program_generate(&p, &toy, &toy_shape, &rng);
		add_deviations(&p, &rng);
		if (!keeps_exit_unbind_and_a_deviation(&p, &calls))
			continue;
		calls = 0;
		assert_int_equal(
			program_minimize(&p, keeps_exit_unbind_and_a_deviation, &calls, budget),
			calls);
		assert_true(keeps_exit_unbind_and_a_deviation(&p, &calls));
		assert_int_equal(p.deviations_nr, 1);
		check_nothing_more_can_go(&p);
		strcpy(text_buffer[1], printed(&p, 0, &len));
		program_minimize(&p, keeps_exit_unbind_and_a_deviation, &calls, budget);
		assert_string_equal(printed(&p, 0, &len), text_buffer[1]);
		check_law(&p);
		done++;
	}
}

static bool keeps_nothing(const struct program *p, void *last)
{
	size_t len;

	assert_string_not_equal(printed(p, 0, &len), (char *)last);
	strcpy(last, text_buffer[0]);
	return false;
}

static void minimize_never_asks_twice_and_keeps_to_its_budget(void **state)
{
	static char last[PROGRAM_TEXT_MAX + 1];
	struct rng rng = rng_init(7);

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		struct program p;

		last[0] = '\0';
		program_generate(&p, &toy, &toy_shape, &rng);
		add_deviations(&p, &rng);
		assert_in_range(program_minimize(&p, keeps_nothing, last, 7), 1, 7);
	}
}

static void dropping_an_op_takes_its_users_and_renumbers_deviations(void **state)
{
	static const char before[] = CAST "mm1 = mm_create\n"
					  "A: mm_exit mm0\n"
					  "A: mm_exit mm1\n"
					  "B: sva_unbind bond0\n"
					  "schedule:\n"
					  "  A.1 down_write#1 -> B\n"
					  "  A.2 up_write:tail#1 fails\n"
					  "  rcu.7 kfree#1 -> A\n"
					  "  B.1 kfree#1 -> A\n";
	static const char after[] = HEAD "device0 = dev_register 0\n"
					 "mm1 = mm_create\n"
					 "A: mm_exit mm1\n"
					 "schedule:\n"
					 "  A.1 up_write:tail#1 fails\n"
					 "  rcu.7 kfree#1 -> A\n";
	struct program p;
	size_t len;

	(void)state;
	must_parse(before, strlen(before), &p);
	program_drop_op(&p, 0);
	assert_string_equal(printed(&p, 0, &len), after);
	assert_null(program_validate(&p));
}

static void free_spacing_is_read_and_printed_canonically(void **state)
{
	static const char loose[] = "# kept \xc3\xa9\n"
				    "\n"
				    "#\ttoo\n"
				    "bondfuzz\t1 \n"
				    "# dropped\n"
				    "subject   toy\n"
				    "mm0     = mm_create\n"
				    "  # dropped\n"
				    "device0 =\tdev_register  3\n"
				    "C:   bond7 = sva_bind device0 mm0\n"
				    "A: dev_access bond7 dma 4096\n"
				    "C: sva_unbind bond7\n"
				    "schedule: urw   seed=18446744073709551615\n"
				    " A.1   do_access   dma:tail#65535   ->   srcu0\n"
				    "\t\tsrcu1.255 kfree#1 fails\n"
				    "expect: clean\n"
				    "expect toy_v1:  dead_use   device0\n"
				    "expect: warn@f+G=0_x  LEN";
	static const char tight[] = "# kept \xc3\xa9\n"
				    "#\ttoo\n"
				    "bondfuzz 1\n"
				    "subject toy\n"
				    "mm0 = mm_create\n"
				    "device0 = dev_register 3\n"
				    "C: bond7 = sva_bind device0 mm0\n"
				    "A: dev_access bond7 dma 4096\n"
				    "C: sva_unbind bond7\n"
				    "schedule: urw seed=18446744073709551615\n"
				    "  A.1 do_access dma:tail#65535 -> srcu0\n"
				    "  srcu1.255 kfree#1 fails\n"
				    "expect: clean\n"
				    "expect toy_v1: dead_use device0\n"
				    "expect: warn@f+G=0_x LEN\n";
	struct program p;
	size_t len;

	(void)state;
	must_parse(loose, strlen(loose), &p);
	assert_string_equal(printed(&p, 0, &len), tight);
	check_law(&p);
	must_parse(HEAD "schedule: plain\n", strlen(HEAD "schedule: plain\n"), &p);
	assert_string_equal(printed(&p, 0, &len), HEAD "schedule:\n");
}

struct bad_text {
	const char *text;
	unsigned line, column;
	const char *message;
};

#define X10 "xxxxxxxxxx"
#define X48 X10 X10 X10 X10 "xxxxxxxx"

static const struct bad_text bad_texts[] = {
	{"", 1, 1, "expected 'bondfuzz', got the end of the text"},
	{HEAD "schedule:\nexpect: warn@\n", 4, 9, "expected RULE[@FUNCTION"},
	{HEAD "schedule:\nexpect: warn@f=\n", 4, 9, "expected RULE[@FUNCTION"},
	{HEAD "schedule:\nexpect: warn=x@f\n", 4, 9, "expected RULE[@FUNCTION"},
	{HEAD "schedule:\nexpect: @f\n", 4, 9, "expected RULE[@FUNCTION"},
	{"\n# x\n", 3, 1, "expected 'bondfuzz'"},
	{"bondfuzz 2\n", 1, 10, "expected version 1, got '2'"},
	{"bondfuzz 1 1\n", 1, 12, "unexpected '1' after the version"},
	{" bondfuzz 1\n", 1, 2, "unexpected blanks"},
	{"bondfuzz 1\r\n", 1, 11, "control character 0x0d"},
	{"# a\rb\nbondfuzz 1\n", 1, 4, "control character 0x0d"},
	{"bondfuzz 1\nsubjects toy\n", 2, 1, "expected 'subject', got 'subjects'"},
	{"bondfuzz 1\nsubject\n", 2, 8, "expected a subject: toy"},
	{"bondfuzz 1\nsubject toi\n", 2, 9, "unknown subject 'toi'; known: toy"},
	{HEAD "mm0 = mm_creat\n", 3, 7, "unknown op 'mm_creat'; did you mean 'mm_create'?"},
	{HEAD "mm_exti mm0\n", 3, 1, "unknown op 'mm_exti'; did you mean 'mm_exit'?"},
	{HEAD "quite_other\n", 3, 1, "unknown op 'quite_other'"},
	{HEAD "mm0 =\n", 3, 6, "expected an op, got the end of the line"},
	{HEAD "A:\n", 3, 3, "expected an op, got the end of the line"},
	{HEAD "A:mm_exit mm0\n", 3, 3, "expected a blank after 'A:'"},
	{HEAD "G: mm_exit mm0\n", 3, 1, "unknown line 'G:'"},
	{HEAD "mm_create\n", 3, 1, "'mm_create' gives a mm: expected 'mm0 = mm_create'"},
	{HEAD "mm0 = dev_options dma\n", 3, 1, "'dev_options' gives nothing that mm0 could name"},
	{HEAD "device0 = mm_create\n", 3, 1, "expected a mm, got device0"},
	{HEAD "mm = mm_create\n", 3, 1, "expected a mm, got mm"},
	{HEAD "mm00 = mm_create\n", 3, 1, "without leading zeros, got mm00"},
	{HEAD "mm8 = mm_create\n", 3, 1, "below OBJECTS_MAX (" DIGITS(OBJECTS_MAX) "), got mm8"},
	{HEAD "mm10 = mm_create\n", 3, 1, "below OBJECTS_MAX (" DIGITS(OBJECTS_MAX) "), got mm10"},
	{HEAD "mm0 = mm_create mm0\n", 3, 17, "unexpected 'mm0' after the operands"},
	{HEAD "mm0 = mm_create\nmm0 = mm_create\n", 4, 1, "mm0 is bound twice"},
	{HEAD "mm0 = mm_create\nA: mm1 = mm_fork mm1\n", 4, 18, "mm1 is used before it is bound"},
	{HEAD " mm0 = mm_create\n", 3, 2, "unexpected blanks"},
	{HEAD "mm_exit mm0\n", 3, 1, "'mm_exit' may stand in a thread only"},
	{HEAD "A: mm0 = mm_create\n", 3, 10, "'mm_create' may stand in the set-up only"},
	{HEAD "device0 = dev_register\n", 3, 23,
	 "'dev_register' takes 1 operands: expected a number"},
	{HEAD "device0 = dev_register 4\n", 3, 24, "the operand is at most 3, got 4"},
	{HEAD "device0 = dev_register 03\n", 3, 24, "leading zero"},
	{HEAD "device0 = dev_register -1\n", 3, 24, "a decimal number, got '-1'"},
	{HEAD "dev_options fast\n", 3, 13, "expected one of read, write, dma; got fast"},
	{CAST "A: sva_unbind\n", 6, 14, "'sva_unbind' takes 1 operands: expected a bond"},
	{CAST "A: sva_unbind mm0\n", 6, 15, "expected a bond, got mm0"},
	{CAST "A: dev_unregister mm0\n", 6, 19, "expected a device, got mm0"},
	{CAST "A: sva_unbind bond1\n", 6, 15, "bond1 is used before it is bound"},
	{CAST "A: mm_exit mm0 # why\n", 6, 16, "unexpected '#' after the operands"},
	{PLAY "mm1 = mm_create\n", 8, 1, "a set-up line after a thread's line"},
	{PLAY "schedule: surw seed=1\n", 8, 11, "unknown strategy 'surw'"},
	{PLAY "schedule: urw\n", 8, 14, "expected 'seed='"},
	{PLAY "schedule: urw seed=\n", 8, 20, "expected the seed"},
	{PLAY "schedule: urw seed=18446744073709551616\n", 8, 20, "the seed is at most 1844674407"},
	{PLAY "schedule: plain seed=1\n", 8, 17, "unexpected 'seed=1' after the plain schedule"},
	{PLAY "schedule:\nschedule:\n", 9, 1, "expected an indented deviation or 'expect'"},
	{PLAY "schedule:\nA.1 f#1 -> B\n", 9, 1, "expected an indented deviation or 'expect'"},
	{PLAY "  A.1 f#1 -> B\n", 8, 3, "unexpected blanks"},
	{PLAY "schedule:\n  A1 f#1 -> B\n", 9, 3, "expected a lane and an op"},
	{PLAY "schedule:\n  G.1 f#1 -> B\n", 9, 3, "expected a lane and an op"},
	{PLAY "schedule:\n  main.1 f#1 -> B\n", 9, 3, "lane main takes no deviation"},
	{PLAY "schedule:\n  A.2 f#1 -> B\n", 9, 5, "thread A has 1 ops, no op 2"},
	{PLAY "schedule:\n  C.1 f#1 -> B\n", 9, 5, "thread C has 0 ops, no op 1"},
	{PLAY "schedule:\n  A.0 f#1 -> B\n", 9, 5, "op numbers count from 1"},
	{PLAY "schedule:\n  rcu.256 f#1 -> B\n", 9, 7, "the op number is at most 255, got 256"},
	{PLAY "schedule:\n  A.1\n", 9, 6, "expected a primitive"},
	{PLAY "schedule:\n  A.1 f g -> B\n", 9, 9, "expected a primitive"},
	{PLAY "schedule:\n  A.1 9f g#1 -> B\n", 9, 7, "expected a function or a primitive"},
	{PLAY "schedule:\n  A.1 #1 -> B\n", 9, 7, "expected a primitive's name"},
	{PLAY "schedule:\n  A.1 f#0 -> B\n", 9, 9, "occurrences count from 1"},
	{PLAY "schedule:\n  A.1 f#65536 -> B\n", 9, 9, "the occurrence is at most 65535"},
	{PLAY "schedule:\n  A.1 " X48 "#1 -> B\n", 9, 7, "NAME_MAX_LEN allows 47"},
	{PLAY "schedule:\n  A.1 f#1\n", 9, 10, "expected '->' or 'fails'"},
	{PLAY "schedule:\n  A.1 f#1 ->\n", 9, 13, "expected a lane after '->'"},
	{PLAY "schedule:\n  A.1 f#1 -> main\n", 9, 14, "no deviation goes to lane main"},
	{PLAY "schedule:\n  A.1 f#1 -> C\n", 9, 14, "thread C has no ops"},
	{PLAY "schedule:\n  A.1 f#1 fails B\n", 9, 17, "unexpected 'B' after the deviation"},
	{PLAY "expect clean\n", 8, 8, "expected a subject or a defect and ':', got 'clean'"},
	{PLAY "expect:\n", 8, 8, "expected a verdict, got the end of the line"},
	{PLAY "expect: Clean\n", 8, 9, "expected a verdict, got 'Clean'"},
	{PLAY "expect: clean mm0\n", 8, 15, "the verdict clean has no object"},
	{PLAY "expect: dead_use 0\n", 8, 18, "expected an object, got '0'"},
	{PLAY "expect: dead_use mm0 mm1\n", 8, 22, "unexpected 'mm1' after the expectation"},
	{PLAY "expect " X48 ": clean\n", 8, 8, "NAME_MAX_LEN allows 47"},
	{PLAY "expect: clean\nA: mm_exit mm0\n", 9, 1, "expected 'expect' or the end of the text"},
	{PLAY "expect: clean\nschedule:\n", 9, 1, "expected 'expect' or the end of the text"},
	{PLAY "A: mm_exit mm\xc3\xa9\n", 8, 14, "byte 0xc3: only comments may hold non-ASCII"},
	{PLAY "A: mm_exit\x01mm0\n", 8, 11, "control character 0x01"},
};

static void check_refused(const char *text, size_t len, const struct bad_text *bad)
{
	struct program_error error = {0};
	struct program p;

	if (program_parse(text, len, &toy_names, &p, &error))
		fail_msg("parsed:\n%s", bad->text);
	if (error.line != bad->line || error.column != bad->column ||
	    !strstr(error.message, bad->message))
		fail_msg("expected %u:%u: %s\ngot %u:%u: %s", bad->line, bad->column, bad->message,
			 error.line, error.column, error.message);
}

static void every_bad_text_is_refused_at_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_texts) / sizeof(bad_texts[0]); i++)
		check_refused(bad_texts[i].text, strlen(bad_texts[i].text), &bad_texts[i]);
}

static void a_nul_byte_is_refused(void **state)
{
	static const char text[] = "bondfuzz 1\nsubject\0toy\n";

	(void)state;
	check_refused(text, sizeof(text) - 1,
		      &(struct bad_text){"NUL", 2, 8, "control character 0x00"});
}

/* @head, then @line until there are @nr, each a little different where the line has a %u. */
static const char *repeated(const char *head, const char *line, unsigned nr, size_t *len)
{
	static char big[4 * PROGRAM_TEXT_MAX];

	*len = (size_t)snprintf(big, sizeof(big), "%s", head);
	for (unsigned i = 0; i < nr; i++) {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
#pragma clang diagnostic ignored "-Wformat-security"
#pragma clang diagnostic ignored "-Wformat-extra-args"
		*len += (size_t)snprintf(big + *len, sizeof(big) - *len, line, i);
#pragma clang diagnostic pop
	}
	return big;
}

struct bound_case {
	const char *head, *line;
	unsigned nr; /* the most lines that are accepted */
	struct bad_text bad;
};

static const struct bound_case bounds[] = {
	{CAST,
	 "A: mm_exit mm0\n",
	 OPS_MAX - 3,
	 {"ops", OPS_MAX + 3, 1, "more than OPS_MAX (" DIGITS(OPS_MAX) ")"}},
	{PLAY "schedule:\n",
	 "  A.1 f%u#1 fails\n",
	 DEVIATIONS_MAX,
	 {"deviations", DEVIATIONS_MAX + 9, 3,
	  "more than DEVIATIONS_MAX (" DIGITS(DEVIATIONS_MAX) ")"}},
	{PLAY,
	 "expect d%u: clean\n",
	 EXPECTS_MAX,
	 {"expects", EXPECTS_MAX + 8, 1, "more than EXPECTS_MAX (" DIGITS(EXPECTS_MAX) ")"}},
	{PLAY,
	 "                                                                \n",
	 (PROGRAM_TEXT_MAX - sizeof(PLAY) + 1) / 65,
	 {"length", 1, 1, "longer than PROGRAM_TEXT_MAX (" DIGITS(PROGRAM_TEXT_MAX) " bytes)"}},
};

static void every_bound_is_named_when_it_is_passed(void **state)
{
	struct program p;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		const struct bound_case *b = &bounds[i];
		const char *text = repeated(b->head, b->line, b->nr, &len);

		must_parse(text, len, &p);
		text = repeated(b->head, b->line, b->nr + 1, &len);
		check_refused(text, len, &b->bad);
	}
}

static void a_full_pool_is_an_error_with_a_place(void **state)
{
	size_t len;
	const char *text =
		repeated("", "#2345678901234567890123456789012345678901234567\n", 86, &len);

	(void)state;
	check_refused(text, len,
		      &(struct bad_text){"comments", 86, 1,
					 "over POOL_MAX (" DIGITS(POOL_MAX) " bytes)"});
}

#define TOY_SETUP HEAD "mm0 = mm_create\ndevice0 = dev_register 3\n"

static void threads_merge_in_the_order_of_their_turns(void **state)
{
	static const char apart[] = TOY_SETUP "A: bond0 = sva_bind device0 mm0\n"
					      "A: sva_unbind bond0\n"
					      "B: mm_exit mm0\n"
					      "schedule:\n"
					      "  A.1 sva_bind mutex_lock#1 -> B\n";
	uint32_t when[OPS_MAX] = {0, 0, 10, 30, 20};
	struct program p, merged;
	size_t len;

	(void)state;
	must_parse(apart, strlen(apart), &p);
	assert_true(program_merge_threads(&p, LANE_B, LANE_A, when, &merged));
	assert_string_equal(printed(&merged, 0, &len), TOY_SETUP "A: bond0 = sva_bind device0 mm0\n"
								 "A: mm_exit mm0\n"
								 "A: sva_unbind bond0\n"
								 "schedule:\n");
	assert_true(program_one_column(&merged, &p));
	assert_string_equal(printed(&p, 0, &len), TOY_SETUP "bond0 = sva_bind device0 mm0\n"
							    "A: mm_exit mm0\n"
							    "A: sva_unbind bond0\n"
							    "schedule:\n");
	must_parse(apart, strlen(apart), &p);
	when[3] = 5; /* what it uses would be made below it */
	assert_false(program_merge_threads(&p, LANE_B, LANE_A, when, &merged));
	assert_false(program_one_column(&p, &merged));
}

static void an_op_moves_to_the_set_up_if_it_may_stand_there(void **state)
{
	static const char text[] = TOY_SETUP "A: bond0 = sva_bind device0 mm0\n"
					     "A: sva_unbind bond0\n"
					     "B: mm_exit mm0\n"
					     "schedule:\n"
					     "  A.1 sva_bind mutex_lock#1 -> B\n"
					     "  A.2 sva_unbind kfree#1 -> B\n";
	struct program p, moved;
	size_t len;

	(void)state;
	must_parse(text, strlen(text), &p);
	assert_true(program_move_to_setup(&p, 2, &moved));
	assert_string_equal(printed(&moved, 0, &len), TOY_SETUP "bond0 = sva_bind device0 mm0\n"
								"A: sva_unbind bond0\n"
								"B: mm_exit mm0\n"
								"schedule:\n"
								"  A.1 sva_unbind kfree#1 -> B\n");
	assert_false(program_move_to_setup(&p, 4, &moved));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_then_parse_prints_the_same_bytes),
		cmocka_unit_test(generated_programs_keep_their_shape),
		cmocka_unit_test(an_embedded_program_keeps_its_lines_and_gets_company),
		cmocka_unit_test(an_op_of_weight_zero_is_not_drawn),
		cmocka_unit_test(half_of_the_programs_leave_ops_out),
		cmocka_unit_test(most_generated_programs_share_an_object),
		cmocka_unit_test(the_same_seed_gives_the_same_program),
		cmocka_unit_test(any_bytes_draw_a_program),
		cmocka_unit_test(mutation_does_not_stand_still_or_run_away),
		cmocka_unit_test(minimize_keeps_the_property_and_is_idempotent),
		cmocka_unit_test(minimize_never_asks_twice_and_keeps_to_its_budget),
		cmocka_unit_test(dropping_an_op_takes_its_users_and_renumbers_deviations),
		cmocka_unit_test(threads_merge_in_the_order_of_their_turns),
		cmocka_unit_test(an_op_moves_to_the_set_up_if_it_may_stand_there),
		cmocka_unit_test(free_spacing_is_read_and_printed_canonically),
		cmocka_unit_test(every_bad_text_is_refused_at_its_place),
		cmocka_unit_test(a_nul_byte_is_refused),
		cmocka_unit_test(every_bound_is_named_when_it_is_passed),
		cmocka_unit_test(a_full_pool_is_an_error_with_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
