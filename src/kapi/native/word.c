/*
 * word.c - atomics and reference counts on the compiler's builtins, in the orders that the kernel
 * documents and no stronger: an increment orders nothing, a put releases, and only the put that
 * reaches 0 acquires.
 *
 * A fence would do for that acquire; TSan knows no fences, so it is a load.
 */
#include "kapi/native/internal.h"
#include "kapi/update.h"

int kapi_atomic_read(const int *word, struct site *site)
{
	native_step();
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

void kapi_atomic_set(int *word, int value, struct site *site)
{
	native_step();
	native_counts(word);
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

int kapi_atomic_add(int *word, int delta, enum kapi_order order, struct site *site)
{
	native_step();
	switch (order) {
	case KAPI_RELAXED:
		return __atomic_add_fetch(word, delta, __ATOMIC_RELAXED);
	case KAPI_ACQUIRE:
		return __atomic_add_fetch(word, delta, __ATOMIC_ACQUIRE);
	case KAPI_RELEASE:
		return __atomic_add_fetch(word, delta, __ATOMIC_RELEASE);
	case KAPI_VOID:
		return __atomic_add_fetch(word, delta, __ATOMIC_RELAXED);
	case KAPI_FULL:
		break;
	}
	return __atomic_add_fetch(word, delta, __ATOMIC_SEQ_CST);
}

bool kapi_atomic_inc_not_zero(int *word, struct site *site)
{
	int old = __atomic_load_n(word, __ATOMIC_RELAXED);

	native_step();
	while (old)
		if (__atomic_compare_exchange_n(word, &old, old + 1, false, __ATOMIC_SEQ_CST,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

/* ---- any update ---- */

static const int success[] = {[KAPI_RELAXED] = __ATOMIC_RELAXED,
			      [KAPI_ACQUIRE] = __ATOMIC_ACQUIRE,
			      [KAPI_RELEASE] = __ATOMIC_RELEASE,
			      [KAPI_FULL] = __ATOMIC_SEQ_CST,
			      [KAPI_VOID] = __ATOMIC_RELAXED};

/* The word is swapped for its new value, again while others come first. */
#define SWAP(type)                                                                                 \
	do {                                                                                       \
		type old_ = __atomic_load_n((volatile type *)word, __ATOMIC_RELAXED);              \
		while (kapi_updated(how, old_, operand, (type)expected, &new) &&                   \
		       !__atomic_compare_exchange_n((volatile type *)word, &old_, (type) new,      \
						    false, success[order], __ATOMIC_RELAXED))      \
			;                                                                          \
		return old_;                                                                       \
	} while (0)

unsigned long kapi_update(volatile void *word, unsigned size, enum kapi_update how,
			  unsigned long operand, unsigned long expected, enum kapi_order order,
			  struct site *site)
{
	uint64_t new;

	native_step();
	switch (size) {
	case 1:
		SWAP(uint8_t);
	case 2:
		SWAP(uint16_t);
	case 4:
		SWAP(uint32_t);
	default:
		SWAP(uint64_t);
	}
}

/* ---- refcount_t ---- */

void kapi_refcount_set(int *word, int value, struct site *site)
{
	native_counts(word);
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

void kapi_refcount_inc(int *word, struct site *site)
{
	native_step();
	if (__atomic_fetch_add(word, 1, __ATOMIC_RELAXED) <= 0)
		native_fail(RULE_refcount, word, "an increment of a count that is 0 or saturated",
			    site);
}

/* A saturated count stays where it is, and is not 0. */
bool kapi_refcount_inc_not_zero(int *word, struct site *site)
{
	int old = __atomic_load_n(word, __ATOMIC_RELAXED);

	native_step();
	while (old > 0)
		if (__atomic_compare_exchange_n(word, &old, old + 1, false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return true;
	return old != 0;
}

static int refcount_dec(int *word, struct site *site)
{
	int old;

	native_step();
	old = __atomic_fetch_sub(word, 1, __ATOMIC_RELEASE);
	if (old <= 0)
		native_fail(RULE_refcount, word, "a decrement below 0", site);
	return old - 1;
}

bool kapi_refcount_dec_and_test(int *word, struct site *site)
{
	if (refcount_dec(word, site))
		return false;
	(void)__atomic_load_n(word, __ATOMIC_ACQUIRE);
	return true;
}

void kapi_refcount_dec(int *word, struct site *site)
{
	if (!refcount_dec(word, site))
		native_fail(RULE_refcount, word, "refcount_dec() hit 0: nobody frees the object",
			    site);
}

/* ---- marked accesses: the caller makes them, in its own order ---- */

void kapi_load(const volatile void *at, struct site *site)
{
	native_step();
}

void kapi_store(const volatile void *at, struct site *site)
{
	native_step();
}

void kapi_barrier(unsigned how)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void kapi_mark(const volatile void *at)
{
}

/* Between reading a pointer and using it: the window of a reader that is not protected. */
void kapi_acquire(const volatile void *at)
{
	native_step();
}

void kapi_release(const volatile void *at)
{
}
