/*
 * near.c - how far a misspelt name is from one that there is.
 *
 * Edit distance with neighbours swapped counting as one (Damerau's restricted distance), given up
 * as soon as it is over NEAR_MAX: parsing hostile text must stay cheap, and a far name helps nobody.
 */
#include "base/near.h"

#include <stdint.h>

#include "base/limits.h"

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* One row of the table: the distances between the first @i bytes of @a and every start of @b. */
static unsigned fill_row(const char *a, size_t i, const char *b, size_t len_b,
			 const uint8_t *before_last, const uint8_t *last, uint8_t *row)
{
	unsigned row_least = row[0] = (uint8_t)i;

	for (size_t j = 1; j <= len_b; j++) {
		unsigned d = least(last[j], row[j - 1]) + 1u;

		d = least(d, last[j - 1] + (a[i - 1] != b[j - 1]));
		if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
			d = least(d, before_last[j - 2] + 1u);
		row[j] = (uint8_t)d;
		row_least = least(row_least, d);
	}
	return row_least;
}

unsigned near_distance(const char *a, size_t len_a, const char *b, size_t len_b)
{
	uint8_t rows[3][NAME_MAX_LEN];

	if (len_a >= NAME_MAX_LEN || len_b >= NAME_MAX_LEN)
		return NEAR_MAX + 1;

	for (size_t j = 0; j <= len_b; j++)
		rows[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= len_a; i++)
		if (fill_row(a, i, b, len_b, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]) >
		    NEAR_MAX)
			return NEAR_MAX + 1;
	return rows[len_a % 3][len_b];
}
