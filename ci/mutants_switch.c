/*
 * mutants_switch.c - which mutant is on, and which were reached; linked into the mutants' build only.
 *
 * The one idea: both are a matter of the environment, so every command of bondfuzz serves mutants
 * without an option for them. BONDFUZZ_MUTANT is the number, from 1; none or 0 is the core as it
 * stands. BONDFUZZ_MUTANT_REACHED names a file of REACHED_MAX counts of 64 bits, which the child of
 * a campaign shares with its parent.
 *
 * Left out: locks. ci/mutants runs the simulator, which has one thread.
 */
#include "zoo/mutant.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define REACHED_MAX 4096

static unsigned on;
static uint64_t unshared[REACHED_MAX], *reached = unshared;

static void give_up(const char *why)
{
	fprintf(stderr, "[harness bug] mutants: %s\n", why);
	exit(3);
}

static void share_counts(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *map;

	if (fd < 0)
		give_up("the file of counts cannot be opened");
	map = mmap(NULL, sizeof(unshared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		give_up("the file of counts cannot be mapped");
	reached = map;
}

__attribute__((constructor)) static void read_environment(void)
{
	const char *number = getenv("BONDFUZZ_MUTANT"), *path = getenv("BONDFUZZ_MUTANT_REACHED");

	if (number)
		on = (unsigned)strtoul(number, NULL, 10);
	if (on >= REACHED_MAX)
		give_up("no such mutant");
	if (path)
		share_counts(path);
}

bool mutant(unsigned number)
{
	reached[number % REACHED_MAX]++;
	return number == on;
}
