/*
 * panic.c - the harness bug report. Nothing is unwound: the process is not to be trusted any more.
 */
#include "base/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void panic(const char *file, int line, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "[harness bug] %s:%d: ", file, line);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	fflush(NULL);
	_exit(3);
}
