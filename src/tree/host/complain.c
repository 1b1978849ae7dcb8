/*
 * complain.c - verdicts of the tree's code: rules by name, so that objects of the tree do not depend on
 * the numbers of trace/rule.def.
 */
#include "tree/host/host.h"

#include "base/panic.h"
#include "trace/rule.h"

void bond_verdict(const char *rule, const volatile void *at, const char *text, struct site *site)
{
	kapi_verdict(rule_find(rule), at, text, site);
}

void bond_warn(struct site *site)
{
	kapi_warn(RULE_warn, site);
}

void bond_bug(struct site *site)
{
	kapi_warn(RULE_bug, site);
	panic(__FILE__, __LINE__, "a run went on behind BUG");
}

/* Code of the bench in the tree's types: panic() is a name of the kernel's there. */
_Noreturn void bond_panic(const char *file, int line, const char *text);
_Noreturn void bond_panic(const char *file, int line, const char *text)
{
	panic(file, line, "%s", text);
}
