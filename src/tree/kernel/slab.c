/*
 * slab.c - kmalloc in all its forms, and caches: one block of the platform each.
 *
 * The block's type is read off the call's source line, sizeof(*bond), as in world kapi. What may
 * reclaim may sleep; the tree's own headers say which flags those are. A cache counts its objects,
 * and says so when it is destroyed with some left.
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include "tree/kernel/glue.h"

static void *alloc(size_t size, gfp_t flags, struct site *site)
{
	bond_allocates(flags, site);
	return kapi_alloc(size, !!(flags & __GFP_ZERO), bond_type(site), site);
}

static void copy(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = from[i];
}

static void *duplicate(const void *from, size_t size, size_t room, gfp_t flags, struct site *site)
{
	void *to = alloc(room, flags, site);

	if (to)
		copy(to, from, size);
	return to;
}

/* ---- kmalloc ---- */

#if BOND_KERNEL >= 61000
#define KMALLOC __kmalloc_noprof
#define KMALLOC_NODE __kmalloc_node_noprof
#define KMALLOC_NODE_SIZE DECL_BUCKET_PARAMS(size, b)
#define KMALLOC_TRACE __kmalloc_cache_noprof
#define KMALLOC_LARGE __kmalloc_large_noprof
#define KVMALLOC_NODE __kvmalloc_node_noprof
#define KMEMDUP kmemdup_noprof
#define KREALLOC krealloc_noprof
#define CACHE_ALLOC kmem_cache_alloc_noprof
#define CACHE_ALLOC_NODE kmem_cache_alloc_node_noprof
#define CACHE_ALLOC_LRU kmem_cache_alloc_lru_noprof
#define VMALLOC vmalloc_noprof
#define VZALLOC vzalloc_noprof
/* Inline functions index this by size class; the caches themselves are never looked into. */
kmem_buckets kmalloc_caches[NR_KMALLOC_TYPES];
#else
#define KMALLOC __kmalloc
#define KMALLOC_NODE __kmalloc_node
#define KMALLOC_NODE_SIZE size_t size
#define KMALLOC_TRACE kmalloc_trace
#define KMALLOC_LARGE kmalloc_large
#define KVMALLOC_NODE kvmalloc_node
#define KMEMDUP kmemdup
#define KREALLOC krealloc
#define CACHE_ALLOC kmem_cache_alloc
#define CACHE_ALLOC_NODE kmem_cache_alloc_node
#define CACHE_ALLOC_LRU kmem_cache_alloc_lru
#define VMALLOC vmalloc
#define VZALLOC vzalloc
struct kmem_cache *kmalloc_caches[NR_KMALLOC_TYPES][KMALLOC_SHIFT_HIGH + 1];
#endif

void *KMALLOC_TRACE(struct kmem_cache *cache, gfp_t flags, size_t size)
{
	return alloc(size, flags, BOND_SITE);
}

void *KMALLOC(size_t size, gfp_t flags)
{
	return alloc(size, flags, BOND_SITE);
}

void *KMALLOC_LARGE(size_t size, gfp_t flags)
{
	return alloc(size, flags, BOND_SITE);
}

void *KMALLOC_NODE(KMALLOC_NODE_SIZE, gfp_t flags, int node)
{
	return alloc(size, flags, BOND_SITE);
}

void *KVMALLOC_NODE(KMALLOC_NODE_SIZE, gfp_t flags, int node)
{
	return alloc(size, flags, BOND_SITE);
}

void *VMALLOC(unsigned long size)
{
	return alloc(size, GFP_KERNEL, BOND_SITE);
}

void *VZALLOC(unsigned long size)
{
	return alloc(size, GFP_KERNEL | __GFP_ZERO, BOND_SITE);
}

void *KMEMDUP(const void *from, size_t size, gfp_t flags)
{
	return duplicate(from, size, size, flags, BOND_SITE);
}

char *kstrdup(const char *s, gfp_t flags)
{
	size_t size = 1;

	while (s && s[size - 1])
		size++;
	return s ? duplicate(s, size, size, flags, BOND_SITE) : NULL;
}

size_t ksize(const void *object)
{
	void *start;

	return object ? bond_block(object, &start) : 0;
}

void *KREALLOC(const void *object, size_t size, gfp_t flags)
{
	struct site *site = BOND_SITE;
	size_t before = ksize(object);
	void *to = duplicate(object, before < size ? before : size, size, flags, site);

	if (to)
		kapi_free(object, site);
	return to;
}

void kfree(const void *object)
{
	kapi_free(object, BOND_SITE);
}

void kvfree(const void *object)
{
	kapi_free(object, BOND_SITE);
}

void vfree(const void *object)
{
	kapi_free(object, BOND_SITE);
}

void kfree_sensitive(const void *object)
{
	kapi_free(object, BOND_SITE);
}

void kfree_const(const void *object)
{
	void *start;

	if (object && bond_block(object, &start))
		kapi_free(object, BOND_SITE);
}

/* ---- caches ---- */

struct kmem_cache {
	unsigned int size;
	unsigned int objects;
	void (*ctor)(void *object);
	struct kapi_class *class;
};

static struct kmem_cache *cache_new(const char *name, unsigned int size, void (*ctor)(void *),
				    struct site *site)
{
	struct kmem_cache *cache;

	bond_sleepable(site);
	cache = kapi_alloc(sizeof(*cache), 1, kapi_class_of(NULL, "kmem_cache"), site);
	if (cache)
		*cache = (struct kmem_cache){
			.size = size, .ctor = ctor, .class = kapi_class_of(NULL, name)};
	return cache;
}

#if BOND_KERNEL >= 61200
struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int size,
					    struct kmem_cache_args *args, slab_flags_t flags)
{
	return cache_new(name, size, args->ctor, BOND_SITE);
}
#else
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *))
{
	return cache_new(name, size, ctor, BOND_SITE);
}
#endif

static void *cache_alloc(struct kmem_cache *cache, gfp_t flags, struct site *site)
{
	void *object;

	bond_touch(cache, site);
	bond_allocates(flags, site);
	object = kapi_alloc(cache->size, !!(flags & __GFP_ZERO), cache->class, site);
	cache->objects += object != NULL;
	if (object && cache->ctor)
		cache->ctor(object);
	return object;
}

void *CACHE_ALLOC(struct kmem_cache *cache, gfp_t flags)
{
	return cache_alloc(cache, flags, BOND_SITE);
}

void *CACHE_ALLOC_NODE(struct kmem_cache *cache, gfp_t flags, int node)
{
	return cache_alloc(cache, flags, BOND_SITE);
}

void *CACHE_ALLOC_LRU(struct kmem_cache *cache, struct list_lru *lru, gfp_t flags)
{
	return cache_alloc(cache, flags, BOND_SITE);
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	struct site *site = BOND_SITE;

	bond_touch(cache, site);
	kapi_free(object, site);
	cache->objects--;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	struct site *site = BOND_SITE;

	if (!cache)
		return;
	bond_sleepable(site);
	bond_touch(cache, site);
	if (cache->objects)
		bond_warn(site);
	kapi_free(cache, site);
}

/* The cache of lib/radix-tree.c and lib/xarray.c, which the kernel makes when it starts. */
struct kmem_cache *radix_tree_node_cachep __weak;
static struct kmem_cache __section("bf_kept") nodes;

static void node_begin(void *object)
{
	struct xa_node *node = object;

	*node = (struct xa_node){};
	INIT_LIST_HEAD(&node->private_list);
}

void bond_slab_begin(void)
{
	nodes = (struct kmem_cache){.size = sizeof(struct xa_node),
				    .ctor = node_begin,
				    .class = kapi_class_of(NULL, "xa_node")};
	radix_tree_node_cachep = &nodes;
}
