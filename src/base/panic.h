/*
 * panic.h - our own fault, never a finding: "[harness bug]" and exit status 3.
 */
#ifndef BASE_PANIC_H
#define BASE_PANIC_H

/**
 * panic() - stop the process because bondfuzz itself is wrong
 * @file: where, usually __FILE__
 * @line: where, usually __LINE__
 * @format: printf format of what is wrong
 *
 * Context: any, also on a fiber.
 * Returns: never; exit status 3.
 */
_Noreturn void panic(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define must(condition)                                                                            \
	do {                                                                                       \
		if (__builtin_expect(!(condition), 0))                                             \
			panic(__FILE__, __LINE__, "%s", #condition);                               \
	} while (0)

#endif
