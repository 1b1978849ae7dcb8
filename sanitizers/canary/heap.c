/*
 * heap.c - the alarm for ASan's options that cost memory or time without ever making a report.
 *
 *	heap frames      locals are on the stack (detect_stack_use_after_return)
 *	heap quarantine  a freed block comes back soon (quarantine_size_mb)
 *	heap context     twelve frames are kept a malloc (malloc_context_size)
 *	heap null        a huge malloc fails (allocator_may_return_null)
 *
 * Says "canary: ..." and exits 1 when the option is lost.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sanitizer/asan_interface.h>

#include "kapi/sim/fiber.h"

#define BLOCK (64 * 1024)
#define BLOCKS 64 /* 4 MiB in all */
#define DEPTH 40
#define FRAMES 12

static struct fiber host, fiber;

static void find_local(void *arg)
{
	volatile char local[64];

	local[0] = 1;
	*(bool *)arg = (char *)local >= (char *)fiber.stack &&
		       (char *)local < (char *)fiber.stack + fiber.size;
	fiber_abandon(&fiber, &host);
}

static bool frames_are_on_the_stack(void)
{
	bool found = false;

	fiber_host(&host);
	fiber_init(&fiber, find_local, &found);
	fiber_switch(&host, &fiber);
	return found;
}

static bool quarantine_is_small(void)
{
	void *seen[BLOCKS];

	for (int i = 0; i < BLOCKS; i++) {
		seen[i] = malloc(BLOCK);
		free(seen[i]);
		for (int k = 0; k < i; k++)
			if (seen[k] == seen[i])
				return true;
	}
	return false;
}

static void *allocate_deep(int depth)
{
	void *volatile block = depth ? allocate_deep(depth - 1) : malloc(1);

	return block;
}

static bool context_is_short(void)
{
	void *trace[2 * DEPTH], *block = allocate_deep(DEPTH);
	int thread;
	size_t frames = __asan_get_alloc_stack(block, trace, 2 * DEPTH, &thread);

	free(block);
	return frames == FRAMES;
}

static bool huge_malloc_fails(void)
{
	void *volatile block = malloc((size_t)1 << 50);

	free(block);
	return !block;
}

static int tell(bool fine, const char *what)
{
	if (!fine)
		printf("canary: %s\n", what);
	return !fine;
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "frames") == 0)
		return tell(frames_are_on_the_stack(), "locals are in ASan's heap");
	if (strcmp(what, "quarantine") == 0)
		return tell(quarantine_is_small(), "no freed block came back");
	if (strcmp(what, "context") == 0)
		return tell(context_is_short(), "the stacks kept have another depth");
	if (strcmp(what, "null") == 0)
		return tell(huge_malloc_fails(), "a huge malloc was granted");
	return 2;
}
