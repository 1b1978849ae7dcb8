/*
 * machine.h - one run of a litmus test: its threads on the lanes A to F of the simulated platform.
 */
#ifndef LITMUS_MACHINE_H
#define LITMUS_MACHINE_H

#include "kapi/sim/sim.h"
#include "litmus/test.h"

enum litmus_end {
	LITMUS_ENDED,	/* the final state is there */
	LITMUS_STUCK,	/* nobody could go on, or a thread waits for itself */
	LITMUS_FAULTED, /* a thread followed what is no address, or broke another rule */
};

struct litmus_run {
	enum litmus_end end;
	bool races; /* two accesses that nothing orders */
	int shown[LITMUS_SHOWN_MAX];
	const struct verdict *verdict; /* of a run that did not end; good until the next run */
};

/**
 * machine_run() - run a test once
 * @choice: begun, with the strategy that decides
 */
void machine_run(const struct litmus_test *test, struct choice *choice,
		 const struct sim_strength *strength, struct litmus_run *ret);

/**
 * machine_state() - a hash of the state of the current run: equal states have equal futures
 *
 * What a thread has read decides what it does next, so the values that were read stand for its place
 * and its registers. Of grace periods the order of all steps so far is taken: states that differ
 * in nothing else may have different hashes, which costs time and no result.
 */
uint64_t machine_state(void);

/** machine_steps() - visible operations of all runs so far */
uint64_t machine_steps(void);

/** litmus_compute() - @a operator @b, an enum litmus_operator or a letter; not for && and || */
int litmus_compute(int operator, int a, int b);

/** litmus_holds() - does condition @node hold in the state that @run ended in? */
bool litmus_holds(const struct litmus_test *test, uint16_t node, const struct litmus_run *run);

#endif
