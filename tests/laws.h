/*
 * laws.h - what tests over whole runs share: files of the corpus, generated programs.
 */
#ifndef TESTS_LAWS_H
#define TESTS_LAWS_H

#include "exec/exec.h"

/** laws_load() - corpus file @name ("scenario/2015-device-race.bond"); fails the test if it is bad */
void laws_load(const char *name, struct program *ret);

/** laws_draw() - the generated program of @seed */
void laws_draw(const char *subject, uint64_t seed, struct program *ret);

/* How laws_exec() runs; a test that changes it changes it back. */
extern struct exec_how laws_how;

/** laws_exec() - the one struct exec of the test */
struct exec *laws_exec(void);

#endif
