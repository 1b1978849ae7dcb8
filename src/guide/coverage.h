/*
 * coverage.h - the compiler's counters of the code under test, for who wants to know what is new in them
 * between the runs that the engine looks at.
 */
#ifndef GUIDE_COVERAGE_H
#define GUIDE_COVERAGE_H

#include <stdint.h>
#include <stdio.h>

#define COVERAGE_MAX (1u << 17) /* counters; those behind are not looked at */

/** coverage_forget() - what was counted so far is nobody's: the counters are 0 */
void coverage_forget(void);

/**
 * coverage_take() - what was passed since coverage_forget() or the last call
 *
 * Context: not while the engine runs an input: the counters are 0 after it.
 *
 * Returns: how many counters had never been passed before; 0 in a build without counters.
 */
unsigned coverage_take(void);

/**
 * coverage_keep() - write down what a run passed; the counters stay as they are
 * @kept: COVERAGE_MAX bits, which only grow
 *
 * What coverage_take() took before goes into @kept, too.
 */
void coverage_keep(uint8_t *kept);

/**
 * coverage_write() - a line for each counter: the address in the program, whether a function begins there (0 or
 * 1), whether it is in @kept (0 or 1)
 *
 * Returns: how many counters there are; 0 in a build without them, or without the table of their addresses.
 */
uint32_t coverage_write(FILE *f, const uint8_t *kept);

#endif
