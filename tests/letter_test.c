/*
 * letter_test.c - the letter of a toy trace, to the byte; and of traces that nobody would write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rng.h"
#include "letter/letter.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define LOCK OBJECT_OF_BLOCK(1, 16)
#define OUTER (OBJECT_STATIC | 7)
#define COUNT OBJECT_OF_BLOCK(1, 8)

static struct site begin = {.func = "toy", .prim = "begin", .text = "toy"};
static struct site close_site = {.func = "close", .prim = "close", .text = "close"};
static struct site make = {.func = "toy_alloc",
			   .prim = "kmalloc",
			   .text = "kmalloc(sizeof(*toy))",
			   .file = "toy.c",
			   .line = 7};
static struct site lock = {
	.func = "toy_put", .prim = "mutex_lock", .text = "mutex_lock(&toy->lock)"};
static struct site outer = {.func = "toy_open", .prim = "mutex_lock", .text = "mutex_lock(&outer)"};
static struct site unlock = {
	.func = "toy_put", .prim = "mutex_unlock", .text = "mutex_unlock(&toy->lock)"};
static struct site put = {
	.func = "toy_put", .prim = "kref_put", .text = "kref_put(&toy->kref, toy_free)"};
static struct site drop = {
	.func = "toy_free", .prim = "kfree", .text = "kfree(toy)", .file = "toy.c", .line = 19};
static struct trace trace;
static char data[4 * 1024 * 1024];

static void add(unsigned kind, unsigned lane, struct site *site, uint32_t object, int arg)
{
	struct trace_event e = {.site = site,
				.object = object,
				.kind = (uint8_t)kind,
				.lane = (uint8_t)lane,
				.op = 1,
				.arg = arg};

	trace_append(&trace, &e);
}

static void op_text(void *arg, unsigned lane, unsigned number, char *ret)
{
	(void)arg;
	sprintf(ret, lane == LANE_MAIN ? "toy0 = toy_open" : "toy_close%u toy0", number);
}

static void role(void *arg, unsigned lane, char *ret)
{
	(void)arg;
	strcpy(ret, lane == LANE_A ? "file close" : "");
}

static void describe(uint32_t object, char *type, char *name)
{
	strcpy(type, object ? "toy" : "none");
	strcpy(name, object ? "toy0" : "none");
}

static struct letter letter_of(unsigned lines_max, uint32_t pivot)
{
	return (struct letter){.trace = &trace,
			       .sentence = "an object is used after it was freed",
			       .replay = "bondfuzz run toy.bond",
			       .width = LETTER_WIDTH,
			       .lines_max = lines_max,
			       .pivot = pivot,
			       .continuations = 64,
			       .op_text = op_text,
			       .role = role,
			       .describe = describe};
}

/* A takes the lock, B waits for it, A frees what it is in. */
static void make_toy(void)
{
	trace_reset(&trace);
	add(EV_op_begin, LANE_MAIN, &begin, 0, 0);
	add(EV_alloc, LANE_MAIN, &make, OBJECT_OF_BLOCK(1, 0), 0);
	add(EV_ref_set, LANE_MAIN, &make, COUNT, 2);
	add(EV_op_end, LANE_MAIN, &begin, 0, 0);
	add(EV_op_begin, LANE_A, &begin, 0, 0);
	add(EV_lock, LANE_A, &lock, LOCK, 0);
	add(EV_op_begin, LANE_B, &begin, 0, 0);
	add(EV_blocked, LANE_B, &lock, LOCK, 0);
	add(EV_unlock, LANE_A, &unlock, LOCK, 0);
	add(EV_ref_put, LANE_A, &put, COUNT, 0);
	add(EV_free, LANE_A, &drop, OBJECT_OF_BLOCK(1, 0), 0);
	add(EV_op_end, LANE_A, &begin, 0, -16);
	add(EV_verdict, LANE_B, &lock, LOCK, 0);
	trace.verdict =
		(struct verdict){.rule = RULE_dead_use, .object = "toy0", .event = {12, 10}};
}

static void a_toy_is_told_to_the_byte(void **unused)
{
	static const char want[] =
		"dead_use: toy0 - an object is used after it was freed\n"
		"  set-up: toy0 = toy_open\n"
		"\n"
		"       Thread A (file close)                  Thread B\n"
		"  step -------------------------------------  "
		"-------------------------------------\n"
		"     3 toy_close1 toy0\n"
		"     4   toy_put: mutex_lock(&toy->lock)\n"
		"     5                                        toy_close1 toy0\n"
		"                                                toy_put: mutex_lock(&toy->lock)  "
		"// waits for A\n"
		"     6     mutex_unlock(&toy->lock)\n"
		"     7     kref_put(&toy->kref, toy_free)  // 1 -> 0\n"
		">    8   toy_free: kfree(toy)\n"
		"         returns -EBUSY\n"
		"                                                  mutex_lock(&toy->lock)\n"
		"                                                  ^^^ dead_use: toy0\n"
		"\n"
		"  toy0: allocated toy_alloc() toy.c:7; freed A.1 toy_free() toy.c:19\n"
		"    counts: toy_alloc 2, - A toy_put 0\n"
		"> inevitable from step 8: all 64 continuations tried failed; --all shows 4 more "
		"events\n"
		"  see it again: bondfuzz run toy.bond\n";
	struct letter l = letter_of(LETTER_LINES, 8);
	struct text t = text_init(data, sizeof(data));

	(void)unused;
	make_toy();
	letter_print(&t, &l);
	assert_string_equal(data, want);
	for (uint32_t i = 0; i < trace.events_nr; i++)
		assert_true(letter_tells(&l, i) == (i >= 4));
}

static void a_short_page_keeps_the_verdict(void **unused)
{
	struct letter l = letter_of(13, 0);
	struct text t = text_init(data, sizeof(data));

	(void)unused;
	make_toy();
	letter_print(&t, &l);
	assert_non_null(strstr(data, "^^^ dead_use: toy0\n"));
	assert_non_null(strstr(data, "kfree(toy)"));
	assert_null(strstr(data, "mutex_unlock"));
}

/* A takes the outer lock and then the toy's; later the toy's, and asks for the outer one. */
static void make_order(int32_t since)
{
	trace_reset(&trace);
	add(EV_op_begin, LANE_A, &begin, 0, 0);
	add(EV_lock, LANE_A, &outer, OUTER, 0);
	add(EV_lock, LANE_A, &lock, LOCK, 0);
	add(EV_unlock, LANE_A, &unlock, LOCK, 0);
	add(EV_unlock, LANE_A, &unlock, OUTER, 0);
	add(EV_lock, LANE_A, &lock, LOCK, 0);
	add(EV_verdict, LANE_A, &outer, LOCK, 0);
	trace.verdict =
		(struct verdict){.rule = RULE_lock_order, .object = "toy0", .event = {6, since}};
}

static const char *order_letter(int32_t since)
{
	struct letter l = letter_of(LETTER_LINES, 0);
	struct text t = text_init(data, sizeof(data));

	make_order(since);
	letter_print(&t, &l);
	return data;
}

static void an_order_has_the_lock_that_was_held(void **unused)
{
	(void)unused;
	assert_non_null(strstr(order_letter(2), "2   toy_open: mutex_lock(&outer)"));
	assert_non_null(strstr(order_letter(2), "3   toy_put: mutex_lock(&toy->lock)"));
	assert_null(strstr(order_letter(-1), "2   toy_open: mutex_lock(&outer)"));
}

static void a_registration_that_fails_says_so(void **unused)
{
	char words[LETTER_WORDS];
	struct letter l = letter_of(0, 0);

	(void)unused;
	trace_reset(&trace);
	add(EV_unregister_begin, LANE_A, &begin, LOCK, 0);
	add(EV_unregister_begin, LANE_A, &begin, LOCK, 1);
	letter_event(&l, 0, words);
	assert_string_equal(words, "unregister toy0");
	letter_event(&l, 1, words);
	assert_string_equal(words, "the registration of toy0 fails");
}

static void a_wait_with_two_ways_says_which(void **unused)
{
	static struct site wait = {.func = "toy",
				   .prim = "wait_event_interruptible_timeout",
				   .text = "wait_event_interruptible_timeout(wq, done, 10)"};
	static const char *const want[] = {
		"wait_event_interruptible_timeout(wq, done, 10)  // a signal is pending",
		"wait_event_interruptible_timeout(wq, done, 10)  // no signal is pending",
		"wait_event_interruptible_timeout(wq, done, 10)  // ends by a timeout or a signal"};
	char words[LETTER_WORDS];
	struct letter l = letter_of(0, 0);

	(void)unused;
	trace_reset(&trace);
	add(EV_may_fail, LANE_A, &wait, 0, -1);
	add(EV_may_fail, LANE_A, &wait, 0, 0);
	add(EV_wait, LANE_A, &wait, LOCK, -1);
	for (uint32_t i = 0; i < LENGTH(want); i++) {
		letter_event(&l, i, words);
		assert_string_equal(words, want[i]);
	}
}

/* In a work that closing waits for an allocation fails, or does not, and a WARN follows. */
static const char *letter_of_closing(int error)
{
	struct letter l = letter_of(LETTER_LINES, 0);
	struct text t = text_init(data, sizeof(data));

	trace_reset(&trace);
	add(EV_op_begin, LANE_A, &begin, 0, 0);
	add(EV_op_end, LANE_A, &begin, 0, 0);
	add(EV_op_begin, LANE_MAIN, &close_site, 0, 0);
	add(EV_work, LANE_RCU, &begin, 0, 0);
	add(EV_alloc, LANE_RCU, &make, 0, error);
	add(EV_verdict, LANE_RCU, &begin, 0, 0);
	trace.verdict = (struct verdict){.rule = RULE_warn, .event = {5, -1}};
	letter_print(&t, &l);
	return data;
}

static void a_failure_in_closing_is_told(void **unused)
{
	(void)unused;
	assert_null(strstr(letter_of_closing(0), "kmalloc"));
	assert_non_null(
		strstr(letter_of_closing(-12), "toy_alloc: kmalloc(sizeof(*toy))  // fails"));
}

static void formats_quote_what_they_must(void **unused)
{
	struct letter l = letter_of(LETTER_LINES, 8);
	struct text t = text_init(data, sizeof(data));

	(void)unused;
	make_toy();
	l.program = "# a < b && \"c\"\n";
	letter_html(&t, &l);
	assert_non_null(strstr(data, "a &lt; b &amp;&amp; &quot;c&quot;"));
	assert_non_null(strstr(data, "mutex_lock(&amp;toy-&gt;lock)"));
	assert_null(strstr(data, "a < b"));
	t = text_init(data, sizeof(data));
	letter_markdown(&t, &l);
	assert_non_null(strstr(data, "### dead_use: toy0\n\n```\ndead_use: toy0 - "));
	assert_non_null(strstr(data, "```\n# a < b && \"c\"\n```\n"));
}

static unsigned lines_of(const char *text)
{
	unsigned lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static size_t longest_of(const char *text)
{
	size_t longest = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		if (strcspn(text, "\n") > longest)
			longest = strcspn(text, "\n");
	return longest;
}

static void draw(struct rng *rng, uint32_t events)
{
	static struct site *const sites[] = {&begin, &make, &lock, &unlock, &put, &drop, NULL};

	trace_reset(&trace);
	for (uint32_t i = 0; i < events; i++)
		add(rng_below(rng, EVENT_KINDS), rng_below(rng, LANES),
		    sites[rng_below(rng, LENGTH(sites))],
		    rng_below(rng, 3)
			    ? OBJECT_OF_BLOCK(rng_below(rng, BLOCKS_MAX + 1), rng_below(rng, 3) * 8)
			    : 0,
		    (int)rng_below(rng, 5) - 2);
	trace.verdict =
		(struct verdict){.rule = RULE_warn,
				 .text = "what a WARN of the code under test says may be longer "
					 "than a line of a mail, "
					 "and is broken where it has a blank, if it has one there",
				 .event = {-1, -1}};
	if (events)
		trace.verdict.event[0] = (int32_t)rng_below(rng, events);
}

static void any_trace_fits(void **unused)
{
	struct rng rng = rng_init(7);

	(void)unused;
	for (unsigned i = 0; i < 300; i++) {
		struct letter l = letter_of(i % 3 ? LETTER_LINES : 0, rng_below(&rng, 200));
		struct text t = text_init(data, sizeof(data));

		draw(&rng, i % 100 == 99 ? 3000 : rng_below(&rng, 150));
		letter_print(&t, &l);
		assert_false(t.full);
		if (l.lines_max)
			assert_true(lines_of(data) <= l.lines_max);
		if (l.lines_max)
			assert_true(longest_of(data) <= LETTER_WIDTH);
		letter_html(&t, &l);
		assert_false(t.full);
	}
}

/* ---- lines of a kernel tree ---- */

static void write_file(const char *name, const char *bytes)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(bytes, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* The words of a call in a file that is @bytes now; "123456789" is what was compiled. */
static const char *words_of_call(struct site *site, const char *bytes)
{
	static char words[LETTER_WORDS];
	struct letter l = letter_of(LETTER_LINES, 0);

	if (bytes)
		write_file(site->file, bytes);
	else
		unlink(site->file);
	trace_reset(&trace);
	add(EV_lock, LANE_A, site, 0, 0);
	letter_event(&l, 0, words);
	return words;
}

static void a_line_of_another_version_is_marked(void **unused)
{
	char name[] = "/tmp/letter_test.XXXXXX";
	const struct site_source source = {name, "mm/toy.c", 0xcbf43926};
	struct site site = {
		.func = "toy", .prim = "mutex_lock", .text = "mutex_lock(&toy)", .file = name};
	int fd = mkstemp(name);

	(void)unused;
	assert_true(fd >= 0);
	close(fd);
	assert_string_equal(words_of_call(&site, "12345678"), "mutex_lock(&toy)");
	site_set_tree(&source, 1);
	assert_string_equal(site_path(&site), "mm/toy.c");
	assert_string_equal(words_of_call(&site, "123456789"), "mutex_lock(&toy)");
	assert_string_equal(words_of_call(&site, "12345678"), "mutex_lock(&toy)  // file changed");
	assert_string_equal(words_of_call(&site, NULL), "mutex_lock(&toy)  // file changed");
	site_hide_source();
	assert_string_equal(words_of_call(&site, NULL), "mutex_lock");
	site_set_tree(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_toy_is_told_to_the_byte),
		cmocka_unit_test(a_short_page_keeps_the_verdict),
		cmocka_unit_test(an_order_has_the_lock_that_was_held),
		cmocka_unit_test(a_registration_that_fails_says_so),
		cmocka_unit_test(a_wait_with_two_ways_says_which),
		cmocka_unit_test(a_failure_in_closing_is_told),
		cmocka_unit_test(formats_quote_what_they_must),
		cmocka_unit_test(any_trace_fits),
		cmocka_unit_test(a_line_of_another_version_is_marked),
	};

	return cmocka_run_group_tests_name("letter", tests, NULL, NULL);
}
