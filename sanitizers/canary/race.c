/*
 * race.c - the alarm for data races: two fibers on one OS thread count without a lock.
 *
 *	race ROUNDS bare     a race in each round
 *	race ROUNDS ordered  the second fiber acquires what the first released: none
 *
 * The lane switches order nothing, so TSan must see the race although the two never run at once;
 *and it must report it in every round, since each replay of a schedule has to have its own witness.
 *A round begins and ends as a run does: the host orders itself before both fibers and after them.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kapi/sim/fiber.h"
#include "kapi/sim/sanitizer.h"

static struct fiber host, first, second;
static char start_tag, end_tag, lock_tag;
static bool ordered;
static volatile int counter;

static void count_first(void *arg)
{
	san_acquire(&start_tag);
	counter++;
	if (ordered)
		san_release(&lock_tag);
	fiber_abandon(&first, &second);
}

static void count_second(void *arg)
{
	san_acquire(&start_tag);
	if (ordered)
		san_acquire(&lock_tag);
	counter++;
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
	fiber_host(&host);
	fiber_init(&first, count_first, NULL);
	fiber_init(&second, count_second, NULL);
	for (int i = atoi(argv[1]); i > 0; i--)
		round_of_two();
	return 0;
}
