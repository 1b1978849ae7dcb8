/*
 * quit.c - see quit.h.
 */
#include "base/quit.h"
#include "base/why.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

void quit_why(const struct why *why)
{
	fprintf(stderr, "bondfuzz: %s\n", why->text);
	exit(why->status);
}

enum quit_status quit_status(int error)
{
	switch (error) {
	case 0:
	case EEXIST:
	case EINVAL:
	case EISDIR:
	case ELOOP:
	case ENAMETOOLONG:
	case ENOENT:
	case ENOTDIR:
	case ENOTEMPTY:
	case ENXIO: /* a FIFO or socket in the place of a file */
		return EXIT_USAGE;
	default:
		return EXIT_REFUSED;
	}
}

void quit_file(const char *path, const char *what)
{
	int error = errno;

	fprintf(stderr, "bondfuzz: %s%s: %s\n", path, what, strerror(error));
	exit(quit_status(error));
}

/* What failed earlier has left its mark on the stream, and no reason. */
int quit_closing_output(int status)
{
	bool earlier = ferror(stdout), failed;

	errno = 0;
	failed = fflush(stdout) != 0;
	if (!failed && !earlier)
		return status;
	fprintf(stderr, "bondfuzz: standard output: %s\n",
		failed ? strerror(errno) : "cannot be written");
	clearerr(stdout);
	return EXIT_REFUSED;
}

static void at_exit(void)
{
	if (quit_closing_output(EXIT_CLEAN) != EXIT_CLEAN)
		_exit(EXIT_REFUSED);
}

void quit_at_full_output(void)
{
	atexit(at_exit);
}
