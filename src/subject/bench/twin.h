/*
 * twin.h - two live mirrors of one device and one mm are a bug of the core (twin.c).
 */
#ifndef SUBJECT_BENCH_TWIN_H
#define SUBJECT_BENCH_TWIN_H

/** twin_begin() - mirror @nr is about to be registered; the pointers are compared, not followed */
void twin_begin(unsigned nr, const void *device, const void *mm);

/** twin_end() - release() of mirror @nr begins, or its registration failed */
void twin_end(unsigned nr);

/** twin_registered() - mirror @nr was accepted: the verdict mirror_twice if it has a live twin */
void twin_registered(unsigned nr, const void *mirror);

#endif
