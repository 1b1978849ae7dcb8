/*
 * misc.c - steps and their delays, who may sleep, and what subjects ask for beside the kernel's calls.
 *
 * No strategy decides what fails: chance does, in runs where it may.
 */
#include "kapi/native/internal.h"

#include <sched.h>
#include <time.h>

__thread struct native_thread native_self;

/* ---- delays ---- */

static void spin(uint32_t turns)
{
	for (volatile uint32_t i = 0; i < turns; i++)
		;
}

static void delay(void)
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

void native_step(void)
{
	native_notes_settle(native_now());
	delay();
	native_self.begin = native_now();
}

void native_effect(void)
{
	native_self.begin = native_now();
}

/* ---- context ---- */

void kapi_non_block(bool begin)
{
	must(begin || native_self.non_block);
	native_self.non_block += begin ? 1 : -1;
}

void kapi_might_sleep(struct site *site)
{
	if (native_self.non_block)
		native_fail(RULE_sleep_in_atomic, NULL, "in a section that may not block", site);
	if (native_self.spinning)
		native_fail(RULE_sleep_in_atomic, NULL, "a spinlock is held", site);
	if (native_self.nest[DOMAIN_RCU])
		native_fail(RULE_sleep_in_atomic, NULL, "inside an RCU reader", site);
	if (native_self.callback)
		native_fail(RULE_sleep_in_atomic, NULL, "in a grace period's callback", site);
	if (native_self.lane == LANE_TIMER)
		native_fail(RULE_sleep_in_atomic, NULL, "in a timer", site);
}

/* ---- for subjects ---- */

/* Nobody asks: that nothing is left to run is known in the simulator only. */
bool kapi_chance(const volatile void *at, struct site *site)
{
	return false;
}

void kapi_rest(const volatile void *object, const volatile void *word, unsigned size,
	       uint64_t value, struct site *site)
{
	(void)object, (void)word, (void)size, (void)value, (void)site;
}

static unsigned fail_one_in;

void native_let_fail(unsigned one_in)
{
	__atomic_store_n(&fail_one_in, one_in, __ATOMIC_RELAXED);
}

bool native_fails(void)
{
	unsigned one_in = __atomic_load_n(&fail_one_in, __ATOMIC_RELAXED);

	return one_in && !rng_below(&native_self.rng, one_in);
}

bool kapi_should_fail(const volatile void *at, struct site *site)
{
	native_step();
	return native_fails();
}

bool kapi_signal_pending(struct site *site)
{
	return kapi_should_fail(NULL, site);
}

/* Not seen by TSan: what the hardware keeps apart the kernel's own code does not. */
__attribute__((disable_sanitizer_instrumentation)) void kapi_hardware(bool begin)
{
	static int busy;

	if (!begin)
		__atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
	else
		while (__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
			sched_yield();
}

unsigned kapi_thread(void)
{
	_Static_assert(LANES + DOMAINS <= KAPI_THREADS, "a number for each writer of notes");
	return native_self.writer;
}

struct task_struct *kapi_current(void)
{
	return native_self.runs_as ? native_self.runs_as : &native_self.task;
}

void kapi_lane_is_thread(bool is)
{
}

void kapi_become(struct task_struct *task)
{
	native_self.runs_as = task;
}
