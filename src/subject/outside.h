/*
 * outside.h - what the op file of a driver includes, when the driver lives outside this repository.
 *
 * Its table is BONDFUZZ_OPS, the OPS of bondfuzz_add_subject(); kinds.h says what rows it has.
 *
 * An op says no with an errno when a kernel would not let it happen, so that every verdict is the
 * driver's fault: use kapi/file.h for what a file descriptor or a module's use count forbids.
 */
#ifndef SUBJECT_OUTSIDE_H
#define SUBJECT_OUTSIDE_H

#define SUBJECT_OPS BONDFUZZ_OPS
#define SUBJECT_LINKAGE extern
#include "subject/kinds.h"

/* The op file defines the last of these, and the others where there is something to do. */

/** outside_begin() - a run starts: statics are as at process start. */
void outside_begin(void);
/** outside_fork() - process @mm_nr was forked: kapi_file_share() what it has open. */
void outside_fork(unsigned mm_nr);
/**
 * outside_close() - the threads ended: close what is open, then unload, as a careful user would
 *
 * Context: the main lane; may sleep. Processes exit after it. What is allocated then is a leak.
 */
void outside_close(void);
/** outside_at_rest() - nobody runs any more, nothing is closed: AT_REST() of counts; may only read. */
void outside_at_rest(void);
/** outside_unload() - the processes have exited: what their mappings kept is closed; unload now. */
void outside_unload(void);

#endif
