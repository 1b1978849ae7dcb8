/*
 * role.c - what a thread that does an op is called in a letter: "file close", "process exit".
 *
 * The role is the beginning of the op's help, so that a table needs no column for it and a driver
 * outside this repository may leave it out.
 */
#include <stdio.h>
#include <string.h>

#include "program/descriptor.h"

void op_role(const struct op_type *op, char *ret, unsigned cap)
{
	const char *end = op->help ? strstr(op->help, ROLE_END) : NULL;

	snprintf(ret, cap, "%.*s", end ? (int)(end - op->help) : 0, end ? op->help : "");
}
