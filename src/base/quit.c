/*
 * quit.c - see quit.h.
 */
#include "base/quit.h"
#include "base/why.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_MAX 16384

static void plain(FILE *f, const char *words)
{
	fputs(words, f);
}

static void (*write_words)(FILE *f, const char *words) = plain;

void quit_write_with(void (*put)(FILE *f, const char *words))
{
	write_words = put;
}

void quit_message(const char *before, const char *format, va_list ap)
{
	static char words[MESSAGE_MAX];

	vsnprintf(words, sizeof(words), format, ap);
	fputs(before, stderr);
	write_words(stderr, words);
	fputs("\n", stderr);
}

void quit_usage(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	quit_message("bondfuzz: ", format, ap);
	va_end(ap);
	exit(EXIT_USAGE);
}

void quit_why(const struct why *why)
{
	fputs("bondfuzz: ", stderr);
	write_words(stderr, why->text);
	fputs("\n", stderr);
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

	fputs("bondfuzz: ", stderr);
	write_words(stderr, path);
	fprintf(stderr, "%s: %s\n", what, strerror(error));
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
