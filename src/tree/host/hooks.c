/*
 * hooks.c - what clang's KCSAN instrumentation calls at each access of the tree's code.
 *
 * A plain access goes to the same hook as one in world kapi: a jump, so that the return address is
 * the access's own. A marked access (READ_ONCE, an atomic's load or store, the RCU list forms) is a
 * visible operation, then the access that the caller makes at once. A read-modify-write is announced
 * before the caller makes it, with the order of the barrier right before it.
 *
 * An atomic's load or store is told twice: as one, and as the volatile access that it is. Those of bits
 * are assembly, and told once. So the first counts, and the second only where there was no first.
 *
 * The tree's names have the prefix k_ here, as everywhere outside of objects of the tree.
 */
#include <stdint.h>

#include "kapi/kapi.h"
#include "kapi/sim/internal.h"
#include "tree/host/host.h"
#include "watch/watch.h"

/* ---- plain accesses ---- */

#if SIM_ASAN
#define ACCESS(name, size, write)                                                                  \
	void k___tsan_##name(void *at);                                                            \
	void k___tsan_##name(void *at)                                                             \
	{                                                                                          \
		host_access(at, size, write, __builtin_return_address(0));                         \
	}
#define PLAIN(n)                                                                                   \
	ACCESS(read##n, n, false)                                                                  \
	ACCESS(write##n, n, true)                                                                  \
	ACCESS(read_write##n, n, true)                                                             \
	ACCESS(unaligned_read##n, n, false)                                                        \
	ACCESS(unaligned_write##n, n, true)                                                        \
	ACCESS(unaligned_read_write##n, n, true)
#else
#define JUMP(name, to)                                                                             \
	__asm__(".text\n.globl k___tsan_" #name "\n.type k___tsan_" #name ", @function\n"          \
		"k___tsan_" #name ": jmp __sanitizer_cov_" #to "\n");
#define PLAIN(n)                                                                                   \
	JUMP(read##n, load##n)                                                                     \
	JUMP(write##n, store##n)                                                                   \
	JUMP(read_write##n, store##n)                                                              \
	JUMP(unaligned_read##n, load##n)                                                           \
	JUMP(unaligned_write##n, store##n)                                                         \
	JUMP(unaligned_read_write##n, store##n)
#endif

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

/* ---- marked accesses ---- */

#define TOLD_BYTES 64 /* of code between the two */

/* An atomic's access that was announced: its volatile access may follow. */
static struct {
	const volatile void *at;
	const void *pc;
	bool write;
} told[LANES];

static bool was_told(const volatile void *at, bool write, const void *pc)
{
	unsigned lane = bond_lane();
	bool same = told[lane].at == at && told[lane].write == write &&
		    (uintptr_t)pc - (uintptr_t)told[lane].pc < TOLD_BYTES;

	told[lane].at = NULL;
	return same;
}

static uint8_t fence[LANES]; /* the order of a barrier right before, or __ATOMIC_RELAXED */

#define MARKED(n, type)                                                                            \
	void k___tsan_volatile_read##n(type *at);                                                  \
	void k___tsan_volatile_read##n(type *at)                                                   \
	{                                                                                          \
		if (was_told(at, false, __builtin_return_address(0)))                              \
			return;                                                                    \
		if (host_marked(at, false, __builtin_return_address(0)))                           \
			host_marked_read(at, n, __builtin_return_address(0));                      \
	}                                                                                          \
	void k___tsan_volatile_write##n(type *at);                                                 \
	void k___tsan_volatile_write##n(type *at)                                                  \
	{                                                                                          \
		const void *pc = __builtin_return_address(0);                                      \
		bool releases = fence[bond_lane()] == __ATOMIC_RELEASE;                            \
                                                                                                   \
		if (was_told(at, true, pc) || host_marked(at, true, pc))                           \
			host_access_marked(at, n, true, pc);                                       \
		if (releases)                                                                      \
			san_release_only(at); /* this store, too */                                \
	}                                                                                          \
	JUMP_MARKED(n)
#define JUMP_MARKED(n)                                                                             \
	__asm__(".text\n.globl k___tsan_unaligned_volatile_read" #n                                \
		"\nk___tsan_unaligned_volatile_read" #n ": jmp k___tsan_volatile_read" #n "\n"     \
		".globl k___tsan_unaligned_volatile_write" #n                                      \
		"\nk___tsan_unaligned_volatile_write" #n ": jmp k___tsan_volatile_write" #n "\n");

/*
 * rcu_dereference() is a READ_ONCE() to the compiler; its name stands at the call. It wants an RCU
 * reader; those with a condition of their own (_check, _protected) have other names.
 */
static bool is_dereference(struct site *site)
{
	static uint32_t id;

	if (!id)
		id = name_id("rcu_dereference");
	site_ids(site);
	return site->prim_id == id;
}

/* Returns: is it an access of memory that anybody else could see? */
static bool host_marked(const volatile void *at, bool write, const void *pc)
{
	struct site *site = bond_site(pc);

	fence[bond_lane()] = __ATOMIC_RELAXED;
	if (write)
		bond_watch_store(at);
	if (at == bond_signal_word) {
		bond_task_signal(site);
		return false;
	}
	if (is_dereference(site))
		kapi_rcu_check(kapi_rcu_read_held(), at, site);
	if (write)
		kapi_store(at, site);
	else
		kapi_load(at, site);
	return true;
}

MARKED(1, uint8_t)
MARKED(2, uint16_t)
MARKED(4, uint32_t)
MARKED(8, uint64_t)
MARKED(16, __uint128_t)

/* ---- read-modify-write, and barriers ---- */

/* What the tree's headers pass. */
#define KCSAN_WRITE 1
#define KCSAN_COMPOUND 2
#define KCSAN_ATOMIC 4
#define KCSAN_ASSERT 8

static enum kapi_order order_of(unsigned lane)
{
	switch (fence[lane]) {
	case __ATOMIC_SEQ_CST:
		return KAPI_FULL;
	case __ATOMIC_RELEASE:
		return KAPI_RELEASE;
	default:
		return KAPI_RELAXED;
	}
}

void k___kcsan_check_access(const volatile void *at, size_t size, int type);
void k___kcsan_check_access(const volatile void *at, size_t size, int type)
{
	const void *pc = __builtin_return_address(0);
	unsigned lane = bond_lane();

	if ((type & (KCSAN_ATOMIC | KCSAN_ASSERT)) != KCSAN_ATOMIC)
		return;
	if (!(type & KCSAN_WRITE)) {
		if (host_marked(at, false, pc))
			host_marked_read(at, size, pc);
	} else {
		bond_watch_store(at);
		host_rmw(at, size, order_of(lane), pc);
		fence[lane] = __ATOMIC_RELAXED;
	}
	told[lane].at = type & KCSAN_COMPOUND ? NULL : at;
	told[lane].pc = pc;
	told[lane].write = type & KCSAN_WRITE;
}

/* smp_mb, smp_wmb, smp_rmb and the half of a release: kcsan-checks.h tells which is which. */
void k___tsan_atomic_signal_fence(int order);
void k___tsan_atomic_signal_fence(int order)
{
	fence[bond_lane()] = (uint8_t)order;
	switch (order) {
	case __ATOMIC_SEQ_CST:
		kapi_barrier(KAPI_WMB | KAPI_RMB);
		break;
	case __ATOMIC_ACQUIRE:
		kapi_barrier(KAPI_RMB);
		break;
	default:
		kapi_barrier(KAPI_WMB);
	}
}

/* Around the expression of a data_race(): no access in it takes part in a race. */
void k_kcsan_disable_current(void);
void k_kcsan_disable_current(void)
{
	sim_self()->racy++;
}

void k_kcsan_enable_current(void);
void k_kcsan_enable_current(void)
{
	sim_self()->racy -= sim_self()->racy != 0;
}

void k_kcsan_enable_current_nowarn(void);
void k_kcsan_enable_current_nowarn(void)
{
	k_kcsan_enable_current();
}

/* A sequence's writer, and its reader from begin to retry: their plain accesses race with those of others alone. */
void k_kcsan_nestable_atomic_begin(void);
void k_kcsan_nestable_atomic_begin(void)
{
	sim_self()->atomic++;
}

void k_kcsan_nestable_atomic_end(void);
void k_kcsan_nestable_atomic_end(void)
{
	sim_self()->atomic -= sim_self()->atomic != 0;
}

void k_kcsan_flat_atomic_begin(void);
void k_kcsan_flat_atomic_begin(void)
{
	sim_self()->flat = true;
}

void k_kcsan_flat_atomic_end(void);
void k_kcsan_flat_atomic_end(void)
{
	sim_self()->flat = false;
}

void k_kcsan_atomic_next(int n);
void k_kcsan_atomic_next(int n)
{
	sim_self()->atomic_next = n > 0 ? (uint16_t)n : 0;
}

void k_kcsan_set_access_mask(unsigned long mask);
void k_kcsan_set_access_mask(unsigned long mask)
{
	(void)mask;
}

void k___tsan_init(void);
void k___tsan_init(void)
{
}

/* ---- static calls: code at a fixed name; the tree's headers declare them in types of their own ---- */

int k___cond_resched(void);

#define STATIC_CALL(name)                                                                          \
	void k___SCT__##name(void);                                                                \
	void k___SCT__##name(void)                                                                 \
	{                                                                                          \
	}

STATIC_CALL(might_resched) /* __might_sleep() has looked already */
STATIC_CALL(preempt_schedule)
STATIC_CALL(preempt_schedule_notrace)
__asm__(".globl k___SCT__cond_resched\nk___SCT__cond_resched: jmp k___cond_resched\n");
