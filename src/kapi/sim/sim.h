/*
 * sim.h - the simulated platform, as src/exec sees it: one OS thread, fibers, every choice made by
 * a strategy.
 *
 * sim_run() runs one program: the main lane's body does the set-up, calls sim_threads(), and
 * closes; the lanes of the threads run their bodies meanwhile. When a rule is broken the run is
 * abandoned where it stands, and the next one starts from nothing: fibers, blocks, locks, statics.
 */
#ifndef KAPI_SIM_SIM_H
#define KAPI_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/site.h"
#include "sched/choice.h"
#include "trace/trace.h"

enum sim_unlock {
	SIM_UNLOCK_CONTRACT, /* a sleeping lock's unlock may always touch it once more */
	SIM_UNLOCK_QUEUED,   /* only where a waiter was queued: what the code does today */
	SIM_UNLOCK_ATOMIC,   /* never: hides the bug, for comparison */
};

/* What is a visible operation? */
enum sim_granularity {
	SIM_PRIMITIVES, /* the kernel's primitives: the same in every build */
	SIM_RACY,	/* and plain accesses that are known to race */
	SIM_ACCESSES,	/* and all plain accesses to memory that lanes share */
};

/* How strong the primitives are; the default is what the kernel promises, and no more. */
struct sim_strength {
	enum sim_unlock unlock;
	bool callbacks_at_once; /* callbacks run as soon as they may: hides late ones, for
				   comparison */
	enum sim_granularity granularity;
	bool weak;	  /* stores may be seen late */
	bool races;	  /* look for accesses that nothing orders */
	bool witness;	  /* leave dead memory to the sanitizer, whose report is wanted */
	unsigned hang_ms; /* of CPU time without a hook are a hang; 0: SIM_HANG_MS */
};

#define SIM_HANG_MS 1000
#define SIM_HANG_AGAIN 3    /* so many times that, where one is to be confirmed */
#define SIM_HANG_FAST_MS 40 /* where it is known that the run may hang, and many replays follow */

struct sim_job {
	struct choice *choice; /* choice_begin() was called */
	struct trace *trace;
	struct sim_strength strength;
	/* On the lane's own fiber. LANE_MAIN: set-up, sim_threads(), closing. */
	void (*body)(void *arg, unsigned lane);
	/* After every note; may call sim_report(). */
	void (*observe)(void *arg, const struct trace_event *note);
	/*
	 * A rule is broken that the run can survive: is this verdict wanted? If not the run goes
	 * on, so that what is known, or not searched for, does not hide what lies behind it.
	 */
	bool (*wants)(void *arg, const struct verdict *v);
	void *arg;
};

/** sim_run() - one run; the verdict is in job->trace. Not reentrant. */
void sim_run(const struct sim_job *job);

/**
 * sim_threads() - from the main lane: start threads, wait until all ended
 * @lanes: bits of LANE_A..LANE_F
 * @first: per lane, the site of its first op, the same that it gives to sim_op_begin()
 */
void sim_threads(uint32_t lanes, struct site *const first[LANES]);

/** sim_op_begin() - op @number of this lane begins: a visible operation */
void sim_op_begin(unsigned number, struct site *site);

/** sim_op_end() - it returned @value: no lock and no reader may be left */
void sim_op_end(int value, struct site *site);

/**
 * sim_is_at_rest() - behind sim_threads(): nothing is left that runs later, nothing was made to fail,
 * the run is no long one, and no rule was broken in it
 */
bool sim_is_at_rest(void);

/** sim_at_rest() - from the main lane, where the run is at rest: @ask for the clients' rest values */
void sim_at_rest(void (*ask)(void));

/** sim_check_leaks() - from the main lane, at the very end: callbacks run out, a live block is a
 * verdict */
void sim_check_leaks(void);

/**
 * sim_report() - a rule is broken, but the code under test can go on
 * @rule: not RULE_NONE
 * @object: an object id, 0: none
 * @earlier: index of an event that explains it, or -1
 * @where: the function that goes into the signature; NULL: none
 * @text: one line more, or NULL
 *
 * Returns: when job->wants() says no; else the run is abandoned.
 */
void sim_report(enum rule rule, uint32_t object, int earlier, const char *where, const char *text);

#define RACE_DEPTH 12

/* Two accesses that nothing orders: the earlier, and the later in this run. */
struct sim_race {
	const void *pc[2]; /* return addresses of their hooks */
	uint8_t lane[2];
	bool write[2];
	bool allocation; /* the earlier is the allocation of what the later accesses */
	bool frees;	 /* the later frees it */
	uint32_t event
		[2]; /* how many events were in the trace at each; of the earlier as its stack */
	bool late;   /* the earlier is a store that the later came before (weak memory) */
	uint32_t object;
	/* Return addresses, innermost first, NULL behind the last; of the earlier only where it was
	 * asked for. */
	const void *stack[2][RACE_DEPTH];
};

/** sim_stub_answer() - stub @name returns @value from now on. Returns: is there such a stub? */
bool sim_stub_answer(const char *name, long value);
/** sim_stub_answered() - Returns: the name of the @nth stub that got its value so, or NULL */
const char *sim_stub_answered(unsigned nth, long *ret_value);

/** sim_race() - the first race of the last run; false: none was seen, or nobody looked */
bool sim_race(struct sim_race *ret);

/**
 * sim_race_only() - from now on only the race between these two places counts, in either order
 * @race: as sim_race() told it, or NULL: any counts again; if it is late, only a late one counts
 *
 * A run that shows it again, in the same order, also tells the stack of the earlier access.
 */
void sim_race_only(const struct sim_race *race);

/** sim_function_at() - the function of a return address, by the program's symbol table, or "?" */
const char *sim_function_at(const void *pc);

/** sim_race_point() - accesses at @pc are known to race: scheduling points from now on (SIM_RACY) */
void sim_race_point(const void *pc);
/** sim_is_race_point() - is it one? @site: of an announcement with EVENT_PLAIN */
bool sim_is_race_point(const struct site *site);
/** sim_forget_race_points() - none is */
void sim_forget_race_points(void);

/** sim_sanitizer() - "AddressSanitizer", "ThreadSanitizer", or NULL: what this build has */
const char *sim_sanitizer(void);

/**
 * sim_stop_at() - the next runs stop for a debugger, which has its breakpoint on sim_stopped()
 * @step: as visible operation number @step takes effect, counted as trace->steps counts; 0: at none
 *
 * They stop where a rule is broken, too, before the run is abandoned.
 */
void sim_stop_at(uint32_t step);
/** sim_stopped() - does nothing; @why is "step" or the rule */
void sim_stopped(const char *why);

/**
 * sim_describe() - the type and name of an object of the last run: "device", "device0"
 * @type: at least 32 bytes
 * @name: at least 32 bytes
 */
void sim_describe(uint32_t object, char *type, char *name);

/** sim_switch_probe() - switch to a fiber and back @n times, for the benchmark */
void sim_switch_probe(unsigned n);

#endif
