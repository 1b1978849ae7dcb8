/*
 * race.c - two fibers add to one counter, REPLAYS times in one process. Good: each release is
 * acquired by the other. Bad: nothing orders them, and TSan must say so every time
 * (suppress_equal_stacks=0).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kapi/sim/fiber.h"
#include "kapi/sim/sanitizer.h"

#define REPLAYS 100

static struct fiber host, one, other;
static int counter;
static bool ordered;
static int reports;
static char tag;

void __tsan_on_report(void *report);
void __tsan_on_report(void *report)
{
	reports++;
}

__attribute__((noinline)) static void add(void)
{
	if (ordered)
		san_acquire(&tag);
	counter++;
	if (ordered)
		san_release(&tag);
}

static void body(void *arg)
{
	struct fiber *self = arg;

	for (;;) {
		add();
		fiber_switch(self, &host);
	}
}

/* What is before a replay is ordered before it, as sim_run() does. */
static void replay(void)
{
	static char boundary;

	fiber_reset(&one);
	fiber_reset(&other);
	san_release(&boundary);
	fiber_switch(&host, &one);
	fiber_switch(&host, &other);
	fiber_release(&one, &host, &boundary);
	fiber_release(&other, &host, &boundary);
	san_acquire(&boundary);
}

int main(int argc, char **argv)
{
	int expected = argc > 2 ? atoi(argv[2]) : -1;

	ordered = argc > 1 && strcmp(argv[1], "good") == 0;
	fiber_host(&host);
	fiber_init(&one, body, &one);
	fiber_init(&other, body, &other);
	for (int i = 0; i < REPLAYS; i++)
		replay();
	printf("%d reports in %d replays\n", reports, REPLAYS);
	fflush(stdout);
	_Exit(reports == expected ? 0 : 1);
}
