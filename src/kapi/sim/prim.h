/*
 * prim.h - the platform's side of the kernel's objects: one entry per lock, completion, wait queue,
 * work, timer, workqueue and SRCU domain, found by its address.
 *
 * An object may be as small as 4 bytes and may lie at the address of another (a wait queue begins
 * with its lock), so the key is address and kind. Entries live for one run; those in a block go
 * when it is freed. A look-up is a hash, a bucket and one comparison: this is on the path of every
 * primitive.
 */
#ifndef KAPI_SIM_PRIM_H
#define KAPI_SIM_PRIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "kapi/kapi.h"

struct sim_block;

enum prim_kind { PRIM_LOCK, PRIM_WAIT, PRIM_QUEUE, PRIM_WORK, PRIM_TIMER, PRIM_WQ, PRIM_DOMAIN };

struct prim {
	const volatile void *at;
	struct kapi_class *class;
	uint16_t next;	  /* in its bucket, 0: the last */
	uint16_t sibling; /* in its block */
	uint8_t kind;	  /* enum prim_kind */
	/* A lock. */
	uint8_t lock_kind; /* KAPI_SLEEPS, KAPI_SHARED */
	uint8_t owner;	   /* lane + 1 of the writer, 0: none */
	bool ordered;	   /* a workqueue: one work at a time */
	uint16_t readers;  /* bits of lanes */
	bool shut;	   /* a timer: never armed again */
	uint8_t node;	   /* a lock: of reclaim.c, 0: none */
	uint8_t domain;	   /* index of an SRCU domain */
	/* A work or timer. */
	struct site *run; /* of its runs */
	void (*func)(void);
	const void *wq;	      /* a delayed work's, for when its timer runs */
	const void *owner_at; /* the delayed work of a timer, the timer of a delayed work */
};

#define PRIM_BUCKETS 1024u

extern struct prim prims[PRIMS_MAX + 1];
extern uint16_t prim_bucket[PRIM_BUCKETS];

static inline unsigned prim_hash(const volatile void *at, enum prim_kind kind)
{
	return (unsigned)((((uintptr_t)at >> 2) * 0x9e3779b1u) >> 16 ^ (unsigned)kind) %
	       PRIM_BUCKETS;
}

/** prim_find() - the entry of an object, or NULL: it was neither initialised nor used */
static inline struct prim *prim_find(const volatile void *at, enum prim_kind kind)
{
	unsigned i = prim_bucket[prim_hash(at, kind)];

	while (i && (prims[i].at != at || prims[i].kind != kind))
		i = prims[i].next;
	return i ? &prims[i] : NULL;
}

/**
 * prim_init() - the object is initialised: an entry with nothing but its class
 *
 * An entry that is there already starts anew. Fails the run when there are too many.
 */
struct prim *prim_init(const volatile void *at, enum prim_kind kind, struct kapi_class *class);

/**
 * prim_get() - the entry of an object that is used, made if this may be its first use
 * @how: KAPI_INLINE_INIT, or 0
 * @name: of the class of a new entry
 *
 * Returns: NULL: it lies in kmalloc memory and was never initialised.
 */
struct prim *prim_first(const volatile void *at, enum prim_kind kind, int how, const char *name);
static inline struct prim *prim_get(const volatile void *at, enum prim_kind kind, int how,
				    const char *name)
{
	struct prim *p = prim_find(at, kind);

	return __builtin_expect(p != NULL, 1) ? p : prim_first(at, kind, how, name);
}

/** prims_drop() - a block is freed: so are the objects in it */
void prims_drop(struct sim_block *block);
/** prims_reset() - a run begins */
void prims_reset(void);

#endif
