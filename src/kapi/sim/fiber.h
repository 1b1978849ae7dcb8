/*
 * fiber.h - stacks, and going from one to another. The only file pair that knows how.
 */
#ifndef KAPI_SIM_FIBER_H
#define KAPI_SIM_FIBER_H

#include <stdbool.h>
#include <stddef.h>

#define FIBER_STACK (64 * 1024)

struct fiber {
	void *context; /* where it goes on, while it does not run */
	void *stack;   /* lowest usable byte; NULL: the OS thread's own */
	size_t size;
	void *tsan;
	void (*entry)(void *arg);
	void *arg;
	bool started; /* has run since fiber_reset() */
};

/** fiber_host() - make @f stand for the stack that calls this */
void fiber_host(struct fiber *f);

/** fiber_init() - a stack of its own with a guard page below; @entry(@arg) never returns */
void fiber_init(struct fiber *f, void (*entry)(void *arg), void *arg);

/** fiber_reset() - forget what @f was doing; it starts at its entry again. Not the running one. */
void fiber_reset(struct fiber *f);

/** fiber_release() - order what @f did before whoever acquires @tag; @self is the running fiber */
void fiber_release(struct fiber *f, struct fiber *self, void *tag);

/** fiber_switch() - go on with @to; returns when somebody switches back to @from */
void fiber_switch(struct fiber *from, struct fiber *to);

/** fiber_abandon() - as fiber_switch(), but @from will be reset and never goes on */
_Noreturn void fiber_abandon(struct fiber *from, struct fiber *to);

#endif
