/*
 * subject.h - what src/exec needs of a subject: a descriptor and three functions.
 *
 * One .def and one .c file a subject. Ops are bodies over kapi/file.h; they say no with an errno
 * and keep the contract that a driver has to keep, so that every verdict is the core's fault.
 */
#ifndef SUBJECT_SUBJECT_H
#define SUBJECT_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "program/descriptor.h"

struct subject_call {
	const uint32_t *operand;
	uint8_t result; /* number of the object to bind, when the op gives one */
	uint8_t lane;
};

struct subject {
	const struct descriptor *descriptor;
	const char *help;
	bool posted; /* as posted: known to be broken, not fuzzed as clean */
	/*
	 * A repair of a posted version (posted/fix.def), or NULL: the verdict that it is about, and
	 * whether it was predicted not to be found any more.
	 */
	const char *about;
	bool right;
	/* Before the set-up lines: statics of cores are as at process start, no block is live. */
	void (*begin)(void);
	/* One op; may block. Returns 0 or -errno; -ENOENT: the object is not there (any more). */
	int (*op)(unsigned verb, const struct subject_call *call);
	/*
	 * All threads have ended and nothing runs later: AT_REST() of what must have a certain
	 * value then. NULL: nothing has.
	 */
	void (*at_rest)(void);
	/*
	 * After all threads ended, on the main lane: close everything that is still open, in the
	 * order a careful driver would, and wait for callbacks. Every block that is live after it
	 * is a leak.
	 */
	void (*close)(void);
};

/*
 * The table, ends with NULL: the rows of subject.def (table.c), or the one subject that
 * bondfuzz_add_subject() links with (outside.h).
 */
extern const struct subject *const subject_rows[];

/*
 * Subjects of other programs of bondfuzz, so that one that runs few of them knows the rest by name;
 * ends with a name that is NULL. None, where the table of subjects does not define it.
 */
extern const struct lack subject_absent[];

/** subject_find() - by name, or NULL */
const struct subject *subject_find(const char *name);
/** subject_lack() - why there is no subject with that name here, or NULL: nobody knows of it */
const struct lack *subject_lack(const char *name);
/** subject_at() - row @index of the table, or NULL past the end */
const struct subject *subject_at(unsigned index);

#endif
