/*
 * alloc.c - kmalloc is malloc: the sanitizers are the oracle of what is freed too early or twice.
 *
 * Live blocks are in a table, for the count at the end of a run, for names in reports, and for
 * kfree_rcu(), which knows a place in the block but not its start. The table is relaxed atomics: a
 * lock would order every allocation with every other, and hide races from TSan.
 *
 * A slot is taken by its size and is there once its start is; it goes the other way round.
 */
#include "kapi/native/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	size_t size;	 /* 0: free */
	uintptr_t start; /* 0: not to be looked at */
	const struct kapi_class *class;
	const struct site *site; /* who allocated it */
	const char *type;	 /* of kapi_name(), or NULL */
	unsigned number;
};

static struct slot slots[BLOCKS_MAX];

#define get(at) __atomic_load_n(&(at), __ATOMIC_RELAXED)
#define set(at, value) __atomic_store_n(&(at), (value), __ATOMIC_RELAXED)
#define publish(at, value) __atomic_store_n(&(at), (value), __ATOMIC_RELEASE)

static struct slot *slot_take(size_t size)
{
	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		size_t none = 0;

		if (!get(slots[i].size) &&
		    __atomic_compare_exchange_n(&slots[i].size, &none, size, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return &slots[i];
	}
	panic(__FILE__, __LINE__, "more than %d live blocks", BLOCKS_MAX);
}

/* Returns: the slot of the block that holds @at, or NULL. The start is read twice: slots move. */
static struct slot *slot_of(const volatile void *at)
{
	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		uintptr_t start = get(slots[i].start);

		if (start && (uintptr_t)at - start < get(slots[i].size) &&
		    get(slots[i].start) == start)
			return &slots[i];
	}
	return NULL;
}

static void slot_give(struct slot *s)
{
	set(s->start, 0);
	publish(s->size, 0);
}

/* ---- the primitives ---- */

void *kapi_alloc(size_t size, bool zero, struct kapi_class *type, struct site *site)
{
	struct slot *s;
	void *at;

	native_delay();
	at = zero ? calloc(1, size ? size : 1) : malloc(size ? size : 1);
	if (!at)
		return NULL;
	s = slot_take(size ? size : 1);
	set(s->class, type);
	set(s->site, site);
	set(s->type, NULL);
	publish(s->start, (uintptr_t)at);
	return at;
}

/* What is not in the table is left to free(): the sanitizer has better words for it. */
void kapi_free(const void *at, struct site *site)
{
	struct slot *s = slot_of(at);

	if (!at)
		return;
	native_delay();
	if (s && get(s->start) == (uintptr_t)at) {
		native_later_check_free(at, get(s->size), site);
		slot_give(s);
	}
	free((void *)at);
}

void kapi_rcu_free(struct rcu_head *head)
{
	static struct site site = {"kapi_rcu_free", "kfree", "kfree() of kfree_rcu()", 0, 0};
	struct slot *s = slot_of(head);

	if (!s)
		native_fail("bad_free", NULL, "kfree_rcu() of what kmalloc did not return", &site);
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

static void describe(const struct slot *s, char *name)
{
	const char *type = get(s->type);

	if (type)
		snprintf(name, 48, "%s%u", type, get(s->number));
	else
		snprintf(name, 48, "%s", get(s->class)->name);
}

void native_describe(const volatile void *at, char *name)
{
	const struct slot *s = slot_of(at);

	strcpy(name, "?");
	if (s)
		describe(s, name);
}

void native_blocks_reset(void)
{
	for (unsigned i = 0; i < BLOCKS_MAX; i++)
		slot_give(&slots[i]);
}

unsigned native_live_blocks(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < BLOCKS_MAX; i++)
		n += get(slots[i].start) != 0;
	return n;
}

void native_print_blocks(void)
{
	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		char name[48];

		if (!get(slots[i].start))
			continue;
		describe(&slots[i], name);
		fprintf(stderr, "live: %s, allocated in %s\n", name, get(slots[i].site)->func);
	}
}
