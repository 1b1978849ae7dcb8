/*
 * stub.c - the stubs of world tree, with the place of the call; src/kapi/sim/stub.c does the rest.
 */
#include "tree/host/stub.h"

#include "tree/host/site.h"

long bond_stub(const struct kapi_stub *stub, const void *pc)
{
	return kapi_stub(stub, bond_site(pc));
}
