/*
 * race.h - what ThreadSanitizer says of a run, as a verdict of ours.
 */
#ifndef EXEC_RACE_H
#define EXEC_RACE_H

#include "trace/trace.h"

/** race_forget() - a run starts */
void race_forget(void);

/**
 * race_take() - was a race reported since race_forget()?
 *
 * Returns: true with @ret filled (rule data_race, the pair of functions sorted), else false. Always
 * false in builds without TSan.
 */
bool race_take(struct verdict *ret);

#endif
