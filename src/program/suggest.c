/*
 * suggest.c - the op that a misspelt name most likely meant.
 */
#include "base/near.h"
#include "program/parser.h"

const char *parse_suggest_op(const struct descriptor *d, struct token t)
{
	const char *best = NULL;
	unsigned best_distance = NEAR_MAX + 1;

	if (t.len <= NEAR_MAX || t.len >= NAME_MAX_LEN)
		return NULL;
	for (unsigned i = 0; i < d->ops_nr; i++) {
		size_t len = strlen(d->ops[i].name);
		unsigned n;

		if (len >= NAME_MAX_LEN || len > t.len + NEAR_MAX || t.len > len + NEAR_MAX)
			continue;
		n = near_distance(t.s, t.len, d->ops[i].name, len);
		if (n < best_distance) {
			best_distance = n;
			best = d->ops[i].name;
		}
	}
	return best;
}
