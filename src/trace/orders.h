/*
 * orders.h - which locks a run took under which: what makes two verdicts about locks one bug.
 *
 * An order is a lock that is taken while another one is held, by the names of both and of the function that
 * takes it. A deadlock, or an inverted order, is a cycle of orders. One missing rule about locks closes many
 * cycles, in one thread or in several: they are one bug where the run that showed the first had all orders
 * of the second, and one of those that close it.
 */
#ifndef TRACE_ORDERS_H
#define TRACE_ORDERS_H

#include <stdbool.h>
#include <stdint.h>

#define ORDERS_MAX 48  /* of a run; others are not known */
#define CLOSING_MAX 24 /* of all ways to close the cycle, with a 0 behind each */

struct orders {
	uint8_t nr, closing_nr; /* 0: the verdict is about no locks */
	uint64_t order[ORDERS_MAX];
	uint64_t closing[CLOSING_MAX];
};

/** order_id() - @taken is taken under @held in @function; never 0, and no JSON number loses bits of it */
uint64_t order_id(const char *held, const char *taken, const char *function);

/** orders_add() - an order of the run, once */
void orders_add(struct orders *o, uint64_t id);

/** orders_close() - @nr orders are a cycle, and orders of the run */
void orders_close(struct orders *o, const uint64_t *id, unsigned nr);

/** orders_explain() - is @other the same bug as the verdict with @known? */
bool orders_explain(const struct orders *known, const struct orders *other);

#endif
