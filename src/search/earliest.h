/*
 * earliest.h - of several operations whose failure shows the same, the first.
 */
#ifndef SEARCH_EARLIEST_H
#define SEARCH_EARLIEST_H

#include "exec/exec.h"

/**
 * exec_fail_earliest() - let each failure of a schedule come as early as it can
 * @how: of the runs, with the verdict that is kept
 * @p: shows it; @x is prepared for its subject
 *
 * A failed allocation and a pending signal often lead to one error path: which of them a search met is
 * chance, and equal findings are to end as equal programs. The signature stays, and no context switch is
 * added.
 */
void exec_fail_earliest(struct exec *x, const struct exec_how *how, struct program *p);

#endif
