/*
 * sight.h - how release came in a run: what is legal and rare, and reported only when asked for.
 *
 * The same notes as model.h, another question. A run looks for one sighting at most; without one
 * nothing of this is called.
 */
#ifndef MODEL_SIGHT_H
#define MODEL_SIGHT_H

#include "model/model.h"

/* Who calls release; WHO_BENCH: a duplicate that the bench makes, as an unregister would. */
enum sight_who { WHO_EXIT, WHO_UNREGISTER, WHO_DRIVER, WHO_BENCH, WHOS };

struct sight_client {
	uint32_t object;     /* its subscription */
	uint32_t mm;	     /* object id */
	uint8_t begun[WHOS]; /* releases of this registration */
	uint8_t done[WHOS];
	uint8_t total;		/* of all registrations, the driver's own calls not counted */
	uint16_t unregistering; /* lanes */
	uint16_t own;		/* lanes that are about to call release, or do, as the driver */
	bool no_release, put;
	uint8_t who[LANES]; /* of the release that the lane is in */
};

struct sight_exit {
	uint32_t mm;
	uint8_t lane;
	bool waited, freed; /* it waited for callbacks; a page has gone since */
};

struct sight {
	unsigned clients_nr, exits_nr;
	struct sight_exit exit[OBJECTS_MAX * 2];
	struct sight_client client[CLIENTS_MAX];
};

/**
 * sight_find() - is a sighting asked for?
 * @wanted: "NAME", "NAME:OBJECT", or NULL
 *
 * Returns: RULE_NONE if not.
 */
enum rule sight_find(const char *wanted);

/** sight_reset() - a run starts */
void sight_reset(struct sight *s);

/**
 * sight_note() - take one note into account
 * @wanted: the sighting that is looked for
 *
 * Returns: a finding when it is there, or one with RULE_NONE.
 */
struct model_finding sight_note(struct sight *s, enum rule wanted, const struct trace_event *e);

#endif
