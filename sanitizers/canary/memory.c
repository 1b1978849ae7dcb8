/*
 * memory.c - one fault of each kind, or its good twin: memory
 * good|use-after-free|leak|undefined|overflow
 *
 * overflow is of a fiber's stack: 64 KiB and a guard page must give a report, not a silent death.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kapi/sim/fiber.h"

static struct fiber host, deep;
static volatile int sink;

static int use_after_free(int bad)
{
	volatile int *p = malloc(sizeof(*p));

	*p = 1;
	if (bad)
		free((void *)p);
	sink = *p;
	if (!bad)
		free((void *)p);
	return 0;
}

static int leak(int bad)
{
	char *volatile p = malloc(123);

	if (!bad)
		free(p);
	p = NULL;
	return 0;
}

static int undefined(int bad)
{
	volatile int shift = bad ? 40 : 4;

	sink = 1 << shift;
	return 0;
}

__attribute__((noinline)) static int recurse(int n)
{
	volatile char frame[1024];

	frame[n % 1024] = (char)n;
	return n ? recurse(n - 1) + frame[n % 1024] : 0;
}

static void body(void *arg)
{
	sink = recurse(*(int *)arg);
	fiber_switch(&deep, &host);
}

static int overflow(int bad)
{
	int depth = bad ? 1000 : 20;

	fiber_host(&host);
	fiber_init(&deep, body, &depth);
	fiber_switch(&host, &deep);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fault)(int bad);
	} faults[] = {{"use-after-free", use_after_free},
		      {"leak", leak},
		      {"undefined", undefined},
		      {"overflow", overflow}};
	int good = argc > 2 && strcmp(argv[2], "good") == 0;

	for (unsigned i = 0; argc > 1 && i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strcmp(argv[1], faults[i].name) == 0)
			return faults[i].fault(!good);
	fprintf(stderr, "usage: memory use-after-free|leak|undefined|overflow good|bad\n");
	return 2;
}
