/*
 * near.h - how far a misspelt name is from one that there is.
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stddef.h>

#define NEAR_MAX 3

/**
 * near_distance() - letters to change, add, drop or swap to get from one name to the other
 *
 * Returns: NEAR_MAX + 1 when it is more, or a name has NAME_MAX_LEN bytes.
 */
unsigned near_distance(const char *a, size_t len_a, const char *b, size_t len_b);

#endif
