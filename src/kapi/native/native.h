/*
 * native.h - the native platform: the same cores and subjects on real threads.
 *
 * One run is native_begin(), calls into the subject, native_run() with the threads' bodies, closing
 * calls, native_end(). Nothing is chosen here and nothing can be replayed: the seed varies delays,
 * the machine decides the rest. A broken rule ends the process: "[verdict] rule ..." and abort().
 */
#ifndef KAPI_NATIVE_NATIVE_H
#define KAPI_NATIVE_NATIVE_H

#include <stdint.h>

/**
 * native_begin() - a run starts; the calling thread is its main lane
 * @seed: of the delays
 *
 * Starts the callback workers, registers the caller with both flavours, forgets files and blocks.
 */
void native_begin(uint64_t seed);

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

/** native_live_blocks() - blocks that kapi_alloc() gave and nobody freed */
unsigned native_live_blocks(void);

/** native_print_blocks() - one line on stderr for each live block: its name and who allocated it */
void native_print_blocks(void);

#endif
