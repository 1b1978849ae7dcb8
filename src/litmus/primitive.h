/*
 * primitive.h - primitive.def as a table.
 */
#ifndef LITMUS_PRIMITIVE_H
#define LITMUS_PRIMITIVE_H

#include "kapi/kapi.h"

enum primitive_kind {
	PRIMITIVE_READ,
	PRIMITIVE_READ_PLAIN,
	PRIMITIVE_WRITE,
	PRIMITIVE_BARRIER,
	PRIMITIVE_NOTHING,
	PRIMITIVE_RCU_LOCK,
	PRIMITIVE_RCU_UNLOCK,
	PRIMITIVE_RCU_SYNCHRONIZE,
	PRIMITIVE_SRCU_LOCK,
	PRIMITIVE_SRCU_UNLOCK,
	PRIMITIVE_SRCU_DOWN,
	PRIMITIVE_SRCU_UP,
	PRIMITIVE_SRCU_SYNCHRONIZE,
	PRIMITIVE_SPIN_LOCK,
	PRIMITIVE_SPIN_UNLOCK,
	PRIMITIVE_SPIN_TRYLOCK,
	PRIMITIVE_SPIN_IS_LOCKED,
	/* The rest are read-modify-writes. */
	PRIMITIVE_ADD_VOID,
	PRIMITIVE_SUB_VOID,
	PRIMITIVE_INC_VOID,
	PRIMITIVE_DEC_VOID,
	PRIMITIVE_ADD_NEW,
	PRIMITIVE_SUB_NEW,
	PRIMITIVE_INC_NEW,
	PRIMITIVE_DEC_NEW,
	PRIMITIVE_ADD_OLD,
	PRIMITIVE_SUB_OLD,
	PRIMITIVE_INC_OLD,
	PRIMITIVE_DEC_OLD,
	PRIMITIVE_AND_VOID,
	PRIMITIVE_ANDNOT_VOID,
	PRIMITIVE_OR_VOID,
	PRIMITIVE_XOR_VOID,
	PRIMITIVE_AND_OLD,
	PRIMITIVE_ANDNOT_OLD,
	PRIMITIVE_OR_OLD,
	PRIMITIVE_XOR_OLD,
	PRIMITIVE_INC_TEST,
	PRIMITIVE_DEC_TEST,
	PRIMITIVE_SUB_TEST,
	PRIMITIVE_ADD_NEGATIVE,
	PRIMITIVE_XCHG,
	PRIMITIVE_CMPXCHG,
	PRIMITIVE_ADD_UNLESS,
	PRIMITIVE_INC_UNLESS_ZERO,
};

#define PRIMITIVE_ARGS_MAX 3

struct primitive {
	const char *name;
	enum primitive_kind kind;
	enum kapi_order order;
	const char *args;
};

/** primitive_at() - row @index, or NULL behind the last */
const struct primitive *primitive_at(unsigned index);

/** primitive_site() - the site that its visible operation is announced with */
struct site *primitive_site(unsigned index);

/** primitive_find() - the row of a name of @len bytes, or -1 */
int primitive_find(const char *name, size_t len);

#endif
