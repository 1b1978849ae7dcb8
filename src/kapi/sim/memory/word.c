/*
 * word.c - atomics, reference counts, marked accesses.
 *
 * All on one OS thread, so plain arithmetic is atomic here; what is modelled is the place (a
 * visible operation each), the order that each gives (told to TSan and nothing more), and the
 * complaints of refcount_t. A marked access is made by the caller, as an atomic, right after it was
 * announced.
 */
#include "kapi/sim/internal.h"
#include "kapi/update.h"

#include <string.h>

/* The primitive is the access: of its caller, who is not seen by any hook. */
#define MARKED(word, write)                                                                        \
	sim_marked_access((word), sizeof(*(word)), (write), __builtin_return_address(0))
#define REFCOUNT_SATURATED (INT32_MIN / 2)

static void announce(unsigned kind, const volatile void *at, struct site *site)
{
	sim_touch(at, site);
	site_ids(site); /* of a static word */
	sim_announce(kind, sim_object(at, site->prim_id), 0, site, 0);
	sim_touch_slow(at);
	/* The object of a static word is a name that others may not call it by. */
	if (sim_is_told())
		sim_touch_access(at, sizeof(int), kind != EV_load && kind != EV_ref_read);
}

int kapi_atomic_read(const int *word, struct site *site)
{
	announce(EV_ref_read, word, site);
	MARKED(word, false);
	if (weak_on)
		weak_load(word, sizeof(*word));
	sim_effect(*word);
	return *word;
}

void kapi_atomic_set(int *word, int value, struct site *site)
{
	announce(EV_store, word, site);
	MARKED(word, true);
	sim_effect(value);
	weak_store(word, sizeof(*word));
	*word = value;
}

static void order_before(volatile void *word, enum kapi_order order)
{
	if (sim_races && order != KAPI_VOID)
		sim_loaded(word);
	if (order == KAPI_FULL)
		race_joins();
	if (order == KAPI_RELEASE || order == KAPI_FULL)
		san_release(word);
}

static void order_behind(volatile void *word, enum kapi_order order)
{
	if (order == KAPI_ACQUIRE || order == KAPI_FULL)
		san_acquire(word);
}

int kapi_atomic_add(int *word, int delta, enum kapi_order order, struct site *site)
{
	announce(delta < 0 ? EV_ref_put : EV_ref_get, word, site);
	MARKED(word, true);
	order_before(word, order);
	if (order == KAPI_VOID)
		weak_change(word, sizeof(*word), KAPI_UPDATE_ADD, (unsigned)delta);
	else
		weak_update(word, sizeof(*word));
	*word += delta;
	order_behind(word, order);
	sim_effect(*word);
	return *word;
}

bool kapi_atomic_inc_not_zero(int *word, struct site *site)
{
	bool ok;

	announce(EV_ref_get, word, site);
	MARKED(word, true);
	ok = *word != 0;
	if (ok) {
		race_joins();
		san_release(word);
		++*word;
		san_acquire(word);
	}
	sim_effect(*word);
	return ok;
}

static uint64_t word_at(const volatile void *word, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, (const void *)word, size);
	return value;
}

void kapi_atomic_made(volatile void *word, unsigned size, enum kapi_update how, int change,
		      enum kapi_order order, struct site *site)
{
	announce(change < 0 ? EV_ref_put : change ? EV_ref_get : EV_store, word, site);
	sim_marked_access(word, size, true, __builtin_return_address(0));
	order_before(word, order);
	if (order == KAPI_VOID)
		weak_change_next(word, size, how);
	else
		weak_update(word, size);
	order_behind(word, order);
	sim_effect((int)word_at(word, size) + change);
}

/* What a trace keeps of a value. Pointers differ from process to process: of a wide value nothing but that. */
static int effect_of(uint64_t value, unsigned size)
{
	if (size <= sizeof(int) || (int64_t)value == (int)value)
		return (int)value;
	return 1;
}

/* Nobody looks at the result, so others may see it late. */
static void update_void(volatile void *word, unsigned size, enum kapi_update how,
			unsigned long operand)
{
	uint64_t new;

	weak_change(word, size, how, operand);
	must(kapi_updated(how, word_at(word, size), operand, 0, &new));
	memcpy((void *)(uintptr_t)word, &new, size);
	sim_effect(effect_of(new, size));
}

unsigned long kapi_update(volatile void *word, unsigned size, enum kapi_update how,
			  unsigned long operand, unsigned long expected, enum kapi_order order,
			  struct site *site)
{
	uint64_t old, new;

	must(size <= sizeof(old));
	announce(EV_store, word, site);
	sim_marked_access(word, size, true, __builtin_return_address(0));
	if (order == KAPI_VOID) {
		update_void(word, size, how, operand);
		return 0;
	}
	weak_update(word, size);
	old = word_at(word, size);
	if (sim_races)
		sim_loaded(word);
	if (!kapi_updated(how, old, operand, expected & (UINT64_MAX >> (64 - 8 * size)), &new)) {
		sim_effect(effect_of(old, size));
		return old;
	}
	if (order == KAPI_FULL)
		race_joins();
	if (order == KAPI_RELEASE || order == KAPI_FULL)
		san_release(word);
	memcpy((void *)(uintptr_t)word, &new, size);
	if (order == KAPI_ACQUIRE || order == KAPI_FULL)
		san_acquire(word);
	sim_effect(effect_of(new, size));
	return old;
}

void kapi_refcount_set(int *word, int value, struct site *site)
{
	sim_touch(word, site);
	site_ids(site);
	MARKED(word, true);
	weak_store(word, sizeof(*word));
	*word = value; /* an object's birth: nobody else knows it, so no choice */
	sim_note(EV_ref_set, sim_object(word, site->prim_id), value, site);
}

void kapi_refcount_inc(int *word, struct site *site)
{
	announce(EV_ref_get, word, site);
	MARKED(word, true);
	weak_update(word, sizeof(*word));
	if (*word <= 0)
		sim_fail(RULE_refcount, word, -1, "an increment of a count that is 0 or saturated");
	++*word;
	sim_effect(*word);
}

bool kapi_refcount_inc_not_zero(int *word, struct site *site)
{
	bool ok;

	announce(EV_ref_get, word, site);
	MARKED(word, true);
	weak_update(word, sizeof(*word));
	ok = *word != 0;
	if (*word < 0)
		*word = REFCOUNT_SATURATED;
	else if (ok)
		++*word;
	sim_effect(*word);
	return ok;
}

static int refcount_dec(int *word, const void *pc, struct site *site)
{
	announce(EV_ref_put, word, site);
	sim_marked_access(word, sizeof(*word), true, pc);
	san_release(word);
	if (*word <= 0) {
		*word = REFCOUNT_SATURATED;
		sim_fail(RULE_refcount, word, -1, "a decrement below 0");
	}
	sim_effect(--*word);
	return *word;
}

bool kapi_refcount_dec_and_test(int *word, struct site *site)
{
	int left = refcount_dec(word, __builtin_return_address(0), site);

	if (!left)
		san_acquire(word);
	return !left;
}

void kapi_refcount_dec(int *word, struct site *site)
{
	if (!refcount_dec(word, __builtin_return_address(0), site))
		sim_fail(RULE_refcount, word, -1, "refcount_dec() hit 0: nobody frees the object");
}

void kapi_load(const volatile void *at, struct site *site)
{
	announce(EV_load, at, site);
	sim_effect(0);
}

void kapi_store(const volatile void *at, struct site *site)
{
	announce(EV_store, at, site);
	sim_effect(0);
}

void kapi_acquire(const volatile void *at)
{
	san_acquire_only(at);
}

/* A release passes on what others wrote and its thread has seen; TSan does not know that of marked loads. */
void kapi_release(const volatile void *at)
{
	sim_acquire_loaded();
	san_release_only(at);
	weak_released(at);
}
