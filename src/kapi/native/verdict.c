/*
 * verdict.c - complaints. A broken rule ends the process: whoever started it hears the verdict first.
 *
 * What a subject says about its bench ("bind succeeded, and there is no entry") compares several
 * words, and is right where nobody changes them meanwhile. In a simulated run nobody does: it is one
 * step. Here it is a doubt, which counts if no op of another thread overlaps the one that has it;
 * judging that is for whoever knows the ops. The exceptions are looked at under a lock that also
 * keeps out who would change them.
 */
#include "base/word.h"
#include "kapi/native/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void (*teller)(const struct verdict *v);

static struct native_doubt doubt;
static int doubts; /* 1: somebody has the first */

void native_on_verdict(void (*tell)(const struct verdict *v))
{
	teller = tell;
}

static void copy(char *to, const char *from, size_t cap)
{
	snprintf(to, cap, "%s", from ? from : "");
}

static struct verdict judge(enum rule rule, const volatile void *at, const char *func,
			    const char *text)
{
	struct verdict v = {.event = {-1, -1}};

	v.rule = rule;
	copy(v.where[0], func, sizeof(v.where[0]));
	copy(v.text, text, sizeof(v.text));
	if (rule == RULE_warn || rule == RULE_bug)
		word_of_complaint(text ? text : "", v.word);
	native_fill_object(at ? native_object(at) : 0, &v);
	return v;
}

void native_print_verdict(const struct verdict *v)
{
	bool object = strcmp(v->object, "none") != 0;

	fprintf(stderr, "[verdict] %s%s%s in %s%s%s\n", rule_name(v->rule), object ? ":" : "",
		object ? v->object : "", v->where[0][0] ? v->where[0] : "?", v->text[0] ? ": " : "",
		v->text);
	fflush(stderr);
}

static _Noreturn void end_with(const struct verdict *v)
{
	native_print_verdict(v);
	if (teller)
		teller(v);
	abort();
}

void native_fail(enum rule rule, const volatile void *at, const char *text, const struct site *site)
{
	struct verdict v = judge(rule, at, site ? site->func : NULL, text);

	end_with(&v);
}

int kapi_rule(const char *name)
{
	return (int)rule_find(name);
}

void kapi_warn(int rule, struct site *site)
{
	native_fail(rule, NULL, site->text, site);
}

/* ---- of subjects ---- */

static bool is_certain(enum rule rule)
{
	return native_self.lane == LANE_MAIN || rule == RULE_stale_mapping || rule == RULE_wrong_mm;
}

void kapi_verdict(int rule, const volatile void *at, const char *text, struct site *site)
{
	struct verdict v = judge(rule, at, NULL, text);

	if (is_certain(rule))
		end_with(&v);
	if (!__atomic_exchange_n(&doubts, 1, __ATOMIC_RELAXED))
		doubt = (struct native_doubt){v, native_now(), native_self.lane};
}

void native_doubt_reset(void)
{
	doubts = 0;
	doubt.verdict.rule = RULE_NONE;
}

const struct native_doubt *native_doubt(void)
{
	return &doubt;
}
