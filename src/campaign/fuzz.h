/*
 * fuzz.h - what the parent and the libFuzzer child of one campaign share.
 *
 * One block of shared memory: the child counts and writes findings into it, the parent reads. So a
 * child that dies loses nothing, and the next one does not report what is known.
 */
#ifndef CAMPAIGN_FUZZ_H
#define CAMPAIGN_FUZZ_H

#include <pthread.h>
#include <sys/types.h>

#include "base/why.h"
#include "campaign/finding.h"
#include "campaign/stubs.h"
#include "guide/coverage.h"
#include "pipeline/burst.h"
#include "pipeline/known.h"

#define OPS_OF_SUBJECT_MAX 64

struct fuzz_finding {
	struct finding f; /* seen: before this session */
	char file[512];	  /* to replay; empty: it could not be saved */
	bool known;	  /* it was there when the session began */
	bool unstable;	  /* no program replays it: kept apart, and announced by nobody */
	uint64_t times;	  /* that it was seen in this session */
	uint64_t
		due; /* as it is seen so often, or more, it is recorded once more if it should be */
};

#define FUZZ_JOBS_MAX 32

/* What one child writes and nobody else; or the sum of all. */
struct fuzz_counts {
	uint64_t runs, steps, threads, inputs;
	uint64_t slow;	 /* runs that missed the bound of a hang, and were none */
	bool ended;	 /* it came to its end by itself */
	bool taking;	 /* a finding is recorded and minimised just now */
	unsigned passed; /* by the run that is under way: the first known finding in it, + 1 */
	unsigned again;	 /* what ended it: a known finding that is recorded once more, + 1 */
	uint64_t ops[OPS_OF_SUBJECT_MAX][OBJECT_STATES];
	uint64_t refused[OPS_OF_SUBJECT_MAX]; /* times that it returned an error, */
	int error[OPS_OF_SUBJECT_MAX];	      /* and the last one */
	struct stubs stubs;
	struct stubs ends;		    /* at a BUG or a hang */
	uint8_t coverage[COVERAGE_MAX / 8]; /* for options.coverage */
} __attribute__((aligned(64)));

/*
 * The children change findings and known under the lock, and read them without: both only grow. One that
 * is killed in between leaves a folder that the parent adopts (fuzz_adopt).
 */
struct fuzz_shared {
	double start;
	bool reached;	      /* the verdict that was asked for: children end */
	pthread_mutex_t lock; /* robust: its owner may be killed */
	unsigned findings_nr; /* known ones first */
	struct fuzz_finding finding[FINDINGS_MAX];
	struct known known; /* signatures of runs, and the findings that they became */
	struct sequences
		sequences; /* the first child's, so one that died of one goes on behind it */
	bool has_inputs;   /* in the corpus, as the session began */
	unsigned jobs_nr;
	struct fuzz_counts all; /* the parent's sum */
	struct fuzz_counts job[FUZZ_JOBS_MAX];
};

struct fuzz_options {
	const struct subject *subject;
	const char *defect, *corpus, *out;
	struct sim_strength strength;
	const char *until; /* a verdict that ends the campaign, or NULL */
	uint64_t seconds, runs, seed, jobs;
	const char *coverage; /* a file for what was passed, or NULL */
	bool json;
	int out_fd, findings_fd; /* of OUT and OUT/findings */
	int unstable_fd;	 /* of OUT/unstable */
	struct fuzz_without {
		uint32_t feedback; /* a bit for each kind that libFuzzer is not told */
		bool anchors, returns, adapt, swarm, sequences, pairs, accesses;
		const struct strategy *search; /* of short programs; NULL: the whole */
	} without;			       /* to see what each is worth */
};

#define UNSTABLE_FOLDER "unstable" /* in OUT: verdicts that no program has shown again */

/** fuzz_options_text() - what of the platform a replay needs, besides the defect: " --races" */
void fuzz_options_text(const struct sim_strength *strength, char *ret, size_t cap);

/** fuzz_following() - findings of this session that may follow from others */
unsigned fuzz_following(const struct fuzz_shared *s);

/** fuzz_akin() - findings of this session that may be the same bug as others */
unsigned fuzz_akin(const struct fuzz_shared *s);

/** fuzz_is_wanted() - is it what the campaign searches for (@o->until)? */
bool fuzz_is_wanted(const struct fuzz_options *o, const struct fuzz_finding *f);

/** fuzz_unstable() - verdicts of this session that no program shows again */
unsigned fuzz_unstable(const struct fuzz_shared *s);

/** fuzz_open() - create OUT or continue in it: lock it, load what is known in it; false and @why */
bool fuzz_open(struct fuzz_options *o, struct fuzz_shared *s, struct why *why);

/** fuzz_open_log() - OUT/fuzz.log, to write at its end; -1 and errno when it is not that */
int fuzz_open_log(const struct fuzz_options *o);

/**
 * fuzz_keep() - campaign.json, and how often each finding was seen into its finding.json
 * @at_once: now; else once a second, and the counts more rarely
 */
void fuzz_keep(const struct fuzz_options *o, const struct fuzz_shared *s, bool at_once);

/** fuzz_keep_death() - a folder for the death of @child, with the end of the log and its input */
void fuzz_keep_death(const struct fuzz_options *o, struct fuzz_finding *f, pid_t child);

/** fuzz_share() - shared memory for a campaign of so many children */
struct fuzz_shared *fuzz_share(unsigned jobs);

/** fuzz_lock() - until fuzz_unlock() nobody else changes the findings; whoever died with it is forgotten */
void fuzz_lock(struct fuzz_shared *s);
void fuzz_unlock(struct fuzz_shared *s);

/** fuzz_runs() - of all children so far */
uint64_t fuzz_runs(const struct fuzz_shared *s);

/**
 * fuzz_refused_put() - append a line about each op that never succeeded, or in less than one call in a hundred
 *
 * What is behind such an op was not tested: a campaign that found nothing there says nothing.
 */
void fuzz_refused_put(const struct fuzz_counts *c, const struct descriptor *d, struct text *t);

/** fuzz_sum() - the parent's: what all children have counted, into @s->all */
void fuzz_sum(struct fuzz_shared *s);

/** fuzz_adopt() - the parent's, after a child was killed: findings that it kept and could not tell */
void fuzz_adopt(const struct fuzz_options *o, struct fuzz_shared *s);

/**
 * fuzz_is_known() - is it a finding already, or what became one? Counts it there then.
 * @c: of the child that asks
 *
 * A verdict about locks is known, too, where a finding is the same bug (trace/orders.h), unless the
 * campaign searches for one verdict.
 */
bool fuzz_is_known(const struct fuzz_options *o, struct fuzz_shared *s, struct fuzz_counts *c,
		   const struct verdict *v);

/** fuzz_seen() - findings of this session, without those that may follow from others or are akin to one */
unsigned fuzz_seen(const struct fuzz_shared *s);

/**
 * fuzz_take() - the child's: record, minimise and keep the finding that the last run of @x shows
 */
void fuzz_take(const struct fuzz_options *o, struct fuzz_shared *s, struct exec *x,
	       const struct exec_how *how, const struct program *p, const struct strategy *strategy,
	       uint64_t seed);

/** fuzz_child() - run libFuzzer in this process, as child @job. Returns: its exit status */
int fuzz_child(const struct fuzz_options *o, struct fuzz_shared *shared, unsigned job,
	       uint64_t seconds);

/**
 * fuzz_merge() - run libFuzzer in this process with these arguments, to compare inputs
 *
 * What an input shows depends on it alone.
 */
int fuzz_merge(const struct fuzz_options *o, struct fuzz_shared *shared, int argc, char **argv);

#endif
