/*
 * kinds_ops.c - what calls the generated drivers: each command is a function of their table.
 */
#include "subject/outside.h"

extern void (*const kinds_table[])(void);
void kinds_begin(void);
void kinds_end(void);

int op_kinds_do(const struct subject_call *call)
{
	kinds_table[call->operand[0]]();
	return 0;
}

void outside_begin(void)
{
	kinds_begin();
}

void outside_close(void)
{
	kinds_end();
}
