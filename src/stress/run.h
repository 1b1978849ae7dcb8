/*
 * run.h - one program on real threads.
 */
#ifndef STRESS_RUN_H
#define STRESS_RUN_H

#include "program/program.h"
#include "stress/board.h"
#include "subject/subject.h"

/**
 * stress_run() - set-up, threads, closing; then the rules
 * @p: valid; its schedule is not looked at
 * @seed: of the delays
 * @board: gets the counts
 * @ret: the verdict, if the answer is false
 *
 * Returns: true: clean. A rule that is broken while the threads run ends the process (native.h).
 */
bool stress_run(const struct program *p, const struct subject *subject, uint64_t seed,
		struct stress_board *board, struct verdict *ret);

#endif
