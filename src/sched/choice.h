/*
 * choice.h - the only source of chance in the process: who runs next, and what fails.
 *
 * The platform announces every visible operation here before it takes effect and asks who goes on.
 * What every runnable lane is about to do is in choice.next, so that a strategy can weigh it.
 * A strategy is one file and one row of strategy.def. On top of any of them, deviations (anchored
 * decisions, src/program) win; so a schedule is replayed by the plain strategy and its deviations.
 *
 * Everything here is plain data of one run; nothing allocates.
 */
#ifndef SCHED_CHOICE_H
#define SCHED_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lane.h"
#include "base/limits.h"
#include "base/rng.h"
#include "trace/trace.h"

/* A decision tied to a place: "B.1 hmm_notifier_release up_write:tail#1 -> A". */
struct choice_deviation {
	uint32_t func_id; /* 0: any function of that op */
	uint32_t prim_id;
	uint16_t occurrence; /* from 1 */
	uint8_t lane;
	uint8_t op;
	uint8_t target; /* a lane, or LANE_NONE: the operation fails */
	uint16_t seen;	/* occurrences so far in this run */
	bool fired;
};

/*
 * What earlier runs of the same program have shown; strategies estimate with it. Kept by the
 * campaign, filled by profile_learn() from a trace.
 */
#define PROFILE_OBJECTS 64
/* What a mean is made of: the runs in which the lane did any. */
struct profile_seen {
	uint32_t sum[LANES];
	uint32_t runs[LANES];
};
struct profile_object {
	uint32_t key; /* object id, or class id for whole classes */
	bool is_class;
	bool is_lock;	/* touched by lock operations */
	bool is_ref;	/* touched by reference count operations */
	bool is_mortal; /* its block was freed while threads ran */
	bool has_tail;	/* a lock that an unlock touches after it is free */
	uint16_t
		count[LANES]; /* visible operations on it, per lane; the free of its block is one */
	struct profile_seen seen;
};
/* What a lane does to a shared object at a site: the halves of reads-from pairs (pairs.c). */
#define PROFILE_ACTIONS 128
struct profile_action {
	uint32_t key; /* of lane, object and site */
	uint32_t object;
	uint8_t lane;
	bool writes;
};
struct profile {
	uint32_t runs;	       /* learnt from; 0: nothing known yet */
	uint16_t steps[LANES]; /* visible operations, per lane, without its end */
	uint16_t locks[LANES]; /* of them, on any lock */
	uint16_t refs[LANES];  /* of them, on any reference count */
	uint16_t steps_max;    /* of all lanes in one run */
	uint16_t objects_nr;
	struct profile_seen steps_seen, locks_seen, refs_seen;
	struct profile_object object[PROFILE_OBJECTS];
	uint8_t actions_nr;
	struct profile_action action[PROFILE_ACTIONS];
	uint8_t action_at[256]; /* by hash of the key: its number, from 1 */
	uint8_t seen[PROFILE_ACTIONS][PROFILE_ACTIONS / 8]; /* a bit: the second met the first's */
};

struct choice;
struct explorer;

/*
 * What a step touched besides the object that it announced, from that announcement to the next of
 * its lane. Objects are numbered in a space of their own each.
 */
enum touch_space {
	TOUCH_MEMORY,	/* of a block: an object id, and bytes from there on */
	TOUCH_STATIC,	/* other memory, by the low half of its address */
	TOUCH_ALIVE,	/* a block that must be there, and no more */
	TOUCH_NOTE,	/* what the rules remember: a note of one object may matter to another */
	TOUCH_FILE,	/* kapi/file.h */
	TOUCH_PLATFORM, /* a domain of grace periods, or TOUCH_LATER */
	TOUCH_ORDER, /* two lock classes, one under the other: write is one way round, read the other */
};
#define TOUCH_LATER 1u /* works and timers, all of them */

struct choice_touch {
	uint32_t object;
	uint8_t space; /* enum touch_space */
	uint8_t size;
	bool write;
};

struct strategy_methods {
	/* A run starts: draw what is drawn once. choice->rng is seeded, profile set. May be NULL.
	 */
	void (*begin)(struct choice *c);
	/*
	 * The next lane out of the set bits of @runnable (never empty); choice->next[lane] is what
	 * it would do. Called for every visible operation, also with one bit.
	 */
	unsigned (*pick)(struct choice *c, uint32_t runnable);
	/*
	 * @lane goes on and choice->next[lane] takes effect. It may be another than pick() said: a
	 * deviation wins. So what was done is counted here, not in pick(). May be NULL.
	 */
	void (*ran)(struct choice *c, unsigned lane);
	/*
	 * The last thread ended, the workers of @runnable could go on: what they do now is no
	 * choice. Not called in a run that is abandoned. May be NULL.
	 */
	void (*over)(struct choice *c, uint32_t runnable);
	/*
	 * What the lane that runs has touched. May be NULL: then nobody looks for it. Called while the
	 * strategy has choice->told set.
	 */
	void (*touch)(struct choice *c, struct choice_touch touch);
	/*
	 * One of @options (at least 2) alternatives that are no lanes: choice_decide(). May be NULL:
	 * it is drawn. @question tells such decisions of one state apart.
	 */
	unsigned (*decide)(struct choice *c, unsigned options, uint64_t question);
};

struct strategy {
	const char *name;
	const char *source; /* paper or reason */
	const char *help;
	const struct strategy_methods *methods;
	/* Columns of strategy.def. */
	uint8_t weight; /* in the portfolio; 0: never drawn there */
	bool drawn;	/* generated programs may name it */
	bool fails;	/* what can fail does so by chance in runs of programs that name it */
};

/* Rows of strategy.def. */
enum strategy_row {
#define STRATEGY(name, weight, drawn, fails, source, help) STRATEGY_##name,
#include "sched/strategy.def"
#undef STRATEGY
	STRATEGIES
};

/* One choice that was made: who went on, and how much the trace held before it took effect. */
#define CHOICES_MAX STEPS_MAX
struct choice_made {
	uint16_t event; /* trace->events_nr */
	uint16_t step;	/* trace->steps */
	uint8_t lane;
};

#define STRATEGY_STATE 2048	 /* bytes a strategy may keep during a run */
#define STRATEGY_STATE_ABOVE 256 /* one that decides on top of another one keeps its own apart */

struct choice {
	const struct strategy *strategy;
	const struct strategy *drawn;  /* who decides in this run: another one under portfolio */
	const struct profile *profile; /* never NULL */
	struct explorer *explorer;     /* of the strategies in sched/explore.h; else NULL */
	uint64_t seed;		       /* of the run */
	struct rng rng;		       /* of the strategy; seeded per run */
	struct rng fail_rng;  /* of failures: drawn apart, so that schedules do not shift */
	struct rng delay_rng; /* of delayed stores: drawn apart, too */
	uint32_t fail_one_in; /* an operation that may fail does once in so many; 0: never */
	uint8_t current;      /* the lane that announced last */
	uint8_t active;	      /* nonzero while strategies decide; set-up and closing are plain */
	bool told;	 /* what the current step touches is news to a strategy that has touch() */
	bool record_all; /* record() hears of every change of lane, also of those that are plain */
	uint32_t picks;	 /* choices in this run while strategies decided */
	uint32_t switches; /* of them, those that changed the lane; the first one cannot */
	uint16_t deviations_nr;
	struct choice_deviation deviation[DEVIATIONS_MAX];
	struct trace_event next[LANES]; /* what each lane is about to do */
	/*
	 * May be NULL. Called when a deviation or the strategy left the plain default, with record_all
	 * also when a lane ended or was blocked: lane @target
	 * goes on before @anchor, or with LANE_NONE: @anchor fails. Replayed by plain, with
	 * fail_one_in 0, the recorded decisions give the same run.
	 */
	void (*record)(void *arg, const struct trace_event *anchor, unsigned target);
	void *record_arg;
	/* May be NULL. Called while strategies decide, for each operation that can fail. */
	void (*can_fail)(void *arg, const struct trace_event *at);
	void *can_fail_arg;
	const struct trace *trace; /* of the run; NULL: made stays empty */
	uint32_t made_nr;	   /* of picks, up to CHOICES_MAX */
	struct choice_made made[CHOICES_MAX];
	union {
		uint64_t align;
		unsigned char bytes[STRATEGY_STATE];
	} state;
	union {
		uint64_t align;
		unsigned char bytes[STRATEGY_STATE_ABOVE];
	} above;
};

/** strategy_find() - a strategy by name, or NULL */
const struct strategy *strategy_find(const char *name);
/** strategy_names() - all names, ends with NULL; "plain" is the first */
const char *const *strategy_names(void);
/** strategy_at() - row @index of strategy.def, or NULL past the end */
const struct strategy *strategy_at(unsigned index);

/** strategy_drawn_names() - of those that generated programs may name; ends with NULL */
const char *const *strategy_drawn_names(void);

/**
 * choice_begin() - a run starts
 * @seed: of this run; strategy and failures are both drawn from it
 *
 * The caller has set strategy, profile, fail_one_in, record and the deviations; it sets active when
 * strategies shall decide (0 after this call). Sets drawn, and forgets what deviations have seen.
 */
void choice_begin(struct choice *c, uint64_t seed);

/** choice_default() - the plain rule: @current if it is runnable, else the first runnable lane */
unsigned choice_default(unsigned current, uint32_t runnable);

/**
 * choice_next() - who goes on?
 * @announcer: the lane that just announced next[announcer], or ended, or found itself blocked
 * @runnable: bits of the lanes that can go on; not 0
 *
 * Once per announcement, also when the announcer is blocked (its bit is clear then; no second call
 * when it becomes runnable), and once when a lane ended: next[announcer] is an EV_lane_end then. An
 * announcer that a program cannot name (main) cannot be an anchor: its choice cannot be replayed.
 * While active is 0: the plain default, and no deviations.
 *
 * Returns: a lane whose bit is set.
 */
unsigned choice_next(struct choice *c, unsigned announcer, uint32_t runnable);

/** choice_over() - the threads have ended, closing begins: active is 0 from here on */
void choice_over(struct choice *c, uint32_t runnable);

/**
 * choice_fails() - does the operation that @e announces fail?
 *
 * Called when it takes effect, for allocations and device calls that may fail. Deviations count
 * these calls, also while active is 0; chance fails nothing then.
 */
bool choice_fails(struct choice *c, const struct trace_event *e);

/**
 * choice_delays() - a lane is left: which of its stores are not seen meanwhile?
 *
 * Drawn from the run's seed whatever the strategy: a schedule that was written down needs the seed
 * of the run that it was taken from.
 *
 * Returns: a bit each; in half of the cases none.
 */
uint64_t choice_delays(struct choice *c);

/** choice_explores() - does the strategy want to be asked for every decision (choice_decide())? */
static inline bool choice_explores(const struct choice *c)
{
	return c->drawn->methods->decide != NULL;
}

/**
 * choice_decide() - one of @options alternatives, counted from 0
 *
 * Asks the strategy if it explores, else draws from the seed, apart from schedules and failures.
 */
unsigned choice_decide(struct choice *c, unsigned options, uint64_t question);

/** choice_stale() - number of deviations that never fired in this run */
unsigned choice_stale(const struct choice *c);

/**
 * profile_learn() - take one finished run into a profile
 *
 * Counts only what happened in threads and workers, not set-up and closing. Keeps the mean of
 * each count over the runs in which it was not 0. Objects and classes
 * are kept from the first run on in which two lanes touched them, up to PROFILE_OBJECTS. Pairs of
 * actions on them are kept from then on, too.
 */
void profile_learn(struct profile *p, const struct trace *t);

/** object_is_mortal_lock() - is @o one lock whose block was freed, and whose unlock touches it after it is free? */
static inline bool object_is_mortal_lock(const struct profile_object *o)
{
	return !o->is_class && o->is_lock && o->is_mortal && o->has_tail;
}

/**
 * profile_company() - the threads that share memory with each other, and with no other thread
 *
 * Where there are several such groups it is that which shares the most objects. Locks and counts that lie in
 * no block are everybody's, and tie nobody.
 *
 * Returns: a bit for each of its lanes; 0 when all threads are of one group, or none shares anything.
 */
uint32_t profile_company(const struct profile *p);

/** profile_has_mortal_lock() - does @p know an object_is_mortal_lock()? */
bool profile_has_mortal_lock(const struct profile *p);

#endif
