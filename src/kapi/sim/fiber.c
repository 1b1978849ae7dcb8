/*
 * fiber.c - stack switching and every sanitizer annotation that belongs to it.
 *
 * Boost.Context's jump_fcontext() does the switch in a few nanoseconds; its C prototypes are
 * written here. ASan is told the bounds of the stack that is entered. TSan gets one fiber each, and
 * flag 1: the switch itself orders nothing, so that only primitives do. This file must not be
 * compiled with TSan: a switch from an instrumented function corrupts its shadow stack.
 */
#include "kapi/sim/fiber.h"

#include <sys/mman.h>

#include "base/panic.h"
#include "kapi/sim/sanitizer.h"
#include "kapi/sim/sim.h"

#define GUARD 4096
#define NO_SYNC 1 /* __tsan_switch_to_fiber_no_sync */

struct transfer {
	void *context;
	void *data;
};

struct transfer jump_fcontext(void *to, void *data);
void *make_fcontext(void *top, size_t size, void (*entry)(struct transfer t));

/* On arrival: keep where the other side stopped, and tell ASan that the switch is done. */
static void arrive(struct transfer t)
{
	struct fiber *from = t.data;

	from->context = t.context;
#if SIM_ASAN
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(NULL, &bottom, &size);
	if (!from->stack) {
		from->stack = (void *)bottom;
		from->size = size;
	}
#endif
}

static struct fiber *entering;

static void enter(struct transfer t)
{
	struct fiber *self = entering;

	arrive(t);
	self->entry(self->arg);
	panic(__FILE__, __LINE__, "a fiber returned");
}

static void leave(struct fiber *to, bool for_good)
{
#if SIM_ASAN
	static void *fake;

	__sanitizer_start_switch_fiber(for_good ? NULL : &fake, to->stack, to->size);
#else
	(void)for_good;
#endif
#if SIM_TSAN
	__tsan_switch_to_fiber(to->tsan, NO_SYNC);
#endif
	entering = to;
	to->started = true;
}

void fiber_switch(struct fiber *from, struct fiber *to)
{
	leave(to, false);
	arrive(jump_fcontext(to->context, from));
}

void fiber_abandon(struct fiber *from, struct fiber *to)
{
	leave(to, true);
	jump_fcontext(to->context, from);
	panic(__FILE__, __LINE__, "an abandoned fiber went on");
}

const char *sim_sanitizer(void)
{
	if (SIM_ASAN)
		return "AddressSanitizer";
	return SIM_TSAN ? "ThreadSanitizer" : NULL;
}

void fiber_host(struct fiber *f)
{
	*f = (struct fiber){.started = true};
#if SIM_TSAN
	f->tsan = __tsan_get_current_fiber();
#endif
}

void fiber_init(struct fiber *f, void (*entry)(void *arg), void *arg)
{
	char *memory = mmap(NULL, GUARD + FIBER_STACK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED || mprotect(memory, GUARD, PROT_NONE))
		panic(__FILE__, __LINE__, "no memory for a fiber's stack");
	*f = (struct fiber){
		.stack = memory + GUARD, .size = FIBER_STACK, .entry = entry, .arg = arg};
	f->started = true;
	fiber_reset(f);
}

void fiber_release(struct fiber *f, struct fiber *self, void *tag)
{
#if SIM_TSAN
	if (!f->started)
		return;
	__tsan_switch_to_fiber(f->tsan, NO_SYNC);
	__tsan_release(tag);
	__tsan_switch_to_fiber(self->tsan, NO_SYNC);
#else
	(void)f, (void)self, (void)tag;
#endif
}

void fiber_reset(struct fiber *f)
{
	if (!f->started)
		return;
	ASAN_UNPOISON_MEMORY_REGION(f->stack, f->size);
#if SIM_TSAN
	if (f->tsan)
		__tsan_destroy_fiber(f->tsan);
	f->tsan = __tsan_create_fiber(0);
#endif
	f->context = make_fcontext((char *)f->stack + f->size, f->size, enter);
	f->started = false;
}
