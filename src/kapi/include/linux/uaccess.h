/*
 * uaccess.h - memory of the process: what the op file passes as user pointers is memory like any
 * other. A copy may sleep, as the page may have to come first, and fails when the schedule says so.
 */
#ifndef LINUX_UACCESS_H
#define LINUX_UACCESS_H

#include <linux/kernel.h>

#define access_ok(at, size) ((void)(at), (void)(size), 1)

/* Byte by byte, where the hooks and the sanitizers see it. */
static inline void kapi_copy(void *to, const void *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((volatile char *)to)[i] = ((const volatile char *)from)[i];
}

/* In the kernel what could not be copied from the user is zeroed. */
static inline void kapi_clear(void *to, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((volatile char *)to)[i] = 0;
}

/* @at: the kernel's side. Returns: does it fail? */
#define kapi_user_fails(at, name, text)                                                            \
	({                                                                                         \
		kapi_might_sleep(KAPI_SITE(name, text));                                           \
		kapi_should_fail((at), KAPI_SITE(name, text));                                     \
	})

/* Returns: how many bytes were not copied, 0 or all. */
#define copy_to_user(to, from, size)                                                               \
	({                                                                                         \
		size_t left_ = (size);                                                             \
		if (!kapi_user_fails((from), "copy_to_user",                                       \
				     "copy_to_user(" #to ", " #from ", " #size ")")) {             \
			kapi_copy((void *)(to), (from), left_);                                    \
			left_ = 0;                                                                 \
		}                                                                                  \
		left_;                                                                             \
	})
#define copy_from_user(to, from, size)                                                             \
	({                                                                                         \
		size_t left_ = (size);                                                             \
		if (kapi_user_fails((to), "copy_from_user",                                        \
				    "copy_from_user(" #to ", " #from ", " #size ")")) {            \
			kapi_clear((to), left_);                                                   \
		} else {                                                                           \
			kapi_copy((to), (const void *)(from), left_);                              \
			left_ = 0;                                                                 \
		}                                                                                  \
		left_;                                                                             \
	})
/* Returns: 0, or -EFAULT. */
#define get_user(x, from)                                                                          \
	({                                                                                         \
		bool fails_ = kapi_user_fails((const void *)(from), "get_user",                    \
					      "get_user(" #x ", " #from ")");                      \
		(x) = fails_ ? 0 : *(from);                                                        \
		fails_ ? -EFAULT : 0;                                                              \
	})
#define put_user(x, to)                                                                            \
	({                                                                                         \
		bool fails_ =                                                                      \
			kapi_user_fails((void *)(to), "put_user", "put_user(" #x ", " #to ")");    \
		if (!fails_)                                                                       \
			*(to) = (x);                                                               \
		fails_ ? -EFAULT : 0;                                                              \
	})

#endif
