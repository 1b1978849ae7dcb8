/*
 * platform.h - the options of the platform as the command line has them.
 */
#ifndef EXEC_PLATFORM_H
#define EXEC_PLATFORM_H

#include "base/text.h"
#include "kapi/sim/sim.h"

/**
 * platform_unlock() - read the word of --unlock: contract, queued or atomic
 *
 * Returns: false, and @ret as it was, when @text is none of them.
 */
bool platform_unlock(const char *text, enum sim_unlock *ret);

/** platform_put() - append the options that make @s, each with a blank in front; "" for the defaults */
void platform_put(struct text *t, const struct sim_strength *s);

#endif
