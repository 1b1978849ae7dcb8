/*
 * defect.h - real bugs that can be switched on by name, in zoo builds only.
 *
 * A switch is one statement on a line of its own: `if (!defect(x))` before the one right statement
 * or `if (defect(x))` before the one wrong one. In a clean build it is a constant 0, and CI
 * compares the objects with and without those lines.
 */
#ifndef ZOO_DEFECT_H
#define ZOO_DEFECT_H

#include <stdbool.h>

enum defect {
	DEFECT_none,
#define DEFECT(name, subject, verdict, source, help, told) DEFECT_##name,
#include "zoo/defect.def"
#undef DEFECT
	DEFECTS
};

struct defect_row {
	const char *name;
	const char *subject; /* where it shows */
	const char *verdict; /* what it is expected to give: "dead_use:device" */
	const char *source;  /* mail or BUGS entry */
	const char *help;
};

#ifdef BONDFUZZ_ZOO
extern bool defect_switch[DEFECTS];
/* Notes that a switch which is on was asked; always true. */
bool defect_note_reached(void);
#define defect(name) (defect_switch[DEFECT_##name] && defect_note_reached())
#else
#define defect(name) (0 && DEFECT_##name != 0)
#endif

/** defect_row_at() - row @index of defect.def, from 0, or NULL past the end */
const struct defect_row *defect_row_at(unsigned index);

/**
 * defect_enable() - switch one defect on, and all others off
 * @name: of defect.def, or NULL: none
 *
 * Returns: false when there is no such defect, or this build has none.
 */
bool defect_enable(const char *name);

/**
 * defect_reached() - how often the code has asked for the defect that is on, since the process began
 *
 * Returns: a count that only grows; 0 in a build without switches.
 */
unsigned long defect_reached(void);

/** defect_build() - does this build have switches? */
bool defect_build(void);

#endif
