/*
 * prim.c - entries for the kernel's objects, by address; the idea is in prim.h.
 *
 * Classes of objects that no init function named: a static object is a class of its own, as in
 * lockdep; objects in kmalloc memory that are initialised inline share one class per name. Those
 * classes stay from run to run, so that a name is cleaned once in a process.
 *
 * A work that is declared statically has a row in the section bf_works (linux/workqueue.h).
 */
#include "kapi/sim/internal.h"

#include <string.h>

#define NAMED_MAX 512 /* a power of two */

struct prim prims[PRIMS_MAX + 1];
uint16_t prim_bucket[PRIM_BUCKETS];
static unsigned prims_nr;
static unsigned prims_free; /* dropped entries, by ->next */

/* ---- classes by name ---- */

struct named {
	const void *key; /* an address, or the name */
	uint8_t kind;
	struct kapi_class class;
};

static struct named named[NAMED_MAX];
static unsigned named_nr;

static struct kapi_class *class_by(const void *key, unsigned kind, const char *name)
{
	static struct kapi_class others = {.name = "others"};
	uint32_t i = (uint32_t)((uintptr_t)key >> 2) * 2654435761u >> 16 ^ kind;

	for (;; i++) {
		struct named *n = &named[i % NAMED_MAX];

		if (n->key == key && n->kind == kind)
			return &n->class;
		if (n->key)
			continue;
		if (named_nr == NAMED_MAX / 2)
			return &others;
		named_nr++;
		*n = (struct named){.key = key, .kind = (uint8_t)kind, .class = {.name = name}};
		return &n->class;
	}
}

struct kapi_class *kapi_class_of(const void *key, const char *name)
{
	struct kapi_class *class = class_by(key ? key : name, UINT8_MAX, name);

	sim_class(class);
	return class;
}

/* ---- entries ---- */

static unsigned entry_new(void)
{
	unsigned i = prims_free;

	if (i) {
		prims_free = prims[i].next;
		return i;
	}
	return prims_nr < PRIMS_MAX ? ++prims_nr : 0;
}

static struct prim *prim_add(const volatile void *at, enum prim_kind kind)
{
	struct sim_block *b = sim_block_of(at);
	uint16_t *bucket = &prim_bucket[prim_hash(at, kind)];
	unsigned i = entry_new();

	if (!i)
		sim_fail(RULE_memory_limit, at, -1,
			 "more locks, queues and works than a run may have");
	prims[i] = (struct prim){.at = at, .kind = (uint8_t)kind, .next = *bucket};
	*bucket = (uint16_t)i;
	if (b) {
		prims[i].sibling = b->prims;
		b->prims = (uint16_t)i;
	}
	return &prims[i];
}

struct prim *prim_init(const volatile void *at, enum prim_kind kind, struct kapi_class *class)
{
	struct prim *p = prim_find(at, kind);

	if (p)
		*p = (struct prim){
			.at = at, .next = p->next, .sibling = p->sibling, .kind = (uint8_t)kind};
	else
		p = prim_add(at, kind);
	p->class = class;
	sim_class(class);
	return p;
}

extern const struct kapi_static_work __start_bf_works[] __attribute__((weak));
extern const struct kapi_static_work __stop_bf_works[] __attribute__((weak));

static struct prim *declared_work(const volatile void *at)
{
	for (const struct kapi_static_work *w = __start_bf_works; w < __stop_bf_works; w++) {
		struct prim *p;

		if (w->work != at)
			continue;
		p = prim_init(at, PRIM_WORK, w->class);
		p->func = (void (*)(void))w->func;
		p->run = w->run;
		site_ids(p->run);
		return p;
	}
	return NULL;
}

struct prim *prim_first(const volatile void *at, enum prim_kind kind, int how, const char *name)
{
	bool in_block = sim_block_of(at) != NULL;

	if (in_block && !(how & KAPI_INLINE_INIT))
		return NULL;
	if (kind == PRIM_WORK && !in_block) {
		struct prim *p = declared_work(at);

		if (p)
			return p;
	}
	return prim_init(
		at, kind,
		class_by(in_block ? (const void *)name : (const void *)(uintptr_t)at, kind, name));
}

static void unlink_entry(unsigned i)
{
	uint16_t *link = &prim_bucket[prim_hash(prims[i].at, (enum prim_kind)prims[i].kind)];

	while (*link != i)
		link = &prims[*link].next;
	*link = prims[i].next;
	prims[i].at = NULL;
	prims[i].next = (uint16_t)prims_free;
	prims_free = i;
}

void prims_drop(struct sim_block *block)
{
	unsigned i, next;

	for (i = block->prims; i; i = next) {
		next = prims[i].sibling;
		unlink_entry(i);
	}
	block->prims = 0;
}

void prims_reset(void)
{
	for (unsigned i = 1; i <= prims_nr; i++)
		if (prims[i].at)
			prim_bucket[prim_hash(prims[i].at, (enum prim_kind)prims[i].kind)] = 0;
	prims_nr = 0;
	prims_free = 0;
}
