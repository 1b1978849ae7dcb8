/*
 * input.h - a libFuzzer input is a program text: read, drawn, changed and crossed for one subject.
 */
#ifndef GUIDE_INPUT_H
#define GUIDE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exec/exec.h"

/** input_parse() - @data as a program of @subject; false: it is none */
bool input_parse(const struct subject *subject, const uint8_t *data, size_t size,
		 struct program *ret);

/** input_draw() - a program of @subject that any bytes stand for: they are the draws of chance */
void input_draw(const struct subject *subject, const uint8_t *data, size_t size,
		struct program *ret);

/** input_without_swarm() - from now on every program may have every op (draw.c) */
void input_without_swarm(void);

/**
 * input_mutate() - for LLVMFuzzerCustomMutator: change the program in @data, or draw a new one
 * @max: bytes that @data has room for
 * @x, @how: run the program to learn where a deviation can stand; or NULL: none is added
 *
 * Returns: the new size, at most @max; @size and @data unchanged if the result does not fit.
 */
size_t input_mutate(const struct subject *subject, uint8_t *data, size_t size, size_t max,
		    unsigned seed, struct exec *x, const struct exec_how *how);

/** input_crossover() - for LLVMFuzzerCustomCrossOver; returns the size in @out, 0: not possible */
size_t input_crossover(const struct subject *subject, const uint8_t *a, size_t a_size,
		       const uint8_t *b, size_t b_size, uint8_t *out, size_t max, unsigned seed);

#endif
