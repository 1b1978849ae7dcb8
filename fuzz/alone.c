/*
 * alone.c - the stand-alone runner: a target without an engine, to run inputs one by one.
 *
 * usage: alone_<subject> FILE...     ends as the target does at the first input that shows a finding
 */
#include <stdio.h>

#include "pipeline/target.h"

static bool run_file(const char *path)
{
	static uint8_t data[PROGRAM_TEXT_MAX + 1];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		perror(path);
		return false;
	}
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	fprintf(stderr, "%s: %zu bytes\n", path, n);
	LLVMFuzzerTestOneInput(data, n);
	return true;
}

int main(int argc, char **argv)
{
	bool fine = argc > 1;

	for (int i = 1; i < argc; i++)
		fine &= run_file(argv[i]);
	return fine ? 0 : 2;
}
