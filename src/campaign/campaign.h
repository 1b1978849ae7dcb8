/*
 * campaign.h - OUT/campaign.json: what a campaign is about, and what it did, all its sessions together.
 */
#ifndef CAMPAIGN_CAMPAIGN_H
#define CAMPAIGN_CAMPAIGN_H

#include "base/limits.h"
#include "campaign/fuzz.h"
#include "exec/platform.h"

#define CAMPAIGN_FORMAT 1
#define CAMPAIGN_JSON "campaign.json"
#define REAL_THREADS "real threads" /* how the build of bondfuzz stress begins */
#define POINTS_MAX 240		    /* of the curve; when it is full every second goes */

struct campaign_op {
	char name[NAME_MAX_LEN];
	uint64_t runs[OBJECT_STATES]; /* times that it began, by the state of its first object */
};

struct campaign_point {
	double seconds;
	uint64_t runs, findings;
};

struct campaign {
	char subject[NAME_MAX_LEN], defect[64], options[PLATFORM_TEXT], build[48], version[32];
	char started[24], updated[24];
	uint64_t seed; /* of the last session */
	uint64_t sessions, runs, steps, threads, inputs, findings;
	double seconds;
	unsigned ops_nr, points_nr;
	struct campaign_op op[OPS_OF_SUBJECT_MAX];
	struct campaign_point point[POINTS_MAX];
};

/** campaign_state_name() - "no object", "absent", "open", "in use", "closing" */
const char *campaign_state_name(unsigned state);

/**
 * campaign_read() - from an open campaign folder
 *
 * Returns: NULL, or what is wrong; "missing" where there is none. Good until the next call.
 */
const char *campaign_read(int at, struct campaign *ret);

/** campaign_write() - all or nothing; NULL or what is wrong */
const char *campaign_write(int at, const struct campaign *c);

/** campaign_note() - a point of the curve, unless it is too near to the last one */
void campaign_note(struct campaign *c);

#endif
