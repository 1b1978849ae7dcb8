/*
 * harness.c - is the harness itself instrumented? `harness good` reads the last byte of a block,
 * `harness overrun` the one behind it, `harness undefined` shifts by more bits than there are.
 *
 * Compiled as src/base, src/cli and the like are: with the sanitizers in the preset harness, and
 * nowhere else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";
	volatile size_t len = 13;
	char *block = calloc(len, 1);
	volatile int bits = 40;

	if (!block)
		return 2;
	if (!strcmp(what, "overrun"))
		len++;
	if (block[len - 1] > 1) /* behind it is anything */
		putchar(' ');
	if (!strcmp(what, "undefined"))
		bits = 1 << bits;
	free(block);
	return 0;
}
