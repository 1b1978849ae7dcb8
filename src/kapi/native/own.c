/*
 * own.c - an SRCU domain of our own: a liburcu flavour is one domain for the whole process, and the
 * first SRCU domain of a run has the one that is left beside RCU's.
 *
 * A reader counts itself in under the parity that it sees. A grace period turns the parity and waits
 * for the counter that was left, twice: a reader that saw the parity of long ago stands in the
 * counter that the second turn leaves. Readers that come meanwhile go to the other counter, so both
 * waits end. Counting in and turning are in one total order (seq_cst), so a grace period that does
 * not see a reader's count is seen by that reader.
 *
 * TSan is told by domain.c what a domain orders and sees nothing here: the counters would order
 * readers with each other, and hide their races.
 */
#include "kapi/native/own.h"

#include <time.h>

#define UNSEEN __attribute__((disable_sanitizer_instrumentation, noinline))

#define POLL_NS 20000

UNSEEN unsigned own_read_lock(struct own *o)
{
	unsigned parity = __atomic_load_n(&o->parity, __ATOMIC_SEQ_CST);

	__atomic_fetch_add(&o->inside[parity], 1, __ATOMIC_SEQ_CST);
	return parity;
}

UNSEEN void own_read_unlock(struct own *o, unsigned parity)
{
	__atomic_fetch_sub(&o->inside[parity], 1, __ATOMIC_SEQ_CST);
}

UNSEEN static unsigned turn(struct own *o)
{
	unsigned left = __atomic_load_n(&o->parity, __ATOMIC_SEQ_CST);

	__atomic_store_n(&o->parity, !left, __ATOMIC_SEQ_CST);
	return left;
}

UNSEEN static unsigned inside(const struct own *o, unsigned parity)
{
	return __atomic_load_n(&o->inside[parity], __ATOMIC_SEQ_CST);
}

void own_synchronize(struct own *o)
{
	for (unsigned turns = 0; turns < 2; turns++) {
		unsigned left = turn(o);

		while (inside(o, left))
			nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
	}
}
