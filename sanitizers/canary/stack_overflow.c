/*
 * stack_overflow.c - the alarm for a fiber whose stack is used up.
 *
 *	stack_overflow BYTES  recurse on a fiber until about BYTES of its stack are taken
 *
 * Below the stack lies a guard page. Whoever steps on it has no stack left to be told so: the
 * runtime's handler needs one of its own, and must say that it was the stack.
 */
#include <stdlib.h>

#include "kapi/sim/fiber.h"

#define FRAME 512 /* at least */

static struct fiber host, fiber;

static int recurse(long bytes)
{
	volatile char frame[FRAME];

	frame[bytes % FRAME] = 1; /* no index is known, so all of it is there */
	return bytes < FRAME ? 0 : recurse(bytes - FRAME) + frame[bytes % FRAME];
}

static void take_stack(void *arg)
{
	*(int *)arg = recurse(*(int *)arg);
	fiber_abandon(&fiber, &host);
}

int main(int argc, char **argv)
{
	int bytes;

	if (argc != 2)
		return 2;
	bytes = atoi(argv[1]);
	fiber_host(&host);
	fiber_init(&fiber, take_stack, &bytes);
	fiber_switch(&host, &fiber);
	return 0;
}
