/*
 * order.h - what the rules say of a run whose order of events is known in part only.
 */
#ifndef STRESS_ORDER_H
#define STRESS_ORDER_H

#include "kapi/native/native.h"

enum order_answer {
	ORDER_CLEAN,	 /* as the notes were written, no rule is broken */
	ORDER_REORDERED, /* it is, but not in another order that is as good */
	ORDER_UNDECIDED, /* too many orders to try them all */
	ORDER_BROKEN,	 /* in every order that the stamps allow, a rule is broken */
};

/**
 * order_judge() - is there an order of a run's notes in which no rule is broken?
 * @note: @nr notes as native_notes() gives them
 * @ret: filled when the answer is ORDER_BROKEN: what is broken in the order as written
 */
enum order_answer order_judge(const struct native_note *note, unsigned nr, struct verdict *ret);

#endif
