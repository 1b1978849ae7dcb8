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

/**
 * race_confirm() - are the two accesses of the last run's race seen in the other order, too?
 * @x: prepared with the program that showed it
 * @race: from sim_race(); gets the stack of its earlier access if a run shows it again
 * @runs: the most runs
 * @ret_seed: of "random", whose run shows the other order
 *
 * Makes the two places scheduling points; leaves the last run of @x another one.
 */
bool race_confirm(struct exec *x, struct sim_race *race, unsigned runs, uint64_t *ret_seed);

#endif
