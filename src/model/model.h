/*
 * model.h - the oracle: clients of an address space as the notes of a trace tell of them.
 *
 * It sees objects as numbers and never a core's structs. One note at a time, in order; the first
 * broken rule is the answer.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/limits.h"
#include "trace/trace.h"

struct model_client {
	uint32_t object; /* its subscription; or whatever a subject calls a client */
	uint32_t mm;	 /* object id */
	uint8_t releases_begun;
	uint8_t releases_done;
	uint8_t releases_max;
	uint8_t running;     /* callbacks and releases right now */
	uint32_t releasing;  /* lanes in a release of those that exit waits for */
	uint32_t to_end;     /* of these, who was when exit began to wait, and still is */
	uint16_t own;	     /* lanes in a release that the driver called itself, in no reader */
	uint8_t open[LANES]; /* changes that this lane told it the start of, and not the end */
	bool no_release;     /* it has no such op */
	bool leaving;	     /* unregister has begun */
	bool left_alone; /* it was leaving when an exit returned that may have waited for nobody */
	bool stays;	 /* it is no module's */
	uint32_t intervals; /* whose changes an interval client is told of; 0: it is none */
	bool in_tree;	    /* of the interval client: changes are told to it */
	bool excused;	    /* it was not when the mm's last user went: exit passes it by */
	uint32_t outdated;  /* lanes that began to read before it was told of a change */
	int32_t left;	    /* event at which unregister returned, -1: not yet */
};

/* Changes that are going on and that interval clients must be told of. */
struct model_changes {
	uint32_t intervals; /* object id: who tells them */
	uint32_t lanes;	    /* that have begun one and not ended it */
};

struct model_pasid {
	uint32_t mm;   /* block number of who has it, 0: in the pool */
	int32_t given; /* event */
};

struct model {
	unsigned clients_nr;
	uint32_t dead_mm[OBJECTS_MAX * 2]; /* address spaces whose last user is gone */
	unsigned dead_nr;
	uint32_t waited_mm[OBJECTS_MAX * 2]; /* of those, where exit has waited for callbacks */
	unsigned waited_nr;
	struct model_pasid pasid[PASIDS_MAX];
	struct model_changes changes[OBJECTS_MAX * 2];
	unsigned changes_nr;
	struct model_client client[CLIENTS_MAX];
};

struct model_finding {
	enum rule rule; /* RULE_NONE: nothing */
	uint32_t object;
	int earlier; /* event that explains it, or -1 */
};

/** model_reset() - a run starts */
void model_reset(struct model *m);

/**
 * model_note() - take one note into account
 * @index: of @e in the trace
 *
 * Returns: the rule that it breaks, or a finding with RULE_NONE.
 */
struct model_finding model_note(struct model *m, const struct trace_event *e, int index);

#endif
