/*
 * atomic.c - what clang makes of __atomic builtins in instrumented code: words of the bench
 * (kapi_atomic_load() and _store()), and cmpxchg of a few inline functions.
 *
 * A marked access, as each atomic is; not a visible operation.
 */
#include "tree/host/host.h"

#define FETCH(bits, bytes, type, what)                                                             \
	type k___tsan_atomic##bits##_fetch_##what(volatile type *at, type value, int order);       \
	type k___tsan_atomic##bits##_fetch_##what(volatile type *at, type value, int order)        \
	{                                                                                          \
		host_access_marked(at, bytes, true, __builtin_return_address(0));                  \
		return __atomic_fetch_##what(at, value, __ATOMIC_SEQ_CST);                         \
	}

#define ATOMIC(bits, bytes, type)                                                                  \
	type k___tsan_atomic##bits##_load(const volatile type *at, int order);                     \
	type k___tsan_atomic##bits##_load(const volatile type *at, int order)                      \
	{                                                                                          \
		host_access_marked(at, bytes, false, __builtin_return_address(0));                 \
		return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                      \
	}                                                                                          \
	void k___tsan_atomic##bits##_store(volatile type *at, type value, int order);              \
	void k___tsan_atomic##bits##_store(volatile type *at, type value, int order)               \
	{                                                                                          \
		host_access_marked(at, bytes, true, __builtin_return_address(0));                  \
		__atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                     \
	}                                                                                          \
	type k___tsan_atomic##bits##_exchange(volatile type *at, type value, int order);           \
	type k___tsan_atomic##bits##_exchange(volatile type *at, type value, int order)            \
	{                                                                                          \
		host_access_marked(at, bytes, true, __builtin_return_address(0));                  \
		return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                           \
	}                                                                                          \
	FETCH(bits, bytes, type, add)                                                              \
	FETCH(bits, bytes, type, sub)                                                              \
	FETCH(bits, bytes, type, and)                                                              \
	FETCH(bits, bytes, type, or)                                                               \
	type k___tsan_atomic##bits##_compare_exchange_val(volatile type *at, type old, type new,   \
							  int order, int failed);                  \
	type k___tsan_atomic##bits##_compare_exchange_val(volatile type *at, type old, type new,   \
							  int order, int failed)                   \
	{                                                                                          \
		host_access_marked(at, bytes, true, __builtin_return_address(0));                  \
		__atomic_compare_exchange_n(at, &old, new, false, __ATOMIC_SEQ_CST,                \
					    __ATOMIC_SEQ_CST);                                     \
		return old;                                                                        \
	}

ATOMIC(8, 1, uint8_t)
ATOMIC(16, 2, uint16_t)
ATOMIC(32, 4, uint32_t)
ATOMIC(64, 8, uint64_t)
