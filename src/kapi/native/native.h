/*
 * native.h - the native platform: the same cores and subjects on real threads.
 *
 * One run is native_begin(), calls into the subject, native_run() with the threads' bodies, closing
 * calls, native_end(). Nothing is chosen here and nothing can be replayed: the seed varies delays,
 * the machine decides the rest. A broken rule ends the process: "[verdict] rule ..." and abort().
 *
 * Each thread writes its own notes and stamps them with a clock that all threads share; they are
 * put together when the run is over, and whoever judges them finds in the stamps what is certain.
 */
#ifndef KAPI_NATIVE_NATIVE_H
#define KAPI_NATIVE_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/trace.h"

/**
 * native_begin() - a run starts; the calling thread is its main lane
 * @seed: of the delays
 *
 * Starts the callback workers, registers the caller with both flavours, forgets files and blocks. Statics of the code
 * under test are as at process start.
 */
void native_begin(uint64_t seed);

/**
 * native_let_fail() - from now on, one allocation (or device call, or wait that a signal may end) in
 * @one_in fails; 0: none does, as after native_begin()
 */
void native_let_fail(unsigned one_in);

/**
 * native_run() - from the main lane: start threads together, wait until all ended
 * @threads_nr: at most THREADS_MAX
 * @body: called on each thread with its lane, LANE_A and up
 *
 * A thread that ends with a lock held or inside a reader is a verdict.
 */
void native_run(unsigned threads_nr, void (*body)(void *arg, unsigned lane), void *arg);

/** native_end() - the run is over: queued callbacks run, workers are joined */
void native_end(void);

/** native_op_begin() - an op begins on this thread: @site names it */
void native_op_begin(const struct site *site);
/** native_op_end() - it returned: a lock that is held or a reader that is open is a verdict */
void native_op_end(void);

/** native_now() - nanoseconds of the clock that all stamps are from */
uint64_t native_now(void);

/* ---- what happened ---- */

struct native_note {
	/*
	 * The primitive with which the note was written took effect in between: in a simulated run
	 * both are one step. Notes of one step of one lane have the same @begin.
	 */
	uint64_t begin, end;
	uint64_t written; /* in between, too: the likely order */
	struct trace_event event;
};

/**
 * native_notes() - after native_end(): the notes of all lanes, in the order of @written
 *
 * Returns: their number, or -1 when they are more than @cap or than a lane can keep.
 */
int native_notes(struct native_note *ret, unsigned cap);

/* What a subject looked at and did not like, while others may have been about to change it. */
struct native_doubt {
	struct verdict verdict; /* an empty rule: there is none */
	uint64_t at;
	uint8_t lane;
};

/** native_doubt() - the first of the run */
const struct native_doubt *native_doubt(void);

/** native_fill_object() - after native_end(): the type and name of an object in a verdict */
void native_fill_object(uint32_t object, struct verdict *v);

/** native_leak() - after native_end(): is any block left? Then a verdict about the last that counts
 * references */
bool native_leak(struct verdict *ret);

/** native_on_verdict() - called with each verdict before the process ends; NULL: nobody is */
void native_on_verdict(void (*tell)(const struct verdict *v));

/** native_print_verdict() - one line on stderr: "[verdict] leak:mm0 in mm_alloc" */
void native_print_verdict(const struct verdict *v);

/** native_live_blocks() - blocks that kapi_alloc() gave and nobody freed */
unsigned native_live_blocks(void);

/** native_print_blocks() - one line on stderr for each live block: its name and who allocated it */
void native_print_blocks(void);

#endif
