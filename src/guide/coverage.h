/*
 * coverage.h - the compiler's counters of the code under test, for who wants to know what is new in them
 * between the runs that the engine looks at.
 */
#ifndef GUIDE_COVERAGE_H
#define GUIDE_COVERAGE_H

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

#endif
