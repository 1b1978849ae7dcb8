/*
 * litmus_generated.h - litmus tests that are drawn: loads, stores, updates, barriers, a lock, RCU and SRCU.
 */
#ifndef LITMUS_GENERATED_H
#define LITMUS_GENERATED_H

#include "base/rng.h"
#include "litmus/search.h"

#define OPS 6 /* of a thread */
#define THREADS 3
#define WORDS 3

enum kind {
	LOAD,
	ACQUIRE, /* a load */
	STORE,
	RELEASE, /* a store */
	ADD,	 /* fully ordered; what it returns is the old value */
	FULL_BARRIER,
	READ_BARRIER,
	WRITE_BARRIER,
	LOCK,
	UNLOCK,
	READER, /* of RCU; the next is its end */
	READER_END,
	GRACE,
	SREADER,
	SREADER_END,
	SGRACE,
};

struct op {
	enum kind kind;
	uint8_t word, value; /* SREADER, SREADER_END: value is the section's number */
};

struct thread {
	unsigned nr;
	struct op op[OPS + 1];
};

struct generated {
	unsigned threads;
	struct thread thread[THREADS];
	char text
		[8192]; /* as a litmus test: all words and then all r0 to r5 of each thread are shown */
};

/* What a test ends in. */
struct final {
	int8_t word[WORDS];
	int8_t read[THREADS][OPS];
};

/** generated_draw() - a test of @threads threads: two of them have longer ones, and more shapes */
void generated_draw(struct generated *g, struct rng *r, unsigned threads, struct litmus_test *ret);

/** generated_read() - write the text of @g, and read it */
void generated_read(struct generated *g, struct litmus_test *ret);

/** generated_parse() - read @text, or fail the test */
void generated_parse(const char *text, struct litmus_test *ret);

/** generated_search() - all states of @test on the platform, or fail the test */
void generated_search(const struct litmus_test *test, bool weak, struct litmus_outcome *ret);

/** generated_is() - is @s what @f says? */
bool generated_is(const struct generated *g, const struct final *f, const struct litmus_state *s);

/** finals_add() - keep @f among the @nr of @set, if it is none of them; fail the test where @max are there */
void finals_add(struct final *set, unsigned *nr, unsigned max, const struct final *f);

/** generated_nr() - how many tests: @day, or by night many */
unsigned generated_nr(unsigned day);

#endif
