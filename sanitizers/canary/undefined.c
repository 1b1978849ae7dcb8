/*
 * undefined.c - the alarm for undefined behaviour: a reference count runs over its largest value.
 *
 *	undefined good|bad
 *
 * The report must end the process, since nothing of what follows can be relied on, and must say who
 * called.
 */
#include <limits.h>
#include <string.h>

static volatile int count = INT_MAX - 1;

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	count = count + 1;
	if (strcmp(argv[1], "bad") == 0)
		count = count + 1;
	return 0;
}
