/*
 * quit.h - the exit statuses of every command, and the end of a command that cannot do what was asked.
 *
 * A function that cannot read or write a file leaves errno as the system set it, and 0 where the system
 * has no part in it (a file with bad text). From that follows the status: a name that the user can
 * correct is bad usage; a full disk, a missing permission or a closed output is the system's refusal.
 */
#ifndef BASE_QUIT_H
#define BASE_QUIT_H

#include <stdarg.h>
#include <stdio.h>

/* The same for every command. */
enum quit_status {
	EXIT_CLEAN = 0,
	EXIT_FINDING = 1,
	EXIT_USAGE = 2,
	EXIT_HARNESS = 3,
	EXIT_REFUSED = 74, /* by the system; EX_IOERR of sysexits.h */
	EXIT_INTERRUPTED = 130
};

/** quit_usage() - print what is wrong with the command line and exit 2 */
_Noreturn void quit_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct why;

/** quit_why() - print what a library could not do, and exit with its status */
_Noreturn void quit_why(const struct why *why);

/** quit_status() - EXIT_USAGE or EXIT_REFUSED, by an error number; 0: bad text */
enum quit_status quit_status(int error);

/**
 * quit_file() - print that a file or folder cannot be used, and why, and exit by quit_status(errno)
 * @what: of it, printed in front of the reason (": this folder cannot be made"), or ""
 */
_Noreturn void quit_file(const char *path, const char *what);

/**
 * quit_write_with() - from now on messages are written by @put, which makes words from outside harmless
 *
 * A path or a name of an untrusted file may be in any of them. Without it they are written as they are.
 */
void quit_write_with(void (*put)(FILE *f, const char *words));

/** quit_message() - one line on standard error; @before stands in front of it as it is */
void quit_message(const char *before, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

/** quit_at_full_output() - from now on the process ends with EXIT_REFUSED if stdout could not be written */
void quit_at_full_output(void);

/** quit_closing_output() - write what is left for stdout; @status, or EXIT_REFUSED with a message */
int quit_closing_output(int status);

#endif
