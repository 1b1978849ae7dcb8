/*
 * stub.c - calls of code under test that nobody models. Such a run is neither clean nor a finding:
 * what follows the call would depend on what the missing function does. With a value to return
 * (--stub NAME=VALUE) a stub is a model, the user's own.
 *
 * The table of stubs is part of a program of world tree (kapi/stub.h); other programs have none.
 */
#include "kapi/stub.h"

#include <stdio.h>
#include <string.h>

#include "kapi/sim/internal.h"

bool sim_stub_answer(const char *name, long value)
{
	for (unsigned i = 0; &kapi_stubs_nr && i < kapi_stubs_nr; i++) {
		if (strcmp(kapi_stubs[i].name, name) != 0)
			continue;
		kapi_stubs[i].value = value;
		kapi_stubs[i].answered = kapi_stubs[i].by_user = true;
		return true;
	}
	return false;
}

const char *sim_stub_answered(unsigned nth, long *ret_value)
{
	for (unsigned i = 0; &kapi_stubs_nr && i < kapi_stubs_nr; i++) {
		if (!kapi_stubs[i].by_user || nth--)
			continue;
		*ret_value = kapi_stubs[i].value;
		return kapi_stubs[i].name;
	}
	return NULL;
}

static _Noreturn void not_modelled(const char *name, struct site *site)
{
	char text[sizeof(((struct verdict *)NULL)->text)];
	const char *file = site_path(site);

	snprintf(text, sizeof(text), "%s, called from %s (%s:%u)", name, site->func,
		 file ? file : "?", site->line);
	sim_self()->site = site;
	sim_fail(RULE_not_modelled, NULL, -1, text);
}

long kapi_stub(const struct kapi_stub *stub, struct site *site)
{
	if (!stub->answered)
		not_modelled(stub->name, site);
	return stub->value;
}
