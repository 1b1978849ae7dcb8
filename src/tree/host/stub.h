/*
 * stub.h - the table of stubs, which stubs.py makes for each program: a name that the code under test
 * calls, and no model answers.
 */
#ifndef TREE_HOST_STUB_H
#define TREE_HOST_STUB_H

#include <stdbool.h>

struct bond_stub {
	const char *name;
	long value; /* to return, where answered */
	bool answered;
};

extern struct bond_stub bond_stubs[];
extern const unsigned bond_stubs_nr;

/** bond_stub() - the code under test calls @stub; @pc is the return address in it */
long bond_stub(const struct bond_stub *stub, const void *pc);

#endif
