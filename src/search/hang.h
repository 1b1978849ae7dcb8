/*
 * hang.h - a hang is announced only when a process of its own shows it again, with more time.
 */
#ifndef SEARCH_HANG_H
#define SEARCH_HANG_H

#include "exec/exec.h"

/**
 * hang_again() - repeat a run that hung, with three times the bound
 * @how, @strategy, @seed: of exec_run(); @x is prepared with its program
 *
 * Context: starts a process, and waits for it; kills it where it takes ten times that.
 * Returns: does it hang again, in the same function as @v tells? Else it was slow: no finding.
 */
bool hang_again(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		uint64_t seed);

/** hang_how() - @how for many replays of a run that hangs for certain */
struct exec_how hang_how(const struct exec_how *how);

/** hang_expected() - hang_how(), where the verdict @wanted is a hang; else @how */
struct exec_how hang_expected(const struct exec_how *how, const char *wanted);

#endif
