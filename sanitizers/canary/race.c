/*
 * race.c - the alarm for data races: two fibers on one OS thread write without a lock.
 *
 *	race ROUNDS bare     a race in each round
 *	race ROUNDS late     a race too, but LATE accesses lie between the two
 *	race ROUNDS ordered  the second fiber acquires what the first released: none
 *
 * The switches order nothing, so TSan must see the race although the two never run at once, and
 * must report it in every round, since each replay of a schedule has to have its own witness. A
 * round begins and ends as a run does: the host orders itself before both fibers and after them.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kapi/sim/fiber.h"
#include "kapi/sim/sanitizer.h"

#define LATE 100000 /* accesses */

static struct fiber host, first, second;
static char start_tag, end_tag, lock_tag;
static bool ordered, late;
static volatile int counter, other;

__attribute__((noinline)) static void work(void)
{
	other = 1;
}

static void count_first(void *arg)
{
	san_acquire(&start_tag);
	counter = 1;
	for (int i = 0; late && i < LATE; i++)
		work();
	if (ordered)
		san_release(&lock_tag);
	fiber_abandon(&first, &second);
}

static void count_second(void *arg)
{
	san_acquire(&start_tag);
	if (ordered)
		san_acquire(&lock_tag);
	counter = 1;
	fiber_abandon(&second, &host);
}

static void round_of_two(void)
{
	fiber_reset(&first);
	fiber_reset(&second);
	san_release(&start_tag);
	fiber_switch(&host, &first);
	fiber_release(&first, &host, &end_tag);
	fiber_release(&second, &host, &end_tag);
	san_acquire(&end_tag);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	ordered = strcmp(argv[2], "ordered") == 0;
	late = strcmp(argv[2], "late") == 0;
	fiber_host(&host);
	fiber_init(&first, count_first, NULL);
	fiber_init(&second, count_second, NULL);
	for (int i = atoi(argv[1]); i > 0; i--)
		round_of_two();
	return 0;
}
