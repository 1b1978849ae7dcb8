/*
 * why.h - why a function of a library could not do what it was asked for, and the one way in which a
 * library prints.
 *
 * Libraries return false and fill a struct why; a command prints it and exits (quit_why() in quit.h).
 * What goes wrong beside the work, and does not end it, is a notice.
 */
#ifndef BASE_WHY_H
#define BASE_WHY_H

#include <stdbool.h>

#include "base/quit.h"

struct why {
	enum quit_status status; /* EXIT_USAGE or EXIT_REFUSED */
	char text[4600];	 /* a path, and what is wrong with it */
};

/** why_usage() - @ret is something that the user can correct. Returns: false */
bool why_usage(struct why *ret, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * why_file() - @ret is "PATH" "WHAT": and the reason of errno, with the status that follows from it
 * @what: printed in front of the reason (": this folder cannot be made"), or ""
 *
 * Returns: false.
 */
bool why_file(struct why *ret, const char *path, const char *what);

/** why_at() - as why_usage(), with the status that follows from errno. Returns: false */
bool why_at(struct why *ret, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** notice() - one line on standard error: progress, or what goes wrong beside the work */
void notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
