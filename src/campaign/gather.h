/*
 * gather.h - all campaigns below some folders, with their findings and whatever is wrong with them.
 *
 * What triage and report look at. A campaign's folder has campaign.json or findings/; its findings
 * are read as finding.h says. What cannot be read is a problem with its path, and stops nothing else.
 */
#ifndef CAMPAIGN_GATHER_H
#define CAMPAIGN_GATHER_H

#include "base/why.h"
#include "campaign/campaign.h"

enum replay_state {
	REPLAY_UNTRIED,
	REPLAY_HOLDS,	/* the same signature */
	REPLAY_STALE,	/* another outcome, and anchors of the schedule are not reached */
	REPLAY_LOST,	/* another outcome */
	REPLAY_SKIPPED, /* this build has not got the defect or the subject, or there is no program */
	REPLAY_STATES
};

struct kept_finding {
	struct finding f;
	size_t campaign;
	char *folder;  /* path */
	char *program; /* path of the file to replay; NULL: there is none */
	bool damaged;  /* it is among the problems, too */
	enum replay_state state;
	char now[SIGNATURE_MAX]; /* what it showed instead of its signature */
};

struct kept_campaign {
	char *path;
	struct campaign c;
	bool damaged; /* c is empty */
	uint64_t device, inode;
};

struct problem {
	char *path;
	char *why;
	size_t campaign; /* SIZE_MAX: of none */
};

struct gathering {
	struct kept_campaign *campaign;
	struct kept_finding *finding;
	struct problem *problem;
	size_t campaigns_nr, findings_nr, problems_nr;
	size_t met; /* campaigns, each time that one was come by */
};

/* Findings of one signature, in a gathering sorted by gather_groups(). */
struct group {
	struct kept_finding *of, *best; /* the first of them, and the smallest */
	size_t nr, campaigns;
	uint64_t seen;
	const char *first_seen, *last_seen;
	char subjects[256], defects[512]; /* each once */
};

/** gather() - look through @path; false and @why when it is no folder that can be opened */
bool gather(struct gathering *g, const char *path, struct why *why);

/** gather_next_group() - the group after @group, which begins zeroed; sorts on the first call */
bool gather_next_group(struct gathering *g, struct group *group);

/** group_stands_alone() - is one of them a finding of its own, which follows from no other and is akin to none? */
bool group_stands_alone(const struct group *group);

/** gather_complain() - every problem on standard error, as "path: reason" */
void gather_complain(const struct gathering *g);

/** gather_letter() - the text letter of a finding, for free(); NULL where there is none */
char *gather_letter(struct gathering *g, const struct kept_finding *k);

/** gather_free() - give back what gather() took */
void gather_free(struct gathering *g);

/** replay_finding() - run its program in a process of its own, and fill in state and now */
void replay_finding(struct kept_finding *k);

/**
 * replay_letter() - its letter as a piece of HTML, by such a replay
 * @seconds: that it may take
 *
 * Returns: text for free(); NULL when there is none in time, or the replay shows another verdict.
 */
char *replay_letter(const struct kept_finding *k, double seconds);

/** replay_state_name() - "holds", "stale", "lost", "skipped"; "" untried */
const char *replay_state_name(enum replay_state s);

#endif
