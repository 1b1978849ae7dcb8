/*
 * litmus.h - small programs in the kernel's words, to hold the simulated platform to its promises.
 *
 * A litmus is what main does first, what each thread does, and what main does last; every part is
 * one op. Its functions stand in tests/kapi_litmus_*.c, which are compiled as code under test is. A
 * case is two of them: one that must stay silent and one that must not.
 */
#ifndef TESTS_LITMUS_H
#define TESTS_LITMUS_H

#include <stdbool.h>
#include <stdint.h>

#include "kapi/sim/sim.h"
#include "sched/choice.h"
#include "trace/trace.h"

struct litmus {
	void (*begin)(void);
	void (*thread[THREADS_MAX])(void);
	void (*end)(void);
	struct sim_strength strength;
	unsigned fail_one_in; /* allocations of threads, 0: never */
	bool races;	      /* its accesses are not ordered: a race detector may say so */
	enum rule ignores;    /* a rule that does not end the run, where it can go on */
};

struct litmus_case {
	const char *name; /* what holds */
	/*
	 * Signatures of the bad one, each in full or up to '@' or '+', parted by blanks: the first
	 * must be found, the others may.
	 */
	const char *verdict;
	const char *text; /* words that the text of such a verdict has, parted by '|'; NULL: any */
	struct litmus good, bad;
};

/* For what is read only to have it read. */
static inline void look_at(long value)
{
	__asm__ volatile("" : : "r"(value));
}

/* The tables: each is one file, tests/kapi_litmus_<name>.c, and ends with a row without a name. */
#define LITMUS_TABLES(X)                                                                           \
	X(lock)                                                                                    \
	X(race)                                                                                    \
	X(weak)                                                                                    \
	X(wait)                                                                                    \
	X(memory)                                                                                  \
	X(list)                                                                                    \
	X(grace)                                                                                   \
	X(callback)                                                                                \
	X(walk)                                                                                    \
	X(count)                                                                                   \
	X(work)                                                                                    \
	X(timer)                                                                                   \
	X(sleep) X(user) X(stub) X(module) X(reclaim) X(shortage) X(update) X(bit) X(map) X(kthread)
#define LITMUS_DECLARE(table) extern const struct litmus_case kapi_litmus_##table[];
LITMUS_TABLES(LITMUS_DECLARE)

/* Laws beside the tables (tests/kapi_litmus_law.c, litmus_exchanges in kapi_litmus_update.c). */
extern const struct litmus litmus_first_order, litmus_second_order, litmus_many_notes,
	litmus_many_notes_then_warn, litmus_fails_to_allocate, litmus_tail, litmus_hangs,
	litmus_counts_in_registers, litmus_exchanges;

/**
 * litmus_learn() - a campaign starts: no lock order is known, and the profile is that of @l
 *
 * The profile comes from a few fixed runs, as a search's does.
 */
void litmus_learn(const struct litmus *l);

/** litmus_run() - one run. Returns: the verdict, "" in .rule is clean; good until the next run. */
const struct verdict *litmus_run(const struct litmus *l, const char *strategy, uint64_t seed);

/**
 * litmus_record() - repeat a run and write its decisions down
 * @ret: room for DEVIATIONS_MAX
 *
 * Returns: how many there are, or DEVIATIONS_MAX + 1 when they are too many to keep.
 */
unsigned litmus_record(const struct litmus *l, const char *strategy, uint64_t seed,
		       struct choice_deviation *ret);

/** litmus_replay() - the plain default with deviations on top */
const struct verdict *litmus_replay(const struct litmus *l,
				    const struct choice_deviation *deviation, unsigned nr);

/** litmus_stale() - how many of them the replay did not reach */
unsigned litmus_stale(void);

/** litmus_trace() - of the last run */
const struct trace *litmus_trace(void);

#define LITMUS_KINDS_MAX 16

/* What a search saw, by signature and text. */
struct litmus_counts {
	unsigned runs, clean, kinds_nr;
	struct {
		char signature[SIGNATURE_MAX];
		char text[192];
		unsigned runs;
		uint64_t seed; /* of the first */
	} kind[LITMUS_KINDS_MAX];
};

/** litmus_search() - @runs runs with the seeds from 1; litmus_learn() comes first */
void litmus_search(const struct litmus *l, const char *strategy, unsigned runs,
		   struct litmus_counts *ret);

/** litmus_raised() - has any run of this process broken the rule? */
bool litmus_raised(enum rule rule);

#endif
