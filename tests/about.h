/*
 * about.h - cmocka's assertions, which also say what was compared.
 *
 * Most assertions stand in loops over strategies, seeds and programs. about() notes what the loop is at:
 * the file, the subject and seed of a program, the strategy and seed of a run. An assertion that fails
 * prints the last notes before cmocka prints the values. Include it behind <cmocka.h>.
 */
#ifndef TESTS_ABOUT_H
#define TESTS_ABOUT_H

#include <stdio.h>
#include <string.h>

#define ABOUT_MAX 160

enum about { ABOUT_PROGRAM, ABOUT_RUN, ABOUTS };

/* One for each test program: all of it is in one process. */
extern char about_text[ABOUTS][ABOUT_MAX];

/* Defines it, in the one file of a test program that has main(). */
#define ABOUT_HERE char about_text[ABOUTS][ABOUT_MAX];

#define about(what, ...) ((void)snprintf(about_text[what], ABOUT_MAX, __VA_ARGS__))

static inline void about_say(int fails)
{
	for (unsigned i = 0; fails && i < ABOUTS; i++)
		if (about_text[i][0])
			print_error("about: %s\n", about_text[i]);
}

#undef assert_true
#define assert_true(c)                                                                             \
	({                                                                                         \
		int holds_ = !!(c);                                                                \
		about_say(!holds_);                                                                \
		_assert_true((LargestIntegralType)holds_, #c, __FILE__, __LINE__);                 \
	})

#undef assert_int_equal
#define assert_int_equal(a, b)                                                                     \
	({                                                                                         \
		LargestIntegralType a_ = (LargestIntegralType)(a), b_ = (LargestIntegralType)(b);  \
		about_say(a_ != b_);                                                               \
		_assert_int_equal(a_, b_, __FILE__, __LINE__);                                     \
	})

#undef assert_string_equal
#define assert_string_equal(a, b)                                                                  \
	({                                                                                         \
		const char *a_ = (a), *b_ = (b);                                                   \
		about_say(strcmp(a_, b_));                                                         \
		_assert_string_equal(a_, b_, __FILE__, __LINE__);                                  \
	})

#undef assert_memory_equal
#define assert_memory_equal(a, b, n)                                                               \
	({                                                                                         \
		const void *a_ = (a), *b_ = (b);                                                   \
		size_t n_ = (n);                                                                   \
		about_say(memcmp(a_, b_, n_));                                                     \
		_assert_memory_equal(a_, b_, n_, __FILE__, __LINE__);                              \
	})

/* Counts: the values are printed, and the words that were compared. */
#define assert_above(count, bound)                                                                 \
	({                                                                                         \
		unsigned long long count_ = (unsigned long long)(count);                           \
		unsigned long long bound_ = (unsigned long long)(bound);                           \
		about_say(count_ <= bound_);                                                       \
		if (count_ <= bound_)                                                              \
			fail_msg("%s is %llu, not above %s (%llu)", #count, count_, #bound,        \
				 bound_);                                                          \
	})

#endif
