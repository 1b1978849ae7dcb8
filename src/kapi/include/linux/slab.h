/*
 * slab.h - memory. The type of a block is read off the size expression: sizeof(*bond) is a bond.
 */
#ifndef LINUX_SLAB_H
#define LINUX_SLAB_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/types.h>

#define kapi_kmalloc(size, flags, type, name, text)                                                \
	({                                                                                         \
		gfp_t gfp_ = (flags);                                                              \
		struct site *site_ = KAPI_SITE(name, text);                                        \
		kapi_gfp(gfp_, site_);                                                             \
		kapi_alloc((size), !!(gfp_ & __GFP_ZERO), KAPI_CLASS(type), site_);                \
	})

#define kmalloc(size, gfp) kapi_kmalloc(size, gfp, #size, "kmalloc", "kmalloc(" #size ", " #gfp ")")
#define kzalloc(size, gfp)                                                                         \
	kapi_kmalloc(size, (gfp) | __GFP_ZERO, #size, "kzalloc", "kzalloc(" #size ", " #gfp ")")
/* An array of a type is one block of that type; NULL where the product does not fit. */
#define kapi_kmalloc_array(n, size, flags, type, name, text)                                       \
	({                                                                                         \
		size_t bytes_;                                                                     \
		__builtin_mul_overflow((size_t)(n), (size_t)(size), &bytes_)                       \
			? NULL                                                                     \
			: kapi_kmalloc(bytes_, flags, type, name, text);                           \
	})
#define kcalloc(n, size, gfp)                                                                      \
	kapi_kmalloc_array(n, size, (gfp) | __GFP_ZERO, #size, "kcalloc",                          \
			   "kcalloc(" #n ", " #size ", " #gfp ")")
#define kmalloc_array(n, size, gfp)                                                                \
	kapi_kmalloc_array(n, size, gfp, #size, "kmalloc_array",                                   \
			   "kmalloc_array(" #n ", " #size ", " #gfp ")")
#define kfree(p) kapi_free((p), KAPI_SITE("kfree", "kfree(" #p ")"))
/* Memory of pages, if no block is that large: here all are the same. */
#define kvmalloc(size, gfp)                                                                        \
	kapi_kmalloc(size, gfp, #size, "kvmalloc", "kvmalloc(" #size ", " #gfp ")")
#define kvzalloc(size, gfp)                                                                        \
	kapi_kmalloc(size, (gfp) | __GFP_ZERO, #size, "kvzalloc", "kvzalloc(" #size ", " #gfp ")")
#define kvcalloc(n, size, gfp)                                                                     \
	kapi_kmalloc_array(n, size, (gfp) | __GFP_ZERO, #size, "kvcalloc",                         \
			   "kvcalloc(" #n ", " #size ", " #gfp ")")
#define kvmalloc_array(n, size, gfp)                                                               \
	kapi_kmalloc_array(n, size, gfp, #size, "kvmalloc_array",                                  \
			   "kvmalloc_array(" #n ", " #size ", " #gfp ")")
#define kvfree(p) kapi_free((p), KAPI_SITE("kvfree", "kvfree(" #p ")"))
#define kfree_sensitive(p) kapi_free((p), KAPI_SITE("kfree_sensitive", "kfree_sensitive(" #p ")"))

/* A cache is a block itself: it leaks unless it is destroyed, and may not be while objects are left. */
struct kmem_cache {
	struct kapi_class *type;
	size_t size;
	void (*ctor)(void *object);
	int objects;
};

#define SLAB_HWCACHE_ALIGN 0u
#define SLAB_ACCOUNT 0u
#define SLAB_PANIC 0u

#define kapi_cache_create(type_, size_, ctor_, name, text)                                         \
	({                                                                                         \
		struct kmem_cache *made_ =                                                         \
			kapi_kmalloc(sizeof(struct kmem_cache), GFP_KERNEL | __GFP_ZERO,           \
				     "sizeof(struct kmem_cache)", name, text);                     \
		if (made_)                                                                         \
			*made_ = (struct kmem_cache){KAPI_CLASS(type_), (size_), (ctor_), 0};      \
		made_;                                                                             \
	})
#define kmem_cache_create(name, size, align, flags, ctor)                                          \
	kapi_cache_create(#size, size, ctor, "kmem_cache_create",                                  \
			  "kmem_cache_create(" #name ", " #size ")")
#define KMEM_CACHE(tag, flags)                                                                     \
	kapi_cache_create("struct " #tag, sizeof(struct tag), NULL, "KMEM_CACHE",                  \
			  "KMEM_CACHE(" #tag ")")
#define kapi_cache_alloc(cache, flags, name, text)                                                 \
	({                                                                                         \
		struct kmem_cache *cache_ = (cache);                                               \
		gfp_t gfp_ = (flags);                                                              \
		struct site *site_ = KAPI_SITE(name, text);                                        \
		void *object_;                                                                     \
		kapi_gfp(gfp_, site_);                                                             \
		object_ = kapi_alloc(cache_->size, !!(gfp_ & __GFP_ZERO), cache_->type, site_);    \
		if (object_) {                                                                     \
			__atomic_fetch_add(&cache_->objects, 1, __ATOMIC_RELAXED);                 \
			if (cache_->ctor)                                                          \
				cache_->ctor(object_);                                             \
		}                                                                                  \
		object_;                                                                           \
	})
#define kmem_cache_alloc(cache, gfp)                                                               \
	kapi_cache_alloc(cache, gfp, "kmem_cache_alloc", "kmem_cache_alloc(" #cache ", " #gfp ")")
#define kmem_cache_zalloc(cache, gfp)                                                              \
	kapi_cache_alloc(cache, (gfp) | __GFP_ZERO, "kmem_cache_zalloc",                           \
			 "kmem_cache_zalloc(" #cache ", " #gfp ")")
#define kmem_cache_free(cache, p)                                                                  \
	do {                                                                                       \
		struct kmem_cache *cache_ = (cache);                                               \
		__atomic_fetch_sub(&cache_->objects, 1, __ATOMIC_RELAXED);                         \
		kapi_free((p),                                                                     \
			  KAPI_SITE("kmem_cache_free", "kmem_cache_free(" #cache ", " #p ")"));    \
	} while (0)
/* Objects that are left are a WARN, as in the kernel; kfree() of one does not count it. */
#define kmem_cache_destroy(cache)                                                                  \
	do {                                                                                       \
		struct kmem_cache *cache_ = (cache);                                               \
		struct site *site_ =                                                               \
			KAPI_SITE("kmem_cache_destroy", "kmem_cache_destroy(" #cache ")");         \
		if (cache_ && __atomic_load_n(&cache_->objects, __ATOMIC_RELAXED))                 \
			kapi_warn(RULE_warn, site_);                                               \
		kapi_free(cache_, site_);                                                          \
	} while (0)

#endif
