/*
 * race.h - happens-before: which accesses of the code under test nothing orders.
 *
 * The primitives say what they order in san_acquire() and san_release() (sanitizer.h), once, to
 * TSan and to this.
 */
#ifndef KAPI_SIM_RACE_H
#define KAPI_SIM_RACE_H

#include <stdbool.h>
#include <stddef.h>

extern bool race_on; /* in this run */

/** race_begin() - a run starts: everything that was is ordered before it */
void race_begin(bool on);
/** race_acquire() - what was released at @at is ordered before what this lane does next */
void race_acquire(const volatile void *at);
/** race_release() - what this lane did is ordered before whoever acquires at @at */
void race_release(const volatile void *at);

/**
 * race_loaded() - this lane has loaded @at, marked and without acquiring
 *
 * What was released there is ordered before its next race_joins(), and before whoever acquires its next
 * release; and before its accesses to what @at points to, which race_points() says.
 */
void race_loaded(const volatile void *at);
/** race_points() - the value that was loaded from @from, marked or not, is the address @to */
void race_points(const volatile void *from, const volatile void *to);
/** race_joins() - a read barrier: all marked loads so far acquire what they read */
void race_joins(void);

/** race_fence() - what this lane did so far is what race_release_fenced() releases */
void race_fence(void);
void race_release_fenced(const volatile void *at);

enum race_access { RACE_READ = 0, RACE_WRITE = 1, RACE_MARKED = 2 };

/**
 * race_access() - this lane is about to access memory
 * @how: bits of enum race_access
 * @pc: where; its function is whom the verdict names
 */
void race_access(const volatile void *at, size_t size, unsigned how, const void *pc);
/** race_is_shared() - is @at memory that lanes share: kmalloc's, or a static of the code under test? */
bool race_is_shared(const volatile void *at);

#endif
