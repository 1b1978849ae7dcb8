/*
 * finding.h - what a campaign keeps of a finding: a folder of its own, OUT/findings/<slug>.
 *
 *   found.bond            as it was found, with its schedule, or a strategy and seed where that is too long
 *   minimal.bond          made small: the file to replay and to keep
 *   letter.txt letter.md  the letter
 *   finding.json          this struct
 *
 * A folder appears whole. Later finding.json changes, in which the times that it was seen are counted;
 * the others do when a better program is found. What is read is not believed: a name stays in its folder, a number in its bounds.
 */
#ifndef CAMPAIGN_FINDING_H
#define CAMPAIGN_FINDING_H

#include <jansson.h>

#include "base/limits.h"
#include "exec/exec.h"
#include "exec/platform.h"
#include "program/program.h"
#include "campaign/folder.h"

#define FINDING_FORMAT 1
#define FINDING_FOLDER "findings"
/* What finding_put_relation() writes: a byte of a signature may become \xNN. */
#define RELATION_MAX (4 * SIGNATURE_MAX + 64)
#define FINDING_COUNT_MAX (INT64_MAX / 4) /* counts are added up */

struct finding {
	char slug[128]; /* its folder: dead_use-device-c899854e */
	char signature[SIGNATURE_MAX];
	char verdict[32], type[32], object[32]; /* rule; type and name of the object */
	char where[2][NAME_MAX_LEN]; /* functions of the breaking event and the earlier */
	char at[2][128];	     /* "src/core/hmm.c:214", or empty */
	char subject[NAME_MAX_LEN];
	char defect[64];		    /* that was on, or empty */
	char options[PLATFORM_TEXT];	    /* of run, besides: " --memory weak --unlock queued" */
	char first_seen[24], last_seen[24]; /* UTC, 2026-01-31T12:00:00Z */
	uint64_t seen;
	uint64_t runs; /* before it, in the campaign that found it */
	double seconds;
	unsigned ops, deviations, switches; /* of the minimal program and its run */
	char follows
		[SIGNATURE_MAX]; /* comes first in each run that is known: it may follow from that */
	char akin[SIGNATURE_MAX]; /* it may be the same bug as that one: finding_is_akin() */
	struct orders orders;	  /* of a verdict about locks: others are the same bug */
	bool native; /* seen on real threads only: there is no schedule, and no minimal program */
};

/* What is written once. Texts may be NULL: then there is no such file. */
struct finding_files {
	const struct program *found, *minimal;
	const char *letter, *markdown;
};

/**
 * finding_describe() - signature, verdict, object, places and sizes of the last run of @x
 * @v: the verdict of that run; or another, whose places in the sources are not known
 */
void finding_describe(struct finding *f, const struct exec *x, const struct verdict *v);

/**
 * finding_is_akin() - may these two be one bug?
 *
 * One missing reference or one free that comes too early ends as a use, a second free, a count below 0, or
 * a free under a lock or a work, or a second call_rcu(), as the schedule has it. So two such verdicts are
 * akin if they are about one type and share a function; two uses, if the function is the one that uses the
 * object. Types have the names of their texts: one verdict in the same two functions is akin with any.
 */
bool finding_is_akin(const struct finding *a, const struct finding *b);

/** finding_put_relation() - "it may follow from ..." or "it may be the same bug as ..."; nothing if it stands alone */
void finding_put_relation(const struct finding *f, struct text *t);

/** finding_now() - the time as findings are dated */
void finding_now(char ret[24]);

/** finding_name() - its slug gets a number when that name is taken in OUT/findings */
void finding_name(int at, struct finding *f);

/**
 * finding_write() - a new folder for it
 * @at: OUT/findings, of which this process is the only writer
 * @f: with a slug that is not taken
 *
 * Returns: NULL, or what is wrong; then nothing of it is there.
 */
const char *finding_write(int at, const struct finding *f, const struct finding_files *files);

/** finding_rewrite() - put other files in the place of those that are there; NULL or what is wrong */
const char *finding_rewrite(int at, const struct finding *f, const struct finding_files *files);

/** finding_update() - write finding.json again, with new counts; NULL or what is wrong */
const char *finding_update(int at, const struct finding *f);

/**
 * finding_read() - what OUT/findings/@slug/finding.json says
 *
 * Returns: NULL, or what is wrong; a constant or good until the next call.
 */
const char *finding_read(int at, const char *slug, struct finding *ret);

/** finding_json() - the object that finding.json holds; a new reference */
json_t *finding_json(const struct finding *f);

/**
 * finding_replay() - the line to paste: @program run FILE and its options, quoted for a shell
 *
 * Of one that only real threads have shown: stress, which may show it again.
 */
void finding_replay(const struct finding *f, const char *program, const char *file, struct text *t);

#endif
