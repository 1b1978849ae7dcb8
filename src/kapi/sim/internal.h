/*
 * internal.h - what the files of the simulated platform share.
 *
 * One struct sim, plain data of one OS thread. A lane can run when its bit in runnable is set; a
 * lane that announced an operation which cannot take effect now (a held lock, readers to wait for)
 * has its bit clear until it can. So "runnable" is exactly "its next operation is enabled", which
 * is what the strategies' papers speak of.
 */
#ifndef KAPI_SIM_INTERNAL_H
#define KAPI_SIM_INTERNAL_H

#include "base/panic.h"
#include "kapi/kapi.h"
#include "kapi/later.h"
#include "kapi/sim/block.h"
#include "kapi/sim/fiber.h"
#include "kapi/sim/prim.h"
#include "kapi/sim/race.h"
#include "kapi/sim/sanitizer.h"
#include "kapi/sim/sim.h"

#define LOADED_MAX 8

struct sim_domain; /* rcu.c */

struct sim_lane {
	struct fiber fiber;
	struct site *site;  /* of its last operation: the function it is in */
	struct site *asks;  /* what it waits in, where that is not its last operation; or NULL */
	const void *access; /* return address of the hook of the access that is checked; or NULL */
	const volatile void *marked; /* its next access is a marked one, if it is to this */
	uint16_t
		atomic_next; /* so many next plain accesses race with plain ones alone: a reader of a sequence */
	uint8_t atomic; /* sections whose plain accesses do: writers of one */
	bool flat;	/* a reader of a sequence that ends where it says so */
	uint8_t racy;	/* sections whose accesses take part in no race: data_race() */
	const void
		*made_at; /* the atomic that it announces, for code that has no macros of kapi's */
	/* Barriers: what was loaded since the last one, the oldest overwritten; was there one? */
	const volatile void *loaded[LOADED_MAX];
	unsigned loaded_nr;
	bool fenced;
	uint8_t op;	   /* number of the op it is in */
	uint8_t held_nr;   /* locks */
	uint8_t spinning;  /* spinlocks among them */
	uint8_t non_block; /* sections that may not sleep */
	bool idle;	   /* a worker without a callback */
	bool writes;	   /* is that access a write, */
	uint8_t size;	   /* and of how many bytes */
	bool thread;	   /* of the kernel: its work keeps a lane */
	bool starts;	   /* a thread whose first op is announced but not begun */
	bool queued;	   /* found want_lock held: it sits in its wait queue */
	bool want_read;
	uint8_t ways; /* in which its wait can end early, enum kapi_wait_how */
	uint8_t ends; /* it does, in this way: it can go on, whatever it waits for */
	bool killed;  /* a signal is there until its op returns */
	bool unwoken; /* that signal came while it slept, and nobody else could go on */
	bool asleep;  /* in kapi_queue_sleep(), not woken */
	bool woken;   /* since it stood in its wait queue, or looked at its condition */
	const volatile void *queue; /* it stands in it */
	struct prim *held[HELD_LOCKS_MAX];
	/* What it waits for; at most one is set. */
	struct prim *want_lock;
	struct prim *want_wait;
	struct sim_domain *want_readers;   /* grace period: readers older than want_since */
	struct sim_domain *want_callbacks; /* barrier: callbacks queued before want_since */
	struct later *want_later;	   /* works or timers up to want_since: */
	const void *want_item;		   /* of this one, */
	const void *want_wq;		   /* of this queue, or with neither all */
	uint64_t want_since;
	struct task_struct task;     /* current */
	struct task_struct *runs_as; /* or this */
};

struct sim {
	const struct sim_job *job;
	struct choice *choice;
	struct trace *trace;
	uint32_t runnable;
	uint32_t waiting;    /* lanes with one of the want_* set */
	uint32_t dirty;	     /* lanes that ran since they were reset */
	uint32_t threads;    /* program threads that have not ended */
	uint32_t accesses;   /* since the last visible operation took effect */
	uint32_t steps_free; /* beyond so many visible operations sim_step_limit() is asked */
	uint8_t current;
	bool noting;   /* the oracle looks at a note */
	bool fair;     /* the run is long: from here on lanes go on by turns, and nothing fails */
	bool failed;   /* something was made to fail */
	bool reported; /* a rule was broken that nobody wanted to hear of */
	uint8_t loops; /* turns of lanes in the tail that loop without a primitive */
	uint32_t fair_until; /* without an op that ends before this step it is a livelock */
	struct sim_strength strength;
	uint64_t clock; /* orders readers, grace periods and callbacks */
	/* The strategy's, NULL: it does not want to know. */
	void (*touch)(struct choice *c, struct choice_touch touch);
	unsigned
		own_block; /* block that the current step allocated; nobody else knows it; 0: none */
	struct fiber host;
	struct sim_lane lane[LANES];
};

extern struct sim sim;
/* Sanitizer order: what is before a run or its threads, and what is after. */
extern char sim_start_tag, sim_end_tag;

static inline struct sim_lane *sim_self(void)
{
	return &sim.lane[sim.current];
}

static inline uint32_t sim_bit(unsigned lane)
{
	return 1u << lane;
}

/* The number of what a worker runs next; beyond the largest they all have that one. */
static inline uint8_t sim_op_next(unsigned lane)
{
	uint8_t op = sim.lane[lane].op;

	return op < UINT8_MAX ? (uint8_t)(op + 1) : op;
}

/* Is the strategy to be told what the current step touches? */
static inline bool sim_is_told(void)
{
	return __builtin_expect(sim.touch != NULL, 0) && sim.choice->told;
}

/* The current step touches something that its announcement does not tell. */
static inline void sim_tell(enum touch_space space, uint32_t object, bool write)
{
	if (sim_is_told())
		sim.touch(sim.choice, (struct choice_touch){object, (uint8_t)space, 1, write});
}

/* ---- run.c ---- */

/* What stands in choice->next[current] is announced: who goes on? */
void sim_choose(void);
void sim_announce(unsigned kind, uint32_t object, uint32_t class, struct site *site,
		  unsigned flags);
/* It takes effect: write what was announced. */
struct trace_event *sim_effect(int arg);
/* Both, for operations that are always enabled. */
static inline struct trace_event *sim_visible(unsigned kind, uint32_t object, uint32_t class,
					      struct site *site)
{
	sim_announce(kind, object, class, site, 0);
	return sim_effect(0);
}
/* The current lane cannot go on: choose another. Returns when somebody made it runnable. */
void sim_block(unsigned kind, uint32_t object, struct site *site);
void sim_note(unsigned kind, uint32_t object, int arg, struct site *site);
/* Where the next event will stand: a full trace writes over its last. */
static inline int32_t sim_event_next(void)
{
	uint32_t nr = sim.trace->events_nr;

	return (int32_t)(nr < EVENTS_MAX ? nr : EVENTS_MAX - 1);
}
/* A verdict about @at, in the function of @site. */
_Noreturn void sim_fail(enum rule rule, const volatile void *at, int earlier, const char *text);
/*
 * The same where @since, or -1, belongs to the verdict's story and not to its name: what it says is added
 * to @text.
 */
_Noreturn void sim_fail_since(enum rule rule, const volatile void *at, int since, const char *text);
/* The same, named after the function of @since: who returns with what it began there. */
_Noreturn void sim_fail_left(enum rule rule, const volatile void *at, int since, const char *text);
/* The last event of the current lane that began to hold @object, as @kind or its like; or -1. */
int sim_last_of(enum event_kind kind, uint32_t object);
/* The event by which the current lane got into the section of @domain that it is in; or -1. */
int sim_last_begin(uint32_t domain);
/* A deadlock of the current lane with itself. */
_Noreturn void sim_fail_orders(const volatile void *at, int since, const struct orders *orders,
			       const char *text);
/* A deadlock about an object, in functions of other lanes; @waits_for as in struct verdict. */
_Noreturn void sim_fail_waiting(uint32_t object, const char *function, const char *other,
				const uint8_t waits_for[LANES], const struct orders *orders,
				const char *text);
/*
 * As sim_report(), about two functions; @since: an event for the letter, or -1; @orders: NULL, or it is
 * about locks.
 */
void sim_report_in(enum rule rule, uint32_t object, const char *function, const char *other,
		   int since, const struct orders *orders, const char *text);

/* ---- order.c ---- */
/* A run starts: no order of lock classes is known. */
void sim_order_begin(void);
/* The current lane asks for @lock with others held: a verdict where the order closes a cycle. */
void sim_order_check(struct prim *lock);
/* The current lane asks for @lock, which it holds since event @since. */
_Noreturn void sim_order_again(struct prim *lock, int since);
/* The orders that the run has had. */
void sim_order_put_run(struct orders *o);

/* ---- deadlock.c ---- */
/* Nobody can go on. */
_Noreturn void sim_deadlock(void);

/* ---- block.c ---- */
/* A verdict where the @size bytes at @at may not be accessed. */
void sim_touch_range(const volatile void *at, size_t size);
static inline void sim_touch_slow(const volatile void *at)
{
	if (__builtin_expect(!sim_is_fine(at, 1), 0))
		sim_touch_range(at, 1);
}
/* Every primitive asks first: a dead object is a verdict, before any sanitizer sees it. */
static inline void sim_touch(const volatile void *at, struct site *site)
{
	sim_self()->site = site;
	if (sim_is_told() && sim_in_arena(at))
		sim_tell(TOUCH_ALIVE, sim_object(at, 0), false);
	sim_touch_slow(at);
}
/* Memory is read or written: for a strategy that wants to know. */
void sim_touch_access(const volatile void *at, size_t size, bool write);
void sim_class_init(struct kapi_class *class);
/* In a witness replay: read @at where ASan sees it, as the kernel's own code would. */
static inline void sim_witness(const volatile void *at)
{
	if (__builtin_expect(sim.strength.witness, 0))
		(void)*(const volatile char *)at;
}
static inline void sim_class(struct kapi_class *class)
{
	if (__builtin_expect(!class->id, 0))
		sim_class_init(class);
}

/* ---- lock.c, wait.c, rcu.c ---- */
void sim_module_begin(void);

/* @block is about to be freed: nobody may hold, or wait for, what lies in it. */
void sim_locks_check_free(const struct sim_block *block, const void *start);
void sim_lock_leaks(void);
void sim_rcu_reset(void);
void sim_rcu_leaks(void);
void sim_domains_check_free(const struct sim_block *block, const void *start);
/* The lanes whose readers or callbacks @lane waits for, a bit each. */
uint32_t sim_domain_holders(const struct sim_lane *lane);
/* From the main lane: until no callback is queued or running. */
void sim_drain(void);
/* Each callback that is queued or running; @event: of its call. */
void sim_rcu_each_callback(void (*look)(const void *head, void (*func)(void), int event));
/* Is a callback of a grace period queued or running? */
bool sim_rcu_is_busy(void);
/*
 * May the current lane not sleep? Returns: why, or NULL.
 * @ret_since: the event since which, or -1
 */
const char *sim_in_atomic(int *ret_since);
/* Nobody can go on: timeouts come now; else a signal, if all who wait wait for one. Returns: was there one? */
bool sim_time_passes(void);
/* The body of a lane that runs callbacks, for ever. */
void sim_worker(unsigned lane);

/* ---- later.c, work.c, timer.c ---- */

extern struct later sim_works, sim_timers;

void sim_later_reset(void);
/* Something can run that could not: tell the idle workers. */
void sim_later_offer(void);
/* Something ended, too: tell also who waits in sim_later_wait(). */
void sim_later_progress(struct later *l);
/* Until nothing up to number @until is left of an item, a queue, or (both NULL) of all. */
void sim_later_wait(struct later *l, const void *item, const void *wq, uint64_t until,
		    struct site *site);
/* The body of a lane that runs works or timers, for ever. */
void sim_later_worker(unsigned lane);
unsigned sim_later_holder(const struct sim_lane *lane);
/* Is a work ready to run, and no worker free? */
bool sim_later_lacks_workers(void);
void sim_later_check_free(const struct sim_block *block, const void *start);
bool sim_later_drain(void);
bool sim_timer_arm(struct prim *timer, unsigned long expires);
bool sim_timer_disarm(struct prim *timer);
/* A delayed work's timer runs. */
void sim_delayed_expire(struct prim *timer);

/* Does what is announced in @e fail? Not in the fair tail of a long run. */
static inline bool sim_fails(const struct trace_event *e)
{
	bool fails = !sim.fair && choice_fails(sim.choice, e);

	sim.failed |= fails;
	return fails;
}

/* ---- reclaim.c ---- */
void sim_reclaim_begin(void);
/* @lock is about to be waited for, or taken. */
void sim_reclaim_lock(struct prim *lock);
/* A note about @at, whose object is @object, was written. */
void sim_reclaim_note(unsigned kind, const volatile void *at, uint32_t object, int arg);
/* ---- stop.c ---- */
/* The run is long: its fair tail begins. */
void sim_fair_begin(void);
/* In the tail: the next lane after @me, by turns. */
unsigned sim_fair_next(unsigned me, uint32_t runnable);
/* How many visible operations nobody looks at, in a run that begins. */
uint32_t sim_steps_free(void);
/* More than that have taken effect: a stop, or too many. */
void sim_step_limit(void);
/* A rule is broken. */
void sim_stop_at_verdict(const char *rule);
/* ---- hang.c ---- */
/* A run begins: from here on CPU time without a hook counts. */
void sim_hang_begin(void);
/* ---- race.c, access.c ---- */
/* @b was allocated at @pc, which counts as a write. */
void race_allocated(struct sim_block *b, const void *pc);
void race_freed(const struct sim_block *b, const void *pc);
extern bool sim_watches_accesses; /* in this step: sim_plain_access() is to be called */
void sim_accesses_begin(void);
/* Set it by what this step looks for. */
void sim_watch_accesses(void);
void sim_plain_access(const volatile void *at, size_t size, bool write, const void *pc);
/* What the hooks of the compiler do, for code with hooks of another kind. */
void sim_access(const volatile void *at, size_t size, bool write, const void *pc);
/* A marked access was made that neither acquires nor releases: what barriers around it order. */
void sim_order_marked(const volatile void *at, bool write);
/* A word was read and not acquired: a read barrier behind it does. */
void sim_loaded(const volatile void *at);
/* To TSan: the thread acquires the last words that it loaded. */
void sim_acquire_loaded(void);
/* Somebody looks for races in this run. */
#define sim_races (SIM_TSAN || race_on)
/* kapi itself accesses a word of the code under test, as a marked access of its caller. */
static inline void sim_marked_access(const volatile void *at, size_t size, bool write,
				     const void *pc)
{
	struct sim_lane *self = sim_self();

	if (!sim_races)
		return;
	pc = self->made_at ? self->made_at : pc;
	san_marked(at, size, write, pc);
	if (race_on)
		race_access(at, size, (unsigned)write | RACE_MARKED, pc);
	self->made_at = NULL;
	sim_order_marked(at, write);
}

/* ---- mirror.c ---- */
extern bool sim_mirrors; /* there is one */
void sim_mirror_lock_slow(const struct prim *lock);
void sim_mirror_later_slow(const struct prim *item, bool pending);
void sim_mirror_lane_slow(unsigned lane);
void sim_mirror_begin(void);
void sim_mirror_end(void);
static inline void sim_mirror_lock(const struct prim *lock)
{
	if (__builtin_expect(sim_mirrors, 0))
		sim_mirror_lock_slow(lock);
}
static inline void sim_mirror_later(const struct prim *item, bool pending)
{
	if (__builtin_expect(sim_mirrors, 0))
		sim_mirror_later_slow(item, pending);
}
static inline void sim_mirror_lane(unsigned lane)
{
	if (__builtin_expect(sim_mirrors, 0))
		sim_mirror_lane_slow(lane);
}
/* ---- hooks.c ---- */
void sim_hooks_init(void);
/* ---- statics.c ---- */
void sim_statics_restore(void);
/* ---- file.c ---- */
void sim_files_reset(void);
void sim_maps_reset(void);

#endif
