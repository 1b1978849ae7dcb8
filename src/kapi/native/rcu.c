/*
 * rcu.c - RCU is liburcu's memb flavour: readers without a barrier, membarrier(2) in synchronize.
 *
 * Nothing of ours in between: domain.c adds nesting, callbacks and what TSan has to know.
 */
#include "kapi/native/flavour.h"

#include <urcu/urcu-memb.h>

const struct flavour flavour_memb = {
	.thread_register = urcu_memb_register_thread,
	.thread_unregister = urcu_memb_unregister_thread,
	.read_lock = urcu_memb_read_lock,
	.read_unlock = urcu_memb_read_unlock,
	.synchronize = urcu_memb_synchronize_rcu,
};
