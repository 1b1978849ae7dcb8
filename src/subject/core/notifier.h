/*
 * notifier.h - what the two files of subject notifier share: its kinds of objects, its ops, and the
 * clients that register, for fork and for the end of a run.
 */
#ifndef SUBJECT_CORE_NOTIFIER_H
#define SUBJECT_CORE_NOTIFIER_H

#define SUBJECT_OPS "subject/core/notifier.def"
#define SUBJECT_LINKAGE
#include "subject/kinds.h"

/* As the words of the table: the third is another one in each flow. */
enum again { AGAIN_DUPLICATE, AGAIN_LATE, AGAIN_OTHER };

/** clients_share() - mm @mm_nr was forked */
void clients_share(unsigned mm_nr);

/** clients_close() - at the end of a run, on the main lane */
void clients_close(void);

#endif
