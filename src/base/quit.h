/*
 * quit.h - the exit statuses of every command, and the end of a command that cannot do what was asked.
 */
#ifndef BASE_QUIT_H
#define BASE_QUIT_H

/* The same for every command. */
enum quit_status {
	EXIT_CLEAN = 0,
	EXIT_FINDING = 1,
	EXIT_USAGE = 2,
	EXIT_HARNESS = 3,
	EXIT_INTERRUPTED = 130
};

/** quit_usage() - print what is wrong with the command line and exit 2 */
_Noreturn void quit_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
