/*
 * internal.h - what the files of src/watch share.
 */
#ifndef WATCH_INTERNAL_H
#define WATCH_INTERNAL_H

#include "base/site.h"
#include "watch/watch.h"

/** watch_lock() - the tables of src/watch are the caller's; nothing in between is a primitive */
void watch_lock(void);
void watch_unlock(void);

/** watch_site() - the place of a note: the function that holds @pc; the same one for each note in it */
struct site *watch_site(const void *pc);

#endif
