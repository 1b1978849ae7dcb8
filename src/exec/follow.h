/*
 * follow.h - repeat the first choices of a run, and let another strategy decide from there on.
 */
#ifndef EXEC_FOLLOW_H
#define EXEC_FOLLOW_H

#include "exec/exec.h"

struct follow {
	const uint8_t *lane; /* who went on at each choice; stays until the last run with it */
	uint32_t prefix;     /* how many of them are repeated */
	uint64_t run_seed;   /* of the run that is followed: what failed in it, what came late */
	uint32_t fail_one_in;
	bool own;	    /* it was of the program's own schedule: what that lets fail does */
	bool nothing_fails; /* behind the prefix */
	/*
	 * All plain accesses are scheduling points now, and in that run those alone that were known to
	 * race: where it had none, the lane goes on.
	 */
	bool wide;
	const struct strategy *then; /* who goes on: not one that needs an explorer */
	uint64_t seed;		     /* of its draws */
};

/**
 * follow_of() - how the last run of @x is followed, all fields but lane, prefix and who goes on
 * @strategy, @seed: what exec_run() was called with
 */
struct follow follow_of(const struct exec *x, const struct strategy *strategy, uint64_t seed);

/**
 * follow_lanes() - who went on at each choice of the last run of @x, up to the first @nr of them
 *
 * Returns: how many were written to @ret.
 */
uint32_t follow_lanes(const struct exec *x, uint8_t *ret, uint32_t nr);

/** follow_run() - a run of x->program that follows: what exec_run() says, but for the strategy */
const struct verdict *follow_run(struct exec *x, const struct exec_how *how,
				 const struct follow *f);

/**
 * follow_strategy() - repeats the run of the last follow_run(), with the same run_seed
 *
 * No row of strategy.def, since it needs a run to follow: for exec_run() and exec_record() of that
 * very run.
 */
const struct strategy *follow_strategy(void);

#endif
