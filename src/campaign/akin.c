/*
 * akin.c - which findings may be one bug, though each has runs without the other: see finding_is_akin().
 *
 * Names decide, and nothing is left out by it: who is akin to another is listed below that.
 */
#include "campaign/finding.h"

#include <string.h>

static bool is_of_lifetime(const struct finding *f)
{
	switch (rule_find(f->verdict)) {
	case RULE_dead_use:
	case RULE_double_free:
	case RULE_double_call:
	case RULE_refcount:
	case RULE_lock_freed:
	case RULE_pending_freed:
		return f->type[0] != '\0';
	default:
		return false;
	}
}

static bool share_function(const struct finding *a, const struct finding *b)
{
	for (unsigned i = 0; i < 4; i++)
		if (a->where[i / 2][0] && strcmp(a->where[i / 2], b->where[i % 2]) == 0)
			return true;
	return false;
}

/* A type is called after the text of its size, so that one type may have two names. */
static bool same_functions(const struct finding *a, const struct finding *b)
{
	return a->where[0][0] && a->where[1][0] && strcmp(a->where[0], b->where[0]) == 0 &&
	       strcmp(a->where[1], b->where[1]) == 0;
}

bool finding_is_akin(const struct finding *a, const struct finding *b)
{
	bool same = strcmp(a->verdict, b->verdict) == 0;

	if (!is_of_lifetime(a) || !is_of_lifetime(b))
		return false;
	if (strcmp(a->type, b->type) != 0)
		return same && same_functions(a, b);
	if (same)
		return rule_find(a->verdict) == RULE_dead_use && a->where[0][0] &&
		       strcmp(a->where[0], b->where[0]) == 0;
	return share_function(a, b);
}
