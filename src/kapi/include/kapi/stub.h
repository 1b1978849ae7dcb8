/*
 * stub.h - a name that code under test calls and nothing answers: a row of the table that stubs.py
 * makes for a program of world tree.
 */
#ifndef KAPI_STUB_H
#define KAPI_STUB_H

#include <stdbool.h>

struct site;

struct kapi_stub {
	const char *name;
	long value; /* to return, where answered */
	bool answered;
	bool by_user; /* on the command line: it belongs into a line that replays */
};

extern struct kapi_stub kapi_stubs[] __attribute__((weak));
extern const unsigned kapi_stubs_nr __attribute__((weak));

/** kapi_stub() - @stub is called at @site. Returns: its value; without one the run ends here. */
long kapi_stub(const struct kapi_stub *stub, struct site *site);

#endif
