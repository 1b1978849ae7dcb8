/*
 * stub.h - what the table of stubs that stubs.py makes calls.
 */
#ifndef TREE_HOST_STUB_H
#define TREE_HOST_STUB_H

#include "kapi/stub.h"

/** bond_stub() - the code under test calls @stub; @pc is the return address in it */
long bond_stub(const struct kapi_stub *stub, const void *pc);

#endif
