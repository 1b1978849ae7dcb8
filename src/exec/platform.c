/*
 * platform.c - see platform.h.
 */
#include "exec/platform.h"

#include <string.h>

bool platform_unlock(const char *text, enum sim_unlock *ret)
{
	static const char *const names[] = {"contract", "queued", "atomic"};

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum sim_unlock)i;
			return true;
		}
	return false;
}

void platform_put(struct text *t, const struct sim_strength *s)
{
	static const char *const names[] = {"primitive", "racy", "access"};

	if (s->weak)
		text_puts(t, " --memory weak");
	if (s->races)
		text_puts(t, " --races");
	if (s->granularity != (s->races ? SIM_RACY : SIM_PRIMITIVES))
		text_putf(t, " --granularity %s", names[s->granularity]);
}
