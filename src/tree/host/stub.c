/*
 * stub.c - a call that no model answers: the run ends there, neither clean nor a finding, unless the
 * stub was given a value to return.
 *
 * What would follow depends on what the missing function does, so nothing after the call says
 * anything about the code under test.
 */
#include "tree/host/stub.h"

#include "kapi/kapi.h"
#include "tree/host/site.h"

long bond_stub(const struct bond_stub *stub, const void *pc)
{
	if (!stub->answered)
		kapi_not_modelled(stub->name, bond_site(pc));
	return stub->value;
}
