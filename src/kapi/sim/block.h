/*
 * block.h - the registry of blocks: whose memory is an address, and may it be accessed?
 *
 * It is asked at every access of the code under test and at every primitive, so what is usual is inline.
 * The idea is in block.c.
 */
#ifndef KAPI_SIM_BLOCK_H
#define KAPI_SIM_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "trace/trace.h"

struct sim_block {
	char *at;	 /* in the arena; of malloc in a witness replay */
	uintptr_t limit; /* the end of what may be accessed: of the block while it lives, then 0 */
	uint32_t size;
	uint8_t number;	   /* of its name; 0xff: none */
	uint16_t prims;	   /* the first of its locks, queues, works */
	int32_t allocated; /* events */
	int32_t freed;
	const char *type;
	/* The allocation, for the race detector; clock 0: it was not told. */
	const void *pc;
	uint16_t clock;
	uint8_t lane;
};

#define ARENA (1u << 20)
#define GRANULE 16
extern char *sim_arena;
/* Which block covers a granule of the arena; 0: none, and that one has no bytes. */
extern uint16_t sim_granule[ARENA / GRANULE];
extern struct sim_block sim_blocks[BLOCKS_MAX + 1];
/* Beyond ARENA: not there. */
static inline uintptr_t sim_arena_offset(const volatile void *at)
{
	return (uintptr_t)at - (uintptr_t)sim_arena;
}

static inline bool sim_in_arena(const volatile void *at)
{
	return sim_arena_offset(at) < ARENA;
}
static inline bool sim_lives(const struct sim_block *b)
{
	return b->limit != 0;
}

void sim_blocks_init(void);
void sim_blocks_reset(void);
struct sim_block *sim_block_outside(const volatile void *at);
/* NULL: not kmalloc memory. */
static inline struct sim_block *sim_block_of(const volatile void *at)
{
	if (__builtin_expect(sim_in_arena(at), 1))
		return &sim_blocks[sim_granule[sim_arena_offset(at) / GRANULE]];
	return sim_block_outside(at);
}
struct sim_block *sim_block_at(unsigned index); /* from 1 */
static inline uint32_t sim_object(const volatile void *at, uint32_t fallback)
{
	const struct sim_block *b = sim_block_of(at);

	if (!b)
		return OBJECT_STATIC | (fallback & ~OBJECT_STATIC);
	return OBJECT_OF_BLOCK(b - sim_blocks, (const volatile char *)at - b->at);
}
/* What stands for memory whose life is that of an entry of an array of the arena: the contents of pages. */
extern struct sim_contents {
	uintptr_t at;
	size_t size, each, entry;
} sim_contents_at;
/* From now on the @size bytes at @at are dead where the block of their entry of the arena is: @each bytes for @entry. */
void sim_contents(void *at, size_t size, size_t each, size_t entry);
/* A pointer: below are NULL and poison; above are error numbers, and what no process can have. */
#define PAGE 4096
#define USER_END (1ull << 47)
static inline bool sim_is_pointer(const volatile void *at)
{
	return (uintptr_t)at - PAGE < USER_END - PAGE;
}
/* Memory outside of the arena that nothing is known of. */
static inline bool sim_is_usual_outside(const volatile void *at)
{
	return sim_is_pointer(at) && (uintptr_t)at - sim_contents_at.at >= sim_contents_at.size;
}
/* Are the @size bytes at @at memory that may be accessed? Of every access of the code under test it is asked. */
bool sim_is_fine_outside(const volatile void *at);
static inline bool sim_is_fine(const volatile void *at, size_t size)
{
	if (__builtin_expect(!sim_in_arena(at), 0))
		return sim_is_fine_outside(at);
	return (uintptr_t)at + size <=
	       sim_blocks[sim_granule[sim_arena_offset(at) / GRANULE]].limit;
}

#endif
