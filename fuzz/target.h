/*
 * target.h - what the targets for outside engines share. One target is one subject; it aborts at the
 * first finding, after the letter, so that any engine can keep the input.
 *
 * What an engine cannot pass as an option comes from the environment:
 *   BONDFUZZ_UNTIL=VERDICT   only this verdict counts, as in bondfuzz run --until
 *   BONDFUZZ_KNOWN=FILE      signatures, one a line: what is named there is passed over, and what is
 *                            found is added; so one bug does not hide the next
 *   BONDFUZZ_DEFECT=NAME     in a zoo build, switch this defect on
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "exec/exec.h"

/** target_run() - one input, a program text; aborts when a rule is broken. Returns: -1: no program */
int target_run(const char *subject, const uint8_t *data, size_t size);

/** target_run_bytes() - one input of any bytes: they are the choices that draw the program */
int target_run_bytes(const char *subject, const uint8_t *data, size_t size);

size_t target_mutate(const char *subject, uint8_t *data, size_t size, size_t max, unsigned seed);
size_t target_cross(const char *subject, const uint8_t *a, size_t a_size, const uint8_t *b,
		    size_t b_size, uint8_t *out, size_t max, unsigned seed);

/** finding_init() - what the environment says of findings; exit 2 when that means nothing */
void finding_init(struct exec_how *how);

/**
 * finding_look() - did the last run break a rule that counts? Then tell it on stderr, and abort
 * @how, @program, @strategy, @seed: of that run, as exec_run() had them
 */
void finding_look(struct exec *x, const struct exec_how *how, const struct program *program,
		  const struct strategy *strategy, uint64_t seed);

/** finding_refresh() - before an input: other processes may have found something meanwhile */
void finding_refresh(void);

/** counters_take() - tell the engine what the last run showed besides coverage */
void counters_take(const struct trace *t);
/** counters_flush() - after an input, where the engine does not read counters by itself */
void counters_flush(void);

/* What engines call: entry.c or bytes.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed);

#endif
