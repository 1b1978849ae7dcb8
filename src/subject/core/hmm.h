/*
 * hmm.h - the two HMM subjects: the clean core, and the version posted in May 2015.
 */
#ifndef SUBJECT_CORE_HMM_H
#define SUBJECT_CORE_HMM_H

#include "subject/subject.h"

extern const struct subject subject_hmm;
extern const struct subject subject_hmm_v3;

#endif
