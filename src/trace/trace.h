/*
 * trace.h - what happened in one run: a flat list of events, and the verdict if a rule was broken.
 *
 * An event has no addresses: objects are numbered blocks and offsets, sites are names. So the same
 * program and schedule give the same bytes in every build, and trace_hash() says so.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lane.h"
#include "base/limits.h"
#include "base/site.h"
#include "trace/orders.h"
#include "trace/rule.h"

enum event_kind {
#define EVENT(kind, class, text) EV_##kind,
#include "trace/event.def"
#undef EVENT
	EVENT_KINDS
};

/* Object ids: a block of a run and an offset in it, or a named static object. 0 is no object. */
#define OBJECT_OF_BLOCK(block, offset) ((uint32_t)(block) << 16 | ((uint32_t)(offset)&0xffff))
#define OBJECT_STATIC 0x80000000u
#define OBJECT_BLOCK(object) ((object)&OBJECT_STATIC ? 0 : (object) >> 16)

struct trace_event {
	struct site *site; /* may be NULL for notes */
	uint32_t object;
	uint32_t class; /* name_id of the lock class or type; 0: none */
	uint8_t kind;
	uint8_t lane;
	uint8_t op; /* number in the lane, from 1; 0 before the first */
	uint8_t flags;
	int32_t arg; /* new count, return value, ... */
};

/* Of an unlock_tail: a waiter was queued, so the tail is fact, not only contract. */
#define EVENT_QUEUED 2
/* A plain access, of this build only: its place has one of these names, and no other place has. */
#define EVENT_PLAIN 4
#define PLACE_LOAD "load"
#define PLACE_STORE "store"

#define VERDICT_TEXT 320
#define WAITS_FOR_NOBODY 0xff /* that could go on, or wake it */

/* A broken rule. Names are constant strings or copies, never pointers into a run's objects. */
struct verdict {
	enum rule rule;		 /* RULE_NONE: clean */
	char type[32];		 /* of the object: "device" */
	char object[32];	 /* "device0", or the type where it has no number */
	char where[2][48];	 /* functions of the later and the earlier event */
	char word[48];		 /* of a WARN or BUG: its condition as a word (base/word.h) */
	char text[VERDICT_TEXT]; /* one line more, for the letter: the wait-for cycle, all leaked
				  * objects */
	int32_t event[2]; /* indexes into the trace: the breaking event, the earlier one; -1: none
			   */
	/* For the letter alone, of this build, in no hash and no signature: */
	char access[48];	  /* the function of a plain access that broke the rule, or "" */
	uint8_t access_size;	  /* its bytes */
	bool access_write;	  /* a write? */
	uint8_t waits_for[LANES]; /* of a deadlock, a lane: 0: it does not wait; WAITS_FOR_NOBODY;
				   * or the lane that it waits for, plus 1 */
	/* In no hash and no signature: by which a finding is the same bug as another. */
	struct orders orders;
};

struct trace {
	uint32_t events_nr;
	uint32_t steps; /* visible operations that took effect */
	bool full;
	struct verdict verdict;
	struct trace_event event[EVENTS_MAX];
};

/** event_kind_name() - the name of a row of event.def */
const char *event_kind_name(unsigned kind);
/** event_is_visible() - is a row of event.def a visible operation? */
bool event_is_visible(unsigned kind);
/** event_text() - the words of a row of event.def, with %s for the object */
const char *event_text(unsigned kind);

/** trace_reset() - forget everything */
static inline void trace_reset(struct trace *t)
{
	t->events_nr = 0;
	t->steps = 0;
	t->full = false;
	t->verdict.rule = RULE_NONE;
}

/**
 * trace_append() - write an event
 *
 * Returns: the event in the trace, for arg to be filled later, or a scratch event when it is full.
 */
static inline struct trace_event *trace_append(struct trace *t, const struct trace_event *e)
{
	if (__builtin_expect(t->events_nr == EVENTS_MAX, 0)) {
		t->full = true;
		t->events_nr--;
	}
	struct trace_event *at = &t->event[t->events_nr++];
	*at = *e;
	return at;
}

/**
 * trace_hash() - one number for the whole run, equal for equal runs in every build
 *
 * Over kind, lane, op, flags, object, class, names of the site and arg of every event, and the
 * verdict.
 */
uint64_t trace_hash(const struct trace *t);

/**
 * verdict_signature() - the stable name of a bug: RULE[:TYPE][@FUNCTION[+FUNCTION]][=WORD]
 * @ret: SIGNATURE_MAX bytes: "dead_use:device@hmm_mirror_destroy", "warn@insert=not_empty_list"
 *
 * With "+function" of the earlier event where there is one; parts that are empty are left out, and
 * no verdict is "". Neither addresses nor seeds, thread names or object numbers go into it.
 */
void verdict_signature(const struct verdict *v, char *ret, unsigned cap);

/**
 * verdict_symptom() - the signature without what chance decides in one and the same program
 * @ret: SIGNATURE_MAX bytes
 *
 * Which function uses a dead object or looks at a device depends on the schedule: there the function
 * is left out, and what stays is the object and who freed it.
 */
void verdict_symptom(const struct verdict *v, char *ret, unsigned cap);

/** verdict_has_symptom() - is @symptom what verdict_symptom() gives for it? */
bool verdict_has_symptom(const struct verdict *v, const char *symptom);

/**
 * verdict_place() - the verdict of an expect line: RULE, and where the place is the bug
 * RULE[@FUNCTION[+FUNCTION]][=WORD]
 * @ret: SIGNATURE_MAX bytes
 */
void verdict_place(const struct verdict *v, char *ret, unsigned cap);

/**
 * verdict_matches() - is this the verdict that was asked for?
 * @wanted: "any", or a signature of which each part but the rule may be missing; OBJECT is a type or a
 *          numbered object: "warn", "leak:mm0", "warn@insert", "deadlock:mm@zap+fault"
 *
 * Where no rule was broken nothing matches, neither "any" nor "clean".
 */
bool verdict_matches(const struct verdict *v, const char *wanted);

#endif
