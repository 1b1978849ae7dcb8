/*
 * internal.h - what the files of the native platform share.
 *
 * Each thread has one struct native_thread of its own, which nobody else reads: held locks,
 * readers, delays. So the bookkeeping orders nothing between threads, and TSan sees only what the
 * primitives themselves order.
 */
#ifndef KAPI_NATIVE_INTERNAL_H
#define KAPI_NATIVE_INTERNAL_H

#include "base/limits.h"
#include "base/panic.h"
#include "base/rng.h"
#include "kapi/kapi.h"
#include "kapi/native/native.h"

enum { DOMAIN_RCU, DOMAIN_SRCU, DOMAINS };

struct native_thread {
	struct rng rng;
	bool registered; /* with both flavours */
	bool callback;	 /* runs a callback of a grace period */
	uint8_t lane;	 /* of a thread that runs works or timers; 0 elsewhere */
	uint8_t held_nr;
	uint8_t spinning; /* spinlocks among them */
	const struct kapi_lock *held[HELD_LOCKS_MAX];
	uint16_t nest[DOMAINS];
	uint8_t parity[DOMAINS];  /* of the outermost reader */
	struct kapi_queue *queue; /* it stands in it, */
	unsigned wakes;		  /* and saw so many of its wake-ups */
	struct task_struct task;  /* current */
};

extern __thread struct native_thread native_self;

/* ---- misc.c ---- */

/* Now and then: yield, spin or sleep a little, so that a repeated program varies. */
void native_delay(void);
_Noreturn void native_fail(const char *rule, const volatile void *at, const char *text,
			   const struct site *site);

/* ---- run.c ---- */

void native_thread_begin(uint64_t seed);
void native_thread_end(void);

/* ---- domain.c ---- */

void native_domains_start(uint64_t seed);
void native_domains_stop(void);
void native_domains_register(void);
void native_domains_unregister(void);
/* Until all callbacks that are queued now have run. */
void native_domains_barrier(void);

/* ---- later.c ---- */

void native_later_start(uint64_t seed);
void native_later_stop(void);
/* Until no work and no timer is left. Returns: was there any? */
bool native_later_drain(void);
void native_later_check_free(const void *start, size_t size, struct site *site);

/* ---- alloc.c, file.c ---- */

void native_blocks_reset(void);
/* "device0", "device" or "?": for a report, at least 48 bytes. */
void native_describe(const volatile void *at, char *name);
void native_files_reset(void);

#endif
