/*
 * srcu.c - the one SRCU domain is liburcu's mb flavour: its own readers and grace periods, and its
 * readers may block.
 *
 * A flavour is one domain for the whole process, so a second srcu_struct has none (domain.c).
 */
#include "kapi/native/flavour.h"

#include <urcu/urcu-mb.h>

const struct flavour flavour_mb = {
	.thread_register = urcu_mb_register_thread,
	.thread_unregister = urcu_mb_unregister_thread,
	.read_lock = urcu_mb_read_lock,
	.read_unlock = urcu_mb_read_unlock,
	.synchronize = urcu_mb_synchronize_rcu,
};
