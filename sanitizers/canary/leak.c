/*
 * leak.c - the alarm for what the harness itself forgets to free: LeakSanitizer, at exit.
 *
 *	leak good|bad
 */
#include <stdlib.h>
#include <string.h>

static void *volatile kept;

static void allocate(void)
{
	kept = malloc(1234);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	allocate();
	if (strcmp(argv[1], "good") == 0)
		free(kept);
	kept = NULL;
	return 0;
}
