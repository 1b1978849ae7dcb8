/*
 * update.h - what a read-modify-write makes of a word: the arithmetic that both platforms share.
 */
#ifndef KAPI_UPDATE_H
#define KAPI_UPDATE_H

#include "kapi/kapi.h"

/** kapi_updated() - is a word with @old changed? @ret_new: to what, if it is */
static inline bool kapi_updated(enum kapi_update how, uint64_t old, uint64_t operand,
				uint64_t expected, uint64_t *ret_new)
{
	switch (how) {
	case KAPI_UPDATE_XCHG:
		*ret_new = operand;
		return true;
	case KAPI_UPDATE_CMPXCHG:
		*ret_new = operand;
		return old == expected;
	case KAPI_UPDATE_ADD_UNLESS:
		*ret_new = old + operand;
		return old != expected;
	case KAPI_UPDATE_AND:
		*ret_new = old & operand;
		return true;
	case KAPI_UPDATE_OR:
		*ret_new = old | operand;
		return true;
	case KAPI_UPDATE_XOR:
		*ret_new = old ^ operand;
		return true;
	default:
		*ret_new = old + operand;
		return true;
	}
}

#endif
