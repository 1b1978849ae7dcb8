/*
 * use_after_free.c - the alarm for dead memory: a block is read before, or after, it is freed.
 *
 *	use_after_free good|bad
 *
 * A second witness is only as good as its stacks: the report must have that of the free too.
 */
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	volatile int *block = calloc(4, sizeof(*block));
	int value = block[1];

	if (argc != 2)
		return 2;
	free((void *)block);
	if (strcmp(argv[1], "bad") == 0)
		value += block[1];
	return value;
}
