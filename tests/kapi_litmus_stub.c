/*
 * kapi_litmus_stub.c - calls that nobody models: with a value a run goes on, without one it ends there,
 * and says which call it was.
 */
#include <kapi/kapi.h>
#include <kapi/stub.h>
#include <linux/bug.h>

#include "litmus.h"

/* As stubs.py makes it for a program of world tree. */
struct kapi_stub kapi_stubs[] = {{.name = "answered", .value = 7, .answered = true},
				 {.name = "missing"}};
const unsigned kapi_stubs_nr = 2;

static long call(unsigned index)
{
	return kapi_stub(&kapi_stubs[index], KAPI_SITE("call", "call()"));
}

static void call_answered(void)
{
	WARN_ON(call(0) != 7);
}

static void call_missing(void)
{
	call(1);
	WARN_ON(1); /* nothing behind the call is reached */
}

const struct litmus_case kapi_litmus_stub[] = {
	{"a_call_that_nobody_models_ends_the_run", "not_modelled:none@call",
	 "missing, called from call (", .good = {.thread = {call_answered}},
	 .bad = {.thread = {call_missing}}},
	{0},
};
