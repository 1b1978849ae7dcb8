/*
 * string.c - copies, comparisons and strings of the tree's code: assembly in the tree, or hooks of the
 * compiler. The whole range must be there; it is an access of the caller.
 */
#include "kapi/sim/internal.h"
#include "tree/host/host.h"

#define PART 8 /* bytes of a store */
#define PC __builtin_return_address(0)

static size_t part_at(size_t i, size_t n)
{
	return n - i < PART ? n - i : PART;
}

/* Each part is written right behind its announcement, as by a compiler that makes stores of it. */
static void *set(void *to, int value, size_t n, const void *pc)
{
	if (!host_range(to, n, true, pc))
		return host_set(to, value, n);
	for (size_t i = 0; i < n; i += PART) {
		sim_plain_access((char *)to + i, part_at(i, n), true, pc);
		host_set((char *)to + i, value, part_at(i, n));
	}
	return to;
}

void bond_write(void *to, const void *from, unsigned long size, const void *pc)
{
	bool watched = host_range(to, size, true, pc);

	for (size_t i = 0; i < size; i += PART) {
		if (watched)
			sim_plain_access((char *)to + i, part_at(i, size), true, pc);
		if (from)
			host_move((char *)to + i, (const char *)from + i, part_at(i, size));
		else
			host_set((char *)to + i, 0, part_at(i, size));
	}
}

static void move_part(char *to, const char *from, size_t n, const void *pc)
{
	sim_plain_access(from, n, false, pc);
	sim_plain_access(to, n, true, pc);
	host_move(to, from, n);
}

static void *move(void *to, const void *from, size_t n, const void *pc)
{
	bool backwards = to > from;
	size_t last = n ? (n - 1) / PART * PART : 0;
	bool watched = host_range(from, n, false, pc);

	if (!host_range(to, n, true, pc) || !watched)
		return host_move(to, from, n);
	for (size_t i = 0; i < n; i += PART) {
		size_t at = backwards ? last - i : i;

		move_part((char *)to + at, (const char *)from + at, part_at(at, n), pc);
	}
	return to;
}

#define SET(name)                                                                                  \
	void *k_##name(void *to, int value, size_t n);                                             \
	void *k_##name(void *to, int value, size_t n)                                              \
	{                                                                                          \
		return set(to, value, n, PC);                                                      \
	}
#define MOVE(name)                                                                                 \
	void *k_##name(void *to, const void *from, size_t n);                                      \
	void *k_##name(void *to, const void *from, size_t n)                                       \
	{                                                                                          \
		return move(to, from, n, PC);                                                      \
	}

SET(__tsan_memset)
SET(memset)
SET(__memset)
MOVE(__tsan_memcpy)
MOVE(__tsan_memmove)
MOVE(memcpy)
MOVE(memmove)
MOVE(__memcpy)
MOVE(__memmove)

int k_memcmp(const void *a, const void *b, size_t n);
int k_memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	bond_range(a, n, false, PC);
	bond_range(b, n, false, PC);
	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

/* ---- strings ---- */

static size_t length(const char *s, size_t max, const void *pc)
{
	size_t n = 0;

	bond_range(s, 1, false, pc);
	while (n < max && s[n])
		n++;
	bond_range(s, n < max ? n + 1 : n, false, pc);
	return n;
}

size_t k_strlen(const char *s);
size_t k_strlen(const char *s)
{
	return length(s, SIZE_MAX, PC);
}

size_t k_strnlen(const char *s, size_t max);
size_t k_strnlen(const char *s, size_t max)
{
	return max ? length(s, max, PC) : 0;
}

static int compare(const char *a, const char *b, size_t max, const void *pc)
{
	size_t na = length(a, max, pc), nb = length(b, max, pc);

	for (size_t i = 0; i < na && i < nb; i++)
		if (a[i] != b[i])
			return (unsigned char)a[i] - (unsigned char)b[i];
	return (na > nb) - (na < nb);
}

int k_strcmp(const char *a, const char *b);
int k_strcmp(const char *a, const char *b)
{
	return compare(a, b, SIZE_MAX, PC);
}

int k_strncmp(const char *a, const char *b, size_t max);
int k_strncmp(const char *a, const char *b, size_t max)
{
	return max ? compare(a, b, max, PC) : 0;
}
