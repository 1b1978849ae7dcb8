/*
 * sva.h - the two SVA subjects: the clean core, and the version posted in February 2020.
 */
#ifndef SUBJECT_CORE_SVA_H
#define SUBJECT_CORE_SVA_H

#include "subject/subject.h"

extern const struct subject subject_sva;
extern const struct subject subject_sva_v4;

#endif
