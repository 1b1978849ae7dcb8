/*
 * mutants_switch.h - the switch that ci/mutants puts around one statement of a core at a time.
 */
#ifndef MUTANTS_SWITCH_H
#define MUTANTS_SWITCH_H

#include <stdbool.h>

/**
 * mutant() - is this mutant the one that is on?
 * @number: from 1, as ci/mutants numbers them
 *
 * Context: any; compiled without access hooks, so the question is no visible operation.
 * Returns: true for at most one number in the life of a process; counts that it was asked.
 */
bool mutant(unsigned number);

#endif
