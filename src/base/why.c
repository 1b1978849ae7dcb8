/*
 * why.c - see why.h.
 */
#include "base/why.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool why_usage(struct why *ret, const char *format, ...)
{
	va_list ap;

	ret->status = EXIT_USAGE;
	va_start(ap, format);
	vsnprintf(ret->text, sizeof(ret->text), format, ap);
	va_end(ap);
	return false;
}

bool why_at(struct why *ret, const char *format, ...)
{
	va_list ap;

	ret->status = quit_status(errno);
	va_start(ap, format);
	vsnprintf(ret->text, sizeof(ret->text), format, ap);
	va_end(ap);
	return false;
}

bool why_file(struct why *ret, const char *path, const char *what)
{
	return why_at(ret, "%s%s: %s", path, what, strerror(errno));
}

void notice(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	quit_message("", format, ap);
	va_end(ap);
}
