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

/* RCU, the notifiers' SRCU, and domains with counters of our own. */
#define SECTIONS 8 /* values of an SRCU section's index */

enum { DOMAIN_RCU, DOMAIN_SRCU, DOMAIN_OWN, DOMAINS = DOMAIN_OWN + 4 };

struct native_thread {
	struct rng rng;
	bool registered; /* with both flavours */
	bool callback;	 /* runs a callback of a grace period */
	uint8_t lane;
	uint8_t op;	/* number in the lane */
	uint8_t writer; /* of its notes */
	uint8_t held_nr;
	uint8_t spinning;	 /* spinlocks among them */
	uint8_t non_block;	 /* sections that may not sleep */
	uint64_t begin;		 /* of the step that it is in */
	const struct site *site; /* of the op that it is in */
	const struct kapi_lock *held[HELD_LOCKS_MAX];
	uint16_t nest[DOMAINS];		 /* sections that it has begun and has to end, */
	uint8_t rcu;			 /* RCU's outermost, */
	uint8_t open[DOMAINS][SECTIONS]; /* and SRCU's by their index */
	const void *queue;		 /* it stands in it, */
	unsigned wakes;			 /* and saw so many of its wake-ups */
	struct task_struct task;	 /* current */
	struct task_struct *runs_as;	 /* or this */
};

extern __thread struct native_thread native_self;

/* ---- misc.c ---- */

/*
 * A primitive begins: the step before it is over. Now and then yield, spin or sleep a little, so
 * that a repeated program varies; only then the step begins.
 */
void native_step(void);
/* Does this operation, which may fail, do so? */
bool native_fails(void);
/* The primitive blocked until now: nobody has seen its effect before. */
void native_effect(void);

/* ---- run.c ---- */

void native_thread_begin(unsigned lane, uint64_t seed);
void native_thread_end(void);

/* ---- domain.c ---- */

void native_domains_start(uint64_t seed);
void native_domains_stop(void);
void native_domains_register(void);
void native_domains_unregister(void);
/* Until all callbacks that are queued now have run. */
void native_domains_barrier(void);

/* ---- note.c ---- */

void native_notes_reset(void);
/* The step of this thread ends @now: so do its notes. */
void native_notes_settle(uint64_t now);

/* ---- statics.c ---- */

/* The first run takes a copy of the statics of the code under test, the others put it back. */
void native_statics_restore(void);

/* ---- verdict.c ---- */

_Noreturn void native_fail(enum rule rule, const volatile void *at, const char *text,
			   const struct site *site);
void native_doubt_reset(void);

/* ---- later.c ---- */

void native_later_start(uint64_t seed);
void native_later_stop(void);
/* Until no work and no timer is left. Returns: was there any? */
bool native_later_drain(void);
void native_later_check_free(const void *start, size_t size, struct site *site);

/* ---- alloc.c, file.c ---- */

void native_blocks_reset(void);
/* Id in the trace; 0: in no block of this run. */
uint32_t native_object(const volatile void *at);
/* The block that holds @at counts references. */
void native_counts(const volatile void *at);
void native_files_reset(void);
void native_maps_reset(void);

#endif
