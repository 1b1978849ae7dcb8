/*
 * hooks.c - called by the compiler before every load and store of cores and subjects.
 *
 * -fsanitize-coverage=trace-loads,trace-stores; the call comes before ASan's own check, so that a
 * dead object is our verdict and the campaign goes on. Not instrumented itself: a hook that is
 * would recurse.
 *
 * The hooks also count: a loop that meets no primitive gives nobody else a turn, and STEPS_MAX never
 * sees it. Each visible operation starts the count anew (sim_effect). A loop that accesses no memory
 * is seen by hang.c.
 */
#include "kapi/sim/internal.h"

#define LOOP_TURNS 64 /* of loops in a fair tail, without an op that ends */

/*
 * In a verdict, which is the same in every build, the function is that of the lane's last primitive:
 * the access was in it, or in one that it called.
 */
static void access_site(const char *text)
{
	static struct site site[LANES];
	struct sim_lane *self = sim_self();

	site[sim.current] = (struct site){
		.func = self->site ? self->site->func : "start", .prim = "access", .text = text};
	self->site = &site[sim.current];
}

/*
 * A loop without a primitive may wait for another lane: all others take a turn. Returns: false when
 * that has been done without an op that ended, or nobody else can go on.
 */
static bool let_others_run(void)
{
	static struct site loop_site = {"loop", "again", "loops without a primitive", 0, 0,
					NULL,	0};
	struct site *before = sim_self()->site;

	if (!sim.fair)
		sim_fair_begin();
	if (!(sim.runnable & ~sim_bit(sim.current)) || sim.loops++ == LOOP_TURNS)
		return false;
	sim_announce(EV_load, 0, 0, &loop_site, EVENT_PLAIN);
	sim.accesses = 0;
	sim_self()->site = before;
	return true;
}

static void bad_access(const volatile void *at, size_t size, bool write, const void *pc)
{
	struct sim_lane *self = sim_self();

	if (!sim_is_fine(at, size)) {
		self->access = pc;
		self->size = (uint8_t)size;
		self->writes = write;
		access_site("reads or writes it");
		sim_touch_range(at, size);
		self->access = NULL;
	}
	/* Tests call cores outside of runs, too. */
	if (sim.job && sim.accesses > ACCESSES_MAX && !let_others_run()) {
		access_site("loops");
		sim_fail(RULE_livelock, NULL, -1, "a loop without a primitive does not end");
	}
}

static __attribute__((noinline)) void look(const volatile void *at, size_t size, bool write,
					   const void *pc)
{
	if (!sim_is_fine(at, size) || sim.accesses > ACCESSES_MAX)
		bad_access(at, size, write, pc);
	if (sim_watches_accesses)
		sim_plain_access(at, size, write, pc);
}

/* Calls nothing but at its end: so it needs no frame. */
static inline void hook(const volatile void *at, size_t size, bool write, const void *pc)
{
	bool is_usual = ++sim.accesses <= ACCESSES_MAX && !sim_watches_accesses;

	if (__builtin_expect(is_usual, 1)) {
		if (sim_in_arena(at) ? sim_is_fine(at, size) : sim_is_usual_outside(at))
			return;
	}
	look(at, size, write, pc);
}

#define HOOK(name, type, write)                                                                    \
	void __sanitizer_cov_##name(type *at);                                                     \
	void __sanitizer_cov_##name(type *at)                                                      \
	{                                                                                          \
		hook(at, sizeof(*at), write, __builtin_return_address(0));                         \
	}

HOOK(load1, uint8_t, false)
HOOK(load2, uint16_t, false)
HOOK(load4, uint32_t, false)
HOOK(load8, uint64_t, false)
HOOK(load16, __uint128_t, false)
HOOK(store1, uint8_t, true)
HOOK(store2, uint16_t, true)
HOOK(store4, uint32_t, true)
HOOK(store8, uint64_t, true)
HOOK(store16, __uint128_t, true)

void sim_access(const volatile void *at, size_t size, bool write, const void *pc)
{
	hook(at, size, write, pc);
}

/*
 * The sanitizers' runtimes have weak, empty hooks. A linker that found those would not look into
 * our archive, unless something in it is asked for: this.
 */
void sim_hooks_init(void)
{
}

/* Coverage counters belong to libFuzzer; a program without it has nobody to give them to. */
#define NOBODY(name)                                                                               \
	void name(void *start, void *stop);                                                        \
	__attribute__((weak)) void name(void *start, void *stop)                                   \
	{                                                                                          \
		(void)start, (void)stop;                                                           \
	}

NOBODY(__sanitizer_cov_8bit_counters_init)
NOBODY(__sanitizer_cov_pcs_init)
