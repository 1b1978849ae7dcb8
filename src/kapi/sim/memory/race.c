/*
 * race.c - a happens-before race detector over the access hooks, in every build.
 *
 * A vector clock a lane, and one for each address that a primitive acquires or releases. A lane's
 * own entry grows with each release, so (lane, clock) names what it did between two of them; that
 * is ordered before lane B if B's entry for the lane is as large. Each 8 bytes of shared memory
 * have a granule of one cache line with up to seven accesses: lane, clock, bytes, kind, place. An
 * access that finds another lane's access to the same bytes, one of them a write, not both marked,
 * and not ordered before itself, is a race. The first of a run is kept; the run goes on, so the
 * trace is the same with and without.
 *
 * A new access takes the place of one that is ordered before it and tells no more: who races with
 * the old one races with the new one. Where seven are too few the oldest place goes, which can hide
 * a race and never makes one up; so does whatever else is full here.
 *
 * A marked load that does not acquire keeps what was released at its word for later: until a read
 * barrier, or in the lane's own releases, which are cumulative. An address dependency orders, too:
 * accesses to the block that the loaded value points to come after what was released with it. A
 * control dependency to a plain access orders nothing.
 *
 * An allocation counts as a write of the whole block, kept with the block until a granule is first
 * used; a free is a write of the whole block. Nothing is cleared between runs: everything carries
 * the number of its run.
 *
 * Left out: stacks, and what hooks do not see (struct assignment, memset and their like). Readers
 * of a rwsem look ordered, as to TSan.
 */
#include "kapi/sim/race.h"

#include <assert.h>
#include <sys/mman.h>

#include "kapi/sim/internal.h"

/* All memory that is touched here is this file's own, on behalf of each access of others. */
#pragma clang attribute push(__attribute__((no_sanitize("address"))), apply_to = function)

#define CELLS 7
#define SYNCS 1024 /* addresses that order, of one run; a power of two */
#define PROBES_MAX 64
#define CLOCKS 16
#define CLOCK_MAX 0xffff
#define TARGETS 8 /* blocks that a lane has loaded the address of; more are taken as acquired */
#define STATICS_GRANULES (64 * 1024)

bool race_on;

struct sync {
	const volatile void *at;
	uint32_t run;
	uint16_t clock[CLOCKS];
};

/* cell: place 32 | bytes 8 | clock 16 | lane 4 | kind 2, from the lowest bit; 0: none */
struct granule {
	uint32_t run;
	uint32_t oldest;
	uint64_t cell[CELLS];
};
static_assert(sizeof(struct granule) == 64, "one cache line");

#define CELL(pc, bytes, clock, lane, how)                                                          \
	((uint32_t)(pc) | (uint64_t)(bytes) << 32 | (uint64_t)(clock) << 40 |                      \
	 (uint64_t)(lane) << 56 | (uint64_t)(how) << 60)
#define CELL_EPOCH (0xfffffull << 40) /* clock and lane */
#define CELL_WRITE ((uint64_t)RACE_WRITE << 60)
#define CELL_MARKED ((uint64_t)RACE_MARKED << 60)

static uint32_t run;
static uint16_t clock[LANES][CLOCKS];
static uint16_t fence[LANES][CLOCKS]; /* clock at the last write barrier */
static uint16_t loads[LANES][CLOCKS]; /* what marked loads have read, and no barrier has joined */

/* A block whose address a lane has loaded, and what was released with that address. */
struct target {
	const struct sim_block *block;
	uint16_t clock[CLOCKS];
};
static struct target targets[LANES][TARGETS];
static uint8_t targets_nr[LANES];
static struct sync syncs[SYNCS], overflow;
static struct granule *shadow; /* of the arena, then of statics */
static struct sim_race found, only;
static bool is_found, has_only;
static bool freeing; /* race_freed() is at work */

extern char __start_bf_data[] __attribute__((weak)), __stop_bf_data[] __attribute__((weak));
extern char __start_bf_bss[] __attribute__((weak)), __stop_bf_bss[] __attribute__((weak));

static uint8_t cell_bytes(uint64_t cell)
{
	return (uint8_t)(cell >> 32);
}

static uint16_t cell_clock(uint64_t cell)
{
	return (uint16_t)(cell >> 40);
}

static unsigned cell_lane(uint64_t cell)
{
	return cell >> 56 & 15;
}

/* Places are kept as distances: the program is smaller than 2 GiB. */
static uint32_t place_of(const void *pc)
{
	return (uint32_t)((uintptr_t)pc - (uintptr_t)race_access);
}

static const void *cell_pc(uint64_t cell)
{
	return (const char *)race_access + (int32_t)(uint32_t)cell;
}

/* ---- what is ordered ---- */

static struct sync *sync_at(const volatile void *at, bool make)
{
	uint32_t i = (uint32_t)((uintptr_t)at * 0x9e3779b97f4a7c15ull >> 40);

	for (unsigned n = 0; n < PROBES_MAX; n++, i++) {
		struct sync *s = &syncs[i % SYNCS];

		if (s->run == run && s->at == at)
			return s;
		if (s->run == run)
			continue;
		if (make)
			*s = (struct sync){.at = at, .run = run};
		return make ? s : NULL;
	}
	if (overflow.run != run)
		overflow = (struct sync){.run = run};
	return &overflow;
}

static void join(uint16_t *to, const uint16_t *from)
{
	for (unsigned i = 0; i < CLOCKS; i++)
		to[i] = to[i] > from[i] ? to[i] : from[i];
}

void race_acquire(const volatile void *at)
{
	const struct sync *s = sync_at(at, false);

	if (s)
		join(clock[sim.current], s->clock);
}

void race_release(const volatile void *at)
{
	uint16_t *own = clock[sim.current];

	join(sync_at(at, true)->clock, own);
	join(sync_at(at, true)->clock, loads[sim.current]);
	own[sim.current] += own[sim.current] != CLOCK_MAX;
}

/* ---- what was loaded and not acquired ---- */

void race_loaded(const volatile void *at)
{
	const struct sync *s = sync_at(at, false);

	if (s)
		join(loads[sim.current], s->clock);
}

void race_joins(void)
{
	if (!race_on)
		return;
	join(clock[sim.current], loads[sim.current]);
	targets_nr[sim.current] = 0;
}

static struct target *target_of(const volatile void *at)
{
	const struct sim_block *b = targets_nr[sim.current] ? sim_block_of(at) : NULL;

	for (unsigned i = 0; b && i < targets_nr[sim.current]; i++)
		if (targets[sim.current][i].block == b)
			return &targets[sim.current][i];
	return NULL;
}

static struct target *new_target(const struct sim_block *b)
{
	struct target *t = targets_nr[sim.current] < TARGETS
				   ? &targets[sim.current][targets_nr[sim.current]++]
				   : NULL;

	if (t)
		*t = (struct target){.block = b};
	return t;
}

/* Released at the word itself, or with the address of the block that the word is in. */
static void add_target(const volatile void *to, const uint16_t *released)
{
	struct target *t = target_of(to);

	if (!t && sim_block_of(to))
		t = new_target(sim_block_of(to));
	join(t ? t->clock : clock[sim.current], released);
}

void race_points(const volatile void *from, const volatile void *to)
{
	const struct sync *s = sync_at(from, false);
	const struct target *with = target_of(from);
	uint16_t released[CLOCKS];

	if ((!s && !with) || !race_is_shared(to))
		return;
	for (unsigned i = 0; i < CLOCKS; i++)
		released[i] = with ? with->clock[i] : 0;
	if (s)
		join(released, s->clock);
	add_target(to, released);
}

void race_fence(void)
{
	uint16_t *own = clock[sim.current];

	if (!race_on)
		return;
	for (unsigned i = 0; i < CLOCKS; i++)
		fence[sim.current][i] = own[i];
	own[sim.current] += own[sim.current] != CLOCK_MAX;
}

void race_release_fenced(const volatile void *at)
{
	join(sync_at(at, true)->clock, fence[sim.current]);
}

/* ---- what is accessed ---- */

bool race_is_shared(const volatile void *at)
{
	return sim_arena_offset(at) < ARENA ||
	       (uintptr_t)at - (uintptr_t)__start_bf_data <
		       (uintptr_t)(__stop_bf_data - __start_bf_data) ||
	       (uintptr_t)at - (uintptr_t)__start_bf_bss <
		       (uintptr_t)(__stop_bf_bss - __start_bf_bss);
}

static struct granule *granule_of_static(uintptr_t at)
{
	uintptr_t data = (uintptr_t)__start_bf_data & ~7ul, bss = (uintptr_t)__start_bf_bss & ~7ul;
	uintptr_t data_size = (uintptr_t)__stop_bf_data - data, index = ARENA / 8;

	if (at - data < data_size)
		return &shadow[index + (at - data) / 8];
	if (at - bss < (uintptr_t)__stop_bf_bss - bss)
		return &shadow[index + data_size / 8 + 1 + (at - bss) / 8];
	return NULL;
}

static inline struct granule *granule_of(uintptr_t at)
{
	uintptr_t offset = sim_arena_offset((const void *)at);

	return offset < ARENA ? &shadow[offset / 8] : granule_of_static(at);
}

/* First used in this run: before that is only the allocation, or the start of the run. */
static void open_granule(struct granule *g, const volatile void *at)
{
	const struct sim_block *b = sim_block_of(at);

	*g = (struct granule){.run = run};
	if (b && b->clock)
		g->cell[0] = CELL(place_of(b->pc), 0xff, b->clock, b->lane, RACE_WRITE);
}

/* Frame by frame from the hook on; the first that counts is the one that @pc returns to. */
static void take_stack(const void *pc, const void *ret[RACE_DEPTH])
{
	const struct fiber *fiber = &sim_self()->fiber;
	void *const *frame = __builtin_frame_address(0);
	unsigned n = 0;

	while ((uintptr_t)frame - (uintptr_t)fiber->stack < fiber->size - 16 && n < RACE_DEPTH) {
		void *const *next = frame[0];

		if (n || frame[1] == pc)
			ret[n++] = frame[1];
		if (next <= frame)
			break;
		frame = next;
	}
	if (n < RACE_DEPTH)
		ret[n] = NULL;
}

static void take_earlier_stack(const void *pc)
{
	if (pc != only.pc[0] || sim.current != only.lane[0] || is_found)
		return;
	take_stack(pc, only.stack[0]);
	only.event[0] = sim.trace->events_nr;
}

static bool is_allocation(const volatile void *at, const void *pc)
{
	const struct sim_block *b = sim_block_of(at);

	return b && b->pc == pc;
}

/* With an allocation races who comes too early: what else was written to the block says the same. */
static bool is_wanted(const volatile void *at, uint64_t old, uint64_t new)
{
	const void *a = cell_pc(old), *b = cell_pc(new);

	if (!has_only || (only.pc[0] == a && only.pc[1] == b) ||
	    (only.pc[0] == b && only.pc[1] == a))
		return true;
	return only.allocation && (old & CELL_WRITE) && is_allocation(at, only.pc[0]);
}

static void report(const volatile void *at, uint64_t old, uint64_t new)
{
	bool late = weak_hides(at, (unsigned)__builtin_popcount(cell_bytes(new)), cell_lane(old));

	if (is_found || !is_wanted(at, old, new) || (has_only && only.late && !late))
		return;
	is_found = true;
	found = (struct sim_race){.pc = {cell_pc(old), cell_pc(new)},
				  .lane = {(uint8_t)cell_lane(old), sim.current},
				  .write = {old & CELL_WRITE, new &CELL_WRITE},
				  .late = late,
				  .frees = freeing,
				  .allocation = is_allocation(at, cell_pc(old)),
				  .object = sim_object(at, 0)};
	take_stack(cell_pc(new), found.stack[1]);
	found.event[1] = sim.trace->events_nr;
	found.event[0] = has_only ? only.event[0] : 0;
	for (unsigned i = 0; has_only && i < RACE_DEPTH; i++)
		found.stack[0][i] = only.stack[0][i];
}

/* Does @new tell all that @old did? */
static inline bool replaces(uint64_t new, uint64_t old)
{
	return !(cell_bytes(old) & ~cell_bytes(new)) &&
	       ((new &CELL_WRITE) || !(old & CELL_WRITE)) &&
	       (!(new &CELL_MARKED) || (old & CELL_MARKED));
}

static inline bool conflicts(uint64_t new, uint64_t old)
{
	return (cell_bytes(old) & cell_bytes(new)) && ((old | new) & CELL_WRITE) &&
	       !(old & new &CELL_MARKED);
}

static inline bool is_ordered(uint64_t old, const struct target *t)
{
	unsigned lane = cell_lane(old);

	return cell_clock(old) <= clock[sim.current][lane] ||
	       (t && cell_clock(old) <= t->clock[lane]);
}

static void look(struct granule *g, const volatile void *at, uint64_t new)
{
	const struct target *t = target_of(at);
	unsigned place = CELLS;

	for (unsigned i = 0; i < CELLS; i++) {
		uint64_t old = g->cell[i];

		if (!old) {
			place = place < CELLS ? place : i;
			break;
		}
		if (!is_ordered(old, t)) {
			if (conflicts(new, old))
				report(at, old, new);
		} else if (replaces(new, old) && place == CELLS) {
			place = i;
		}
	}
	if (place == CELLS)
		place = g->oldest++ % CELLS;
	g->cell[place] = new;
}

static inline void access_granule(const volatile void *at, uint64_t new)
{
	struct granule *g = granule_of((uintptr_t)at);

	if (!g)
		return;
	if (g->run != run)
		open_granule(g, at);
	for (unsigned i = 0; i < CELLS && g->cell[i]; i++)
		if (!((g->cell[i] ^ new) & CELL_EPOCH) && replaces(g->cell[i], new))
			return; /* said already, since the last release */
	look(g, at, new);
}

static inline uint64_t cell_of(unsigned first, unsigned size, unsigned how, const void *pc)
{
	return CELL(place_of(pc), (((1u << size) - 1) << first) & 0xff,
		    clock[sim.current][sim.current], sim.current, how);
}

static void access_range(const volatile char *from, const volatile char *end, unsigned how,
			 const void *pc)
{
	while (from < end) {
		unsigned first = (uintptr_t)from & 7;
		unsigned n = end - from < 8 - first ? (unsigned)(end - from) : 8 - first;

		access_granule(from, cell_of(first, n, how, pc));
		from += n;
	}
}

void race_access(const volatile void *at, size_t size, unsigned how, const void *pc)
{
	unsigned first = (uintptr_t)at & 7;

	if (__builtin_expect(has_only, 0))
		take_earlier_stack(pc);
	if (__builtin_expect(first + size <= 8, 1))
		access_granule(at, cell_of(first, (unsigned)size, how, pc));
	else
		access_range(at, (const volatile char *)at + size, how, pc);
}

void race_allocated(struct sim_block *b, const void *pc)
{
	if (has_only)
		take_earlier_stack(pc);
	b->pc = pc;
	b->lane = sim.current;
	b->clock = clock[sim.current][sim.current];
}

void sim_race_only(const struct sim_race *race)
{
	has_only = race != NULL;
	if (race)
		only = *race;
}

/* What nobody used since its allocation has no other story than the first bytes have. */
void race_freed(const struct sim_block *b, const void *pc)
{
	uintptr_t from = (uintptr_t)b->at, end = from + b->size;

	freeing = true;
	race_access(b->at, b->size < 8 ? b->size : 8, RACE_WRITE, pc);
	for (uintptr_t at = from + 8; at < end; at += 8) {
		unsigned size = end - at < 8 ? (unsigned)(end - at) : 8;

		if (granule_of(at)->run == run)
			access_granule((const void *)at, cell_of(0, size, RACE_WRITE, pc));
	}
	freeing = false;
}

bool sim_race(struct sim_race *ret)
{
	if (is_found)
		*ret = found;
	return is_found;
}

/* ---- a run ---- */

static void make_shadow(void)
{
	size_t size = (ARENA / 8 + STATICS_GRANULES) * sizeof(*shadow);

	must((size_t)(__stop_bf_data - __start_bf_data + (__stop_bf_bss - __start_bf_bss)) <
	     (STATICS_GRANULES - 2) * 8ul);
	shadow = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	must(shadow != MAP_FAILED);
}

/* After four billion runs their numbers come again. */
static void forget_all_runs(void)
{
	run = 1;
	overflow.run = 0;
	for (unsigned i = 0; i < SYNCS; i++)
		syncs[i].run = 0;
	for (unsigned i = 0; i < ARENA / 8 + STATICS_GRANULES; i++)
		shadow[i].run = 0;
}

void race_begin(bool on)
{
	race_on = on;
	is_found = false;
	if (!on)
		return;
	if (!shadow)
		make_shadow();
	if (!++run)
		forget_all_runs();
	for (unsigned lane = 0; lane < LANES; lane++) {
		for (unsigned i = 0; i < CLOCKS; i++)
			clock[lane][i] = 0;
		clock[lane][lane] = 1;
		targets_nr[lane] = 0;
		for (unsigned i = 0; i < CLOCKS; i++)
			loads[lane][i] = 0;
	}
}

#pragma clang attribute pop
