/*
 * exec.h - one program, one strategy, one subject: one verdict.
 *
 * A struct exec is one campaign's memory: trace, choice, profile, oracle. It is large; a process
 * has one. A run is a function of program, struct exec_how, strategy and seed alone: the profile that
 * strategies weigh with is learnt by exec_prepare() from fixed runs of the same program, never from
 * earlier runs.
 */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include "base/limits.h"
#include "exec/place.h"
#include "kapi/sim/sim.h"
#include "model/model.h"
#include "model/sight.h"
#include "program/program.h"
#include "sched/choice.h"
#include "subject/subject.h"
#include "trace/trace.h"

#define PROFILE_RUNS 64 /* fixed runs that the profile of a search is learnt from */
#define PROFILE_FEW 4	/* of a program that gets few runs only */

struct exec_decision {
	struct place at;
	uint8_t target; /* a lane, or LANE_NONE: it fails */
};

struct exec;

/*
 * How runs are made, whatever the program and the schedule. Zero is the default: primitives are
 * scheduling points, some runs have failures, any verdict ends a run. Whoever needs another value for
 * some runs makes a copy; nothing is set and set back.
 */
struct exec_how {
	struct sim_strength strength;
	bool no_failures; /* no allocation or device call fails by chance */
	bool hang_sure; /* a hang is one at the first time; else it has to hang again, with more time */
	bool own_failures; /* what the program's schedule lets fail does so under any strategy */
	bool every_switch; /* exec_record() writes a deviation at every change of lane */
	/*
	 * A run ends at a verdict that it could survive only if the verdict matches @until
	 * (verdict_matches(); NULL: all do) and @is_known() is false (NULL: none is known). A sighting
	 * (trace/sight.def) is a verdict only if @until names it; data_race there looks for races.
	 */
	const char *until;
	bool (*is_known)(const struct verdict *v);
	/* Called as op @index of the program begins; NULL: nobody listens. */
	void (*watch_op)(const struct exec *x, unsigned index);
	bool keep_failures; /* the operations of threads and workers that could fail are in x->can_fail */
	struct explorer *explorer; /* of strategies that explore (sched/explore.h) */
};

extern const struct exec_how exec_default;

struct exec {
	const struct subject *subject;
	const struct program *program;
	const struct exec_how *how; /* of the run that is under way, else NULL */
	bool own; /* in the last run failed what the program's schedule lets fail */
	struct choice choice;
	struct profile profile;
	struct model model;
	enum rule sighting; /* that @until names, or RULE_NONE: then nobody looks for any */
	struct sight sight;
	struct place can_fail[CAN_FAIL_MAX]; /* of the last run with keep_failures */
	unsigned can_fail_nr;		     /* more than CAN_FAIL_MAX: the others are not there */
	uint64_t runs;			     /* so far, profiling included */
	uint64_t slow;		       /* of them, those that were taken for a hang and were none */
	uint64_t steps;		       /* visible operations so far */
	uint32_t lanes;		       /* threads of the program */
	uint8_t op_of[LANES][OPS_MAX]; /* per lane: indexes of its ops */
	uint8_t ops_nr[LANES];
	int last[OPS_MAX];	   /* what each op returned in the run that is under way */
	struct site site[OPS_MAX]; /* of each op's begin */
	struct site *first[LANES];
	/* Recording: the run's decisions that leave the plain default. */
	struct exec_decision decision[DEVIATIONS_MAX];
	unsigned decisions_nr;
	bool record_full;
	bool record_local; /* one of them is tied to a plain access: good in this build only */
	struct trace trace;
};

/** exec_init() - ready for exec_prepare() */
void exec_init(struct exec *x);

/**
 * exec_prepare() - take a program: layout, and the profile for strategies that weigh
 * @program: valid; kept until the next exec_prepare()
 * @subject: whose descriptor @program was parsed for, or one that shares its op table
 * @teach: how the PROFILE_RUNS runs are made that the profile is learnt from; NULL: it stays empty,
 *         and strategies know nothing
 */
void exec_prepare(struct exec *x, const struct program *program, const struct subject *subject,
		  const struct exec_how *teach);

/** exec_learn() - run number @i of the PROFILE_RUNS that teach the profile, from 0, without
 * failures */
void exec_learn(struct exec *x, const struct exec_how *how, unsigned i);
/**
 * exec_learn_race() - the accesses that raced in the last run are known to race
 *
 * They are scheduling points from then on (SIM_RACY). exec_learn() does it for each of its runs, and
 * exec_prepare() with @teach forgets them: so there, too, a run is a function of its program.
 */
void exec_learn_race(void);
/** exec_teacher() - strategy and seed of that run, to repeat it with exec_run() */
const struct strategy *exec_teacher(unsigned i);
uint64_t exec_teacher_seed(unsigned i);

/**
 * exec_run() - one run
 * @strategy: who chooses, or NULL: the program's own schedule, deviations and all
 * @seed: of the run; the program's own schedule brings its own
 *
 * Returns: the verdict in x->trace.verdict; .rule is RULE_NONE when clean.
 */
const struct verdict *exec_run(struct exec *x, const struct exec_how *how,
			       const struct strategy *strategy, uint64_t seed);

/**
 * exec_may_be_slow() - was the last run ended as a hang, and is that still to be confirmed?
 * @how: of that run
 * @ret: if so, how to repeat it: with more time
 *
 * exec_run() does that itself. What explores repeats the run in its tree.
 */
bool exec_may_be_slow(const struct exec *x, const struct exec_how *how, struct exec_how *ret);

/** exec_stale() - anchors of the program's schedule that the last run did not reach */
static inline unsigned exec_stale(const struct exec *x)
{
	return choice_stale(&x->choice);
}

/**
 * exec_record() - repeat a run and write it down as a plain schedule
 * @how: as in that run, or with an @until that only the verdict matches which counts
 * @ret: a copy of the program whose schedule is the recorded deviations
 *
 * Returns: true when the copy, replayed, gives the same verdict signature; false when the run has
 * more deviations than a program can keep (ret then has strategy and seed).
 */
bool exec_record(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		 uint64_t seed, struct program *ret);

/** exec_subjects() - descriptors of all subjects, for program_names; ends with NULL */
const struct descriptor *const *exec_subjects(void);

/** exec_process() - the one struct exec of this process, initialised */
struct exec *exec_process(void);

#endif
