/*
 * weak.h - a store buffer for each lane (--memory weak): what fills it, what orders it, what empties it.
 *
 * All functions are about the lane that runs, and do nothing while !weak_on.
 */
#ifndef KAPI_SIM_WEAK_H
#define KAPI_SIM_WEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kapi/kapi.h"

extern bool weak_on; /* in this run */

/** weak_begin() - a run starts with empty buffers */
void weak_begin(bool on);

/** weak_statics() - before any run: stores to these statics can be late, as to blocks */
void weak_statics(const volatile void *from, const volatile void *end);

/** weak_store() - this lane is about to write to memory */
void weak_store(volatile void *at, size_t size);

/** weak_load() - this lane is about to read memory: its own updates of it are visible from here on */
void weak_load(const volatile void *at, size_t size);

/** weak_change() - this lane is about to update a word, and looks at no result. @how: no exchange */
void weak_change(volatile void *word, size_t size, enum kapi_update how, uint64_t operand);

/**
 * weak_change_next() - the same where the code under test makes the change next, by an instruction
 * @how: no exchange; what its operand was shows in the word
 */
void weak_change_next(volatile void *word, size_t size, enum kapi_update how);

/**
 * weak_update() - this lane is about to change memory in a way that others see at once
 *
 * What it wrote there, and what it ordered before its next store, becomes visible first.
 */
void weak_update(const volatile void *at, size_t size);

/** weak_updated() - it has changed the word */
void weak_updated(const volatile void *at);

/** weak_fence() - smp_wmb(): later stores become visible after all earlier ones */
void weak_fence(void);

/** weak_released() - the store to @at that this lane made last is a release */
void weak_released(const volatile void *at);

/** weak_flush() - all that this lane wrote is visible */
void weak_flush(void);

/** weak_reader_end() - this lane leaves a reader of @domain */
void weak_reader_end(const void *domain);

/** weak_grace_end() - a grace period ends: what readers wrote that have ended by now is visible */
void weak_grace_end(const void *domain);

/** weak_pending() - has this lane stores that are not visible? */
bool weak_pending(void);

/** weak_note_late() - the run ends in a verdict: note the stores that others had to go on without */
void weak_note_late(void);

/** weak_hides() - has @lane, which does not run, a store to these bytes that is not visible? */
bool weak_hides(const volatile void *at, size_t size, unsigned lane);

/* ---- late.c ---- */

/** late_can_be() - can a store to this address be late? */
bool late_can_be(const volatile void *at);
/** late_name() - a site whose primitive is the name of a static; NULL: a block, or one static too many */
struct site *late_name(const volatile void *at);

/* ---- run.c ---- */

/** weak_choose() - somebody is about to be chosen: what becomes visible, if the strategy explores */
void weak_choose(void);
/** weak_leave() - another lane goes on: this one's pending stores leave memory, chosen ones stay */
void weak_leave(void);
/** weak_return() - this lane goes on, and sees its pending stores */
void weak_return(void);

/* ---- for an interpreter (interpret.h) ---- */

/** weak_issued() - is a store of this lane to @at pending? @ret_when: the stamp of its issue */
bool weak_issued(const volatile void *at, uint32_t *ret_when);

/** weak_hash() - a hash of all buffers; stamps go through @stamp */
uint64_t weak_hash(uint32_t (*stamp)(uint32_t when));

/** weak_each_stamp() - call @note for each stamp that weak_hash() asks about */
void weak_each_stamp(void (*note)(uint32_t when));

#endif
