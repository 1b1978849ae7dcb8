/*
 * fuzz.h - what the parent and the libFuzzer child of one campaign share.
 *
 * One block of shared memory: the child counts and writes findings into it, the parent reads. So a
 * child that dies loses nothing, and the next one does not report what is known.
 */
#ifndef CAMPAIGN_FUZZ_H
#define CAMPAIGN_FUZZ_H

#include <sys/types.h>

#include "base/why.h"
#include "campaign/finding.h"
#include "campaign/stubs.h"
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

struct fuzz_shared {
	uint64_t runs, steps, threads, inputs;
	double start;
	bool reached;	      /* the verdict that was asked for; the parent's */
	bool ended;	      /* the child came to its end by itself */
	unsigned findings_nr; /* known ones first */
	struct fuzz_finding finding[FINDINGS_MAX];
	bool taking;	    /* a finding is recorded and minimised just now */
	unsigned passed;    /* by the run that is under way: the first known finding in it, + 1 */
	struct known known; /* the child's: signatures of runs, and the findings that they became */
	uint64_t ops[OPS_OF_SUBJECT_MAX][OBJECT_STATES];
	struct stubs stubs;
	struct stubs ends;	    /* at a BUG or a hang */
	uint64_t slow;		    /* runs that missed the bound of a hang, and were none */
	struct sequences sequences; /* so a child that died of one goes on behind it */
};

struct fuzz_options {
	const struct subject *subject;
	const char *defect, *corpus, *out;
	struct sim_strength strength;
	const char *until; /* a verdict that ends the campaign, or NULL */
	uint64_t seconds, runs, seed;
	bool json;
	int out_fd, findings_fd; /* of OUT and OUT/findings */
	int unstable_fd;	 /* of OUT/unstable */
	struct fuzz_without {
		uint32_t feedback; /* a bit for each kind that libFuzzer is not told */
		bool anchors, returns, adapt, swarm, sequences;
	} without; /* to see what each is worth */
};

#define UNSTABLE_FOLDER "unstable" /* in OUT: verdicts that no program has shown again */

/** fuzz_options_text() - what of the platform a replay needs, besides the defect: " --races" */
void fuzz_options_text(const struct sim_strength *strength, char *ret, size_t cap);

/** fuzz_following() - findings of this session that may follow from others */
unsigned fuzz_following(const struct fuzz_shared *s);

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

/** fuzz_is_known() - is it a finding already, or what became one? Counts it there then. */
bool fuzz_is_known(struct fuzz_shared *s, const struct verdict *v);

/** fuzz_seen() - findings of this session, without those that may follow from others */
unsigned fuzz_seen(const struct fuzz_shared *s);

/**
 * fuzz_take() - the child's: record, minimise and keep the finding that the last run of @x shows
 */
void fuzz_take(const struct fuzz_options *o, struct fuzz_shared *s, struct exec *x,
	       const struct exec_how *how, const struct program *p, const struct strategy *strategy,
	       uint64_t seed);

/** fuzz_child() - run libFuzzer in this process. Returns: its exit status */
int fuzz_child(const struct fuzz_options *o, struct fuzz_shared *shared, uint64_t seconds);

/**
 * fuzz_merge() - run libFuzzer in this process with these arguments, to compare inputs
 * @o: without.anchors and without.adapt are set: what an input shows depends on it alone
 */
int fuzz_merge(const struct fuzz_options *o, struct fuzz_shared *shared, int argc, char **argv);

#endif
