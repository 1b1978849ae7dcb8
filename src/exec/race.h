/*
 * race.h - races of a run as verdicts: those that ThreadSanitizer reports, and those that the
 * detector of our own finds.
 */
#ifndef EXEC_RACE_H
#define EXEC_RACE_H

#include "exec/exec.h"
#include "kapi/sim/sim.h"
#include "trace/trace.h"

/** race_forget() - a run starts */
void race_forget(void);

/**
 * race_take() - was a race reported since race_forget()?
 *
 * Returns: true with @ret filled (rule data_race, the pair of functions sorted), else false. TSan is
 * asked first, where there is one; our own detector knows of a run with strength.races.
 */
bool race_take(struct verdict *ret);

/** race_sanitizer_says() - did TSan report one since race_forget()? */
bool race_sanitizer_says(void);

enum race_order {
	RACE_ONE_ORDER,	 /* no run showed another */
	RACE_REVERSED,	 /* the later access came first */
	RACE_USED_FREED, /* the later, a free, came first: the earlier one used what was freed */
	RACE_LATE,	 /* in weak memory: it came before the earlier one, a store, was seen */
};

/**
 * race_confirm() - are the two accesses of the last run's race seen in the other order, too?
 * @x: prepared with the program that showed it
 * @race: from sim_race(); gets the stack of its earlier access if a run shows it again
 * @runs: the most runs, of each kind
 * @ret_seed: of "pos", whose run shows the other order
 *
 * A publication has no other order of steps: nobody gets to the object before it is published. But
 * if nothing orders what was written to it before, then that may be seen after.
 *
 * Makes the two places scheduling points; leaves the last run of @x another one.
 */
enum race_order race_confirm(struct exec *x, const struct exec_how *how, struct sim_race *race,
			     unsigned runs, uint64_t *ret_seed);

#endif
