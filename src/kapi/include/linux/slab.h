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

#endif
