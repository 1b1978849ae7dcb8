/*
 * quit.c - see quit.h.
 */
#include "base/quit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void quit_usage(const char *format, ...)
{
	va_list ap;

	fputs("bondfuzz: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs("\n", stderr);
	exit(EXIT_USAGE);
}
