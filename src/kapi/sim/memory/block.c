/*
 * block.c - kmalloc and the registry of blocks.
 *
 * One arena per process, handed out from the bottom and taken back whole when the run ends: no two
 * lives of a run share an address, so the registry never confuses them, and an address is found in
 * one table look-up. A freed block stays where it is, poisoned for ASan; the verdict is ours and
 * the campaign goes on. A witness replay (sim_strength.witness) uses malloc and free instead, and
 * leaves dead objects to the sanitizer, so that its own report has the stacks of both; it ends the
 * process.
 *
 * Granules of 16 bytes; sim_granule[] says which block covers a granule, 0: none. One granule is
 * left free after each block, so that an overflow hits nobody.
 */
#include "base/word.h"
#include "kapi/sim/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

char *sim_arena;
static uint32_t arena_used;
uint16_t sim_granule[ARENA / GRANULE];
struct sim_block sim_blocks[BLOCKS_MAX + 1];
static unsigned blocks_nr;

void sim_blocks_init(void)
{
	sim_arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sim_arena == MAP_FAILED)
		panic(__FILE__, __LINE__, "no memory for the arena");
	ASAN_POISON_MEMORY_REGION(sim_arena, ARENA);
}

void sim_blocks_reset(void)
{
	for (uint32_t i = 0; i < arena_used / GRANULE; i++)
		sim_granule[i] = 0;
	if (arena_used)
		ASAN_POISON_MEMORY_REGION(sim_arena, arena_used);
	arena_used = 0;
	blocks_nr = 0;
}

/* Newest first: an address may have had an earlier life. */
static struct sim_block *witness_block_of(const volatile void *at)
{
	for (unsigned i = blocks_nr; i; i--)
		if ((uintptr_t)at - (uintptr_t)sim_blocks[i].at < sim_blocks[i].size)
			return &sim_blocks[i];
	return NULL;
}

struct sim_block *sim_block_outside(const volatile void *at)
{
	return sim.strength.witness ? witness_block_of(at) : NULL;
}

struct sim_block *sim_block_at(unsigned index)
{
	return index && index <= blocks_nr ? &sim_blocks[index] : NULL;
}

int kapi_object(const volatile void *at)
{
	return (int)sim_object(at, 0);
}

void kapi_name(const volatile void *at, const char *type, unsigned number)
{
	struct sim_block *b = sim_block_of(at);

	must(b && b != sim_blocks && number < 0xff);
	b->type = type;
	b->number = (uint8_t)number;
}

bool kapi_is_live(const volatile void *at)
{
	const struct sim_block *b = sim_block_of(at);

	return !b || sim_lives(b);
}

/* One lane runs at a time, and goes on to its next primitive. */
void kapi_hardware(bool begin)
{
	(void)begin;
}

struct sim_contents sim_contents_at;

void sim_contents(void *at, size_t size, size_t each, size_t entry)
{
	sim_contents_at = (struct sim_contents){(uintptr_t)at, size, each, entry};
}

static inline bool in_contents(const volatile void *at)
{
	return (uintptr_t)at - sim_contents_at.at < sim_contents_at.size;
}

static const volatile void *entry_of(const volatile void *at)
{
	const struct sim_contents *c = &sim_contents_at;

	return sim_arena + ((uintptr_t)at - c->at) / c->each * c->entry;
}

bool sim_is_fine_outside(const volatile void *at)
{
	if (__builtin_expect(in_contents(at), 0))
		return sim_is_fine(entry_of(at), 1);
	return sim_is_pointer(at);
}

/*
 * What lies on the lane's own stack is taken for its own. Whoever hands out a pointer to its stack
 * does so for kapi to wait on.
 */
static bool on_own_stack(const volatile void *at)
{
	const struct fiber *f = &sim_self()->fiber;

	return (uintptr_t)at - (uintptr_t)f->stack < f->size;
}

void sim_touch_access(const volatile void *at, size_t size, bool write)
{
	struct choice_touch t = {.size = (uint8_t)size, .write = write};

	if (sim_in_arena(at)) {
		if (sim_block_of(at) == &sim_blocks[sim.own_block])
			return;
		t.object = sim_object(at, 0);
		t.space = TOUCH_MEMORY;
	} else {
		if (on_own_stack(at))
			return;
		t.object = (uint32_t)(uintptr_t)at;
		t.space = TOUCH_STATIC;
	}
	sim.touch(sim.choice, t);
}

static void touch_no_pointer(const volatile void *at)
{
	if ((uintptr_t)at < PAGE)
		sim_fail(RULE_null_deref, NULL, -1, NULL);
	if ((uintptr_t)at >= -(uintptr_t)PAGE)
		sim_fail(RULE_null_deref, NULL, -1, "an error number is followed");
	sim_fail(RULE_wild_access, NULL, -1, "no process has such an address");
}

/* The granule behind a block is nobody's: who is there went past the end of the block. */
static const struct sim_block *block_before(const volatile char *at)
{
	return sim_in_arena(at - GRANULE) ? sim_block_of(at - GRANULE) : sim_blocks;
}

void sim_touch_range(const volatile void *at, size_t size)
{
	const struct sim_block *b;

	if (in_contents(at)) {
		at = entry_of(at);
		size = 1;
	}
	b = sim_block_of(at);
	if (!b && !sim_is_pointer(at))
		touch_no_pointer(at);
	if (!b || sim.strength.witness)
		return;
	if (b == sim_blocks && (b = block_before(at)) != sim_blocks)
		sim_fail(RULE_out_of_bounds, b->at, b->allocated, NULL);
	if (b == sim_blocks)
		sim_fail(RULE_wild_access, NULL, -1, "kmalloc memory, but no block is there");
	if (!sim_lives(b))
		sim_fail(RULE_dead_use, at, b->freed, NULL);
	if ((uintptr_t)at + size > b->limit)
		sim_fail(RULE_out_of_bounds, at, b->allocated, NULL);
}

/* "sizeof(struct io_mm)", "sizeof(*bond)" -> "io_mm", "bond". */
static void type_init(struct kapi_class *type)
{
	word_of_type(type->name, type->clean, sizeof(type->clean));
	type->id = name_id(type->clean);
}

/* "&device->mutex" -> "device->mutex". */
void sim_class_init(struct kapi_class *class)
{
	const char *s = class->name;
	unsigned n = 0;

	/* World tree has one class for the types and the locks of its source lines. */
	if (strncmp(s, "sizeof", 6) == 0) {
		type_init(class);
		return;
	}
	s += strspn(s, "&*( ");
	if (strncmp(s, "struct ", 7) == 0)
		s += 7;
	while (s[n] && n < sizeof(class->clean) - 1 && !strchr("),", s[n])) {
		class->clean[n] = s[n];
		n++;
	}
	class->clean[n] = '\0';
	class->id = name_id(class->clean);
}

static struct sim_block *block_new(size_t size, struct kapi_class *type)
{
	uint32_t room = (uint32_t)((size + GRANULE - 1) / GRANULE + 1) * GRANULE;
	struct sim_block *b;
	char *at;

	if (size > ARENA || arena_used + room > ARENA || blocks_nr == BLOCKS_MAX)
		return NULL;
	b = &sim_blocks[++blocks_nr];
	at = sim.strength.witness ? malloc(size) : sim_arena + arena_used;
	*b = (struct sim_block){.at = at,
				.limit = (uintptr_t)at + size,
				.size = (uint32_t)size,
				.number = 0xff,
				.freed = -1,
				.type = type->clean};
	for (uint32_t i = 0; i < room / GRANULE - 1; i++)
		sim_granule[arena_used / GRANULE + i] = (uint16_t)blocks_nr;
	arena_used += room;
	return b;
}

void *kapi_alloc(size_t size, bool zero, struct kapi_class *type, struct site *site)
{
	struct sim_block *b;
	char *at;

	if (__builtin_expect(!type->id, 0))
		type_init(type);
	sim_announce(EV_alloc, 0, type->id, site, 0);
	if (sim_fails(&sim.choice->next[sim.current])) {
		sim_effect(-1);
		return NULL;
	}
	b = block_new(size ? size : 1, type);
	if (!b)
		sim_fail(RULE_memory_limit, NULL, -1, "more blocks or bytes than a run may have");
	sim.choice->next[sim.current].object = OBJECT_OF_BLOCK(b - sim_blocks, 0);
	b->allocated = sim_event_next();
	sim_effect(0);
	sim.own_block = (unsigned)(b - sim_blocks);
	at = b->at;
	if (race_on)
		race_allocated(b, __builtin_return_address(0));
	ASAN_UNPOISON_MEMORY_REGION(at, size);
	san_write(at, size, __builtin_return_address(0));
	for (size_t i = 0; i < size; i++)
		at[i] = zero ? 0 : (char)0xa5;
	return at;
}

void kapi_free(const void *at, struct site *site)
{
	struct sim_block *b;

	if (!at)
		return;
	sim_self()->site = site;
	b = sim_block_of(at);
	if (!b || b == sim_blocks)
		sim_fail(RULE_bad_free, NULL, -1, "kfree of what kmalloc did not return");
	sim_announce(EV_free, sim_object(at, 0), 0, site, 0);
	if (!sim_lives(b) && sim.strength.witness)
		free(b->at);
	if (!sim_lives(b))
		sim_fail(RULE_double_free, at, b->freed, NULL);
	if (at != b->at)
		sim_fail(RULE_bad_free, at, b->allocated, "kfree of the middle of a block");
	sim_locks_check_free(b, at);
	sim_later_check_free(b, at);
	sim_domains_check_free(b, at);
	if (race_on)
		race_freed(b, __builtin_return_address(0));
	weak_flush();
	prims_drop(b);
	b->limit = 0;
	b->freed = sim_event_next();
	sim_effect(0);
	if (sim.strength.witness) {
		free(b->at);
		return;
	}
	san_write(b->at, b->size, __builtin_return_address(0));
	ASAN_POISON_MEMORY_REGION(b->at, b->size);
}

void kapi_rcu_free(struct rcu_head *head)
{
	static struct site site = {
		"kapi_rcu_free", "kfree", "kfree() of kfree_rcu()", 0, 0, NULL, 0};
	struct sim_block *b = sim_block_of(head);

	sim_touch(head, &site);
	must(b && b != sim_blocks);
	kapi_free(b->at, &site);
}

void sim_describe(uint32_t object, char *type, char *name)
{
	const struct sim_block *b = sim_block_at(OBJECT_BLOCK(object));
	size_t n;

	strcpy(type, b ? "" : "none");
	strcpy(name, type);
	if (!b)
		return;
	n = strnlen(b->type, 27);
	memcpy(type, b->type, n);
	type[n] = '\0';
	word_clean(type);
	strcpy(name, type);
	if (b->number == 0xff)
		return;
	if (b->number > 9)
		name[n++] = (char)('0' + b->number / 10);
	name[n++] = (char)('0' + b->number % 10);
	name[n] = '\0';
}

/* Lists the live blocks. Returns: the last of them, 0: none. */
static unsigned leaked_blocks(char *text, size_t cap)
{
	unsigned root = 0;
	size_t len = 0;

	for (unsigned i = 1; i <= blocks_nr; i++) {
		char type[32], name[32];

		if (!sim_lives(&sim_blocks[i]))
			continue;
		sim_describe(OBJECT_OF_BLOCK(i, 0), type, name);
		if (len + strlen(name) + 3 < cap) {
			strcpy(text + len, len ? ", " : "");
			strcat(text + len, name);
			len += strlen(text + len);
		}
		root = i;
	}
	return root;
}

static bool counts_references(unsigned block)
{
	for (unsigned e = 0; e < sim.trace->events_nr; e++) {
		const struct trace_event *ev = &sim.trace->event[e];

		if (OBJECT_BLOCK(ev->object) == block &&
		    (ev->kind == EV_ref_get || ev->kind == EV_ref_put || ev->kind == EV_ref_set))
			return true;
	}
	return false;
}

/*
 * The root of a leak is the last allocated block that counts references: what it holds (the mm, its
 * subscriptions) was there before it and leaks with it.
 */
void sim_check_leaks(void)
{
	char text[160] = "";
	unsigned root;

	sim_drain();
	root = leaked_blocks(text, sizeof(text));

	for (unsigned i = blocks_nr; root && i; i--) {
		if (!sim_lives(&sim_blocks[i]) || !counts_references(i))
			continue;
		root = i;
		break;
	}
	if (root)
		sim_report(RULE_leak, OBJECT_OF_BLOCK(root, 0), sim_blocks[root].allocated,
			   sim.trace->event[sim_blocks[root].allocated].site->func, text);
	else
		sim_mirror_end();
}
