/*
 * program_descriptor.h - a made-up subject for the tests of src/program/: three kinds of object,
 * ops with every kind of operand, in every place, and one that is never drawn by itself.
 */
#ifndef TESTS_PROGRAM_DESCRIPTOR_H
#define TESTS_PROGRAM_DESCRIPTOR_H

#include "program/program.h"

enum { KIND_MM, KIND_DEVICE, KIND_BOND };

static const char *const toy_objects[] = {"mm", "device", "bond"};
static const char *const toy_how[] = {"read", "write", "dma", NULL};

/* clang-format off */
#define TOY_MM {.kind = OPERAND_OBJECT, .object_kind = KIND_MM}
#define TOY_DEVICE {.kind = OPERAND_OBJECT, .object_kind = KIND_DEVICE}
#define TOY_BOND {.kind = OPERAND_OBJECT, .object_kind = KIND_BOND}
#define TOY_HOW {.kind = OPERAND_WORD, .words = toy_how}
#define TOY_NUMBER(most) {.kind = OPERAND_NUMBER, .max = most}
/* clang-format on */

static const struct op_type toy_ops[] = {
	{"mm_create", KIND_MM, 0, {{0}}, PLACE_SETUP, false, 1, "a new address space"},
	{"mm_exit", -1, 1, {TOY_MM}, PLACE_THREAD, false, 10, "the last user goes"},
	{"mm_fork", KIND_MM, 1, {TOY_MM}, PLACE_THREAD, false, 0, "needed by nothing"},
	{"dev_register",
	 KIND_DEVICE,
	 1,
	 {TOY_NUMBER(3)},
	 PLACE_SETUP,
	 false,
	 1,
	 "with an error mode"},
	{"dev_unregister", -1, 1, {TOY_DEVICE}, PLACE_ANY, false, 5, "the device goes"},
	{"sva_bind", KIND_BOND, 2, {TOY_DEVICE, TOY_MM}, PLACE_ANY, false, 10, "a bond"},
	{"sva_unbind", -1, 1, {TOY_BOND}, PLACE_THREAD, false, 15, "and its end"},
	{"dev_access",
	 -1,
	 3,
	 {TOY_BOND, TOY_HOW, TOY_NUMBER(4096)},
	 PLACE_THREAD,
	 false,
	 10,
	 "DMA"},
	{"dev_options", -1, 1, {TOY_HOW}, PLACE_SETUP, false, 1, "binds nothing"},
};

static const struct descriptor toy = {
	.name = "toy",
	.objects = toy_objects,
	.objects_nr = 3,
	.ops = toy_ops,
	.ops_nr = sizeof(toy_ops) / sizeof(toy_ops[0]),
};

static const struct descriptor *const toy_subjects[] = {&toy, NULL};
static const char *const toy_strategies[] = {"plain", "random", "urw", "pos", NULL};

static const struct program_names toy_names = {.subjects = toy_subjects,
					       .strategies = toy_strategies};
static const struct program_shape toy_shape = {.threads_min = 2,
					       .threads_max = 4,
					       .ops_min = 3,
					       .ops_max = 12,
					       .strategies = toy_strategies};

#endif
