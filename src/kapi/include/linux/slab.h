/*
 * slab.h - memory. The type of a block is read off the size expression: sizeof(*bond) is a bond.
 */
#ifndef LINUX_SLAB_H
#define LINUX_SLAB_H

#include <linux/compiler.h>
#include <linux/types.h>

#define GFP_KERNEL 0x1u
#define GFP_ATOMIC 0x2u

#define kapi_kmalloc(size, sleeps, zero, type, name, text)                                         \
	({                                                                                         \
		if (sleeps)                                                                        \
			kapi_might_sleep(KAPI_SITE(name, text));                                   \
		kapi_alloc((size), (zero), KAPI_CLASS(type), KAPI_SITE(name, text));               \
	})

#define kmalloc(size, gfp)                                                                         \
	kapi_kmalloc(size, (gfp) == GFP_KERNEL, false, #size, "kmalloc",                           \
		     "kmalloc(" #size ", " #gfp ")")
#define kzalloc(size, gfp)                                                                         \
	kapi_kmalloc(size, (gfp) == GFP_KERNEL, true, #size, "kzalloc",                            \
		     "kzalloc(" #size ", " #gfp ")")
/* An array of a type is one block of that type; NULL where the product does not fit. */
#define kcalloc(n, size, gfp)                                                                      \
	({                                                                                         \
		size_t bytes_;                                                                     \
		__builtin_mul_overflow((size_t)(n), (size_t)(size), &bytes_)                       \
			? NULL                                                                     \
			: kapi_kmalloc(bytes_, (gfp) == GFP_KERNEL, true, #size, "kcalloc",        \
				       "kcalloc(" #n ", " #size ", " #gfp ")");                    \
	})
#define kfree(p) kapi_free((p), KAPI_SITE("kfree", "kfree(" #p ")"))

#endif
