/*
 * misc.c - delays, complaints, and what subjects say beside the kernel's calls.
 *
 * A broken rule ends the process here. Notes are for rules that read a trace, and there is none on
 * this platform; no strategy decides what fails, so nothing fails by choice.
 */
#include "kapi/native/internal.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

__thread struct native_thread native_self;

/* ---- delays ---- */

static void spin(uint32_t turns)
{
	for (volatile uint32_t i = 0; i < turns; i++)
		;
}

void native_delay(void)
{
	struct rng *r = &native_self.rng;
	uint32_t draw = rng_below(r, 256);

	if (draw == 0)
		nanosleep(&(struct timespec){.tv_nsec = 1000 + rng_below(r, 50000)}, NULL);
	else if (draw < 16)
		sched_yield();
	else if (draw < 48)
		spin(rng_below(r, 1000));
}

/* ---- complaints ---- */

void native_fail(const char *rule, const volatile void *at, const char *text,
		 const struct site *site)
{
	char name[48];

	native_describe(at, name);
	fprintf(stderr, "[verdict] %s%s%s in %s%s%s\n", rule, name[0] == '?' ? "" : ":",
		name[0] == '?' ? "" : name, site ? site->func : "?", text ? ": " : "",
		text ? text : "");
	fflush(stderr);
	abort();
}

void kapi_verdict(const char *rule, const volatile void *at, const char *text, struct site *site)
{
	native_fail(rule, at, text, site);
}

void kapi_warn(const char *rule, struct site *site)
{
	native_fail(rule, NULL, site->text, site);
}

void kapi_non_block(bool begin)
{
	(void)begin;
}

void kapi_might_sleep(struct site *site)
{
	if (native_self.spinning)
		native_fail("sleep_in_atomic", NULL, "a spinlock is held", site);
	if (native_self.nest[DOMAIN_RCU])
		native_fail("sleep_in_atomic", NULL, "inside an RCU reader", site);
	if (native_self.callback)
		native_fail("sleep_in_atomic", NULL, "in a grace period's callback", site);
	if (native_self.lane == LANE_TIMER)
		native_fail("sleep_in_atomic", NULL, "in a timer", site);
}

/* ---- for subjects ---- */

void kapi_note(enum event_kind kind, const volatile void *at, int arg, struct site *site)
{
}

int kapi_object(const volatile void *at)
{
	return 0;
}

bool kapi_should_fail(const volatile void *at, struct site *site)
{
	native_delay();
	return false;
}

bool kapi_is_live(const volatile void *at)
{
	return true;
}

struct task_struct *kapi_current(void)
{
	return &native_self.task;
}
