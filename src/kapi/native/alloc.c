/*
 * alloc.c - kmalloc is malloc: the sanitizers are the oracle of what is freed too early or twice.
 *
 * All blocks of a run are in a table, dead ones too, each with a number of its own: for the count at
 * the end, for names and objects of notes, for what a device may reach, and for kfree_rcu(), which
 * knows a place in the block but not its start. malloc may give memory again that a dead block had:
 * then the living one is meant. The table is relaxed atomics: a lock would order every allocation
 * with every other, and hide races from TSan.
 *
 * A slot is there once its start is, and dead once it is not live; nobody takes it again.
 */
#include "base/word.h"
#include "kapi/native/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	size_t size;
	uintptr_t start; /* 0: not to be looked at */
	bool live;
	bool counts; /* references are counted in it */
	const struct kapi_class *class;
	const struct site *site; /* who allocated it */
	const char *type;	 /* of kapi_name(), or NULL */
	unsigned number;
};

static struct slot slots[BLOCKS_MAX]; /* block 0 is none */
static unsigned slots_nr;

#define get(at) __atomic_load_n(&(at), __ATOMIC_RELAXED)
#define set(at, value) __atomic_store_n(&(at), (value), __ATOMIC_RELAXED)
#define publish(at, value) __atomic_store_n(&(at), (value), __ATOMIC_RELEASE)

static struct slot *slot_take(struct site *site)
{
	unsigned i = __atomic_fetch_add(&slots_nr, 1, __ATOMIC_RELAXED);

	if (i >= BLOCKS_MAX)
		native_fail(RULE_memory_limit, NULL, "more blocks than a run may allocate", site);
	return &slots[i];
}

static unsigned slots_used(void)
{
	unsigned nr = get(slots_nr);

	return nr < BLOCKS_MAX ? nr : BLOCKS_MAX;
}

/* Returns: the slot of the block that holds @at, the living one before the latest dead; or NULL. */
static struct slot *slot_of(const volatile void *at)
{
	struct slot *dead = NULL;

	for (unsigned i = slots_used(); i-- > 1;) {
		uintptr_t start = get(slots[i].start);

		if (!start || (uintptr_t)at - start >= get(slots[i].size))
			continue;
		if (get(slots[i].live))
			return &slots[i];
		if (!dead)
			dead = &slots[i];
	}
	return dead;
}

/* ---- the primitives ---- */

void *kapi_alloc(size_t size, bool zero, struct kapi_class *type, struct site *site)
{
	struct slot *s;
	void *at;

	native_step();
	if (native_fails())
		return NULL;
	at = zero ? calloc(1, size ? size : 1) : malloc(size ? size : 1);
	if (!at)
		return NULL;
	s = slot_take(site);
	set(s->size, size ? size : 1);
	set(s->class, type);
	set(s->site, site);
	set(s->type, NULL);
	set(s->counts, false);
	set(s->live, true);
	publish(s->start, (uintptr_t)at);
	return at;
}

/* What is not live in the table is left to free(): the sanitizer has better words for it. */
void kapi_free(const void *at, struct site *site)
{
	struct slot *s = slot_of(at);

	if (!at)
		return;
	native_step();
	if (s && get(s->live) && get(s->start) == (uintptr_t)at) {
		native_later_check_free(at, get(s->size), site);
		set(s->live, false);
	}
	free((void *)at);
}

void kapi_rcu_free(struct rcu_head *head)
{
	static struct site site = {
		"kapi_rcu_free", "kfree", "kfree() of kfree_rcu()", 0, 0, NULL, 0};
	struct slot *s = slot_of(head);

	if (!s)
		native_fail(RULE_bad_free, NULL, "kfree_rcu() of what kmalloc did not return",
			    &site);
	kapi_free((const void *)get(s->start), &site);
}

/* ---- names and the count ---- */

void kapi_name(const volatile void *at, const char *type, unsigned number)
{
	struct slot *s = slot_of(at);

	must(s);
	set(s->number, number);
	set(s->type, type);
}

uint32_t native_object(const volatile void *at)
{
	const struct slot *s = slot_of(at);

	if (!s)
		return OBJECT_STATIC;
	return OBJECT_OF_BLOCK(s - slots, (uintptr_t)at - get(s->start));
}

int kapi_object(const volatile void *at)
{
	return (int)native_object(at);
}

bool kapi_is_live(const volatile void *at)
{
	const struct slot *s = slot_of(at);

	return !s || get(s->live);
}

bool kapi_holds_lock(void)
{
	return true;
}

static void describe(const struct slot *s, struct verdict *v)
{
	const char *type = get(s->type);

	word_of_type(get(s->class)->name, v->type, sizeof(v->type));
	snprintf(v->object, sizeof(v->object), "%s", v->type);
	if (!type)
		return;
	snprintf(v->type, sizeof(v->type), "%s", type);
	snprintf(v->object, sizeof(v->object), "%s%u", type, get(s->number));
}

void native_fill_object(uint32_t object, struct verdict *v)
{
	unsigned block = OBJECT_BLOCK(object);

	strcpy(v->type, "none");
	strcpy(v->object, "none");
	if (block && block < slots_used())
		describe(&slots[block], v);
}

void native_blocks_reset(void)
{
	for (unsigned i = 0; i < slots_used(); i++)
		slots[i].start = 0;
	slots_nr = 1;
}

static bool is_left(const struct slot *s)
{
	return s->start && s->live;
}

unsigned native_live_blocks(void)
{
	unsigned n = 0;

	for (unsigned i = 1; i < slots_used(); i++)
		n += is_left(&slots[i]);
	return n;
}

void native_print_blocks(void)
{
	for (unsigned i = 1; i < slots_used(); i++) {
		struct verdict v;

		if (!is_left(&slots[i]))
			continue;
		describe(&slots[i], &v);
		fprintf(stderr, "live: %s, allocated in %s\n", v.object, slots[i].site->func);
	}
}

void native_counts(const volatile void *at)
{
	struct slot *s = slot_of(at);

	if (s)
		set(s->counts, true);
}

/* What it holds was there before it, and leaks with it. */
static const struct slot *root_of_leak(void)
{
	const struct slot *first = NULL;

	for (unsigned i = slots_used(); i-- > 1;) {
		if (!is_left(&slots[i]))
			continue;
		if (slots[i].counts)
			return &slots[i];
		first = &slots[i];
	}
	return first;
}

bool native_leak(struct verdict *ret)
{
	const struct slot *root = root_of_leak();

	if (!root)
		return false;
	*ret = (struct verdict){.rule = RULE_leak, .event = {-1, -1}};
	describe(root, ret);
	snprintf(ret->where[0], sizeof(ret->where[0]), "%s", root->site->func);
	return true;
}
