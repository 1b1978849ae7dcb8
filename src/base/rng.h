/*
 * rng.h - the only random numbers of the project: splitmix64, one word of state, printed as a seed.
 *
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
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
	return (struct rng){rng_mix(seed + 0x9e3779b97f4a7c15ull)};
}

/** rng_next() - 64 random bits */
static inline uint64_t rng_next(struct rng *r)
{
	r->state += 0x9e3779b97f4a7c15ull;
	return rng_mix(r->state);
}

/** rng_below() - a number in [0, n); 0 for n == 0. The bias (n / 2^32) is below what any test sees.
 */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

/** rng_chance() - true once in @n times on average; never for n == 0 */
static inline bool rng_chance(struct rng *r, uint32_t n)
{
	return n && rng_below(r, n) == 0;
}

#endif
