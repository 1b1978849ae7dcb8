/*
 * rng.h - the only random numbers of the project: splitmix64, one word of state, printed as a seed.
 *
 * A fuzzer that knows bytes only can stand in for chance: a stream over its bytes gives those first,
 * few a draw, and goes on at random behind the last, which does better than any fixed tail.
 *
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
	const uint8_t *byte, *end; /* left to give; NULL: a seed's stream */
};

static inline uint64_t rng_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/**
 * rng_init() - start a stream
 * @seed: any value; equal seeds give equal streams
 */
static inline struct rng rng_init(uint64_t seed)
{
	return (struct rng){.state = rng_mix(seed + 0x9e3779b97f4a7c15ull)};
}

/** rng_take() - a number of up to @n bytes of the stream, first byte lowest; 0 behind the last */
static inline uint64_t rng_take(struct rng *r, unsigned n)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < n && r->byte != r->end; i++)
		number |= (uint64_t)*r->byte++ << 8 * i;
	return number;
}

/**
 * rng_of_bytes() - start a stream over bytes
 * @data: @size of them, which stay until the stream is given up; the first four seed what comes
 *        behind the last
 */
static inline struct rng rng_of_bytes(const uint8_t *data, size_t size)
{
	struct rng bytes = {.byte = data, .end = data + size};
	struct rng r = rng_init(rng_take(&bytes, 4));

	r.byte = bytes.byte;
	r.end = bytes.end;
	return r;
}

/** rng_next() - 64 random bits */
static inline uint64_t rng_next(struct rng *r)
{
	if (__builtin_expect(r->byte != r->end, 0))
		return rng_take(r, 8);
	r->state += 0x9e3779b97f4a7c15ull;
	return rng_mix(r->state);
}

/** rng_below() - a number in [0, n); 0 for n == 0. The bias (n / 2^32) is below what any test sees.
 */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	if (__builtin_expect(r->byte != r->end, 0))
		return n ? (uint32_t)(rng_take(r, n <= 256 ? 1 : n <= 65536 ? 2 : 4) % n) : 0;
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

/** rng_chance() - true once in @n times on average; never for n == 0 */
static inline bool rng_chance(struct rng *r, uint32_t n)
{
	return n && rng_below(r, n) == 0;
}

#endif
