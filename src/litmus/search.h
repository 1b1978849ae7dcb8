/*
 * search.h - all runs of a litmus test, or many of them, and the states that they end in.
 */
#ifndef LITMUS_SEARCH_H
#define LITMUS_SEARCH_H

#include "litmus/machine.h"

#define LITMUS_STATES_MAX 4096

struct litmus_state {
	int shown[LITMUS_SHOWN_MAX];
	uint64_t runs; /* that ended in it */
	bool meets;    /* the condition */
};

struct litmus_outcome {
	uint64_t runs;
	uint64_t stuck, faulted, filtered; /* of them; those that the filter drops have no state */
	uint64_t steps;
	bool complete;		/* there are no other states */
	bool too_many;		/* states; the rest is lost */
	bool races;		/* of a run that passes the filter */
	bool meets, fails;	/* some state meets the condition, some does not */
	struct verdict verdict; /* of the first run that faulted */
	unsigned states_nr;
	struct litmus_state state[LITMUS_STATES_MAX];
};

struct litmus_search {
	const struct litmus_test *test;
	struct sim_strength strength;
	uint64_t
		runs_max; /* of the exhaustive part; where they do not suffice as many by chance follow */
	bool by_chance;	    /* no exhaustive part */
	bool (*stop)(void); /* NULL, or says that the user wants to stop */
};

/**
 * litmus_search() - run a test until all its states are known, or as often as is allowed
 *
 * The exhaustive part is depth-first over all choices of the platform. A run that comes to a state
 * which was seen goes on without choices: what can follow is known, or will be. So the counts of runs are
 * those of this search and no measure of likelihood.
 */
void litmus_search(const struct litmus_search *search, struct litmus_outcome *ret);

#endif
